import { expect, test } from 'vitest';
import { driftOf, type Spread, spreadsOf } from './drift.ts';
import type { Feature, Value } from './history.ts';

/** Uniform from 0 to 1, the same each time (a linear congruential generator of Numerical Recipes). */
function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (1664525 * state + 1013904223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

const spreadOf = (kind: Feature['kind'], values: readonly Value[]): Spread =>
  spreadsOf(
    [{ name: 'f', kind }],
    values.map((value) => [value]),
  )[0] as Spread;

test('of the same values the index is 0, and of few it says nothing', () => {
  const values = Array.from({ length: 100 }, (_, at) => at);
  expect(driftOf(spreadOf('numeric', values), values)?.psi).toBe(0);
  expect(driftOf(spreadOf('numeric', values), values.slice(0, 9))).toBeUndefined();
});

test.each(['numeric', 'categorical', 'date'] as const)(
  'chance alone exceeds the threshold of %s values about once in twenty',
  (kind) => {
    const random = uniform(7);
    const draw = (): Value => {
      if (random() < 0.1) return null;
      if (kind === 'numeric') return Math.exp(random() * 5);
      if (kind === 'date') return new Date(Math.floor(1.7e12 + random() * 1e11)).toISOString().slice(0, 10);
      return 'abcde'[Math.floor(random() * 5)] as string;
    };
    let above = 0;
    const rounds = 2_000;
    for (let round = 0; round < rounds; round += 1) {
      const spread = spreadOf(kind, Array.from({ length: 150 }, draw));
      const drift = driftOf(spread, Array.from({ length: 100 }, draw));
      if (drift && drift.psi > drift.threshold) above += 1;
    }
    expect(above / rounds).toBeGreaterThan(0.02);
    expect(above / rounds).toBeLessThan(0.08);
  },
);

test('other values, new categories and missing ones are seen', () => {
  const small = Array.from({ length: 100 }, (_, at) => at % 10);
  const drifted = (kind: Feature['kind'], then: readonly Value[], now: readonly Value[]) => {
    const { psi, threshold } = driftOf(spreadOf(kind, then), now) as { psi: number; threshold: number };
    return psi > threshold;
  };
  expect(
    drifted(
      'numeric',
      small,
      Array.from({ length: 20 }, () => 50),
    ),
  ).toBe(true);
  expect(
    drifted(
      'numeric',
      small,
      Array.from({ length: 20 }, () => null),
    ),
  ).toBe(true);
  const ab = Array.from({ length: 50 }, (_, at) => 'ab'[at % 2] as string);
  expect(
    drifted(
      'categorical',
      ab,
      Array.from({ length: 20 }, () => 'c'),
    ),
  ).toBe(true);
  expect(spreadsOf([{ name: 'f', kind: 'text' }], [['a']])).toEqual([null]);
});
