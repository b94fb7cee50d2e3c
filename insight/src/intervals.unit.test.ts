import { expect, test } from 'vitest';
import { crossValidationPlus, leftOut, type Spread } from './intervals.ts';

/** Residuals of 1 to `count`, one for each fold, of a history where size is of no matter. */
const spreadOf = (count: number): Spread => ({
  shift: 0,
  centre: 0,
  deviation: 1,
  slope: 0,
  residuals: Array.from({ length: count }, (_, at) => ({ fold: at, distance: at + 1 })),
});

// 0.2 (n + 1) is whole for 9, 14 and 49 projects, which 1 - 0.8 in binary fractions falls short of.
test.each([
  [3, 3],
  [9, 8],
  [12, 11],
  [14, 12],
  [49, 40],
  [50, 41],
])('of %i projects an interval goes to the votes of place %i from either side', (count, place) => {
  const estimates = new Array<number>(count).fill(0);
  expect(crossValidationPlus(spreadOf(count), estimates, 0, 0.8)).toEqual({ low: -place, high: place });
  expect(leftOut(spreadOf(count), 0.8)(0)).toEqual({ low: -place, high: place });
});
