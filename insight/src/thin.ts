import { clip, largestLog, mean, median } from './numbers.ts';

/** The spread (standard deviation) of log outcomes to expect before any project is finished, and the projects it is worth. */
const priorSpread = 0.9;
const priorWorth = 3;

/** The value below which 90 % of Student's t lies, by Cornish and Fisher's expansion (Abramowitz and Stegun 26.7.5). */
function upperTenthOfStudent(freedom: number): number {
  const z = 1.2815515655;
  return z + (z ** 3 + z) / (4 * freedom) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * freedom ** 2);
}

/**
 * The median of a few amounts, and an 80 % interval for the next: Student's prediction interval of their logarithms,
 * whose variance is pooled with a prior one (a scaled inverse χ²; Gelman et al. 2013, 3.2), so that three projects that
 * happen to be alike do not promise a fourth.
 */
export function fewAmounts(outcomes: readonly number[]): { value: number; low: number; high: number } {
  const least = Math.min(...outcomes.filter((outcome) => outcome > 0));
  const logs = outcomes.map((outcome) => Math.log(Math.max(outcome, least / 2)));
  const count = logs.length;
  const centre = mean(logs);
  const squares = logs.reduce((sum, log) => sum + (log - centre) ** 2, 0);
  const freedom = priorWorth + Math.max(count - 1, 0);
  const spread = Math.sqrt((priorWorth * priorSpread ** 2 + squares) / freedom);
  const reach = clip(upperTenthOfStudent(freedom) * spread * Math.sqrt(1 + 1 / count), 0, 20);
  const middle = median(logs);
  return {
    value: Math.exp(middle),
    low: Math.exp(middle - reach),
    high: Math.exp(Math.min(middle + reach, largestLog)),
  };
}
