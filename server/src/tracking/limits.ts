import { invalid } from '../errors.ts';

/** Limits and their messages as MLflow's clients know them. Lengths are in code points. */
export const limits = {
  metricsPerBatch: 1000,
  paramsPerBatch: 100,
  tagsPerBatch: 100,
  entitiesPerBatch: 1000,
  keyLength: 250,
  runNameLength: 250,
  paramValueLength: 6000,
  tagValueLength: 8000,
  experimentNameLength: 500,
  experimentTagValueLength: 20_000,
  artifactLocationLength: 2048,
} as const;

/** How much of a value that does not fit a message shows. */
const shownMax = 2000;

function sortedJson(value: unknown): string {
  try {
    const json = JSON.stringify(value, (_key, part: unknown) =>
      part !== null && typeof part === 'object' && !Array.isArray(part)
        ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
        : part,
    );
    return json === undefined ? 'null' : json.length > shownMax ? `${json.slice(0, shownMax)}…` : json;
  } catch {
    // Nested deeper than the stack: JSON.parse reads any depth, JSON.stringify does not write it.
    return '…';
  }
}

/** The genuine server's words for a value that does not fit. */
export const invalidValue = (path: string, value: unknown, reason?: string): string =>
  `Invalid value ${sortedJson(value)} for parameter '${path}' supplied${reason ? `: ${reason}` : '.'}`;

export const missingValue = (path: string): string => `Missing value for required parameter '${path}'.`;

const exceeds = (what: string, limit: number) =>
  invalid(`'${what}' exceeds the maximum length of ${limit} characters`, what);

/** Length in code points; the cheap bound first, since nearly every text is short. */
const isLonger = (value: string, limit: number): boolean => value.length > limit && [...value].length > limit;

/** Where a path of the name would lead, as POSIX normalises it. */
function normalPath(name: string): string {
  const lead = name.startsWith('//') && !name.startsWith('///') ? '//' : name.startsWith('/') ? '/' : '';
  const kept: string[] = [];
  for (const part of name.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..' || (lead === '' && kept.length === 0) || kept.at(-1) === '..') kept.push(part);
    else kept.pop();
  }
  return lead + kept.join('/') || '.';
}

const plainName = /^[a-zA-Z0-9_\-: ][a-zA-Z0-9_\-: .]*$/;
const permittedName = /^[/\p{L}\p{N}_.\- :]*$/u;

/** Checks the key of a metric, param or tag: keys may become file names. `path` names the field in the message. */
export function checkKey(key: string, path: string): void {
  if (!plainName.test(key)) {
    if (!permittedName.test(key)) {
      throw invalid(
        invalidValue(
          path,
          key,
          'Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/).',
        ),
        path,
      );
    }
    const normal = normalPath(key);
    if (normal !== key || normal === '.' || normal.startsWith('..') || normal.startsWith('/')) {
      throw invalid(
        invalidValue(
          path,
          key,
          'Names may be treated as files in certain cases, and must not resolve to other names when treated as such. ' +
            `This name would resolve to '${normal}'`,
        ),
        path,
      );
    }
  }
}

export function checkLength(value: string, limit: number, what: string): void {
  if (isLonger(value, limit)) throw exceeds(what, limit);
}

/** Cuts a value that is too long, as the genuine server does with values of params and tags. */
export const truncated = (value: string, limit: number): string =>
  isLonger(value, limit) ? [...value].slice(0, limit).join('') : value;

/** Checks a metric's point; `path` is '' or the point's place in a batch. */
export function checkPoint(point: { key: string; value: number; timestamp: number; step: number }, path: string): void {
  const at = (name: string) => (path === '' ? name : `${path}.${name}`);
  checkKey(point.key, at('name'));
  if (point.timestamp < 0) {
    throw invalid(
      invalidValue(
        at('timestamp'),
        point.timestamp,
        `metric '${point.key}' (value=${point.value}). Timestamp must be a nonnegative long (64-bit integer) `,
      ),
      at('timestamp'),
    );
  }
  checkLength(point.key, limits.keyLength, 'Metric name');
}

/** Checks a param and gives it as it is stored. */
export function checkedParam(param: { key: string; value: string }, path: string): { key: string; value: string } {
  checkKey(param.key, path === '' ? 'key' : `${path}.key`);
  checkLength(param.key, limits.keyLength, 'Param key');
  return { key: param.key, value: truncated(param.value, limits.paramValueLength) };
}

/** Checks a run's tag and gives it as it is stored. */
export function checkedTag(tag: { key: string; value: string }, path: string): { key: string; value: string } {
  const at = (name: string) => (path === '' ? name : `${path}.${name}`);
  checkKey(tag.key, at('key'));
  checkLength(tag.key, limits.keyLength, at('key'));
  return { key: tag.key, value: truncated(tag.value, limits.tagValueLength) };
}

export function checkExperimentTag(tag: { key: string; value: string }): void {
  checkKey(tag.key, 'key');
  checkLength(tag.key, limits.keyLength, 'key');
  checkLength(tag.value, limits.experimentTagValueLength, 'value');
}

export function checkExperimentName(name: string): void {
  if (name === '') throw invalid(`Invalid experiment name: '${name}'`, 'name');
  checkLength(name, limits.experimentNameLength, 'name');
}
