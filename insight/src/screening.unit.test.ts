import { expect, test } from 'vitest';
import type { History } from './history.ts';
import { learn, predict } from './learning.ts';
import { mean, randomOf } from './numbers.ts';
import { mostColumns, screened } from './screening.ts';

/** Histories of hundreds of columns are learned from. */
const patience = 60_000;

function wide(count: number, columns: number, scale: 'amount' | 'success' = 'amount', seed = 1): History {
  const random = randomOf(seed);
  const rows = Array.from({ length: count }, () => Array.from({ length: columns }, () => Math.exp(2 * random())));
  return {
    features: Array.from({ length: columns }, (_, at) => ({ name: `x${at}`, kind: 'numeric' })),
    rows,
    outcomes: rows.map((row) =>
      scale === 'amount' ? 9 * row[70]! ** 1.5 * Math.exp(0.3 * random()) : Number(row[70]! + random() > 3.5),
    ),
    scale,
  };
}

test('of few columns all count', () => {
  expect(screened([new Float64Array(mostColumns)], new Float64Array(1), [0])).toBeNull();
});

test('columns are chosen by the projects that are kept, whatever came of the others', () => {
  const { rows, outcomes } = wide(80, 90);
  const vectors = rows.map((row) => Float64Array.from(row as number[]));
  const kept = Array.from({ length: 60 }, (_, row) => row);
  const targets = Float64Array.from(outcomes);
  const chosen = screened(vectors, targets, kept);
  expect(chosen).toHaveLength(mostColumns);
  expect(chosen).toContain(70);
  const others = targets.map((target, row) => (row < 60 ? target : -1000 * target * vectors[row]![3]!));
  expect(screened(vectors, others, kept)).toEqual(chosen);
});

test.each(['amount', 'success'] as const)(
  'of two hundred columns the one that matters is found: %s',
  (scale) => {
    const { model, quality } = learn(wide(120, 200, scale), 1);
    const most = quality.importances.reduce((best, each) => (each.importance > best.importance ? each : best));
    expect(most.feature).toBe(70);
    const later = wide(100, 200, scale, 2);
    const found = predict(model, later.rows);
    const typical = scale === 'amount' ? model.median : mean(later.outcomes);
    const missOf = (values: readonly number[]) => mean(values.map((value, at) => (value - later.outcomes[at]!) ** 2));
    expect(missOf(found.map(({ value }) => value))).toBeLessThan(0.8 * missOf(later.outcomes.map(() => typical)));
    const { contributions, value, typical: start } = found[0]!;
    const whole = contributions.reduce((all, { effect }) => (scale === 'amount' ? all * effect : all + effect), start);
    expect(whole / value).toBeCloseTo(1, 9);
  },
  patience,
);
