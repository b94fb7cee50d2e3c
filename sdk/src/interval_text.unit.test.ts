import { expect, test } from 'vitest';
import { drawIntervals } from './interval_text.ts';

test('intervals are drawn over one axis that begins at 0', () => {
  const estimates = [
    { low: 20, value: 40, high: 100 },
    { low: 50, value: 60, high: 80 },
  ];
  expect(drawIntervals(estimates, { width: 11, utf8: true })).toEqual(['  ├─●─────┤', '     ├●─┤']);
  expect(drawIntervals(estimates, { width: 11, utf8: false })).toEqual(['  |-o-----|', '     |o-|']);
  expect(drawIntervals(estimates.slice(1), { width: 11, utf8: true, end: 100 })).toEqual(['     ├●─┤']);
});

test('what has no width is drawn as its value, also below 0 and where all is 0', () => {
  expect(drawIntervals([{ low: 5, value: 5, high: 5 }], { width: 6, utf8: true })).toEqual(['     ●']);
  expect(drawIntervals([{ low: 0, value: 0, high: 0 }], { width: 6, utf8: true })).toEqual(['●']);
  expect(drawIntervals([{ low: -5, value: 0, high: 5 }], { width: 11, utf8: true })).toEqual(['├────●────┤']);
});
