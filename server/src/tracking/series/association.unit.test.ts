import { describe, expect, test } from 'vitest';
import { epsilonSquared, ranks, spearman } from './association.ts';

describe('association', () => {
  test('equal values share their ranks', () => {
    expect(ranks([3, 1, 3, 2])).toEqual([3.5, 1, 3.5, 2]);
  });

  test('the rank correlation is that of scipy.stats.spearmanr', () => {
    expect(spearman([1, 2, 3, 4, 5], [5, 6, 7, 8, 7])).toBeCloseTo(0.8207826816681233, 12);
    expect(spearman([1, 2, 3], [9, 4, 1])).toBeCloseTo(-1, 12);
    expect(spearman([1, 1, 1], [9, 4, 1])).toBeNull();
  });

  test('groups explain what they explain beyond chance, and nothing where each value is its own group', () => {
    expect(epsilonSquared(['a', 'a', 'a', 'b', 'b', 'b'], [1, 2, 3, 10, 11, 12])).toBeCloseTo(
      1 - (4 / 17.5) * (5 / 4),
      12,
    );
    expect(epsilonSquared(['a', 'b', 'a', 'b'], [1, 2, 4, 3])).toBe(0);
    expect(epsilonSquared(['a', 'b', 'c'], [1, 2, 3])).toBeNull();
    expect(epsilonSquared(['a', 'a', 'a'], [1, 2, 3])).toBeNull();
  });
});
