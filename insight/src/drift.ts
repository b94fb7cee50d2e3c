import type { Feature, Row, Value } from './history.ts';

/** How a feature's values were spread when a model was trained: the parts of a division, and the share of rows in each. */
export interface Spread {
  /** Upper bounds of the parts of a numeric feature or of days (as milliseconds), the last one open. */
  readonly bounds?: readonly number[];
  /** The commonest categories; whatever else there is lies in one part more. */
  readonly categories?: readonly string[];
  /** One for each part, the last one for what is missing. */
  readonly shares: readonly number[];
  readonly rows: number;
}

export interface Drift {
  /** Population stability index: 0 where nothing has changed. */
  readonly psi: number;
  /** What it exceeds by chance in one of twenty cases, of so many rows. */
  readonly threshold: number;
}

const partsMax = 10;
/** Fewer new rows than these say nothing. */
const rowsMin = 10;

/** Texts are not divided: undefined. */
function divisionOf({ kind }: Feature, values: readonly Value[]): Pick<Spread, 'bounds' | 'categories'> | undefined {
  if (kind === 'text') return undefined;
  if (kind === 'categorical') {
    const counts = Map.groupBy(values.filter((value) => value !== null).map(String), (value) => value);
    const common = [...counts].sort(([a, x], [b, y]) => y.length - x.length || (a < b ? -1 : 1));
    return { categories: common.slice(0, partsMax).map(([category]) => category) };
  }
  const numbers = values
    .map(numberOf)
    .filter((value) => value !== undefined)
    .sort((a, b) => a - b);
  const parts = Math.min(partsMax, Math.max(2, Math.floor(numbers.length / 10)));
  const bounds = Array.from({ length: parts - 1 }, (_, at) => numbers[Math.floor(((at + 1) * numbers.length) / parts)]);
  return { bounds: [...new Set(bounds.filter((bound) => bound !== undefined))] };
}

function numberOf(value: Value | undefined): number | undefined {
  if (value === null || value === undefined) return undefined;
  const number = typeof value === 'number' ? value : Date.parse(value);
  return Number.isNaN(number) ? undefined : number;
}

function partOf({ bounds, categories }: Pick<Spread, 'bounds' | 'categories'>, value: Value | undefined): number {
  if (categories) {
    if (value === null || value === undefined) return categories.length + 1;
    const at = categories.indexOf(String(value));
    return at < 0 ? categories.length : at;
  }
  const edges = bounds ?? [];
  const number = numberOf(value);
  if (number === undefined) return edges.length + 1;
  const at = edges.findIndex((edge) => number < edge);
  return at < 0 ? edges.length : at;
}

function sharesOf(division: Pick<Spread, 'bounds' | 'categories'>, values: readonly (Value | undefined)[]): number[] {
  const parts = (division.categories ?? division.bounds ?? []).length + 2;
  const counts = new Array<number>(parts).fill(0);
  for (const value of values) {
    const part = partOf(division, value);
    counts[part] = (counts[part] as number) + 1;
  }
  return counts.map((count) => count / values.length);
}

/** The spreads of features among rows, in their order; null for a feature whose values are not divided. */
export const spreadsOf = (features: readonly Feature[], rows: readonly Row[]): (Spread | null)[] =>
  features.map((feature, at) => {
    const values = rows.map((row) => row[at] ?? null);
    const division = divisionOf(feature, values);
    return division ? { ...division, shares: sharesOf(division, values), rows: rows.length } : null;
  });

/**
 * How far the spread of a feature's values has moved since. The index is the sum of (q − p) ln(q / p) over the parts, p
 * then and q now, each with half a row added so that an empty part counts for little. Of n and m rows of the same kind and
 * k parts it is distributed as (1/n + 1/m) χ² with k − 1 degrees of freedom (Yurdakul and Naranjo, Journal of Risk Model
 * Validation 14(4), 2020), whose 95th percentile is the threshold (by Wilson and Hilferty's approximation). Undefined where
 * there are too few values.
 */
export function driftOf(spread: Spread, values: readonly Value[]): Drift | undefined {
  if (values.length < rowsMin) return undefined;
  const now = sharesOf(spread, values);
  const parts = spread.shares.length;
  const smooth = (share: number, rows: number): number => (share * rows + 0.5) / (rows + 0.5 * parts);
  const met = now.filter((share, part) => share > 0 || (spread.shares[part] ?? 0) > 0).length;
  const psi = now.reduce((sum, share, part) => {
    if (share === 0 && spread.shares[part] === 0) return sum;
    const p = smooth(spread.shares[part] ?? 0, spread.rows);
    const q = smooth(share, values.length);
    return sum + (q - p) * Math.log(q / p);
  }, 0);
  const freedom = Math.max(1, met - 1);
  const spreadOfChi = 2 / (9 * freedom);
  const percentile = freedom * (1 - spreadOfChi + 1.6449 * Math.sqrt(spreadOfChi)) ** 3;
  return { psi, threshold: (1 / spread.rows + 1 / values.length) * percentile };
}
