import { brief, cholesky, dot, gram, mean, solve, solveLower, type Vector } from '../numbers.ts';
import { narrowed } from '../screening.ts';
import type { Learner, Sample } from './learner.ts';

/** A straight line through encoded projects: plain JSON. */
export interface Line {
  readonly intercept: number;
  readonly slopes: readonly number[];
}

const strengths = [0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000];

/**
 * Ridge regression (Hoerl and Kennard 1970) of log outcomes on encoded projects. The strength is the one whose
 * leave-one-out error is least; that error needs no refitting (Allen 1974; Golub, Heath and Wahba 1979).
 */
export const ridge: Learner<number, Line> = {
  settle({ points, outcomes }, _random, columns) {
    const problem = leastSquares(
      { points: points.map((point) => ({ ...point, logs: narrowed(point.logs, columns) })), outcomes },
      points.map((_, row) => row),
    );
    const { rows, residues, size } = problem;
    let best = { error: Number.POSITIVE_INFINITY, strength: 1 };
    for (const strength of strengths) {
      const lower = penalised(problem, strength);
      const slopes = solve(lower, problem.moments);
      let error = 0;
      for (const [place, row] of rows.entries()) {
        const half = solveLower(lower, row);
        const leverage = Math.min(dot(half, half) + 1 / rows.length, 0.999);
        error += Math.abs((residues[place]! - dot(row, slopes)) / (1 - leverage));
      }
      if (error < best.error) best = { error, strength };
      if (size === 0) break;
    }
    return best.strength;
  },

  fit(sample, kept, strength) {
    const problem = leastSquares(sample, kept);
    const slopes = solve(penalised(problem, strength), problem.moments);
    const [intercept] = brief([problem.centre - dot(problem.middle, slopes)]) as [number];
    return { intercept, slopes: brief(slopes) };
  },

  predict: ({ logs }, { intercept, slopes }) => intercept + dot(slopes, logs),
};

function leastSquares({ points, outcomes }: Sample, kept: readonly number[]) {
  const size = points[0]!.logs.length;
  const centre = mean(kept.map((row) => outcomes[row]!));
  const middle = Float64Array.from({ length: size }, (_, column) =>
    mean(kept.map((row) => points[row]!.logs[column]!)),
  );
  const rows = kept.map((row) => points[row]!.logs.map((value, column) => value - middle[column]!));
  const residues = Float64Array.from(kept, (row) => outcomes[row]! - centre);
  const moments = new Float64Array(size);
  for (const [place, row] of rows.entries()) for (let j = 0; j < size; j++) moments[j]! += row[j]! * residues[place]!;
  return { size, centre, middle, rows, residues, moments, product: gram(rows, size) };
}

function penalised({ product, size }: { product: Vector; size: number }, strength: number): Vector {
  const matrix = product.slice();
  for (let j = 0; j < size; j++) matrix[j * size + j]! += strength;
  return cholesky(matrix, size);
}
