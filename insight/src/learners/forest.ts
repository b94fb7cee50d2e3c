import { brief, type Vector } from '../numbers.ts';

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

/** Thresholds tried of one column in one node: enough where trees are many. */
const mostThresholds = 16;

interface Split {
  readonly column: number;
  readonly threshold: number;
  readonly gain: number;
}

/**
 * Trees grown on projects drawn with replacement, each question chosen among a quarter of the columns, drawn anew (random
 * forest: Breiman 2001; averages of leaves as probabilities: Malley et al. 2012).
 */
export function growForest(rows: readonly Vector[], outcomes: ArrayLike<number>, random: () => number): Forest {
  const columns: number[] = [];
  const thresholds: number[] = [];
  const next: number[] = [];
  const roots: number[] = [];
  const size = rows[0]!.length;
  const tried = Math.max(1, Math.ceil(size / 4));
  const leaf = Math.max(leafMin, Math.round(leafShare * rows.length));

  const bestSplit = (places: readonly number[]): Split | undefined => {
    let best: Split | undefined;
    for (let draw = 0; draw < tried; draw++) {
      const column = Math.floor(random() * size);
      const split = splitOf(rows, outcomes, places, column, leaf);
      if (split && split.gain > (best?.gain ?? 1e-9)) best = split;
    }
    return best;
  };

  const grow = (node: number, places: readonly number[], depth: number): void => {
    const split = depth < deepest && places.length >= 2 * leaf ? bestSplit(places) : undefined;
    if (!split) {
      columns[node] = -1;
      thresholds[node] = places.reduce((sum, place) => sum + outcomes[place]!, 0) / places.length;
      next[node] = 0;
      return;
    }
    const children = columns.length;
    columns[node] = split.column;
    thresholds[node] = split.threshold;
    next[node] = children;
    columns.push(-1, -1);
    grow(
      children,
      places.filter((place) => rows[place]![split.column]! <= split.threshold),
      depth + 1,
    );
    grow(
      children + 1,
      places.filter((place) => rows[place]![split.column]! > split.threshold),
      depth + 1,
    );
  };

  for (let tree = 0; tree < treeCount; tree++) {
    const drawn = Array.from(rows, () => Math.floor(random() * rows.length));
    roots.push(columns.length);
    columns.push(-1);
    grow(columns.length - 1, drawn, 0);
  }
  return { columns, thresholds: brief(thresholds), next, roots };
}

/** Where a column divides places so that outcomes differ most, as the sum of squares saved. */
function splitOf(
  rows: readonly Vector[],
  outcomes: ArrayLike<number>,
  places: readonly number[],
  column: number,
  leaf: number,
): Split | undefined {
  const ordered = places.toSorted((a, b) => rows[a]![column]! - rows[b]![column]!);
  const total = places.reduce((sum, place) => sum + outcomes[place]!, 0);
  const stride = Math.max(1, Math.floor(places.length / mostThresholds));
  let best: Split | undefined;
  let sum = 0;
  for (let left = 1; left <= ordered.length - leaf; left++) {
    const [here, after] = [rows[ordered[left - 1]!]![column]!, rows[ordered[left]!]![column]!];
    sum += outcomes[ordered[left - 1]!]!;
    if (left < leaf || here === after) continue;
    // A column of a category has one place to divide, which no stride may step over.
    if (left % stride !== 0 && here < 0 === after < 0) continue;
    const right = ordered.length - left;
    const gain = sum ** 2 / left + (total - sum) ** 2 / right - total ** 2 / ordered.length;
    if (gain > (best?.gain ?? 0)) best = { column, threshold: (here + after) / 2, gain };
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
