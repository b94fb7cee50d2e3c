import { expect, test } from 'vitest';
import { trendOf } from './trend.ts';

const series = (...values: number[]) => values.map((y, x) => ({ x, y }));

test('a trend is the median of the slopes between all pairs', () => {
  // Slopes of (0,1) (1,2) (2,4): 1, 1.5, 2.
  expect(trendOf(series(1, 2, 4))?.slope).toBe(1.5);
  // Places without a value count: slopes 2/4, 3/5, 1/1.
  expect(
    trendOf([
      { x: 0, y: 1 },
      { x: 4, y: 3 },
      { x: 5, y: 4 },
    ])?.slope,
  ).toBe(0.6);
});

test('one wild value does not move a trend', () => {
  expect(trendOf(series(1, 2, 3, 4, 1000, 6, 7, 8, 9, 10))).toMatchObject({ slope: 1, direction: 'rising' });
});

test('the interval of a trend is Sen’s, rounded outwards', () => {
  // n = 5: N = 10, Var(S) = 5·4·15/18 = 16.67, C = 8.00; (10 − 8) / 2 = 0.998, the 0th slope: there is none.
  expect(trendOf(series(1, 3, 2, 5, 4))?.interval).toBeNull();
  // n = 6: N = 15, Var(S) = 6·5·17/18 = 28.33, C = 10.43; the 2nd and the 14th.
  const told = trendOf(series(1, 2, 3, 4, 5, 7));
  // In order: ten times 1, then 6/5, 5/4, 4/3, 3/2, 2.
  expect(told).toEqual({ slope: 1, interval: { low: 1, high: 1.5 }, direction: 'rising', points: 6 });
});

test('equal values are level, and have no doubt', () => {
  expect(trendOf(series(4, 4, 4))).toEqual({ slope: 0, interval: { low: 0, high: 0 }, direction: 'level', points: 3 });
});

test('too few points have no trend, and few have no interval', () => {
  expect(trendOf(series())).toBeNull();
  expect(trendOf(series(1, 2))).toBeNull();
  expect(trendOf(series(1, 2, 3))).toEqual({ slope: 1, interval: null, direction: 'unclear', points: 3 });
});

test('what goes up and down again is unclear, and what falls is falling', () => {
  expect(trendOf(series(1, 5, 2, 6, 1, 5, 2, 6))?.direction).toBe('unclear');
  expect(trendOf(series(9, 8, 7, 6, 5, 4, 3))?.direction).toBe('falling');
});
