/** Names of what one wants little of. */
const lowerIsBetter = /loss|err|rmse|mse|mae|mape|perplexity|latency|time|cost|wer\b|fid\b|bias|divergence/i;

/** Whether less of a metric is better: by its name, or the other way where the reader said so. */
export const isLowerBetter = (key: string, turned: readonly string[]): boolean =>
  lowerIsBetter.test(key) !== turned.includes(key);

export interface Difference {
  readonly delta: number;
  readonly verdict: 'better' | 'worse' | 'same';
}

/** How a value stands to the baseline's; undefined where there is no telling. */
export function differenceOf(value: unknown, base: unknown, isLower: boolean): Difference | undefined {
  if (typeof value !== 'number' || typeof base !== 'number') return undefined;
  const delta = value - base;
  if (delta === 0) return { delta, verdict: 'same' };
  return { delta, verdict: delta < 0 === isLower ? 'better' : 'worse' };
}

/** The best of some values; undefined where all are alike or none is a number. */
export function bestOf(values: readonly unknown[], isLower: boolean): number | undefined {
  const numbers = values.filter((value) => typeof value === 'number');
  if (numbers.length < 2 || numbers.every((value) => value === numbers[0])) return undefined;
  return numbers.reduce((best, value) => (value < best === isLower ? value : best));
}
