/** The widest that a character is on average, of usual and of small text, and the height of a small line; in pixels. */
const usual = 8.3;
const small = 7.2;
const lineHeight = 14;

/** The most lines that a name takes. */
const linesMax = 4;

const lineOf = (width: number): number => Math.max(8, Math.floor(width / small));

/** Whether a name has no room on one line of a width in pixels. */
export const isLong = (name: string, width: number): boolean => name.length * usual > width;

/** What is shown of a name: of one that small lines of a width do not hold either, the middle is left out. */
export function shownOf(name: string, width: number): string {
  const most = lineOf(width) * linesMax;
  if (name.length <= most) return name;
  const start = Math.floor((most - 1) / 2);
  return `${name.slice(0, start)}…${name.slice(start + 1 - most)}`;
}

/** The height of a row, the same for all, in which each of some names has room within a width. */
export function rowHeightFor(names: readonly string[], width: number, least: number): number {
  const longest = names.reduce((most, { length }) => Math.max(most, length), 0);
  const lines = Math.min(linesMax, Math.ceil(longest / lineOf(width)));
  return lines < 2 ? least : Math.max(least, lines * lineHeight + 5);
}
