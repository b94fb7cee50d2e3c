import fc from 'fast-check';
import { expect, test } from 'vitest';
import { learnAmount, predictAmount } from './amount.ts';
import { type FeatureKind, type History, historyOf, type Row, type Scale, type Value } from './history.ts';
import { learn, predict } from './learning.ts';
import { randomOf, shuffled } from './numbers.ts';

/** Each run of a property learns anew. */
const patience = 120_000;
const runs = { numRuns: 12 };

const valuesOf: Readonly<Record<FeatureKind, fc.Arbitrary<Value>>> = {
  numeric: fc.oneof(fc.integer({ min: -5, max: 1000 }), fc.constantFrom<Value>(null, 0, 1e12, Number.NaN)),
  categorical: fc.constantFrom<Value>('a', 'b', 'c', '', null),
  date: fc.constantFrom<Value>('2026-01-01', '2025-06-30', 'no day', null),
  text: fc.constantFrom<Value>('a churn model for the bank', 'forecast of sales', 'churn', null),
};

const outcomeOf: Readonly<Record<Scale, fc.Arbitrary<number>>> = {
  amount: fc.oneof(fc.integer({ min: 1, max: 500 }), fc.constantFrom(0, 1e9)),
  score: fc.integer({ min: 0, max: 100 }),
  success: fc.constantFrom(0, 1),
};

const anyHistoryOf = (scale: Scale): fc.Arbitrary<History> =>
  fc.array(fc.constantFrom<FeatureKind>('numeric', 'categorical', 'date', 'text'), { maxLength: 5 }).chain((kinds) =>
    fc
      .array(
        fc.tuple(fc.tuple(...kinds.map((kind) => valuesOf[kind])), outcomeOf[scale], fc.option(outcomeOf.amount)),
        {
          minLength: 10,
          maxLength: 24,
        },
      )
      .map((projects) => ({
        features: kinds.map((kind, at) => ({ name: `x${at}`, kind })),
        rows: projects.map(([row]) => row),
        outcomes: projects.map(([, outcome]) => outcome),
        scale,
        ...(scale === 'amount'
          ? {}
          : { others: [{ outcomes: projects.map(([, , other]) => other), estimate: kinds.indexOf('numeric') }] }),
      })),
  );

/** Costs of a size and a team, with a human who sees some of what they do not tell. */
function usual(count: number, seed: number): History {
  const random = randomOf(seed);
  const rows: Row[] = [];
  const outcomes: number[] = [];
  for (let at = 0; at < count; at++) {
    const [size, luck, isLarge] = [Math.exp(4 * random()), random() - 0.5, random() < 0.5];
    outcomes.push(20 * size * (isLarge ? 2 : 1) * Math.exp(luck));
    rows.push([size, isLarge ? 'large' : 'small', 20 * size * Math.exp(0.5 * luck)]);
  }
  return {
    features: [
      { name: 'size', kind: 'numeric' },
      { name: 'team', kind: 'categorical' },
      { name: 'estimate', kind: 'numeric' },
    ],
    rows,
    outcomes,
    scale: 'amount',
    estimate: 2,
  };
}

test.each<Scale>(['amount', 'score', 'success'])(
  'whatever is known of projects, an interval holds its estimate and both are of the scale: %s',
  (scale) => {
    fc.assert(
      fc.property(anyHistoryOf(scale), (history) => {
        const { model, quality } = learn(history, 1);
        for (const { value, low, high } of [...predict(model, history.rows), ...quality.outOfFold]) {
          expect(low <= value && value <= high).toBe(true);
          expect(low).toBeGreaterThanOrEqual(0);
          expect(high).toBeLessThanOrEqual({ amount: Number.MAX_VALUE, score: 100, success: 1 }[scale]);
        }
      }),
      runs,
    );
  },
  patience,
);

test(
  'an interval that is to hold more outcomes is no narrower at either end',
  () => {
    fc.assert(
      fc.property(anyHistoryOf('amount'), (history) => {
        const some = { ...history, outcomes: history.outcomes.map((outcome) => outcome + 1) };
        const { model } = learnAmount(some, 1, 0.8);
        for (const row of some.rows) {
          const ends = [0.3, 0.5, 0.8, 0.9, 0.95].map((nominal) => predictAmount(model, row, nominal));
          for (const [at, { low, high }] of ends.slice(1).entries()) {
            expect(low).toBeLessThanOrEqual(ends[at]!.low);
            expect(high).toBeGreaterThanOrEqual(ends[at]!.high);
          }
        }
      }),
      runs,
    );
  },
  patience,
);

test.each<Scale>(['amount', 'success'])(
  'the order in which projects are listed changes nothing: %s',
  (scale) => {
    const { rows, outcomes, ...rest } = usual(60, 3);
    const history: History =
      scale === 'amount'
        ? { ...rest, rows, outcomes }
        : {
            features: rest.features,
            rows,
            outcomes: outcomes.map((outcome) => Number(outcome > 400)),
            scale,
            others: [{ outcomes, estimate: rest.estimate }],
          };
    const order = shuffled(rows.length, randomOf(7));
    const [one, two] = [learn(history, 1), learn(historyOf(history, order), 1)];
    const asked = usual(10, 4).rows;
    const plain = (of: typeof one) => predict(of.model, asked).map(({ similar: _, ...prediction }) => prediction);
    expect(plain(two)).toEqual(plain(one));
    expect(two.quality.outOfFold).toEqual(order.map((row) => one.quality.outOfFold[row]));
  },
  patience,
);

test(
  'another unit of the outcome changes estimates by its factor',
  () => {
    const history = usual(24, 5);
    const hours = predict(learn(history, 1).model, history.rows);
    fc.assert(
      fc.property(fc.constantFrom(1e-3, 0.37, 24, 86_400), (factor) => {
        const other: History = {
          ...history,
          rows: history.rows.map((row) => row.with(2, factor * Number(row[2]))),
          outcomes: history.outcomes.map((outcome) => factor * outcome),
        };
        for (const [at, { value, low, high }] of predict(learn(other, 1).model, other.rows).entries()) {
          expect(value / factor / hours[at]!.value).toBeCloseTo(1, 2);
          expect(low / factor / hours[at]!.low).toBeCloseTo(1, 2);
          expect(high / factor / hours[at]!.high).toBeCloseTo(1, 2);
        }
      }),
      { numRuns: 4 },
    );
  },
  patience,
);

test.each([12, 24])(
  'with more columns than projects the estimates are no worse than the median by much: %i',
  (count) => {
    const draw = (seed: number): History => {
      const random = randomOf(seed);
      const rows = Array.from({ length: count }, () => Array.from({ length: 30 }, () => random()));
      const features = rows[0]!.map((_, at) => ({ name: `x${at}`, kind: 'numeric' as const }));
      return { features, rows, outcomes: rows.map(() => 100 * Math.exp(random())), scale: 'amount' };
    };
    const missOf = (values: readonly number[], { outcomes }: History) =>
      values.reduce((sum, value, at) => sum + Math.abs(value - outcomes[at]!), 0);
    let [ours, median] = [0, 0];
    for (const seed of [1, 2, 3]) {
      const { model } = learn(draw(seed), 1);
      const later = draw(seed + 50);
      ours += missOf(
        predict(model, later.rows).map(({ value }) => value),
        later,
      );
      median += missOf(
        later.outcomes.map(() => model.median),
        later,
      );
    }
    expect(ours).toBeLessThan(1.25 * median);
  },
  patience,
);

test.each([0, -3])(
  'outcomes that are all %i promise next to nothing, with an end',
  (outcome) => {
    for (const count of [4, 14]) {
      const { rows, features } = usual(count, 6);
      const { model } = learn({ features, rows, outcomes: rows.map(() => outcome), scale: 'amount' }, 1);
      for (const { value, low, high } of predict(model, rows)) {
        expect(value).toBeLessThan(0.001);
        expect(0 <= low && low <= value && value <= high && Number.isFinite(high)).toBe(true);
      }
    }
  },
  patience,
);

test(
  'a human who cannot be bettered is followed, and one who errs by chance is not',
  () => {
    const sure = usual(60, 8);
    const exact = {
      ...sure,
      rows: sure.rows.map((row, at) => row.with(2, sure.outcomes[at]! * (at % 9 === 0 ? 2 : 1))),
    };
    for (const [at, { value }] of predict(learn(exact, 1).model, exact.rows).entries()) {
      expect(value / Number(exact.rows[at]![2])).toBeCloseTo(1, 1);
    }
    const random = randomOf(9);
    const blind = { ...sure, rows: sure.rows.map((row) => row.with(2, 5000 * random())) };
    const later = predict(learn(blind, 1).model, [
      [20, 'small', 100],
      [20, 'small', 4900],
    ]);
    expect(later[1]!.value / later[0]!.value).toBeLessThan(6);
  },
  patience,
);
