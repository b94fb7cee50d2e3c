import { expect, test } from 'vitest';
import { cellOf, statisticsOf } from './cells.ts';

const of = (...values: number[]) => statisticsOf(values.map(cellOf));

test('percentiles are values of the set, by nearest rank', () => {
  expect(of(30, 10, 20, 40)).toEqual({
    count: 4,
    sum: 100,
    mean: 25,
    min: 10,
    max: 40,
    p50: 20,
    p90: 40,
    p95: 40,
  });
  const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);
  expect(of(...upTo(100))).toMatchObject({ p50: 50, p90: 90, p95: 95 });
  expect(of(...upTo(20))).toMatchObject({ p50: 10, p90: 18, p95: 19 });
  expect(of(7)).toMatchObject({ p50: 7, p90: 7, p95: 7 });
});

test('a cell of many values counts for all of them', () => {
  const cells = [
    { bucket: 2, count: 90, sum: 900, min: 10, max: 10 },
    { bucket: 3, count: 10, sum: 205, min: 20, max: 21 },
    { bucket: -1, count: 1, sum: -3, min: -3, max: -3 },
  ];
  expect(statisticsOf(cells)).toMatchObject({ count: 101, sum: 1102, min: -3, max: 21, p50: 10, p90: 10, p95: 20.5 });
});

test('no values have no mean and no percentile', () => {
  expect(of()).toEqual({ count: 0, sum: 0, mean: null, min: null, max: null, p50: null, p90: null, p95: null });
});
