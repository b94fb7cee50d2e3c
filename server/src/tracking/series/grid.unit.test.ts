import { expect, test } from 'vitest';
import { bucketOf, gridFor, startOf } from './grid.ts';

const { MAX_VALUE, MIN_VALUE } = Number;

test.each([
  ['even', 1, 1.0000000000000002],
  ['even', 1e300, 1.0000000000000002e300],
  ['even', -MAX_VALUE, MAX_VALUE],
  ['even', 0, MIN_VALUE],
  ['even', 5, 5],
  ['even', 1e300, 1e300],
  ['log', 1, 1.0000000000000002],
  ['log', MIN_VALUE, MAX_VALUE],
  ['log', 3, 3],
  ['log', -2, -1],
] as const)(
  'a %s grid from %d to %d has exact numbers of buckets, and no more of them than asked for',
  (spacing, start, end) => {
    for (const buckets of [2, 500, 4000]) {
      const grid = gridFor(start, end, buckets, spacing, 0);
      expect(Number.isFinite(grid.width) && grid.width > 0).toBe(true);
      if (end < 0 && spacing === 'log') continue;
      const [first, last] = [bucketOf(grid, start), bucketOf(grid, end)];
      expect(Number.isSafeInteger(first) && Number.isSafeInteger(last)).toBe(true);
      expect(last - first).toBeLessThanOrEqual(buckets + 1);
      for (const bucket of [first, last]) expect(Number.isFinite(startOf(grid, bucket))).toBe(true);
    }
  },
);

test('a grid where nothing lies between its ends has the width 1', () => {
  expect(gridFor(5, 5, 500, 'even', 0).width).toBe(1);
  expect(gridFor(0, 0, 500, 'log', 0).width).toBe(1);
});
