/** How often matching may try a place, over all names: for a second or two. */
const triesMax = 1e8;

/**
 * Whether matching a regular expression could take too long. Of its tries there are at most these: a quantifier may take each
 * length that is left of a name, and an optional part or an alternative doubles the ways. For groups that are repeated there is no
 * such bound.
 */
export function isTooCostly(pattern: string, names: readonly string[]): boolean {
  const plain = pattern
    .replaceAll(/\\.|\[(?:\\.|[^\]\\])*\]/gs, 'x')
    .replaceAll('(?', '(')
    // Behind a quantifier at the end nothing fails.
    .replace(/[*+?]+$/, '');
  const count = (signs: RegExp) => plain.match(signs)?.length ?? 0;
  const quantifiers = count(/[*+{]/g);
  const ways = 2 ** count(/[?|]/g);
  let tries = /\)[*+{]/.test(plain) ? Number.POSITIVE_INFINITY : 0;
  for (const { length } of names) {
    // In so many ways a name is shared out to a beginning that is passed, and to each quantifier.
    let shares = ways;
    for (let part = 1; part <= quantifiers + 1; part += 1) shares *= (length + part) / part;
    tries += shares;
  }
  return tries > triesMax;
}

/** The regular expression that a pattern is, in any case; undefined where it is none. */
function expressionOf(pattern: string): RegExp | undefined {
  try {
    return new RegExp(pattern, 'i');
  } catch {
    return undefined;
  }
}

/** Whether it is a regular expression: what is not, is taken as the text that it is. */
export const isExpression = (pattern: string): boolean => expressionOf(pattern) !== undefined;

/** The names that a regular expression matches, in any case; those that hold it as a text while it is none, or too costly. */
export function matching(names: readonly string[], pattern: string): string[] {
  // As it is being typed, it is none yet.
  const expression = isTooCostly(pattern, names) ? undefined : expressionOf(pattern);
  return expression ? names.filter((name) => expression.test(name)) : holding(names, pattern);
}

const holding = (names: readonly string[], part: string): string[] =>
  names.filter((name) => name.toLowerCase().includes(part.toLowerCase()));

/** The names that hold what was typed, in any case; between slashes it is a regular expression. */
export function foundIn(names: readonly string[], search: string): string[] {
  const typed = search.trim();
  const [, pattern] = /^\/(.+)\/$/.exec(typed) ?? [];
  return pattern === undefined ? holding(names, typed) : matching(names, pattern);
}
