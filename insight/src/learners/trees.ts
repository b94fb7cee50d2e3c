import { brief, median, type Vector } from '../numbers.ts';
import type { Learner, Sample } from './learner.ts';

/** Questions "is this column above that threshold?", the same for all on one level, and what each row of answers adds. */
interface Tree {
  readonly columns: readonly number[];
  readonly thresholds: readonly number[];
  readonly leaves: readonly number[];
}

interface Forest {
  readonly start: number;
  readonly trees: readonly Tree[];
}

const treeCount = 60;
const depth = 3;
const rate = 0.12;

/** A leaf's mean is shrunk as if so many projects with no residue were in it. */
const doubt = 5;
const mostThresholds = 24;

/**
 * Boosted trees (Friedman 2001) that ask one question on each level (Kohavi and Li 1995; Prokhorenkova et al. 2018):
 * with tens of projects a question asked of all of them is a safer one than a question asked of a few.
 */
export const trees: Learner<readonly (readonly number[])[], Forest> = {
  settle: ({ points }) =>
    points[0]!.logs.reduce<number[][]>((all, _, column) => {
      all.push(thresholdsOf(points.map(({ logs }) => logs[column]!)));
      return all;
    }, []),

  narrow: (thresholds, columns) => columns.map((column) => thresholds[column]!),

  fit(sample, kept, thresholds) {
    const targets = targetsOf(sample);
    const residues = Float64Array.from(kept, (row) => targets[row]!);
    const start = median(residues);
    for (let i = 0; i < residues.length; i++) residues[i]! -= start;
    const bins = thresholds.map((of, column) =>
      Uint8Array.from(kept, (row) => binOf(of, sample.points[row]!.logs[column]!)),
    );
    const grown: Tree[] = [];
    for (let i = 0; i < treeCount; i++) {
      const tree = grow(bins, thresholds, residues);
      if (tree === null) break;
      grown.push(tree);
    }
    return { start, trees: grown };
  },

  predict({ logs, estimate }, { start, trees: grown }) {
    let sum = start + (estimate ?? 0);
    for (const { columns, thresholds, leaves } of grown) {
      let leaf = 0;
      for (let level = 0; level < columns.length; level++) {
        leaf = leaf * 2 + (logs[columns[level]!]! > thresholds[level]! ? 1 : 0);
      }
      sum += leaves[leaf]!;
    }
    return sum;
  },
};

function targetsOf({ points, outcomes }: Sample): Vector {
  return outcomes.map((outcome, row) => outcome - (points[row]!.estimate ?? 0));
}

/** Values midway between neighbours, that part a column's projects into shares alike. */
function thresholdsOf(values: readonly number[]): number[] {
  const sorted = [...values].sort((a, b) => a - b);
  const found = new Set<number>();
  const parts = Math.min(mostThresholds, sorted.length - 1);
  for (let part = 1; part <= parts; part++) {
    const at = Math.round((part * sorted.length) / (parts + 1));
    let below = at - 1;
    while (below > 0 && sorted[below] === sorted[at]) below--;
    if (sorted[below]! < sorted[at]!) found.add((sorted[below]! + sorted[at]!) / 2);
  }
  return brief([...found].sort((a, b) => a - b));
}

function binOf(thresholds: readonly number[], value: number): number {
  let bin = 0;
  while (bin < thresholds.length && value > thresholds[bin]!) bin++;
  return bin;
}

/** One tree that explains the residues best, which are lessened by it; null where no question helps. */
function grow(bins: readonly Uint8Array[], thresholds: readonly (readonly number[])[], residues: Vector): Tree | null {
  const leafOf = new Uint8Array(residues.length);
  const columns: number[] = [];
  const chosen: number[] = [];
  for (let level = 0; level < depth; level++) {
    const best = bestQuestion(bins, thresholds, residues, leafOf, 1 << level);
    if (best === null) break;
    columns.push(best.column);
    chosen.push(thresholds[best.column]![best.bin]!);
    const answers = bins[best.column]!;
    for (let i = 0; i < leafOf.length; i++) leafOf[i] = leafOf[i]! * 2 + (answers[i]! > best.bin ? 1 : 0);
  }
  if (columns.length === 0) return null;
  const sums = new Float64Array(1 << columns.length);
  const counts = new Float64Array(sums.length);
  for (const [i, leaf] of leafOf.entries()) {
    sums[leaf]! += residues[i]!;
    counts[leaf]! += 1;
  }
  const leaves = brief(sums.map((sum, leaf) => (rate * sum) / (counts[leaf]! + doubt)));
  for (const [i, leaf] of leafOf.entries()) residues[i]! -= leaves[leaf]!;
  return { columns, thresholds: chosen, leaves };
}

/** The question, for all leaves at once, that leaves the least sum of squared residues. */
function bestQuestion(
  bins: readonly Uint8Array[],
  thresholds: readonly (readonly number[])[],
  residues: Vector,
  leafOf: Uint8Array,
  leaves: number,
) {
  let best: { gain: number; column: number; bin: number } | null = null;
  const sums = new Float64Array(leaves * (mostThresholds + 1));
  const counts = new Float64Array(sums.length);
  for (let column = 0; column < bins.length; column++) {
    const of = bins[column]!;
    const width = thresholds[column]!.length + 1;
    if (width === 1) continue;
    sums.fill(0, 0, leaves * width);
    counts.fill(0, 0, leaves * width);
    for (let i = 0; i < residues.length; i++) {
      const cell = leafOf[i]! * width + of[i]!;
      sums[cell]! += residues[i]!;
      counts[cell]! += 1;
    }
    // What lies below each threshold, by adding up from the left.
    for (let leaf = 0; leaf < leaves; leaf++) {
      for (let cell = leaf * width + 1; cell < (leaf + 1) * width; cell++) {
        sums[cell]! += sums[cell - 1]!;
        counts[cell]! += counts[cell - 1]!;
      }
    }
    for (let bin = 0; bin < width - 1; bin++) {
      let gain = 0;
      for (let leaf = 0; leaf < leaves; leaf++) {
        const [below, fewer] = [sums[leaf * width + bin]!, counts[leaf * width + bin]!];
        const [sum, count] = [sums[(leaf + 1) * width - 1]!, counts[(leaf + 1) * width - 1]!];
        gain +=
          below ** 2 / (fewer + doubt) + (sum - below) ** 2 / (count - fewer + doubt) - sum ** 2 / (count + doubt);
      }
      if (gain > 1e-9 && (best === null || gain > best.gain)) best = { gain, column, bin };
    }
  }
  return best;
}
