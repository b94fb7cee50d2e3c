import { brief, cholesky, dot, gram, solve, solveLower, type Vector } from '../numbers.ts';

/** The logarithm of the odds as a straight line, and how sure it is: plain JSON. */
export interface LogisticLine {
  readonly intercept: number;
  readonly slopes: readonly number[];
  /** The lower triangle of the curvature of the likelihood about the weights, row by row; the intercept is last. */
  readonly curvature: readonly number[];
}

/** How the slopes of several strengths count together. */
export interface Hold {
  readonly strength: number;
  /** Of all holds these sum to 1. */
  readonly weight: number;
}

const strengths = [0.3, 1, 3, 10, 30, 100, 300];

/** A strength that is this much less likely than the likeliest one does not count. */
const unlikely = 0.2;

/**
 * The log loss of tens of projects is a matter of chance as much as of strength: differences of it count half. On other
 * sets of projects chances came true more often so than by taking them in full.
 */
const trust = 0.5;

/**
 * Slopes that are held harder than this because little can be told of them are not surer for it: on simulated histories
 * intervals that took them so held the true chance too seldom.
 */
const mostHeld = 5;

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
 * How much to hold slopes: strengths, weighted by their leave-one-out log loss (pseudo-BMA: Geisser and Eddy 1979; Yao et
 * al. 2018), as the least of a few noisy losses is no choice to rely on. The loss needs no refitting: each project's own
 * pull on its logit is taken away by its leverage (Rad and Maleki 2020, approximate leave-one-out).
 */
export function settleLogistic(encoded: readonly ArrayLike<number>[], outcomes: ArrayLike<number>): Hold[] {
  const rows = encoded.map(withOne);
  let start: Vector = new Float64Array(rows[0]!.length);
  const losses = strengths.toReversed().map((strength) => {
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
    start = weights;
    return { strength, loss };
  });
  const least = Math.min(...losses.map(({ loss }) => loss));
  const likely = losses
    .map(({ strength, loss }) => ({ strength, weight: Math.exp(trust * (least - loss)) }))
    .filter(({ weight }) => weight >= unlikely);
  const total = likely.reduce((sum, { weight }) => sum + weight, 0);
  return likely.map(({ strength, weight }) => ({ strength, weight: weight / total }));
}

/**
 * Logistic regression with slopes held by ridges (le Cessie and van Houwelingen 1992), the logits of which are averaged.
 * Outcomes are 0 or 1, or shares between them (Papke and Wooldridge 1996). `holds` are in falling order of strength.
 */
export function fitLogistic(
  encoded: readonly ArrayLike<number>[],
  outcomes: ArrayLike<number>,
  holds: readonly Hold[],
): LogisticLine {
  const rows = encoded.map(withOne);
  let start: Vector = new Float64Array(rows[0]!.length);
  const averaged = new Float64Array(start.length);
  for (const { strength, weight } of holds) {
    start = climb(rows, outcomes, strength, start).weights;
    for (let j = 0; j < averaged.length; j++) averaged[j]! += weight * start[j]!;
  }
  const typical = Math.exp(holds.reduce((sum, { strength, weight }) => sum + weight * Math.log(strength), 0));
  const values = brief(averaged);
  return {
    intercept: values.at(-1)!,
    slopes: values.slice(0, -1),
    curvature: brief(climb(rows, outcomes, Math.min(typical, mostHeld), start).lower),
  };
}

export const logitOf = ({ intercept, slopes }: LogisticLine, row: ArrayLike<number>): number =>
  intercept + dot(slopes, row);

/** The standard deviation of a project's logit (Laplace's approximation; MacKay 1992). */
export function logitSpread({ curvature }: LogisticLine, row: ArrayLike<number>): number {
  const half = solveLower(curvature, withOne(row));
  return Math.sqrt(dot(half, half));
}

/**
 * The chance to expect where the logit is not sure: the mean of chances over it, which is nearer to a half than the chance
 * of its mean (moderated output: MacKay 1992; Spiegelhalter and Lauritzen 1990).
 */
export function moderatedChance(line: LogisticLine, row: ArrayLike<number>): number {
  return chanceOf(logitOf(line, row) / Math.sqrt(1 + (Math.PI / 8) * logitSpread(line, row) ** 2));
}
