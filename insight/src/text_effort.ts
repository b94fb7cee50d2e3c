import { nominal } from './learning.ts';
import { largestLog } from './numbers.ts';
import { fewAmounts, fewRows } from './thin.ts';

/** How alike projects are in one respect (text, fields), 0 to 1. */
export interface Respect {
  /** Likeness of the new project to each finished one. */
  readonly toNew: readonly number[];
  /** Of each finished one to each, row by row. */
  readonly among: readonly (readonly number[])[];
  /**
   * What each finished one is compared by, where that differs: likeness tells which of a kind counts more, and nothing of the
   * kind. Else the only project with requirements would be all that is like new requirements.
   */
  readonly kinds?: readonly string[];
}

/** Finished projects with an amount (days, money). */
export interface Finished {
  /** Above 0. */
  readonly outcomes: readonly number[];
  readonly respects: readonly Respect[];
}

export interface Effort {
  readonly value: number;
  /** Ends of the interval that is to hold the outcome in `nominal` of cases. */
  readonly low: number;
  readonly high: number;
  /** How much each finished project counts, together 1. */
  readonly weights: readonly number[];
  /** The power of each respect that tells most; 0: it tells nothing here, and is left out. */
  readonly powers: readonly number[];
  /** Fewer than `fewRows` are finished: this is their median, and a wide interval. */
  readonly isThin: boolean;
}

const powers = [1, 2, 4];
/** The least share of the weight that all finished projects have alike, however unlike. */
const plainShare = 0.1;
/**
 * Equal projects that weights are worth at least (Kish's effective size), a quarter of all where that is less: the tenths at both
 * ends of fewer are the outcomes of one or two look-alikes, and no interval.
 */
const worthMin = 4;
/** What likeness must gain over the plain median, in the mean error of its logarithms. */
const gainMin = 0.02;

const logOf = (outcome: number): number => Math.log1p(outcome);
const amountOf = (log: number): number => Math.max(0, Math.expm1(Math.min(log, largestLog)));

/** Powers of likeness by multiplication: `**` takes ten times as long, and there are a million of them. */
function powered(likeness: number, power: number): number {
  if (power === 0) return 1;
  if (power === 1) return likeness;
  return power === 2 ? likeness * likeness : likeness * likeness * likeness * likeness;
}

/** Multiplies weights by likeness to its power, in the mean of each kind by 1. */
function weigh(weights: Float64Array, likeness: readonly number[], power: number, kinds?: readonly string[]): void {
  if (kinds === undefined) {
    for (let at = 0; at < weights.length; at += 1) (weights[at] as number) *= powered(likeness[at] as number, power);
    return;
  }
  const sums = new Map<string, { count: number; sum: number }>();
  for (const [at, kind] of kinds.entries()) {
    if (weights[at] === 0) continue;
    const { count, sum } = sums.get(kind) ?? { count: 0, sum: 0 };
    sums.set(kind, { count: count + 1, sum: sum + powered(likeness[at] as number, power) });
  }
  for (const [at, kind] of kinds.entries()) {
    const { count, sum } = sums.get(kind) ?? { count: 0, sum: 0 };
    if (sum > 0) (weights[at] as number) *= (powered(likeness[at] as number, power) * count) / sum;
  }
}

/** Weights of all but `without`, together 1, for a project that is so alike to each in each respect. */
function weightsOf(
  respects: readonly Pick<Respect, 'kinds'>[],
  size: number,
  likeness: readonly (readonly number[])[],
  exponents: readonly number[],
  without = -1,
): Float64Array {
  const weights = new Float64Array(size).fill(1);
  if (without >= 0) weights[without] = 0;
  for (const [respect, of] of likeness.entries()) {
    const power = exponents[respect] as number;
    if (power > 0) weigh(weights, of, power, respects[respect]?.kinds);
  }
  let sum = 0;
  let squares = 0;
  for (const weight of weights) {
    sum += weight;
    squares += weight * weight;
  }
  const plain = 1 / (without < 0 ? size : size - 1);
  const excess = sum > 0 ? squares / sum ** 2 - plain : 0;
  const allowed = Math.max(0, 1 / Math.min(worthMin, 1 / (4 * plain)) - plain);
  const share = excess > 0 ? Math.min(1 - plainShare, Math.sqrt(allowed / excess)) : 1;
  for (let at = 0; at < size; at += 1) {
    if (at === without) continue;
    weights[at] = sum > 0 ? ((weights[at] as number) / sum) * share + plain * (1 - share) : plain;
  }
  return weights;
}

/** Quantiles of weighted values: the distribution function is linear between the middles of the values' weights. */
function quantilesOf(
  values: readonly number[],
  order: readonly number[],
  weights: Float64Array,
  shares: readonly number[],
): number[] {
  const found: number[] = [];
  let below = 0;
  let lastAt: number | undefined;
  let lastMiddle = 0;
  for (const at of order) {
    const weight = weights[at] as number;
    if (weight === 0) continue;
    const middle = below + weight / 2;
    const value = values[at] as number;
    while (found.length < shares.length && (shares[found.length] as number) <= middle) {
      const share = shares[found.length] as number;
      const last = lastAt === undefined ? value : (values[lastAt] as number);
      const part = middle > lastMiddle ? Math.max(0, (share - lastMiddle) / (middle - lastMiddle)) : 1;
      found.push(last + (value - last) * part);
    }
    below += weight;
    lastAt = at;
    lastMiddle = middle;
  }
  const greatest = lastAt === undefined ? Number.NaN : (values[lastAt] as number);
  while (found.length < shares.length) found.push(greatest);
  return found;
}

const tails = [(1 - nominal) / 2, 0.5, (1 + nominal) / 2] as const;

/** A few finished projects: their median, and an interval as `fewAmounts` has it. */
const thin = (outcomes: readonly number[]): Effort => ({
  ...fewAmounts(outcomes),
  weights: outcomes.map(() => 1 / outcomes.length),
  powers: [],
  isThin: true,
});

/**
 * An estimate by analogy: quantiles of what finished projects took, each weighted by its likeness to the new one. How much
 * likeness counts is what would have estimated each finished project best from all the others. The interval is widened or
 * narrowed by conformalized quantile regression (Romano, Patterson & Candès, NeurIPS 2019) over these left-out estimates
 * (as the jackknife+ takes them; Barber, Candès, Ramdas & Tibshirani, Annals of Statistics 49(1), 2021), so that it would
 * have held `nominal` of them. Undefined where nothing is finished.
 */
export function effortOf({ outcomes, respects }: Finished): Effort | undefined {
  const size = outcomes.length;
  if (size === 0) return undefined;
  if (size < fewRows) return thin(outcomes);
  const logs = outcomes.map(logOf);
  const order = logs.map((_, at) => at).sort((a, b) => (logs[a] as number) - (logs[b] as number));
  const leftOut = (exponents: readonly number[]): number[][] =>
    logs.map((_, without) => {
      const likeness = respects.map(({ among }) => among[without] as readonly number[]);
      return quantilesOf(logs, order, weightsOf(respects, size, likeness, exponents, without), tails);
    });
  const errorOf = (estimates: readonly number[][]): number =>
    estimates.reduce((sum, [, middle], at) => sum + Math.abs((middle as number) - (logs[at] as number)), 0) / size;
  const none = respects.map(() => 0);
  const plain = leftOut(none);
  let best = { exponents: none, estimates: plain, error: errorOf(plain) };
  const bound = best.error * (1 - gainMin);
  // One respect after the other: each is asked what it adds to those before it.
  for (const respect of none.keys()) {
    for (const power of powers) {
      const exponents = best.exponents.with(respect, power);
      const estimates = leftOut(exponents);
      const error = errorOf(estimates);
      if (error < best.error && error < bound) best = { exponents, estimates, error };
    }
  }
  const misses = best.estimates
    .map(([low, , high], at) =>
      Math.max((low as number) - (logs[at] as number), (logs[at] as number) - (high as number)),
    )
    .sort((a, b) => a - b);
  const correction = misses[Math.min(size, Math.ceil(nominal * (size + 1))) - 1] as number;
  const likeness = respects.map(({ toNew }) => toNew);
  const weights = weightsOf(respects, size, likeness, best.exponents);
  const [low, middle, high] = quantilesOf(logs, order, weights, tails) as [number, number, number];
  return {
    value: amountOf(middle),
    low: amountOf(Math.min(low - correction, middle)),
    high: amountOf(Math.max(high + correction, middle)),
    weights: [...weights],
    powers: best.exponents,
    isThin: false,
  };
}
