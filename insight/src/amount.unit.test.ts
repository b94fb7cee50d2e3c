import { expect, test } from 'vitest';
import type { History, Row } from './history.ts';
import { learn, predict } from './learning.ts';
import { randomOf } from './numbers.ts';

/** A bell curve's numbers from the seed (Box and Muller 1958). */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Projects whose effort is 8 · size^0.9 · e^(0.4 · in Java) with noise. */
function powerLaw(count: number, seed: number, noise = 0.3): History {
  const random = randomOf(seed);
  const rows: Row[] = [];
  const outcomes: number[] = [];
  for (let i = 0; i < count; i++) {
    const size = Math.exp(5 + normal(random));
    const isJava = random() < 0.5;
    rows.push([size, isJava ? 'java' : 'other', random()]);
    outcomes.push(8 * size ** 0.9 * Math.exp((isJava ? 0.4 : 0) + noise * normal(random)));
  }
  const features = [
    { name: 'size', kind: 'numeric' },
    { name: 'language', kind: 'categorical' },
    { name: 'chance', kind: 'numeric' },
  ] as const;
  return { features, rows, outcomes, scale: 'amount' };
}

test('a power law of size with a category is found again', () => {
  const { model } = learn(powerLaw(120, 1, 0.05), 1);
  const [java, other] = predict(model, [
    [200, 'java', 0.5],
    [200, 'other', 0.5],
  ]);
  const law = 8 * 200 ** 0.9;
  expect(Math.abs(Math.log(java!.value / (law * Math.exp(0.4))))).toBeLessThan(0.1);
  expect(Math.abs(Math.log(other!.value / law))).toBeLessThan(0.1);
});

test('intervals hold about four outcomes of five, over many histories of 20 and of 60 projects', () => {
  for (const count of [20, 60]) {
    let held = 0;
    let asked = 0;
    for (let seed = 0; seed < 10; seed++) {
      const { model } = learn(powerLaw(count, seed), seed);
      const later = powerLaw(100, seed + 1000);
      predict(model, later.rows).forEach(({ low, high }, i) => {
        held += later.outcomes[i]! >= low && later.outcomes[i]! <= high ? 1 : 0;
        asked++;
      });
    }
    expect(held / asked).toBeGreaterThan(0.72);
    expect(held / asked).toBeLessThan(0.88);
  }
}, 60_000);
