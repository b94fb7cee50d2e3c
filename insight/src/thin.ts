import { clip, largestLog, mean, median } from './numbers.ts';

/** With fewer finished projects than these a model is their median, and says so. */
export const fewRows = 10;

/** The spreads (standard deviations) to expect before any project is finished, and the projects that they are worth. */
const priorSpreads = { logs: 0.9, shares: 0.2 };
const priorWorth = 3;

/** The value below which 90 % of Student's t lies, by Cornish and Fisher's expansion (Abramowitz and Stegun 26.7.5). */
function upperTenthOfStudent(freedom: number): number {
  const z = 1.2815515655;
  return z + (z ** 3 + z) / (4 * freedom) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * freedom ** 2);
}

/**
 * How far the next of a few values may be from their middle, either way, in 80 of 100 cases: Student's prediction interval,
 * whose variance is pooled with a prior one (a scaled inverse χ²; Gelman et al. 2013, 3.2), so that three projects that
 * happen to be alike do not promise a fourth.
 */
function reachOfNext(values: readonly number[], priorSpread: number): number {
  const count = values.length;
  const centre = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  const freedom = priorWorth + Math.max(count - 1, 0);
  const spread = Math.sqrt((priorWorth * priorSpread ** 2 + squares) / freedom);
  return upperTenthOfStudent(freedom) * spread * Math.sqrt(1 + 1 / count);
}

/** The median of a few amounts, and an 80 % interval for the next, by their logarithms. */
export function fewAmounts(outcomes: readonly number[]): { value: number; low: number; high: number } {
  const least = Math.min(...outcomes.filter((outcome) => outcome > 0));
  const logs = outcomes.map((outcome) => Math.log(Math.max(outcome, least / 2)));
  const reach = clip(reachOfNext(logs, priorSpreads.logs), 0, 20);
  const middle = median(logs);
  return {
    value: Math.exp(middle),
    low: Math.exp(middle - reach),
    high: Math.exp(Math.min(middle + reach, largestLog)),
  };
}

/** The median of a few shares, from 0 to 1, and an 80 % interval for the next. Of none nothing is known. */
export function fewShares(outcomes: readonly number[]): { value: number; low: number; high: number } {
  if (outcomes.length === 0) return { value: 0.5, low: 0, high: 1 };
  const reach = reachOfNext(outcomes, priorSpreads.shares);
  const value = median(outcomes);
  return { value, low: clip(value - reach, 0, 1), high: clip(value + reach, 0, 1) };
}
