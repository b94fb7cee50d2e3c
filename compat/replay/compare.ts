import { type Fields, isNumber, isObject, type Seen, type Tree } from './normalise.ts';

export type Kind =
  | 'status'
  | 'error_code'
  | 'message'
  | 'content type'
  | 'missing'
  | 'extra'
  | 'type'
  | 'value'
  | 'order';

export interface Difference {
  kind: Kind;
  /** Dotted path in the answer's body; empty for the whole. */
  at: string;
  genuine: string;
  maestro: string;
}

/** Wording and media type: worth reading, but no client acts on them. */
export const softKinds: ReadonlySet<Kind> = new Set(['message', 'content type']);

// Fields of the genuine server's errors that its own client does not read.
const ignoredErrorFields = new Set(['sqlstate', 'error_class']);

/** Names each difference between two answers to one request; empty when they are the same. */
export function compare(genuine: Seen, maestro: Seen): Difference[] {
  const found: Difference[] = [];
  if (genuine.status !== maestro.status) {
    found.push({ kind: 'status', at: '', genuine: String(genuine.status), maestro: String(maestro.status) });
  }
  if (genuine.type !== maestro.type) {
    found.push({ kind: 'content type', at: '', genuine: genuine.type, maestro: maestro.type });
  }
  // A refusal against a success is one difference; listing every field of the one that the other lacks adds nothing.
  if (genuine.status < 400 !== maestro.status < 400) return found;
  // A page for people or a text against JSON says nothing more than the statuses and types already do.
  const bothJson = genuine.type === 'application/json' && maestro.type === 'application/json';
  if (bothJson || (genuine.type !== 'application/json' && genuine.status < 400 && maestro.status < 400)) {
    walk(genuine.body, maestro.body, '', found);
  }
  return found;
}

function walk(genuine: Tree, maestro: Tree, at: string, found: Difference[]): void {
  if (typeOf(genuine) !== typeOf(maestro)) {
    found.push({ kind: 'type', at, genuine: show(genuine), maestro: show(maestro) });
  } else if (Array.isArray(genuine) && Array.isArray(maestro)) {
    walkLists(genuine, maestro, at, found);
  } else if (isObject(genuine) && isObject(maestro)) {
    walkFields(genuine, maestro, at, found);
  } else if (JSON.stringify(genuine) !== JSON.stringify(maestro)) {
    const kind = at === 'error_code' || at === 'message' ? at : 'value';
    found.push({ kind, at, genuine: show(genuine), maestro: show(maestro) });
  }
}

function walkFields(genuine: Fields, maestro: Fields, at: string, found: Difference[]): void {
  for (const key of new Set([...Object.keys(genuine), ...Object.keys(maestro)])) {
    if (ignoredErrorFields.has(key) && 'error_code' in genuine) continue;
    const path = at === '' ? key : `${at}.${key}`;
    const left = genuine[key];
    const right = maestro[key];
    if (right === undefined) found.push({ kind: 'missing', at: path, genuine: show(left!), maestro: '' });
    else if (left === undefined) found.push({ kind: 'extra', at: path, genuine: '', maestro: show(right) });
    else walk(left, right, path, found);
  }
}

/** The name by which an item of a list is known: a run's, a model's or an experiment's id; else nothing. */
function identityOf(item: Tree): string | undefined {
  if (!isObject(item)) return undefined;
  const nested: Tree | undefined = (item as Fields).info;
  const info: Fields = nested !== undefined && isObject(nested) ? nested : item;
  const id = [info.run_name, info.name, info.model_id, info.run_id, info.experiment_id].find(
    (value) => value !== undefined,
  );
  return typeof id === 'string' && (info.run_id ?? info.model_id ?? info.experiment_id) !== undefined ? id : undefined;
}

function walkLists(genuine: Tree[], maestro: Tree[], at: string, found: Difference[]): void {
  const ids = [genuine, maestro].map((list) => list.map(identityOf));
  if (ids.every((list) => list.every((id) => id !== undefined)) && JSON.stringify(ids[0]) !== JSON.stringify(ids[1])) {
    const same = JSON.stringify([...ids[0]!].sort()) === JSON.stringify([...ids[1]!].sort());
    const [left, right] = ids.map((list) => JSON.stringify(list));
    found.push({ kind: same ? 'order' : 'value', at, genuine: left!, maestro: right! });
    return;
  }
  if (genuine.length !== maestro.length) {
    found.push({ kind: 'value', at: `${at}.length`, genuine: String(genuine.length), maestro: String(maestro.length) });
    return;
  }
  const sorted = (list: Tree[]) => JSON.stringify(list.map((item) => JSON.stringify(item)).sort());
  if (JSON.stringify(genuine) !== JSON.stringify(maestro) && sorted(genuine) === sorted(maestro)) {
    found.push({ kind: 'order', at, genuine: show(genuine), maestro: show(maestro) });
    return;
  }
  genuine.forEach((item, i) => {
    walk(item, maestro[i]!, `${at}.${i}`, found);
  });
}

/** `1` and `1.0` are of different types: the client's languages read an int and a float. */
function typeOf(tree: Tree): string {
  if (tree === null) return 'null';
  if (Array.isArray(tree)) return 'list';
  if (isNumber(tree)) return /^-?\d+$/.test(tree['#']) || tree['#'] === '<now>' ? 'int' : 'float';
  return typeof tree;
}

function show(tree: Tree): string {
  const text = isNumber(tree) ? tree['#'] : JSON.stringify(tree);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
