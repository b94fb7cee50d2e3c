/** What may stand at a place of a filter, and which part of the text it would take the place of. */
export type Expected =
  | { readonly what: 'field'; readonly from: number; readonly typed: string }
  | { readonly what: 'operator'; readonly from: number; readonly typed: string; readonly field: string }
  | { readonly what: 'value'; readonly from: number; readonly typed: string; readonly field: string }
  | { readonly what: 'and'; readonly from: number; readonly typed: string };

const field = /(?:[\p{L}\p{N}_]+|`[^`]*`|"[^"]*")(?:\.(?:[\p{L}\p{N}_]+|`[^`]*`|"[^"]*"))*/uy;
const unfinishedField = /[\p{L}\p{N}_]*(?:\.(?:`[^`]*|"[^"]*|[\p{L}\p{N}_]*))?$/uy;
const operator = /!=|<=|>=|=|<|>|(?:NOT\s+)?(?:I?LIKE|IN)\b|IS\s+(?:NOT\s+)?NULL\b/iy;
const value = /'[^']*'|"[^"]*"|\([^)]*\)|-?[\d.]+(?:e-?\d+)?/iy;
const and = /AND\b/iy;
const space = /\s*/y;

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

/**
 * What is expected where a filter stops being typed. Comparisons follow each other with AND between them; what the
 * caret touches is not yet done.
 */
export function expectedAt(whole: string, caret: number): Expected {
  const text = whole.slice(0, caret);
  let at = 0;
  const skip = () => {
    at += match(space, text, at)?.length ?? 0;
  };
  for (;;) {
    skip();
    const from = at;
    const name = match(field, text, at);
    if (name === undefined || at + name.length >= text.length || text[at + name.length] === '.') {
      const typed = match(unfinishedField, text, from) ?? text.slice(from);
      return { what: 'field', from, typed };
    }
    at += name.length;
    skip();
    const comparator = match(operator, text, at);
    if (comparator === undefined || (at + comparator.length >= text.length && /\w$/.test(comparator))) {
      return { what: 'operator', from: at, typed: text.slice(at), field: name };
    }
    at += comparator.length;
    if (!/NULL$/i.test(comparator)) {
      skip();
      const given = match(value, text, at);
      if (given === undefined || (at + given.length >= text.length && !/['")]$/.test(given))) {
        return { what: 'value', from: at, typed: text.slice(at), field: name };
      }
      at += given.length;
    }
    const end = at;
    skip();
    const joiner = match(and, text, at);
    if (joiner === undefined || at + joiner.length >= text.length) {
      return { what: 'and', from: at, typed: at === end ? '' : text.slice(at) };
    }
    at += joiner.length;
  }
}

/** Which key of which kind a field names; undefined for attributes and what is none. */
export function keyOf(text: string): { readonly kind: 'metric' | 'param' | 'tag'; readonly key: string } | undefined {
  const [, prefix = '', rest = ''] = /^(\w+)\.(.*)$/s.exec(text) ?? [];
  const kind = /^(?:min_|max_)?metrics?$/.test(prefix)
    ? 'metric'
    : /^param(?:s|eters?)?$/.test(prefix)
      ? 'param'
      : /^tags?$/.test(prefix)
        ? 'tag'
        : undefined;
  return kind && { kind, key: rest.replace(/^[`"]|[`"]$/g, '') };
}

export const attributeFields = [
  'attributes.run_name',
  'attributes.status',
  'attributes.start_time',
  'attributes.end_time',
  'attributes.user_id',
  'attributes.run_id',
] as const;

export const prefixes = ['metrics.', 'min_metrics.', 'max_metrics.', 'params.', 'tags.'] as const;

const numbers = ['<', '<=', '>', '>=', '=', '!='];
const texts = ['=', '!=', 'LIKE', 'ILIKE', 'IS NULL', 'IS NOT NULL'];

/** The comparators that a field takes. */
export function operatorsOf(name: string): readonly string[] {
  const kind = keyOf(name)?.kind;
  if (kind === 'metric' || /_time$/.test(name)) return numbers;
  return kind === undefined ? ['=', '!=', 'LIKE', 'ILIKE', ...(/run_id$/.test(name) ? ['IN'] : [])] : texts;
}

/** The end of the token that begins at a place, for showing what is wrong. */
export function tokenEnd(text: string, at: number): number {
  const found = match(field, text, at) ?? match(operator, text, at) ?? match(value, text, at);
  return Math.min(text.length, at + Math.max(1, found?.length ?? 1));
}
