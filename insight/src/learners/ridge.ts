import { brief, cholesky, dot, gram, mean, solve, solveLower, type Vector } from '../numbers.ts';
import { narrowed } from '../screening.ts';
import type { Learner } from './learner.ts';

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
    return settled(
      leastSquares(
        points.map(({ logs }) => narrowed(logs, columns)),
        outcomes,
      ),
    ).strength;
  },

  fit({ points, outcomes }, kept, strength) {
    const problem = leastSquares(
      kept.map((row) => points[row]!.logs),
      Float64Array.from(kept, (row) => outcomes[row]!),
    );
    const slopes = solve(penalised(problem, strength), problem.moments);
    const [intercept] = brief([problem.centre - dot(problem.middle, slopes)]) as [number];
    return { intercept, slopes: brief(slopes) };
  },

  predict: ({ logs }, { intercept, slopes }) => intercept + dot(slopes, logs),
};

/** The slopes that values go by, and which share of their distance from their mean that saves where they were left out. */
export function settledSlopes(vectors: readonly Vector[], values: Vector): { slopes: Vector; saved: number } {
  const problem = leastSquares(vectors, values);
  const { slopes, error } = settled(problem);
  const { residues } = problem;
  const alone = residues.reduce((sum, residue) => sum + Math.abs(residue), 0) / (1 - 1 / residues.length);
  return { slopes, saved: alone > 0 ? 1 - error / alone : 0 };
}

type Problem = ReturnType<typeof leastSquares>;

function leastSquares(vectors: readonly Vector[], values: Vector) {
  const size = vectors[0]!.length;
  const centre = mean(values);
  const middle = Float64Array.from({ length: size }, (_, column) => mean(vectors.map((row) => row[column]!)));
  const rows = vectors.map((vector) => vector.map((value, column) => value - middle[column]!));
  const residues = values.map((value) => value - centre);
  const moments = new Float64Array(size);
  for (const [place, row] of rows.entries()) for (let j = 0; j < size; j++) moments[j]! += row[j]! * residues[place]!;
  return { size, centre, middle, rows, residues, moments, product: gram(rows, size) };
}

/** The strength with the least leave-one-out error. */
function settled(problem: Problem): { strength: number; slopes: Vector; error: number } {
  const { rows, residues, size, moments } = problem;
  let best = { error: Number.POSITIVE_INFINITY, strength: 1, slopes: new Float64Array(size) as Vector };
  for (const strength of strengths) {
    const lower = penalised(problem, strength);
    const slopes = solve(lower, moments);
    let error = 0;
    for (const [place, row] of rows.entries()) {
      const half = solveLower(lower, row);
      const leverage = Math.min(dot(half, half) + 1 / rows.length, 0.999);
      error += Math.abs((residues[place]! - dot(row, slopes)) / (1 - leverage));
    }
    if (error < best.error) best = { error, strength, slopes };
    if (size === 0) break;
  }
  return best;
}

function penalised({ product, size }: Problem, strength: number): Vector {
  const matrix = product.slice();
  for (let j = 0; j < size; j++) matrix[j * size + j]! += strength;
  return cholesky(matrix, size);
}
