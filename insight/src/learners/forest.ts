import { brief, clip, shuffled, type Vector } from '../numbers.ts';

/**
 * Nodes of trees, one after the other: a node asks whether a column is above a threshold and goes to `next` where it is
 * not, to the node after that where it is; a leaf has column −1 and its mean as threshold. Plain JSON.
 */
export interface Forest {
  readonly columns: readonly number[];
  readonly thresholds: readonly number[];
  readonly next: readonly number[];
  readonly roots: readonly number[];
}

const treeCount = 150;

/** Projects in a leaf: at least these, and at least this share of all, which keeps what is stored small. */
const leafMin = 3;
const leafShare = 0.01;
const deepest = 8;

/** Columns of which the best question of a node is chosen, at most. */
const mostTried = 16;

/** A column's values are put into so many bins of about as many projects each; questions ask between bins. */
const mostBins = 32;

/** A column by bins: the bin of each row, and the threshold above each bin but the last. */
interface Binned {
  readonly bins: Uint8Array;
  readonly thresholds: readonly number[];
}

function binned(values: Vector): Binned {
  const sorted = values.toSorted();
  const thresholds: number[] = [];
  const step = Math.max(1, sorted.length / mostBins);
  let least = step;
  for (let at = 1; at < sorted.length; at++) {
    // A column of a category changes its value once, wherever that is.
    if (sorted[at - 1]! === sorted[at]! || (at < least && sorted[0]! !== sorted[at - 1]!)) continue;
    if (thresholds.length === mostBins - 1) break;
    thresholds.push((sorted[at - 1]! + sorted[at]!) / 2);
    least = at + step;
  }
  const bins = Uint8Array.from(values, (value) => {
    let bin = 0;
    while (bin < thresholds.length && value > thresholds[bin]!) bin++;
    return bin;
  });
  return { bins, thresholds };
}

interface Split {
  readonly column: number;
  /** The last bin that is not above. */
  readonly bin: number;
  readonly gain: number;
}

/** Columns of which sums and differences are asked too. */
export type Pair = readonly [number, number];

/** More pairs than these are drawn from by chance. */
const mostPairs = 60;

/** All pairs of these columns, or some of them. */
export function pairsOf(columns: readonly number[], random: () => number): Pair[] {
  const all = columns.flatMap((second, at) => columns.slice(0, at).map((first): Pair => [first, second]));
  return shuffled(all.length, random)
    .slice(0, mostPairs)
    .map((place) => all[place]!);
}

/**
 * A project with the sums and differences of pairs of columns after it. Ratios and products of amounts that are read by
 * their logarithms are such differences and sums: a question about one finds what takes many about each (Breiman 2001 on
 * linear combinations of inputs).
 */
export function widened(row: Vector, pairs: readonly Pair[]): Vector {
  const wide = new Float64Array(row.length + 2 * pairs.length);
  wide.set(row);
  for (const [at, [first, second]] of pairs.entries()) {
    wide[row.length + 2 * at] = row[second]! - row[first]!;
    wide[row.length + 2 * at + 1] = row[second]! + row[first]!;
  }
  return wide;
}

/** Of few columns these many are tried all the same. */
const leastTried = 3;

/**
 * Trees grown on projects drawn with replacement, each question chosen among a quarter of the columns, drawn anew (random
 * forest: Breiman 2001; averages of leaves as probabilities: Malley et al. 2012). Every other tree asks about the first
 * `single` columns alone: sums and differences of pairs are many, and would crowd out what they are made of.
 */
export function growForest(
  rows: readonly Vector[],
  single: number,
  outcomes: ArrayLike<number>,
  random: () => number,
): Forest {
  const columns: number[] = [];
  const thresholds: number[] = [];
  const next: number[] = [];
  const roots: number[] = [];
  const size = rows[0]!.length;
  const table = Array.from({ length: size }, (_, column) => binned(Float64Array.from(rows, (row) => row[column]!)));
  const leaf = Math.max(leafMin, Math.round(leafShare * rows.length));

  const bestSplit = (places: readonly number[], among: number): Split | undefined => {
    let best: Split | undefined;
    const tried = clip(Math.ceil(among / 4), Math.min(leastTried, among), mostTried);
    for (let draw = 0; draw < tried; draw++) {
      const column = Math.floor(random() * among);
      const split = splitOf(table[column]!, outcomes, places, column, leaf);
      if (split && split.gain > (best?.gain ?? 1e-9)) best = split;
    }
    return best;
  };

  const grow = (node: number, places: readonly number[], among: number, depth: number): void => {
    const split = depth < deepest && places.length >= 2 * leaf ? bestSplit(places, among) : undefined;
    if (!split) {
      columns[node] = -1;
      thresholds[node] = places.reduce((sum, place) => sum + outcomes[place]!, 0) / places.length;
      next[node] = 0;
      return;
    }
    const children = columns.length;
    columns[node] = split.column;
    thresholds[node] = table[split.column]!.thresholds[split.bin]!;
    next[node] = children;
    columns.push(-1, -1);
    const { bins } = table[split.column]!;
    const below = places.filter((place) => bins[place]! <= split.bin);
    const above = places.filter((place) => bins[place]! > split.bin);
    grow(children, below, among, depth + 1);
    grow(children + 1, above, among, depth + 1);
  };

  for (let tree = 0; tree < treeCount; tree++) {
    const drawn = Array.from(rows, () => Math.floor(random() * rows.length));
    roots.push(columns.length);
    columns.push(-1);
    grow(columns.length - 1, drawn, tree % 2 === 0 ? size : single, 0);
  }
  return { columns, thresholds: brief(thresholds), next, roots };
}

/** Of one question after the other: made once, for questions are asked by the million. */
const counts = new Int32Array(mostBins);
const sums = new Float64Array(mostBins);

/** Between which bins a column divides places so that outcomes differ most, as the sum of squares saved. */
function splitOf(
  { bins, thresholds }: Binned,
  outcomes: ArrayLike<number>,
  places: readonly number[],
  column: number,
  leaf: number,
): Split | undefined {
  counts.fill(0);
  sums.fill(0);
  let total = 0;
  for (const place of places) {
    counts[bins[place]!]!++;
    sums[bins[place]!]! += outcomes[place]!;
    total += outcomes[place]!;
  }
  let best: Split | undefined;
  let left = 0;
  let sum = 0;
  for (let bin = 0; bin < thresholds.length; bin++) {
    left += counts[bin]!;
    sum += sums[bin]!;
    const right = places.length - left;
    if (counts[bin] === 0 || left < leaf || right < leaf) continue;
    const gain = sum ** 2 / left + (total - sum) ** 2 / right - total ** 2 / places.length;
    if (gain > (best?.gain ?? 0)) best = { column, bin, gain };
  }
  return best;
}

/** The mean of the leaves that a project falls into. */
export function leafMean({ columns, thresholds, next, roots }: Forest, row: ArrayLike<number>): number {
  let sum = 0;
  for (const root of roots) {
    let node = root;
    while (columns[node]! >= 0) node = next[node]! + (row[columns[node]!]! > thresholds[node]! ? 1 : 0);
    sum += thresholds[node]!;
  }
  return sum / roots.length;
}
