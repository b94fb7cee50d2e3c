import { invalid } from '../../errors.ts';
import { checkLength } from '../limits.ts';

/** Lengths in code points, as the columns of the MLflow store bound them. */
const lengths = { name: 500, modelType: 500, sourceRunId: 32, key: 255 } as const;

const forbidden = /[/:.%"']/;

const escapes: Record<string, string> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Text in quotes as Python shows it, which the genuine server's messages do. */
export function quoted(text: string): string {
  const escaped = text.replace(/[\\\n\r\t]/g, (character) => escapes[character] as string);
  return text.includes("'") && !text.includes('"') ? `"${escaped}"` : `'${escaped.replaceAll("'", "\\'")}'`;
}

/** Checks the name of a logged model: it stands in URIs such as `models:/…`. */
export function checkModelName(name: string): void {
  if (name === '' || forbidden.test(name)) {
    throw invalid(
      `Invalid model name (${quoted(name)}) provided. Model name must be a non-empty string and cannot contain the ` +
        `following characters: ('/', ':', '.', '%', '"', "'")`,
      'name',
    );
  }
  checkLength(name, lengths.name, 'name');
}

export function checkModelOrigin(modelType: string, sourceRunId: string): void {
  checkLength(modelType, lengths.modelType, 'model_type');
  checkLength(sourceRunId, lengths.sourceRunId, 'source_run_id');
}

/** Checks the keys of a model's params or tags. They may hold any character: they never become file names. */
export function checkModelKeys(pairs: readonly { key: string }[], field: 'params' | 'tags'): void {
  for (const [index, { key }] of pairs.entries()) checkLength(key, lengths.key, `${field}[${index}].key`);
}

/** Refuses a key that is given twice: which of its values holds would be chance. */
export function checkDistinctKeys(pairs: readonly { key: string }[], field: 'params' | 'tags'): void {
  const seen = new Set<string>();
  for (const { key } of pairs) {
    if (seen.has(key)) {
      const kind = field.slice(0, -1);
      throw invalid(
        `Duplicate ${kind} keys have been submitted: [${quoted(key)}]. Please ensure the request contains only one ` +
          `${kind} value per ${kind} key.`,
        field,
      );
    }
    seen.add(key);
  }
}
