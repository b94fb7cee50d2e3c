import { createHash } from 'node:crypto';
import type { Answer, Variables } from './wire.ts';

/** A JSON value in which every number is its text in the answer, marked: `1` and `1.0` are different things. */
export type Tree = string | boolean | null | { '#': string } | Tree[] | { [key: string]: Tree };

/** What is compared and recorded of an answer. */
export interface Seen {
  status: number;
  type: string;
  /** Parsed and normalised JSON, or the text, or a digest of what is neither. */
  body: Tree;
}

/** The inverse of `parseTree`: every number as its text stood. */
export function printTree(tree: Tree): string {
  if (tree === null || typeof tree !== 'object') return JSON.stringify(tree);
  if (Array.isArray(tree)) return `[${tree.map(printTree).join(',')}]`;
  if (isNumber(tree)) return /^-?\d/.test(tree['#']) ? tree['#'] : JSON.stringify(tree);
  return `{${Object.entries(tree)
    .map(([key, value]) => `${JSON.stringify(key)}:${printTree(value)}`)
    .join(',')}}`;
}

export function isNumber(tree: Tree): tree is { '#': string } {
  return typeof tree === 'object' && tree !== null && !Array.isArray(tree) && typeof tree['#'] === 'string';
}

export type Fields = { [key: string]: Tree };

export function isObject(tree: Tree): tree is Fields {
  return typeof tree === 'object' && tree !== null && !Array.isArray(tree) && !isNumber(tree);
}

/** JSON with the numbers' very text kept; undefined when it is not JSON (a bare NaN, say, is not). */
export function parseTree(text: string): Tree | undefined {
  try {
    return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) =>
      typeof value === 'number' ? { '#': context?.source ?? String(value) } : value,
    ) as Tree;
  } catch {
    return undefined;
  }
}

/** The value at a dotted path as text, for binding: `runs.0.info.run_id`; undefined when there is none. */
export function pick(tree: Tree | undefined, path: string): string | undefined {
  let at: Tree | undefined = tree;
  for (const step of path.split('.')) {
    if (at === undefined || at === null || typeof at !== 'object' || isNumber(at)) return undefined;
    at = Array.isArray(at) ? at[Number(step)] : at[step];
  }
  if (typeof at === 'string') return at;
  return at !== undefined && at !== null && isNumber(at) ? at['#'] : undefined;
}

const timeField = /(^|_)(time|timestamp|timestamp_ms)$|^time/;
const runName = /^[a-z]+-[a-z]+-\d{1,3}$/;
const hexId = /\b[0-9a-f]{32}\b/g;
const maxClockDistanceMs = 24 * 3600 * 1000;

/**
 * Makes the answers of two servers comparable: values bound to variables become their names, times of now, generated
 * run names, ids and page tokens become marks. Everything else stays as it came.
 */
export function normalise(answer: Answer, tree: Tree | undefined, variables: Variables, nowMs = Date.now()): Seen {
  const seen = { status: answer.status, type: answer.type };
  if (tree !== undefined && answer.type === 'application/json') {
    return { ...seen, body: normaliseTree(tree, '', variables, nowMs) };
  }
  const text = answer.body.toString('utf8');
  if (text.length <= 2000 && Buffer.from(text, 'utf8').equals(answer.body)) {
    return { ...seen, body: normaliseText(text, '', variables) };
  }
  return { ...seen, body: digestOf(answer.body) };
}

function digestOf(content: string | Buffer): string {
  return `<${content.length} long, sha256 ${createHash('sha256').update(content).digest('hex').slice(0, 16)}>`;
}

function normaliseTree(tree: Tree, key: string, variables: Variables, nowMs: number): Tree {
  if (tree === null || typeof tree === 'boolean') return tree;
  if (typeof tree === 'string') return normaliseText(tree, key, variables);
  if (Array.isArray(tree)) return tree.map((item) => normaliseTree(item, key, variables, nowMs));
  if (isNumber(tree)) {
    const near = Math.abs(Number(tree['#']) - nowMs) < maxClockDistanceMs;
    return timeField.test(key) && near && /^\d+$/.test(tree['#']) ? { '#': '<now>' } : tree;
  }
  const object: { [key: string]: Tree } = {};
  // The tag that repeats a run's name holds a generated one as well; its key stands beside the value.
  const namesRun = tree.key === 'mlflow.runName';
  for (const [field, value] of Object.entries(tree)) {
    object[field] = normaliseTree(value, namesRun && field === 'value' ? 'run_name' : field, variables, nowMs);
  }
  return object;
}

/** The longest text that is compared letter by letter; of a longer one, its length and digest are. */
const textLengthMax = 300;
const uriFields = new Set(['artifact_location', 'artifact_uri', 'root_uri']);
const unknownRoot = /^mlflow-artifacts:\/[1-9]\d*(?=\/|$)/;

function normaliseText(text: string, key: string, variables: Variables): string {
  if ((key === 'run_name' || key === 'name') && runName.test(text)) return '<generated name>';
  if (key === 'next_page_token' && text !== '') return '<token>';
  const known = replaceIds(text, key, variables);
  if (key === 'message') return normaliseMessage(known);
  // Ids that no variable is bound to: they count from 1 in each tenant, and so differ.
  if (key === 'experiment_id' && /^[1-9]\d*$/.test(known)) return '<experiment>';
  if (uriFields.has(key)) return known.replace(unknownRoot, 'mlflow-artifacts:/<experiment>');
  return known.length > textLengthMax ? digestOf(known) : known;
}

function replaceIds(text: string, key: string, variables: Variables): string {
  let result = text;
  // Longest first: a name may be a part of another.
  for (const [name, value] of [...variables].sort((a, b) => b[1].length - a[1].length)) {
    if (value === '') continue;
    if (!/^\d+$/.test(value)) result = result.split(value).join(`<${name}>`);
    // An experiment's id is a short number that means other things elsewhere.
    else if (key === 'experiment_id' && result === value) result = `<${name}>`;
    else if (uriFields.has(key) || key === 'message' || key === 'detail') {
      result = result.replace(new RegExp(`(^|[/'=]|experiment |id )${value}(?![\\w.>-])`, 'g'), `$1<${name}>`);
    }
  }
  return result.replace(hexId, '<id>');
}

/** A message without what no two runs share: times, and the order in which Python prints a set. */
function normaliseMessage(message: string): string {
  return message
    .slice(0, textLengthMax)
    .replace(/\b\d{13}\b/g, '<now>')
    .replace(/\{('[^']*'(?:, '[^']*')*)\}?/g, (_whole, list: string) => `{${list.split(', ').sort().join(', ')}}`);
}
