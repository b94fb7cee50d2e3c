/** An estimate with the ends of its interval. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

const marks = {
  utf8: { left: '├', line: '─', right: '┤', value: '●' },
  ascii: { left: '|', line: '-', right: '|', value: 'o' },
} as const;

/**
 * Intervals drawn over one axis, such as `  ├──●─────┤`, each `width` characters at most. The axis begins at 0 and ends at
 * `end`, or at the largest end of an interval. Two ends that are closer than a character is wide share one.
 */
export function drawIntervals(
  estimates: readonly Estimate[],
  { width, utf8, end = 0 }: { readonly width: number; readonly utf8: boolean; readonly end?: number },
): string[] {
  const { left, line, right, value: dot } = utf8 ? marks.utf8 : marks.ascii;
  const ends = estimates.flatMap(({ low, high }) => [low, high]);
  const from = Math.min(0, ...ends);
  const to = Math.max(end, ...ends);
  const at = (value: number): number => (to > from ? Math.round(((value - from) / (to - from)) * (width - 1)) : 0);
  return estimates.map(({ value, low, high }) => {
    const [first, last] = [at(low), at(high)];
    const cells: string[] = Array.from({ length: last + 1 }, (_, cell) => (cell < first ? ' ' : line));
    cells[first] = left;
    cells[last] = right;
    cells[Math.min(last, Math.max(first, at(value)))] = dot;
    return cells.join('');
  });
}
