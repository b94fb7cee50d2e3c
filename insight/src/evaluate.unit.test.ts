import { describe, expect, test, vi } from 'vitest';
import { crossValidate, drawFolds, evaluate, type Method, scoreHuman } from './evaluate.ts';
import type { History } from './history.ts';
import { estimateOthers, learn, predict } from './learning.ts';
import { randomOf } from './numbers.ts';

// Each fold of an evaluation learns anew.
vi.setConfig({ testTimeout: 60_000 });

/** Costs that grow with size. */
function simulated(count: number, seed = 1): History {
  const random = randomOf(seed);
  const sizes = Array.from({ length: count }, () => Math.exp(4 * random()));
  return {
    features: [{ name: 'size', kind: 'numeric' }],
    rows: sizes.map((size) => [size]),
    outcomes: sizes.map((size) => 10 * size * Math.exp(random() - 0.5)),
    scale: 'amount',
  };
}

describe('folds', () => {
  test('hold each row once, are as even as can be, and are the same for the same seed', () => {
    const folds = drawFolds(23, 5, 7);
    expect(folds.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: 23 }, (_, row) => row));
    expect(folds.map(({ length }) => length)).toEqual([5, 5, 5, 4, 4]);
    expect(drawFolds(23, 5, 7)).toEqual(folds);
    expect(drawFolds(23, 5, 8)).not.toEqual(folds);
  });

  test('are single rows where there are fewer rows than folds', () => {
    expect(drawFolds(3, 10, 1).map(({ length }) => length)).toEqual([1, 1, 1]);
  });

  test('keep an outcome from what estimates it', () => {
    const history = simulated(20);
    const seen: Method = ({ outcomes }, rows) =>
      rows.map(([size]) => {
        const at = history.rows.findIndex(([other]) => other === size);
        const isKnown = outcomes.includes(history.outcomes[at] as number);
        return { value: isKnown ? 1 : 0, low: outcomes.length, high: rows.length };
      });
    expect(crossValidate(history, drawFolds(20, 4, 1), 1, seen)).toEqual(
      new Array(20).fill({ value: 0, low: 15, high: 5 }),
    );
  });
});

describe('an evaluation', () => {
  const settings = { folds: 3, repeats: 2, seed: 1 };

  test('is the same for the same seed, and tells of each fold that is done', () => {
    let done = 0;
    const found = evaluate(simulated(15), settings, () => done++);
    expect(done).toBe(6);
    expect(found.repeats.map((estimates) => estimates.length)).toEqual([15, 15]);
    expect(evaluate(simulated(15), settings)).toEqual(found);
  });

  test.each<[string, History]>([
    ['nine amounts', simulated(9)],
    ['amounts', simulated(20)],
    ['scores', { ...simulated(20), outcomes: Array.from({ length: 20 }, (_, at) => 5 * at), scale: 'score' }],
    ['success', { ...simulated(20), outcomes: Array.from({ length: 20 }, (_, at) => at % 2), scale: 'success' }],
  ])('is of the estimates that a learned model gives: %s', (_of, history) => {
    const { model, quality } = learn(history, 3);
    const [{ mae } = { mae: 0 }] = quality.learners;
    expect(mae).toBeGreaterThan(0);
    const rows = [[3], [40], [null]];
    expect(estimateOthers(history, rows, 3)).toEqual({
      estimates: predict(model, rows).map(({ value, low, high }) => ({ value, low, high })),
      learners: quality.learners,
    });
  });

  test('scores the estimates of a human on the rows that have one', () => {
    const { rows, features, ...rest } = simulated(30);
    const history: History = {
      ...rest,
      features: [...features, { name: 'planned', kind: 'numeric' }],
      rows: rows.map((row, at) => [...row, at < 20 ? (rest.outcomes[at] as number) : null]),
      estimate: 1,
    };
    expect(scoreHuman(history)).toMatchObject({ n: 20, mae: 0, sa: 1, pred_25: 1 });
    expect(scoreHuman({ ...history, estimate: undefined })).toBeNull();
  });

  test('takes a human estimate of 0 for none, in scores and in learning alike', () => {
    const { rows, features, ...rest } = simulated(30);
    const withZero = (zero: number | null): History => ({
      ...rest,
      features: [...features, { name: 'planned', kind: 'numeric' }],
      rows: rows.map((row, at) => [...row, at % 3 === 0 ? zero : 1.1 * (rest.outcomes[at] as number)]),
      estimate: 1,
    });
    expect(scoreHuman(withZero(0))).toEqual(scoreHuman(withZero(null)));
    expect(scoreHuman(withZero(0))).toMatchObject({ n: 20 });
    const asked = [...rows.slice(0, 5).map((row) => [...row, 0]), [20, 300]];
    const known = asked.map((row) => row.map((value) => (value === 0 ? null : value)));
    expect(estimateOthers(withZero(0), asked, 1)).toEqual(estimateOthers(withZero(null), known, 1));
  });

  test.each<[string, History]>([
    ['3 rows', simulated(3)],
    ['12 rows', simulated(12)],
    ['outcomes that are all the same', { ...simulated(15), outcomes: new Array(15).fill(7) }],
    [
      'the largest amounts there are',
      { ...simulated(15), outcomes: Array.from({ length: 15 }, (_, at) => (at + 1) * 1e307) },
    ],
    ['a few of them', { ...simulated(4), outcomes: new Array(4).fill(1e308) }],
    ['a feature that is never known', { ...simulated(15), rows: new Array(15).fill([null]) }],
    ['nothing but successes', { ...simulated(15), outcomes: new Array(15).fill(1), scale: 'success' }],
    ['one failure', { ...simulated(15), outcomes: [0, ...new Array(14).fill(1)], scale: 'success' }],
    ['scores', { ...simulated(15), outcomes: Array.from({ length: 15 }, (_, at) => 5 * at), scale: 'score' }],
  ])('answers with an estimate within its interval for every row: %s', (_of, history) => {
    for (const { value, low, high } of evaluate(history, settings).repeats.flat()) {
      expect([low, value, high].every(Number.isFinite)).toBe(true);
      expect(low <= value && value <= high).toBe(true);
    }
  });
});
