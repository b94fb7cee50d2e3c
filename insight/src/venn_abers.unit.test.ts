import { expect, test } from 'vitest';
import { randomOf } from './numbers.ts';
import { type Scored, vennAbers } from './venn_abers.ts';

test('the two probabilities are isotonic regressions with the project as a failure and as a success', () => {
  const scored: Scored[] = [0, 1, 0, 1, 1].map((outcome, at) => ({ score: at / 10, outcome }));
  // As a failure at 0.25 it is pooled with 0.1 and 0.2; as a success it is a step of its own with those above.
  const { low, high } = vennAbers(scored, 0.25);
  expect(low).toBeCloseTo(1 / 3, 12);
  expect(high).toBe(1);
  expect(vennAbers(scored, -1)).toEqual({ low: 0, high: 0.5 });
  expect(vennAbers(scored, 2).high).toBe(1);
});

test('scores that are the same have the same probability', () => {
  const scored: Scored[] = [1, 0, 0, 1].map((outcome) => ({ score: 0.5, outcome }));
  expect(vennAbers(scored, 0.5)).toEqual({ low: 2 / 5, high: 3 / 5 });
});

test('the probabilities enclose what came of projects of like score', () => {
  const random = randomOf(1);
  const scored = Array.from({ length: 2000 }, () => {
    const score = random();
    return { score, outcome: random() < score ** 2 ? 1 : 0 };
  }).sort((a, b) => a.score - b.score);
  for (const score of [0.2, 0.5, 0.8]) {
    const { low, high } = vennAbers(scored, score);
    expect(low).toBeLessThanOrEqual(high);
    expect((low + high) / 2).toBeCloseTo(score ** 2, 0.8);
    expect(high - low).toBeLessThan(0.1);
  }
});
