import { describe, expect, test, vi } from 'vitest';
import { contributionsOf, importancesOf, learnBackground, similarTo, unfamiliarIn } from './explain.ts';
import type { History, Row, Scale } from './history.ts';
import { learn, predict } from './learning.ts';
import { randomOf } from './numbers.ts';

// Several histories are learned from.
vi.setConfig({ testTimeout: 60_000 });

const features = [
  { name: 'size', kind: 'numeric' },
  { name: 'noise', kind: 'numeric' },
  { name: 'team', kind: 'categorical' },
  { name: 'began', kind: 'date' },
] as const;

const every = new Set(features.map((_, feature) => feature));

function simulated(count: number, scale: Scale): History {
  const random = randomOf(1);
  const rows = Array.from({ length: count }, (): Row => {
    const day = `2026-0${1 + Math.floor(9 * random())}-15`;
    return [Math.exp(3 * random()), random() < 0.1 ? null : random(), random() < 0.5 ? 'a' : 'b', day];
  });
  const outcomes = rows.map(([size, , team]) => {
    const effort = 50 * Number(size) * (team === 'a' ? 1 : 2) * Math.exp(0.4 * (random() - 0.5));
    return scale === 'amount' ? effort : scale === 'score' ? Math.max(0, 100 - effort / 20) : Number(effort < 400);
  });
  return { features, rows, outcomes, scale };
}

describe('contributions', () => {
  const background = learnBackground(simulated(50, 'amount'), []);

  test('are those of a sum where effects add, whatever the order', () => {
    const estimate = ([size, , team]: Row) => 3 * Number(size) + (team === 'a' ? 1 : 5);
    const row: Row = [7, 0.5, 'a', '2026-01-01'];
    const { typical, effects } = contributionsOf(background, row, estimate, every);
    expect(typical).toBe(estimate(background.typical));
    expect(effects[0]).toBeCloseTo(3 * (7 - Number(background.typical[0])), 9);
    expect(effects[1]).toBeCloseTo(0, 9);
    expect(effects[2]).toBeCloseTo(background.typical[2] === 'a' ? 0 : -4, 9);
  });

  test('of two features that only matter together are halves', () => {
    const estimate = ([size, , team]: Row) => (Number(size) > 1000 && team === 'c' ? 10 : 0);
    expect(
      contributionsOf(background, [2000, background.typical[1]!, 'c', background.typical[3]!], estimate, every).effects,
    ).toEqual([5, 0, 5, 0]);
  });

  test.each(['amount', 'score', 'success'] as const)(
    'lead exactly from the typical project to the estimate: %s',
    (scale) => {
      const history = simulated(60, scale);
      const { model } = learn(history, 1);
      const rows: Row[] = [...history.rows.slice(0, 10), [1e6, null, 'new', '2031-01-01'], [null, null, null, null]];
      for (const { value, typical, contributions } of predict(model, rows)) {
        const end = contributions.reduce(
          (sum, { effect }) => (scale === 'amount' ? sum * effect : sum + effect),
          typical,
        );
        expect(end / value).toBeCloseTo(1, 9);
        expect(contributions.map(({ feature }) => feature)).toEqual([0, 1, 2, 3]);
      }
    },
  );

  test('say what drives an estimate, and in which direction', () => {
    const { model } = learn(simulated(60, 'amount'), 1);
    const [large, small] = predict(model, [
      [20, 0.5, 'b', '2026-05-15'],
      [1.2, 0.5, 'a', '2026-05-15'],
    ]);
    const effects = (prediction: typeof large) => prediction!.contributions.map(({ effect }) => effect);
    expect(effects(large)[0]).toBeGreaterThan(1.8);
    expect(effects(small)[0]).toBeLessThan(0.6);
    expect(Math.abs(Math.log(effects(large)[1]!))).toBeLessThan(0.3);
  });
});

describe('what estimates rest on', () => {
  test('is most the feature that matters most', () => {
    const { quality } = learn(simulated(60, 'amount'), 1);
    const [size, noise, team] = quality.importances.map(({ importance }) => importance);
    expect(size).toBeGreaterThan(0.5);
    expect(team).toBeGreaterThan(noise!);
    expect(quality.importances.reduce((sum, { importance }) => sum + importance, 0)).toBeCloseTo(1, 9);
  });

  test('is nothing where no feature makes a difference', () => {
    expect(importancesOf(simulated(20, 'amount'), 1, () => 1, every)).toEqual([0, 0, 0, 0]);
  });

  test('are observed shares near the expected ones', () => {
    for (const scale of ['amount', 'score', 'success'] as const) {
      const { calibration } = learn(simulated(100, scale), 1).quality;
      expect(calibration.length).toBeGreaterThan(5);
      for (const { expected, observed } of calibration) expect(Math.abs(expected - observed)).toBeLessThan(0.3);
    }
  });
});

describe('similar projects', () => {
  const history = simulated(60, 'amount');

  test('are the five nearest, first the project itself where it is among them', () => {
    const { model } = learn(history, 1);
    const [found] = predict(model, [history.rows[7]!]);
    expect(found!.similar).toHaveLength(5);
    expect(found!.similar[0]!.row).toBe(7);
    expect(found!.similar[0]!.similarity).toBeGreaterThan(0.99);
    const similarities = found!.similar.map(({ similarity }) => similarity);
    expect(similarities).toEqual(similarities.toSorted((a, b) => b - a));
    expect(similarities.every((similarity) => similarity >= 0 && similarity <= 1)).toBe(true);
  });

  test('are alike in what is important', () => {
    const background = learnBackground(history, [0, 0, 1, 0]);
    for (const { row, similarity } of similarTo(background, [500, null, 'a', null])) {
      expect(history.rows[row]![2]).toBe('a');
      expect(similarity).toBeCloseTo(1, 3);
    }
  });

  test('are those there are where few are finished', () => {
    const { model } = learn({ ...history, rows: history.rows.slice(0, 3), outcomes: history.outcomes.slice(0, 3) }, 1);
    expect(predict(model, [history.rows[0]!])[0]!.similar.map(({ row }) => row)).toHaveLength(3);
  });
});

describe('confidence', () => {
  test('is less where a feature is unfamiliar, which is named', () => {
    const history = simulated(60, 'amount');
    const { model } = learn(history, 1);
    const [usual, otherTeam, later] = predict(model, [
      [5, 0.5, 'a', '2026-05-15'],
      [5, 0.5, 'zebra', '2026-05-15'],
      [5e6, 0.5, 'a', '2036-05-15'],
    ]);
    expect(usual!.unfamiliar).toEqual([]);
    expect(otherTeam!.unfamiliar).toEqual([2]);
    expect(later!.unfamiliar).toEqual([0, 3]);
    expect(usual!.confidence).toBeGreaterThan(otherTeam!.confidence);
    expect(otherTeam!.confidence).toBeGreaterThan(later!.confidence);
    expect(usual!.confidence).toBeLessThanOrEqual(1);
    expect(later!.confidence).toBeGreaterThanOrEqual(0);
    expect(unfamiliarIn(model.background, [null, null, null, null])).toEqual([]);
  });

  test('is near nothing where nothing foretells the outcome', () => {
    const { rows, ...rest } = simulated(60, 'amount');
    const random = randomOf(3);
    const { model } = learn({ ...rest, rows, outcomes: rows.map(() => Math.exp(3 * random())) }, 1);
    for (const { confidence } of predict(model, rows.slice(0, 5))) expect(confidence).toBeLessThan(0.3);
  });
});

test('a prediction by 500 projects with 15 features takes milliseconds', () => {
  const random = randomOf(1);
  const many = Array.from({ length: 15 }, (_, at) => ({ name: `x${at}`, kind: 'numeric' as const }));
  const rows = Array.from({ length: 500 }, () => many.map(() => Math.exp(random())));
  const { model } = learn(
    { features: many, rows, outcomes: rows.map(([x]) => x! * Math.exp(random())), scale: 'amount' },
    1,
  );
  predict(model, rows.slice(0, 20));
  const times = rows.slice(20, 60).map((row) => {
    const began = performance.now();
    predict(model, [row]);
    return performance.now() - began;
  });
  // The fastest: other work on the machine slows the rest.
  expect(Math.min(...times)).toBeLessThan(10);
});
