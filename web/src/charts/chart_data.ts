/** A column of values, one for each x: null where the line has no point and goes on, NaN where it breaks off. */
export type Column = readonly (number | null)[];

/** Values that are no numbers, at the x of this index: how many of each kind. */
export interface OddValues {
  readonly index: number;
  readonly nan: number;
  readonly up: number;
  readonly down: number;
}

/** A line of a chart. */
export interface ChartLine {
  /** What its colour keeps to: the id of its run, the value of its group. */
  readonly id: string;
  readonly name: string;
  /** The last value of each x. */
  readonly y: Column;
  /** The least and greatest values, where an x stands for several points: drawn as what all of them would have painted. */
  readonly low?: Column;
  readonly high?: Column;
  /** The smoothed line, over the raw one that stays beneath. */
  readonly smooth?: Column;
  /** A band around the line: the spread of what it is the mean of. */
  readonly spread?: { readonly low: Column; readonly high: Column };
  readonly odd?: readonly OddValues[];
  /** Shown in the legend, by the names of its columns. */
  readonly params?: Readonly<Record<string, string>>;
}

/** What an x is: a number, a time in ms since 1970, or a duration in ms. */
export type XKind = 'number' | 'time' | 'duration';

export interface ChartData {
  /** Ascending; what the columns of every line stand over. */
  readonly x: readonly number[];
  readonly lines: readonly ChartLine[];
  /** All there is of x, also where only a part of it is here; undefined where there is none. */
  readonly whole?: Range | undefined;
}

export interface Range {
  readonly min: number;
  readonly max: number;
}

/** A figure as far as it is drawn: the distance of those farther out, on both sides of zero, is beyond numbers. */
export const inReach = (value: number): number => Math.min(8e307, Math.max(-8e307, value));

/** The line that is drawn on top: the smoothed one where there is one. */
export const mainOf = (line: ChartLine): Column => line.smooth ?? line.y;

const isPoint = (value: number | null | undefined): value is number => value !== null && value !== undefined;

/** The index of the last point at or before `index`, else of the first one behind it; null where a column has none. */
export function pointAt(column: Column, index: number): number | null {
  for (let at = Math.min(index, column.length - 1); at >= 0; at -= 1) if (isPoint(column[at])) return at;
  for (let at = index + 1; at < column.length; at += 1) if (isPoint(column[at])) return at;
  return null;
}

/** The value of a line at an x; null where it has none. */
export function valueAt(line: ChartLine, index: number): number | null {
  const column = mainOf(line);
  const at = pointAt(column, index);
  return at === null ? null : (column[at] as number);
}

/** The columns of a line that the axis of values has to hold. */
const heightsOf = ({ y, low, high, smooth, spread }: ChartLine): Column[] =>
  [y, low, high, smooth, spread?.low, spread?.high].filter((column) => column !== undefined);

export interface ExtentOptions {
  /** Leaves out what lies outside of the middle 96 %. */
  readonly withoutOutliers?: boolean;
  /** Only what a logarithmic axis can show. */
  readonly onlyPositive?: boolean;
}

/** The least and greatest values of lines between two indices; undefined where there is none. */
export function extentOf(
  lines: readonly ChartLine[],
  from: number,
  to: number,
  { withoutOutliers = false, onlyPositive = false }: ExtentOptions = {},
): Range | undefined {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  const all: number[] = [];
  for (const line of lines) {
    for (const column of heightsOf(line)) {
      for (let index = from; index <= to; index += 1) {
        const value = column[index];
        if (!isPoint(value) || !Number.isFinite(value) || (onlyPositive && value <= 0)) continue;
        if (value < min) min = value;
        if (value > max) max = value;
        if (withoutOutliers) all.push(value);
      }
    }
  }
  if (min > max) return undefined;
  if (all.length < 10) return { min, max };
  const sorted = Float64Array.from(all).sort();
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] as number;
  return { min: at(0.02), max: at(0.98) };
}

/** Lines with an x each, over the x of all of them. */
export function aligned(lines: readonly (ChartLine & { readonly x: readonly number[] })[]): ChartData {
  const x = [...new Set(lines.flatMap((line) => line.x))].sort((a, b) => a - b);
  const places = new Map(x.map((value, index) => [value, index]));
  return {
    x,
    lines: lines.map(({ x: own, y, spread, ...line }) => {
      const spreadOut = (values: Column) => {
        const column = new Array<number | null>(x.length).fill(null);
        for (const [index, value] of own.entries()) column[places.get(value) as number] = values[index] ?? null;
        return column;
      };
      const band = spread && { spread: { low: spreadOut(spread.low), high: spreadOut(spread.high) } };
      return { ...line, y: spreadOut(y), ...band };
    }),
  };
}
