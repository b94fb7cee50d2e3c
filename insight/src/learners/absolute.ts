import { brief, dot, gram, median, type Vector } from '../numbers.ts';
import type { Learner, Sample } from './learner.ts';

/** Rounds of reweighting: the estimates no longer move in their third figure then. */
const rounds = 25;

/** What keeps a column that tells nothing at 0, as a share of a project's weight. */
const hair = 0.02;

/**
 * The sum of non-negative shares of the features, in the outcome's own unit, that misses the outcomes by the least sum
 * of absolute errors (LP4EE: Sarro and Petrozziello 2018). One giant project pulls it no harder than a small one, and
 * it follows sizes and a human's estimate by their proportions. Solved by reweighted least squares (Schlossmacher 1973)
 * with coordinate descent for the bound at 0.
 */
export const absolute: Learner<null, readonly number[]> = {
  settle: () => null,

  fit(sample, kept) {
    const { rows, amounts, unit } = proportions(sample, kept);
    const size = rows[0]!.length;
    const slopes = new Float64Array(size);
    slopes[size - 1] = median(amounts);
    const weights = new Float64Array(rows.length);
    for (let round = 0; round < rounds; round++) {
      const nearest = Math.max(0.3 * 0.75 ** round, 1e-3);
      for (const [place, row] of rows.entries()) {
        weights[place] = 1 / Math.max(Math.abs(amounts[place]! - dot(row, slopes)), nearest);
      }
      const product = gram(rows, size, weights);
      const moments = new Float64Array(size);
      for (const [place, row] of rows.entries()) {
        const scaled = weights[place]! * amounts[place]!;
        for (let j = 0; j < size; j++) moments[j]! += scaled * row[j]!;
      }
      for (let j = 0; j < size - 1; j++) product[j * size + j]! += hair;
      descend(product, moments, slopes);
    }
    return brief(slopes.map((slope) => slope * unit));
  },

  predict({ plain }, slopes) {
    const size = plain.length;
    let sum = slopes[size]!;
    for (let j = 0; j < size; j++) sum += slopes[j]! * plain[j]!;
    return Math.log(Math.max(sum, 1e-300));
  },
};

/** Rows that end in a 1, and amounts in units of their median, so that the outcome's unit is of no matter. */
function proportions({ points, outcomes }: Sample, kept: readonly number[]) {
  const all = kept.map((row) => Math.exp(outcomes[row]!));
  const unit = median(all);
  return {
    unit,
    amounts: all.map((amount) => amount / unit),
    rows: kept.map((row): Vector => Float64Array.of(...points[row]!.plain, 1)),
  };
}

/** Least squares with slopes of at least 0, from where the slopes are (Franc, Hlaváč and Navara 2005). */
function descend(product: Vector, moments: Vector, slopes: Vector): void {
  const size = slopes.length;
  // What the slopes leave of the moments, kept up as they move: with hundreds of columns most slopes stay at 0.
  const left = moments.map((moment, j) => moment - dot(product.subarray(j * size, (j + 1) * size), slopes));
  for (let round = 0; round < 50; round++) {
    let moved = 0;
    for (let j = 0; j < size; j++) {
      const curvature = product[j * size + j]!;
      if (curvature <= 0) continue;
      const next = Math.max(slopes[j]! + left[j]! / curvature, 0);
      const step = next - slopes[j]!;
      if (step === 0) continue;
      moved = Math.max(moved, Math.abs(step) * Math.sqrt(curvature));
      slopes[j] = next;
      for (let k = 0; k < size; k++) left[k]! -= step * product[j * size + k]!;
    }
    if (moved < 1e-4) break;
  }
}
