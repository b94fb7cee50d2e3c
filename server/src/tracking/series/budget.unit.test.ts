import { expect, test } from 'vitest';
import { ReadBudget } from './budget.ts';

const extentOf = (points: number) => ({
  run_id: 'a'.repeat(32),
  points,
  first_step: 0,
  last_step: points,
  first_timestamp: 0,
  last_timestamp: points,
});

test('what one call reads and answers is bounded over all of its metrics, with a sentence that says what to do', () => {
  expect(() => new ReadBudget().takePoints([5_000_001])).toThrow('choose a narrower range');
  const points = new ReadBudget();
  for (let metric = 0; metric < 6; metric += 1) points.takePoints([5_000_000]);
  expect(() => points.takePoints([1])).toThrow('choose fewer runs');
  const cells = new ReadBudget();
  for (let metric = 0; metric < 10; metric += 1) cells.takeCells(new Array(100).fill(extentOf(1e6)), 1000);
  // A short series has no more buckets than points.
  expect(() => cells.takeCells([extentOf(1)], 1000)).toThrow('choose fewer runs, metrics or buckets');
});
