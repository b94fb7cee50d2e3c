import { describe, expect, test } from 'vitest';
import { fewAmounts, fewShares } from './thin.ts';

describe('what a few finished projects tell', () => {
  test.each([1, 2, 3])('of %i that came out alike the interval for the next is wide all the same', (count) => {
    const { value, low, high } = fewShares(Array.from({ length: count }, () => 0.8));
    expect(value).toBe(0.8);
    expect(high - low).toBeGreaterThan(0.3);
    const amounts = fewAmounts(Array.from({ length: count }, () => 100));
    expect(amounts.high / amounts.low).toBeGreaterThan(4);
  });

  test('shares stay between 0 and 1, and of none anything may come', () => {
    expect(fewShares([0, 1]).low).toBe(0);
    expect(fewShares([0, 1]).high).toBe(1);
    expect(fewShares([])).toEqual({ value: 0.5, low: 0, high: 1 });
  });
});
