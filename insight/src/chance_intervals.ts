import { baseOf, type ChanceModel, estimateChance, oddsSpread } from './chance.ts';
import type { Row } from './history.ts';
import { chanceOf } from './learners/logistic.ts';
import { clip, mean } from './numbers.ts';
import { type Scored, vennAbers } from './venn_abers.ts';

/** An estimate with its interval, from 0 to 1. */
export interface Chance {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Ends that hold the value, from 0 to 1. */
const within = ({ value, low, high }: Chance): Chance => ({
  value,
  low: clip(Math.min(low, value), 0, 1),
  high: clip(Math.max(high, value), 0, 1),
});

/** Of the normal distribution, for shares of 0.5 and more (Abramowitz and Stegun 1964, 26.2.23). */
function normalQuantile(share: number): number {
  const t = Math.sqrt(-2 * Math.log(1 - share));
  const above = 2.515517 + 0.802853 * t + 0.010328 * t ** 2;
  return t - above / (1 + 1.432788 * t + 0.189269 * t ** 2 + 0.001308 * t ** 3);
}

/**
 * The chance of success by so few projects that only their share of successes is known, with its interval (Wilson 1927).
 * Where there are none at all nothing is known.
 */
export function fewSuccesses(outcomes: readonly number[], nominal: number): Chance {
  const value = baseOf(outcomes);
  const count = outcomes.length;
  if (count === 0) return { value, low: 0, high: 1 };
  const z = normalQuantile((1 + nominal) / 2);
  const share = mean(outcomes);
  const scale = 1 + z ** 2 / count;
  const centre = (share + z ** 2 / (2 * count)) / scale;
  const reach = (z / scale) * Math.sqrt((share * (1 - share)) / count + z ** 2 / (4 * count ** 2));
  return within({ value, low: centre - reach, high: centre + reach });
}

/**
 * A chance of success with the interval that it may lie in: by how little is known of the odds and how far the learners are
 * apart, widened to the two probabilities of Venn–Abers prediction; of projects that all came alike, as of few ones. `scored`
 * holds other projects.
 */
export function successInterval(
  model: ChanceModel,
  scored: readonly Scored[],
  row: Row,
  value: number,
  nominal: number,
): Chance {
  const outcomes = scored.map(({ outcome }) => outcome);
  // Without a success, or a failure, no odds of any value are known, and yet the share is.
  if (outcomes.every((outcome) => outcome === outcomes[0])) {
    const { low, high } = fewSuccesses(outcomes, nominal);
    return within({ value, low, high });
  }
  const logit = Math.log(value / (1 - value));
  const reach = normalQuantile((1 + nominal) / 2) * oddsSpread(model, row);
  const bounds = vennAbers(scored, value);
  return within({
    value,
    low: Math.min(chanceOf(logit - reach), bounds.low),
    high: Math.max(chanceOf(logit + reach), bounds.high),
  });
}

export const predictSuccess = (model: ChanceModel, row: Row, nominal: number): Chance =>
  successInterval(model, model.scored, row, estimateChance(model, row), nominal);

/** How far the share `nominal` of finished projects' out-of-fold estimates were off at most. */
export function reachOf(scored: readonly Scored[], nominal: number): number {
  const misses = scored.map(({ score, outcome }) => Math.abs(outcome - score)).sort((a, b) => a - b);
  return misses[Math.min(Math.ceil(nominal * (misses.length + 1)), misses.length) - 1]!;
}

/**
 * A share with the interval that holds it in `nominal` of cases: the estimate, less and plus how far out-of-fold estimates
 * of finished projects were off (cross-conformal prediction: Vovk 2015).
 */
export function predictShare(model: ChanceModel, row: Row, nominal: number): Chance {
  const value = estimateChance(model, row);
  const reach = reachOf(model.scored, nominal);
  return within({ value, low: value - reach, high: value + reach });
}
