import { type Column, type Encoding, encode, learnEncoding, levelOf, numberOf } from './encoding.ts';
import type { Feature, History, Row, Value } from './history.ts';
import { brief, clip, quantile, randomOf, shuffled, type Vector } from './numbers.ts';
import { mostColumns } from './screening.ts';

/** What a feature's values were among the finished projects. */
type Seen = { readonly low: number; readonly high: number } | { readonly levels: readonly string[] } | null;

/** What estimates are explained by: plain JSON. */
export interface Background {
  readonly features: readonly Feature[];
  /** The median of each number and date, the commonest category, and no text. */
  readonly typical: Row;
  readonly seen: readonly Seen[];
  readonly encoding: Encoding;
  /** The finished projects, encoded, and how much each column counts between two of them; the latter sum to 1. */
  readonly projects: readonly (readonly number[])[];
  readonly counts: readonly number[];
  /** Shares of the features; they sum to 1. */
  readonly importances: readonly number[];
}

const similarCount = 5;

/** Estimates that one explanation may take, so that it stays a matter of milliseconds. */
const estimatesMax = 40;

/** More levels than these are not kept: any other one may have been among them. */
const mostLevels = 500;

/** Beyond the range of what was seen by this share of it, a number is unfamiliar. */
const beyondShare = 0.25;

function typicalOf({ kind }: Feature, values: readonly (Value | undefined)[]): Value {
  if (kind === 'text') return null;
  const known = values.filter((value) => value !== null && value !== undefined && value !== '');
  if (kind === 'categorical') {
    const counts = new Map<string, number>();
    for (const value of known) counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
    return [...counts].reduce<[string | null, number]>((most, each) => (each[1] > most[1] ? each : most), [null, 0])[0];
  }
  const inOrder = known
    .map((value) => ({ value: value as Value, number: numberOf(value, kind) }))
    .filter(({ number }) => number !== null)
    .sort((a, b) => a.number! - b.number!);
  return inOrder[(inOrder.length - 1) >> 1]?.value ?? null;
}

function seenOf({ kind }: Feature, values: readonly (Value | undefined)[]): Seen {
  if (kind === 'text') return null;
  if (kind === 'categorical') {
    const levels = [...new Set(values.map(levelOf).filter((level) => level !== null))];
    return levels.length > mostLevels ? null : { levels };
  }
  const numbers = values.map((value) => numberOf(value, kind)).filter((number) => number !== null);
  return numbers.length === 0 ? null : { low: quantile(numbers, 0), high: quantile(numbers, 1) };
}

/** Shares that sum to 1; alike where nothing counts. */
function sharesOf(values: readonly number[]): number[] {
  const total = values.reduce((sum, value) => sum + value, 0);
  return values.map((value) => (total > 0 ? value / total : 1 / values.length));
}

/** Of many columns those that count most between two projects: the others would fill what is stored for nothing. */
function mostCounting(columns: readonly Column[], countOf: (column: Column) => number): readonly Column[] {
  if (columns.length <= mostColumns) return columns;
  const least = columns.map(countOf).sort((a, b) => b - a)[mostColumns - 1]!;
  return columns.filter((column) => countOf(column) >= least).slice(0, 2 * mostColumns);
}

/** `importances` hold a share for each feature, or nothing where none is known. */
export function learnBackground({ features, rows }: History, importances: readonly number[]): Background {
  const known = sharesOf(importances.length > 0 ? importances : features.map(() => 1));
  const values = features.map((_, feature) => rows.map((row) => row[feature]));
  // A feature's categories are columns of which two differ between any two projects: each counts half.
  const countOf = ({ of, feature }: Column): number => known[feature]! / (of === 'level' ? 2 : 1);
  const encoding = { columns: mostCounting(learnEncoding(features, rows).columns, countOf) };
  const counts = encoding.columns.map(countOf);
  return {
    features,
    typical: features.map((feature, at) => typicalOf(feature, values[at]!)),
    seen: features.map((feature, at) => seenOf(feature, values[at]!)),
    encoding,
    projects: rows.map((row) => Array.from(encode(encoding, row), (value) => Number(value.toPrecision(4)))),
    counts: brief(counts),
    importances: brief(known),
  };
}

/**
 * What each feature adds to an estimate, from that of the typical project to the project's own: Shapley values, estimated by
 * putting the project's values in place of the typical ones in a few orders drawn at random and their reverses (Štrumbelj
 * and Kononenko 2014; Lundberg and Lee 2017; reversing as in Mitchell et al. 2022). They sum to the difference exactly, as each
 * order's do. `estimate` is on the scale on which effects add; it depends on the features `used` alone.
 */
export function contributionsOf(
  { typical }: Background,
  row: Row,
  estimate: (row: Row) => number,
  used: ReadonlySet<number>,
): { typical: number; effects: number[] } {
  const effects = new Array<number>(typical.length).fill(0);
  const start = estimate(typical);
  const differing = typical.flatMap((value, feature) =>
    value === (row[feature] ?? null) || !used.has(feature) ? [] : [feature],
  );
  if (differing.length === 0) return { typical: start, effects };
  const pairs = Math.max(1, Math.floor(estimatesMax / (2 * differing.length)));
  // Up to two features, one order and its reverse are all orders.
  const drawn = Array.from({ length: differing.length < 3 ? 1 : Math.min(pairs, 4) }, (_, pair) =>
    shuffled(differing.length, randomOf(pair + 1)).map((place) => differing[place]!),
  );
  // With very many features the one order must do.
  const isLong = differing.length > estimatesMax;
  const orders = isLong ? drawn : drawn.flatMap((order) => [order, order.toReversed()]);
  const end = estimate(row);
  for (const order of orders) {
    const mixed = [...typical];
    let before = start;
    for (const [place, feature] of order.entries()) {
      mixed[feature] = row[feature] ?? null;
      const after = place === order.length - 1 ? end : estimate(mixed);
      effects[feature]! += (after - before) / orders.length;
      before = after;
    }
  }
  return { typical: start, effects };
}

/** Alike in all that counts is 1; as far apart as two chosen blindly about 0.25. */
const likenessAt = (square: number): number => Math.exp(-Math.sqrt(square));

function squareBetween(counts: readonly number[], vector: Vector, project: readonly number[]): number {
  let square = 0;
  for (let j = 0; j < vector.length; j++) square += counts[j]! * (vector[j]! - project[j]!) ** 2;
  return square;
}

/** The nearest finished projects by what counts. */
export function similarTo({ encoding, projects, counts }: Background, row: Row): { row: number; similarity: number }[] {
  const vector = encode(encoding, row);
  const found: { row: number; square: number }[] = [];
  for (const [at, project] of projects.entries()) {
    const square = squareBetween(counts, vector, project);
    if (found.length === similarCount && square >= found[similarCount - 1]!.square) continue;
    const place = found.findIndex((each) => each.square > square);
    found.splice(place < 0 ? found.length : place, 0, { row: at, square });
    if (found.length > similarCount) found.pop();
  }
  return found.map(({ row: at, square }) => ({ row: at, similarity: likenessAt(square) }));
}

/** How near finished projects are, by their places in the history, as `similarTo` has it. */
export function likenessTo({ encoding, projects, counts }: Background, row: Row, places: readonly number[]): number[] {
  const vector = encode(encoding, row);
  return places.map((place) => likenessAt(squareBetween(counts, vector, projects[place]!)));
}

/** Features whose value is a category that was never seen, or a number or day far outside of what was. */
export function unfamiliarIn({ features, seen }: Background, row: Row): number[] {
  return features.flatMap(({ kind }, feature) => {
    const known = seen[feature];
    if (!known) return [];
    if ('levels' in known) {
      const level = levelOf(row[feature]);
      return level === null || known.levels.includes(level) ? [] : [feature];
    }
    const number = numberOf(row[feature], kind);
    const margin = beyondShare * (known.high - known.low);
    return number === null || (number >= known.low - margin && number <= known.high + margin) ? [] : [feature];
  });
}

/**
 * 0 to 1: how much narrower the interval is than the range of outcomes, both on the scale on which effects add, less the
 * importance of what is unfamiliar. 0 says no more is known than of any project.
 */
export function confidenceOf(
  { importances }: Background,
  width: number,
  range: number,
  unfamiliar: readonly number[],
): number {
  const known = 1 - unfamiliar.reduce((sum, feature) => sum + importances[feature]!, 0);
  const narrowed = width <= 0 ? 1 : range > 0 ? clip(1 - width / range, 0, 1) : 0;
  return narrowed * clip(known, 0, 1);
}

/** Rows on which importances are measured: enough for their order. */
const measuredMax = 150;
const measuredMin = 40;

/** Errors that may be taken for it: with many features each is measured on fewer rows. */
const errorsMax = 3000;

/**
 * How much worse out-of-fold estimates get when a feature's values are dealt out anew among the projects (permutation
 * importance: Breiman 2001; Fisher, Rudin and Dominici 2019), as shares of the sum. `error` is of a row's estimate with
 * other values in their places, by what was learned without it. Features that are not `used` have none.
 */
export function importancesOf(
  { features, rows }: History,
  seed: number,
  error: (row: number, values: Row) => number,
  used: ReadonlySet<number>,
): number[] {
  const random = randomOf(seed);
  const count = clip(Math.floor(errorsMax / Math.max(used.size, 1)), measuredMin, measuredMax);
  const measured = shuffled(rows.length, random).slice(0, count);
  const before = measured.reduce((sum, row) => sum + error(row, rows[row]!), 0);
  const rises = features.map((_, feature) => {
    const dealt = shuffled(measured.length, random);
    if (!used.has(feature)) return 0;
    let sum = 0;
    for (const [place, row] of measured.entries()) {
      const other = rows[measured[dealt[place]!]!]![feature] ?? null;
      sum += error(row, rows[row]!.with(feature, other));
    }
    return Math.max(sum - before, 0);
  });
  const total = rises.reduce((sum, rise) => sum + rise, 0);
  return rises.map((rise) => (total > 0 ? rise / total : 0));
}
