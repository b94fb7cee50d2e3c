import type { Scale } from './history.ts';
import type { OutOfFold } from './learning.ts';
import { mean, median } from './numbers.ts';

/** How far estimates of amounts or scores were from what came. Shares are 0 to 1; null where nothing can be said. */
export interface AmountScores {
  readonly n: number;
  /** Mean absolute error, in the outcome's unit. */
  readonly mae: number;
  /** Median magnitude of relative error: |outcome − estimate| / outcome. Null where an outcome is 0. */
  readonly md_mre: number | null;
  /** Share of estimates within 25 % of the outcome. Null where an outcome is 0. */
  readonly pred_25: number | null;
  /** The expected absolute error of guessing the outcome of another project at random. */
  readonly mar_p0: number;
  /** Standardised accuracy: 1 − mae / mar_p0. Null where all outcomes are the same. */
  readonly sa: number | null;
}

export interface IntervalScores {
  /** Share of outcomes within their interval. */
  readonly coverage: number;
  readonly mean_width: number;
  /** Mean width, as a multiple of the median outcome. Null where that is 0. */
  readonly relative_width: number | null;
}

/** How good probabilities of success were. */
export interface SuccessScores {
  readonly n: number;
  /** Mean squared difference of probability and outcome (Brier 1950). */
  readonly brier: number;
  /** The same of giving every project the share of successes among all. */
  readonly base_rate_brier: number;
  /** The chance that a success got a higher probability than a failure (ties count half). Null where one is missing. */
  readonly auc: number | null;
  /** Expected calibration error: ten bins of equal width, |mean probability − share of successes|, weighted by rows. */
  readonly calibration_error: number;
  readonly mean_width: number;
}

/**
 * The expected absolute error of guessing another project's outcome, exactly rather than by drawing (Langdon et al. 2016,
 * "Exact mean absolute error of baseline predictor, MARP0").
 */
export function marP0(outcomes: readonly number[]): number {
  const { length } = outcomes;
  // In order, a step up lies between `rank` values and the others: it is a part of that many differences.
  return outcomes
    .toSorted((a, b) => a - b)
    .reduce((sum, value, rank, sorted) => {
      const step = value - (sorted[rank - 1] ?? value);
      return step === 0 ? sum : sum + step * ((2 * rank * (length - rank)) / (length * (length - 1)));
    }, 0);
}

/** Learners that read no feature. */
const plain = new Set(['median', 'base rate']);

/**
 * Whether amounts and scores are foretold better than they can be as a rule, where no human estimated them: a feature may say
 * what came rather than what was known at the start. What is always the same, or of so few that only their median is learned,
 * is foretold by no feature. Scores lie within bounds: nearly all are within 25 % of any one in their middle.
 */
export const isTooGood = (
  { sa, pred_25 }: AmountScores,
  scale: Scale,
  learners: readonly { readonly name: string }[],
): boolean =>
  sa !== null &&
  learners.some(({ name }) => !plain.has(name)) &&
  (sa > 0.9 || (scale === 'amount' && (pred_25 ?? 0) > 0.6));

export const warnedOfLeakage = 'This is better than such data allow as a rule: is a feature derived from the outcome?';

/** Shepperd and MacDonell 2012 on standardised accuracy; Conte et al. 1986 on MRE and Pred(25). */
export function scoreAmounts(outcomes: readonly number[], estimates: readonly number[]): AmountScores {
  const errors = outcomes.map((outcome, at) => Math.abs(outcome - (estimates[at] as number)));
  const relative = outcomes.every((outcome) => outcome !== 0)
    ? errors.map((error, at) => error / Math.abs(outcomes[at] as number))
    : undefined;
  const mae = mean(errors);
  const guessing = marP0(outcomes);
  return {
    n: outcomes.length,
    mae,
    md_mre: relative ? median(relative) : null,
    pred_25: relative ? mean(relative.map((error) => (error <= 0.25 ? 1 : 0))) : null,
    mar_p0: guessing,
    sa: guessing > 0 ? 1 - mae / guessing : null,
  };
}

export function scoreIntervals(outcomes: readonly number[], intervals: readonly OutOfFold[]): IntervalScores {
  const width = mean(intervals.map(({ low, high }) => high - low));
  const middle = median(outcomes);
  const holds = ({ low, high }: OutOfFold, at: number) =>
    low <= (outcomes[at] as number) && (outcomes[at] as number) <= high;
  return {
    coverage: mean(intervals.map((interval, at) => (holds(interval, at) ? 1 : 0))),
    mean_width: width,
    relative_width: middle === 0 ? null : width / middle,
  };
}

/** The area under the ROC curve, by ranks (Mann and Whitney). */
function auc(outcomes: readonly number[], probabilities: readonly number[]): number | null {
  const order = probabilities
    .map((_, at) => at)
    .sort((a, b) => (probabilities[a] as number) - (probabilities[b] as number));
  let rankSum = 0;
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to < order.length && probabilities[order[to] as number] === probabilities[order[from] as number]) to++;
    const rank = (from + to + 1) / 2;
    for (; from < to; from++) if (outcomes[order[from] as number] === 1) rankSum += rank;
  }
  const successes = outcomes.filter((outcome) => outcome === 1).length;
  const pairs = successes * (outcomes.length - successes);
  return pairs === 0 ? null : (rankSum - (successes * (successes + 1)) / 2) / pairs;
}

const bins = 10;

/** Naeini et al. 2015. */
export function calibrationError(outcomes: readonly number[], probabilities: readonly number[]): number {
  const gaps = new Array<number>(bins).fill(0);
  for (const [at, probability] of probabilities.entries()) {
    const bin = Math.min(bins - 1, Math.floor(probability * bins));
    gaps[bin] = (gaps[bin] as number) + probability - (outcomes[at] as number);
  }
  return gaps.reduce((sum, gap) => sum + Math.abs(gap), 0) / outcomes.length;
}

export function scoreSuccess(outcomes: readonly number[], predictions: readonly OutOfFold[]): SuccessScores {
  const probabilities = predictions.map(({ value }) => value);
  const rate = mean(outcomes);
  return {
    n: outcomes.length,
    brier: mean(probabilities.map((probability, at) => (probability - (outcomes[at] as number)) ** 2)),
    base_rate_brier: rate * (1 - rate),
    auc: auc(outcomes, probabilities),
    calibration_error: calibrationError(outcomes, probabilities),
    mean_width: mean(predictions.map(({ low, high }) => high - low)),
  };
}
