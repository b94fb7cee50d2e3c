import { brief, cholesky, dot, gram, solve, solveLower, type Vector } from '../numbers.ts';

/** The logarithm of the odds as a straight line: plain JSON. */
export interface LogisticLine {
  readonly intercept: number;
  readonly slopes: readonly number[];
}

const strengths = [0.3, 1, 3, 10, 30, 100, 300];

/** Newton's steps end when no number moves by more. */
const settled = 1e-6;
const mostSteps = 30;

/** The intercept is hardly held: enough for odds to stay finite where all succeeded. */
const hair = 0.01;

export const chanceOf = (logit: number): number => 1 / (1 + Math.exp(-logit));

/** Rows end in a 1 for the intercept. */
const withOne = (row: ArrayLike<number>): Vector => Float64Array.of(...Array.from(row), 1);

interface Fitted {
  readonly weights: Vector;
  readonly lower: Vector;
  readonly chances: Vector;
}

/** The most likely weights under a normal prior, by Newton's method. */
function climb(rows: readonly Vector[], outcomes: ArrayLike<number>, strength: number, start: Vector): Fitted {
  const size = start.length;
  const weights = start.slice();
  const chances = new Float64Array(rows.length);
  for (let step = 0; ; step++) {
    const moments = new Float64Array(size);
    for (let j = 0; j < size; j++) moments[j] = -(j === size - 1 ? hair : strength) * weights[j]!;
    for (const [place, row] of rows.entries()) {
      chances[place] = chanceOf(dot(row, weights));
      const miss = outcomes[place]! - chances[place]!;
      for (let j = 0; j < size; j++) moments[j]! += miss * row[j]!;
    }
    const product = gram(
      rows,
      size,
      chances.map((chance) => Math.max(chance * (1 - chance), 1e-6)),
    );
    for (let j = 0; j < size; j++) product[j * size + j]! += j === size - 1 ? hair : strength;
    const lower = cholesky(product, size);
    const move = solve(lower, moments);
    // A step of a whole unit of odds at most keeps Newton's method from overshooting where outcomes are one-sided.
    const largest = Math.max(1, ...rows.map((row) => Math.abs(dot(row, move)) / 3));
    let moved = 0;
    for (let j = 0; j < size; j++) {
      weights[j]! += move[j]! / largest;
      moved = Math.max(moved, Math.abs(move[j]!));
    }
    if (moved < settled || step === mostSteps) return { weights, lower, chances };
  }
}

/**
 * How much to hold slopes: the strength whose leave-one-out log loss is least. That loss needs no refitting: each
 * project's own pull on its logit is taken away by its leverage (Rad and Maleki 2020, approximate leave-one-out).
 */
export function settleLogistic(encoded: readonly ArrayLike<number>[], outcomes: ArrayLike<number>): number {
  const rows = encoded.map(withOne);
  let start: Vector = new Float64Array(rows[0]!.length);
  let best = { loss: Number.POSITIVE_INFINITY, strength: strengths.at(-1)! };
  for (const strength of strengths.toReversed()) {
    const { weights, lower, chances } = climb(rows, outcomes, strength, start);
    let loss = 0;
    for (const [place, row] of rows.entries()) {
      const half = solveLower(lower, row);
      const pull = dot(half, half);
      const chance = chances[place]!;
      const share = Math.min(pull * chance * (1 - chance), 0.99);
      const logit = dot(row, weights) - (pull / (1 - share)) * (outcomes[place]! - chance);
      loss += Math.log1p(Math.exp(logit)) - outcomes[place]! * logit;
    }
    if (loss < best.loss) best = { loss, strength };
    start = weights;
  }
  return best.strength;
}

/**
 * Logistic regression with slopes held by a ridge (le Cessie and van Houwelingen 1992). Outcomes are 0 or 1, or shares
 * between them (Papke and Wooldridge 1996).
 */
export function fitLogistic(
  encoded: readonly ArrayLike<number>[],
  outcomes: ArrayLike<number>,
  strength: number,
): LogisticLine {
  const rows = encoded.map(withOne);
  const { weights } = climb(rows, outcomes, strength, new Float64Array(rows[0]!.length));
  const values = brief(weights);
  return { intercept: values.at(-1)!, slopes: values.slice(0, -1) };
}

export const logitOf = ({ intercept, slopes }: LogisticLine, row: ArrayLike<number>): number =>
  intercept + dot(slopes, row);

/**
 * How sharply the likelihood of logistic weights falls off about the best ones: the lower triangle of its curvature, row by
 * row. It tells how sure logits are (Laplace's approximation; MacKay 1992).
 */
export const sharpness = (
  encoded: readonly ArrayLike<number>[],
  outcomes: ArrayLike<number>,
  strength: number,
): number[] => {
  const rows = encoded.map(withOne);
  return brief(climb(rows, outcomes, strength, new Float64Array(rows[0]!.length)).lower);
};

/** The standard deviation of a project's logit. */
export function logitSpread(curvature: readonly number[], row: ArrayLike<number>): number {
  const half = solveLower(Float64Array.from(curvature), withOne(row));
  return Math.sqrt(dot(half, half));
}
