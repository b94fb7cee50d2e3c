import { describe, expect, test } from 'vitest';
import { randomOf } from './numbers.ts';
import { calibrationError, marP0, scoreAmounts, scoreIntervals, scoreSuccess } from './scores.ts';

describe('amounts', () => {
  test('guessing another project errs by the mean over all pairs, exactly', () => {
    const random = randomOf(1);
    const outcomes = Array.from({ length: 40 }, () => Math.exp(3 * random()));
    const pairs = outcomes.flatMap((a, i) => outcomes.flatMap((b, j) => (i === j ? [] : [Math.abs(a - b)])));
    expect(marP0(outcomes.map(() => 0.1))).toBe(0);
    expect(marP0([1e308, 2, 1e308, 1])).toBeCloseTo((4 / 6) * 1e308, -300);
    expect(marP0(outcomes)).toBeCloseTo(pairs.reduce((sum, error) => sum + error, 0) / pairs.length, 10);
  });

  test('have the errors of their definitions', () => {
    expect(scoreAmounts([100, 200, 400, 100], [110, 100, 400, 180])).toEqual({
      n: 4,
      mae: 47.5,
      md_mre: expect.closeTo(0.3, 12),
      pred_25: 0.5,
      mar_p0: 500 / 3,
      sa: 1 - 47.5 / (500 / 3),
    });
  });

  test('that are all the same have no standardised accuracy, and of nothing no relative errors', () => {
    expect(scoreAmounts([5, 5, 5], [5, 5, 6])).toMatchObject({ sa: null, mar_p0: 0 });
    expect(scoreAmounts([0, 5, 5], [0, 5, 6])).toMatchObject({ md_mre: null, pred_25: null });
  });

  test('lie within intervals, ends included', () => {
    const intervals = [
      { value: 1, low: 0, high: 2 },
      { value: 1, low: 0, high: 4 },
      { value: 1, low: 2, high: 4 },
    ];
    expect(scoreIntervals([2, 5, 2], intervals)).toEqual({ coverage: 2 / 3, mean_width: 8 / 3, relative_width: 4 / 3 });
  });
});

describe('probabilities of success', () => {
  const certain = (value: number) => ({ value, low: value, high: value });

  test('have the scores of their definitions', () => {
    const scores = scoreSuccess([1, 0, 1, 0], [0.9, 0.1, 0.4, 0.4].map(certain));
    expect(scores).toMatchObject({ n: 4, base_rate_brier: 0.25, auc: 3.5 / 4 });
    expect(scores.brier).toBeCloseTo((0.01 + 0.01 + 0.36 + 0.16) / 4, 12);
    expect(scores.calibration_error).toBeCloseTo((0.1 + 0.1 + 0.2) / 4, 12);
  });

  test('of one class have no AUC', () => {
    expect(scoreSuccess([1, 1], [0.5, 1].map(certain)).auc).toBeNull();
  });

  test('that are true have little calibration error, and exaggerated ones much', () => {
    const random = randomOf(3);
    const chances = Array.from({ length: 5000 }, random);
    const outcomes = chances.map((chance) => (random() < chance ? 1 : 0));
    expect(calibrationError(outcomes, chances)).toBeLessThan(0.03);
    expect(
      calibrationError(
        outcomes,
        chances.map((chance) => (chance < 0.5 ? 0 : 1)),
      ),
    ).toBeGreaterThan(0.2);
  });
});
