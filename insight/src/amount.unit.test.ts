import { expect, test } from 'vitest';
import type { Feature, History, Row } from './history.ts';
import { learn, predict } from './learning.ts';
import { median, randomOf } from './numbers.ts';

/** Learning is computing alone: a minute is for a machine with much else to do. */
const patience = 60_000;

/** A bell curve's numbers from the seed (Box and Muller 1958). */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

const features: readonly Feature[] = [
  { name: 'size', kind: 'numeric' },
  { name: 'language', kind: 'categorical' },
  { name: 'chance', kind: 'numeric' },
];

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
  return { features, rows, outcomes, scale: 'amount' };
}

/** The same, with a human who sees most of what the features do not tell. */
function withHuman(count: number, seed: number): History {
  const history = powerLaw(count, seed, 0.8);
  const random = randomOf(seed + 77);
  return {
    ...history,
    features: [...features, { name: 'estimate', kind: 'numeric' }],
    rows: history.rows.map((row, i) => [...row, history.outcomes[i]! * Math.exp(0.15 * normal(random))]),
    estimate: 3,
  };
}

function meanError(values: readonly number[], outcomes: readonly number[]): number {
  return values.reduce((sum, value, i) => sum + Math.abs(value - outcomes[i]!), 0) / values.length;
}

function everyEstimateIsSane(history: History, rows: readonly Row[]): void {
  const { model } = learn(history, 1);
  for (const { value, low, high } of predict(model, rows)) {
    expect(value).toBeGreaterThan(0);
    expect(Number.isFinite(high)).toBe(true);
    expect(low).toBeGreaterThan(0);
    expect(low).toBeLessThanOrEqual(value);
    expect(high).toBeGreaterThanOrEqual(value);
  }
}

test(
  'a power law of size with a category is found again',
  () => {
    const { model } = learn(powerLaw(120, 1, 0.05), 1);
    const [java, other] = predict(model, [
      [200, 'java', 0.5],
      [200, 'other', 0.5],
    ]);
    const law = 8 * 200 ** 0.9;
    expect(Math.abs(Math.log(java!.value / (law * Math.exp(0.4))))).toBeLessThan(0.1);
    expect(Math.abs(Math.log(other!.value / law))).toBeLessThan(0.1);
  },
  patience,
);

test(
  'intervals hold about four outcomes of five, over many histories of 20 and of 60 projects',
  () => {
    for (const count of [20, 60]) {
      let held = 0;
      let asked = 0;
      for (let seed = 0; seed < 8; seed++) {
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
  },
  patience,
);

test(
  'where a human estimates well, the estimates are not made worse than his',
  () => {
    const history = withHuman(60, 3);
    const later = withHuman(100, 4);
    const values = predict(learn(history, 1).model, later.rows).map(({ value }) => value);
    const human = later.rows.map((row) => Number(row[3]));
    expect(meanError(values, later.outcomes)).toBeLessThan(1.05 * meanError(human, later.outcomes));
  },
  patience,
);

test(
  'an estimate beyond all that was seen is followed',
  () => {
    const history = withHuman(40, 5);
    const giant = 30 * Math.max(...history.outcomes);
    const [first] = predict(learn(history, 1).model, [[1e6, 'java', 0.5, giant]]);
    expect(first!.value).toBeGreaterThan(giant / 3);
    expect(first!.high).toBeGreaterThanOrEqual(first!.value);
  },
  patience,
);

test(
  'one giant project leaves the estimates of usual ones where they were',
  () => {
    const history = powerLaw(60, 6, 0.2);
    const usual: Row[] = [
      [100, 'java', 0.5],
      [200, 'other', 0.5],
    ];
    const without = predict(learn(history, 1).model, usual);
    const giant = 500 * median(history.outcomes);
    const withGiant = predict(
      learn({ ...history, rows: [...history.rows, [150, 'other', 0.5]], outcomes: [...history.outcomes, giant] }, 1)
        .model,
      usual,
    );
    for (const [i, { value }] of withGiant.entries()) {
      expect(Math.abs(Math.log(value / without[i]!.value))).toBeLessThan(0.35);
    }
  },
  patience,
);

test(
  'twelve projects, constant columns, a column that is never known and duplicates are answered sensibly',
  () => {
    const { rows, outcomes } = powerLaw(6, 7);
    const awkward: History = {
      features: [...features, { name: 'constant', kind: 'numeric' }, { name: 'never', kind: 'date' }],
      rows: [...rows, ...rows].map((row) => [...row, 7, null]),
      outcomes: [...outcomes, ...outcomes],
      scale: 'amount',
    };
    everyEstimateIsSane(awkward, awkward.rows);
    everyEstimateIsSane({ ...awkward, outcomes: awkward.outcomes.map(() => 5) }, awkward.rows);
    everyEstimateIsSane({ ...awkward, features: [], rows: awkward.rows.map(() => []) }, [[]]);
  },
  patience,
);

test(
  'values that are missing, no numbers, or of a category never seen are answered sensibly',
  () => {
    const history = powerLaw(40, 8);
    const holes = history.rows.map((row, i) => row.map((value, j) => ((i + j) % 4 === 0 ? null : value)));
    const rows: Row[] = [
      [null, null, null],
      [Number.NaN, 'cobol', Number.POSITIVE_INFINITY],
      ['many', '', -1],
      [0, 'java', 1e300],
    ];
    everyEstimateIsSane(history, rows);
    everyEstimateIsSane({ ...history, rows: holes }, rows);
  },
  patience,
);

test(
  'a human estimate that is missing or 0 in some projects is answered sensibly',
  () => {
    const history = withHuman(30, 9);
    const holes = history.rows.map((row, i) => (i % 3 === 0 ? row.with(3, i % 2 === 0 ? null : 0) : row));
    everyEstimateIsSane({ ...history, rows: holes }, [...holes.slice(0, 4), [100, 'java', 0.5, null]]);
    everyEstimateIsSane({ ...history, rows: history.rows.map((row) => row.with(3, null)) }, [[100, 'java', 0.5, 9]]);
  },
  patience,
);

test(
  'days and texts are features too',
  () => {
    const { rows, outcomes } = powerLaw(30, 10);
    const dated: History = {
      features: [{ name: 'start', kind: 'date' }, { name: 'description', kind: 'text' }, ...features],
      rows: rows.map((row, i) => [`2025-0${1 + (i % 9)}-11`, 'x'.repeat(1 + (i % 7)), ...row]),
      outcomes,
      scale: 'amount',
    };
    everyEstimateIsSane(dated, [
      ['2026-11-26', 'a longer text', 100, 'java', 0.5],
      ['no day', null, 100, 'java', 0.5],
    ]);
  },
  patience,
);

test(
  'the same history and seed give the same model, and a model is the same once stored and read',
  () => {
    const history = powerLaw(30, 11);
    const { model } = learn(history, 5);
    expect(learn(history, 5).model).toEqual(model);
    const stored = JSON.parse(JSON.stringify(model));
    expect(predict(stored, history.rows)).toEqual(predict(model, history.rows));
  },
  patience,
);

test(
  'another unit of the outcome, and of its estimate, changes estimates by exactly its factor',
  () => {
    const history = withHuman(30, 12);
    const minutes: History = {
      ...history,
      rows: history.rows.map((row) => row.with(3, 60 * Number(row[3]))),
      outcomes: history.outcomes.map((outcome) => 60 * outcome),
    };
    const inHours = predict(learn(history, 1).model, history.rows);
    const inMinutes = predict(learn(minutes, 1).model, minutes.rows);
    for (const [i, { value, low, high }] of inMinutes.entries()) {
      expect(value / 60 / inHours[i]!.value).toBeCloseTo(1, 3);
      expect(low / 60 / inHours[i]!.low).toBeCloseTo(1, 3);
      expect(high / 60 / inHours[i]!.high).toBeCloseTo(1, 3);
    }
  },
  patience,
);

test('with fewer than ten projects the answer is their median, with an interval wider than they are, and is flagged', () => {
  const outcomes = [100, 110, 120, 130, 140];
  const { model, quality } = learn(
    { features, rows: outcomes.map(() => [1, 'java', 0]), outcomes, scale: 'amount' },
    1,
  );
  expect(quality.isThin).toBe(true);
  const [first] = predict(model, [[1, 'java', 0]]);
  expect(first!.value).toBeCloseTo(120, 9);
  expect(first!.low).toBeLessThan(90);
  expect(first!.high).toBeGreaterThan(160);
});

test(
  'a model of 500 projects is below a megabyte',
  () => {
    const { model, quality } = learn(powerLaw(500, 13), 1);
    expect(JSON.stringify(model).length).toBeLessThan(1_000_000);
    expect(quality.isThin).toBe(false);
    expect(quality.outOfFold).toHaveLength(500);
    expect(quality.learners.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 5);
  },
  patience,
);
