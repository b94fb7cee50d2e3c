import { expect, test } from 'vitest';
import { besideHuman, trustBesideHuman } from './blend.ts';
import type { Point } from './learners/learner.ts';
import { randomOf } from './numbers.ts';

const random = randomOf(5);
const noise = (size: number): number => size * (random() + random() - 1);

/** Finished projects, by how much a human misses their logarithms and by how much the learners do. */
function trustOf(count: number, human: (row: number) => number, learners: (row: number) => number): number {
  const outcomes = Float64Array.from({ length: count }, () => 3 + noise(2));
  const points = Array.from(
    outcomes,
    (outcome, row): Point => ({
      logs: new Float64Array(),
      plain: new Float64Array(),
      estimate: outcome + human(row),
      isEstimated: true,
    }),
  );
  return trustBesideHuman(
    outcomes.map((outcome, row) => outcome + learners(row)),
    { points, outcomes },
  );
}

test('learners that are as good as a human count for half, those ahead beyond doubt for all, and those behind for nothing', () => {
  const alike = trustOf(
    60,
    (row) => (row % 2 === 0 ? 0.3 : -0.3),
    (row) => (row % 2 === 0 ? -0.3 : 0.3),
  );
  expect(alike).toBeGreaterThan(0.3);
  expect(alike).toBeLessThan(0.6);
  expect(
    trustOf(
      60,
      () => noise(1),
      () => noise(0.2),
    ),
  ).toBeGreaterThan(0.97);
  expect(
    trustOf(
      60,
      () => noise(0.2),
      () => noise(1),
    ),
  ).toBeLessThan(0.01);
});

test('learners that are ahead on small projects alone do not take a human’s place', () => {
  const isGiant = (row: number) => row % 10 === 0;
  const human = (row: number) => (isGiant(row) ? 0 : 0.2);
  const outcomes = Float64Array.from({ length: 60 }, (_, row) => (isGiant(row) ? 9 : 1));
  const points = Array.from(
    outcomes,
    (outcome, row): Point => ({
      logs: new Float64Array(),
      plain: new Float64Array(),
      estimate: outcome + human(row),
      isEstimated: true,
    }),
  );
  const together = outcomes.map((outcome, row) => outcome + (isGiant(row) ? 0.3 : 0));
  expect(trustBesideHuman(together, { points, outcomes })).toBeLessThan(0.1);
});

test('where nobody estimated the learners are believed alone', () => {
  const blend = { within: [1], beyond: [1], from: 0, to: 1, trust: 0.25 };
  const point = { logs: new Float64Array(), plain: new Float64Array(), estimate: 2, isEstimated: false };
  expect(besideHuman(blend, 4, point)).toBe(4);
  expect(besideHuman(blend, 4, { ...point, isEstimated: true })).toBe(2.5);
});
