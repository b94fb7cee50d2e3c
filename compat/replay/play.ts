import { type Area, type Case, requestOf } from './case.ts';
import { isNumber, isObject, normalise, parseTree, pick, type Seen, type Tree } from './normalise.ts';
import { type Answer, type Side, sendCase, type Variables } from './wire.ts';

/** A case with the raw and the comparable answer of one server. */
export interface Played {
  id: string;
  case: Case;
  answer: Answer;
  seen: Seen;
}

export function idOf(area: Area, c: Case): string {
  return `${area.name}: ${c.name}`;
}

/** What a recorded answer answers; a case that changes makes its recorded answer stale. */
export function requestText(c: Case): string {
  return JSON.stringify(requestOf(c));
}

/**
 * Sends the cases of an area in order to one server. A variable that an answer should have bound and did not stays
 * bound to its former value or to none, so that one difference does not hide behind a crash.
 * @param unique a text of letters and digits, no number, that makes the names of this pass its own
 */
export async function playArea(area: Area, side: Side, unique: string): Promise<Played[]> {
  const variables: Variables = new Map([['u', unique]]);
  const played: Played[] = [];
  for (const c of area.cases) {
    const answer = await sendCase(c, side, variables);
    const tree = parseTree(answer.body.toString('utf8'));
    for (const [name, path] of Object.entries(c.bind ?? {})) {
      const value = pick(tree, path);
      if (value !== undefined) variables.set(name, value);
    }
    const seen = normalise(answer, tree, variables);
    for (const path of c.unordered ?? []) seen.body = sortAt(seen.body, path.split('.'));
    if (c.statusOnly) seen.body = null;
    if (c.statusOnly) seen.type = '';
    played.push({ id: idOf(area, c), case: c, answer, seen });
  }
  return played;
}

function sortAt(tree: Tree, path: string[]): Tree {
  const [step, ...rest] = path;
  if (step === undefined) {
    return Array.isArray(tree) ? [...tree].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : tree;
  }
  if (step === '*') return Array.isArray(tree) ? tree.map((item) => sortAt(item, rest)) : tree;
  if (tree === null || typeof tree !== 'object' || isNumber(tree) || !isObject(tree)) return tree;
  const child = tree[step];
  return child === undefined ? tree : { ...tree, [step]: sortAt(child, rest) };
}
