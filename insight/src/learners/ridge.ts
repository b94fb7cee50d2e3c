import { brief, cholesky, dot, gram, mean, solve, solveLower, type Vector } from '../numbers.ts';

/** A straight line through encoded projects: plain JSON. */
export interface Line {
  readonly intercept: number;
  readonly slopes: readonly number[];
}

const strengths = [0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000];

/**
 * Ridge regression (Hoerl and Kennard 1970) of a log outcome on encoded projects. The strength is the one whose
 * leave-one-out error is least; that error needs no refitting (Allen 1974; Golub, Heath and Wahba 1979).
 */
export function fitRidge(rows: readonly Vector[], outcomes: ArrayLike<number>): Line {
  const size = rows[0]?.length ?? 0;
  const centre = mean(outcomes);
  if (size === 0) return { intercept: centre, slopes: [] };
  const middle = Float64Array.from({ length: size }, (_, column) => mean(rows.map((row) => row[column]!)));
  const centred = rows.map((row) => row.map((value, column) => value - middle[column]!));
  const residues = Float64Array.from(outcomes, (outcome) => outcome - centre);
  const product = gram(centred, size);
  const moments = new Float64Array(size);
  for (const [place, row] of centred.entries())
    for (let j = 0; j < size; j++) moments[j]! += row[j]! * residues[place]!;
  let best: { error: number; slopes: Vector } | undefined;
  for (const strength of strengths) {
    const penalised = product.slice();
    for (let j = 0; j < size; j++) penalised[j * size + j]! += strength;
    const lower = cholesky(penalised, size);
    const slopes = solve(lower, moments);
    let error = 0;
    for (const [place, row] of centred.entries()) {
      const half = solveLower(lower, row);
      const leverage = Math.min(dot(half, half) + 1 / rows.length, 0.999);
      error += Math.abs((residues[place]! - dot(row, slopes)) / (1 - leverage));
    }
    if (best === undefined || error < best.error) best = { error, slopes };
  }
  const slopes = best!.slopes;
  const [intercept] = brief([centre - dot(middle, slopes)]) as [number];
  return { intercept, slopes: brief(slopes) };
}

export function predictLine({ intercept, slopes }: Line, row: Vector): number {
  return intercept + dot(slopes, row);
}
