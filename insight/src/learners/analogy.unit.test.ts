import { expect, test } from 'vitest';
import { mean, randomOf } from '../numbers.ts';
import { analogy } from './analogy.ts';
import type { Point, Sample } from './learner.ts';

function pointOf(logs: readonly number[], estimate: number | null = null): Point {
  const vector = Float64Array.from(logs);
  return { logs: vector, plain: vector, estimate, isEstimated: estimate !== null };
}

/** Two groups of projects, with as many columns of chance as are wished. */
function groups(count: number, noise: number, seed = 1): Sample {
  const random = randomOf(seed);
  const isLarge = Array.from({ length: count }, () => random() < 0.5);
  return {
    points: isLarge.map((large) => pointOf([large ? 1 : -1, ...Array.from({ length: noise }, () => 2 * random() - 1)])),
    outcomes: Float64Array.from(isLarge, (large) => (large ? 5 : 1) + 0.2 * (random() - 0.5)),
  };
}

const rowsOf = ({ points }: Sample): number[] => points.map((_, row) => row);

test('a project is expected to be as those like it, in what matters', () => {
  const sample = groups(60, 8);
  const settings = analogy.settle(sample, randomOf(1), null);
  const fit = analogy.fit(sample, rowsOf(sample), settings);
  const noise = new Array<number>(8).fill(0.9);
  expect(analogy.predict(pointOf([1, ...noise]), fit, settings)).toBeCloseTo(5, 0);
  expect(analogy.predict(pointOf([-1, ...noise]), fit, settings)).toBeCloseTo(1, 0);
});

test('a project that is left out is not asked', () => {
  const sample = groups(30, 1);
  const odd: Sample = { ...sample, outcomes: sample.outcomes.with(7, 100) };
  const settings = { ...analogy.settle(sample, randomOf(1), null), count: 1 };
  const with7 = analogy.fit(odd, rowsOf(odd), settings);
  const without7 = analogy.fit(
    odd,
    rowsOf(odd).filter((row) => row !== 7),
    settings,
  );
  expect(analogy.predict(odd.points[7]!, with7, settings)).toBeCloseTo(100, 5);
  expect(analogy.predict(odd.points[7]!, without7, settings)).toBeLessThan(6);
});

test('where a human estimates, it is his error that is taken from those alike', () => {
  const sample = groups(40, 0);
  const estimated: Sample = {
    points: sample.points.map(({ logs }, row) => pointOf([...logs], row / 10)),
    outcomes: sample.outcomes.map((outcome, row) => outcome + row / 10),
  };
  const settings = analogy.settle(estimated, randomOf(1), null);
  const fit = analogy.fit(estimated, rowsOf(estimated), settings);
  expect(analogy.predict(pointOf([1], 7), fit, settings)).toBeCloseTo(12, 0);
});

test('of many projects some stand for all', () => {
  const sample = groups(700, 2);
  const settings = analogy.settle(sample, randomOf(1), null);
  expect(settings.inputs).toHaveLength(300);
  const fit = analogy.fit(sample, rowsOf(sample), settings);
  const misses = sample.points.map((point, row) =>
    Math.abs(analogy.predict(point, fit, settings) - sample.outcomes[row]!),
  );
  expect(mean(misses)).toBeLessThan(0.2);
});
