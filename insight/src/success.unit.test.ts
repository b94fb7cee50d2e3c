import { describe, expect, test, vi } from 'vitest';
import type { History, Row, Scale } from './history.ts';
import { chanceOf } from './learners/logistic.ts';
import { learn, predict } from './learning.ts';
import { clip, mean, randomOf } from './numbers.ts';
import { scoreSuccess } from './scores.ts';

// Many histories are learned from.
vi.setConfig({ testTimeout: 60_000 });

const features = [
  { name: 'size', kind: 'numeric' },
  { name: 'noise', kind: 'numeric' },
  { name: 'team', kind: 'categorical' },
] as const;

/** Small projects of team a succeed more often. */
const truth = ([size, , team]: Row): number => chanceOf(2 - 1.2 * Number(size) + (team === 'a' ? 1 : -1));

function draw(count: number, random: () => number): Row[] {
  return Array.from({ length: count }, () => [4 * random(), random(), random() < 0.5 ? 'a' : 'b']);
}

function simulated(count: number, seed: number, scale: Scale = 'success', of = truth) {
  const random = randomOf(seed);
  const rows = draw(count, random);
  const outcomes = rows.map((row) =>
    scale === 'success' ? Number(random() < of(row)) : 100 * Math.min(1, Math.max(0, of(row) + 0.3 * (random() - 0.5))),
  );
  return { history: { features, rows, outcomes, scale } satisfies History, random };
}

/** How often intervals held the true chance of new projects. */
function heldShare(count: number, seeds: readonly number[], of = truth): number {
  return mean(
    seeds.flatMap((seed) => {
      const { history, random } = simulated(count, seed, 'success', of);
      const rows = draw(40, random);
      return predict(learn(history, seed).model, rows).map(({ low, high }, at) =>
        low <= of(rows[at]!) && of(rows[at]!) <= high ? 1 : 0,
      );
    }),
  );
}

describe('success', () => {
  test('is foretold better than by the share of successes, with chances that come true', () => {
    const { history, random } = simulated(150, 1);
    const rows = draw(400, random);
    const outcomes = rows.map((row) => Number(random() < truth(row)));
    const scores = scoreSuccess(outcomes, predict(learn(history, 1).model, rows));
    expect(scores.brier).toBeLessThan(scores.base_rate_brier - 0.05);
    expect(scores.auc).toBeGreaterThan(0.8);
    expect(scores.calibration_error).toBeLessThan(0.1);
  });

  test.each<Scale>(['success', 'score'])('is its base rate where projects differ in no column (%s)', (scale) => {
    const rows = Array.from({ length: 20 }, (_, at): Row => [5, null, `team ${at}`]);
    const outcomes = rows.map((_, at) => (at % 4 === 0 ? 0 : scale === 'score' ? 80 : 1));
    const { model, quality } = learn({ features, rows, outcomes, scale }, 1);
    const [{ value, low, high } = { value: 0, low: 0, high: 0 }] = predict(model, [[5, 1, 'another']]);
    expect(value / (scale === 'score' ? 100 : 1)).toBeCloseTo(mean(outcomes) / (scale === 'score' ? 100 : 1), 1);
    expect(low).toBeLessThan(value);
    expect(high).toBeGreaterThan(value);
    expect(quality.outOfFold.flatMap(Object.values).every(Number.isFinite)).toBe(true);
  });

  test('is foretold better where it is known what the projects cost that were learned from', () => {
    // Success is to stay within a tenth above the plan, and a cost follows its project far more closely than success does.
    const random = randomOf(3);
    const drawn = Array.from({ length: 400 }, () => {
      const [size, plan, team] = [4 * random(), Math.exp(2 * random()), random() < 0.5 ? 'a' : 'b'];
      const cost = plan * Math.exp(0.3 * (size - 2) + (team === 'a' ? -0.1 : 0.1) + 0.2 * (random() - 0.5));
      return { row: [size, plan, team] satisfies Row, cost, success: Number(cost <= 1.1 * plan) };
    });
    const [known, unknown] = [drawn.slice(0, 40), drawn.slice(40)];
    const history: History = {
      features: [features[0], { name: 'plan', kind: 'numeric' }, features[2]],
      rows: known.map(({ row }) => row),
      outcomes: known.map(({ success }) => success),
      scale: 'success',
    };
    const brierWith = (others?: History['others']): number => {
      const { model } = learn({ ...history, others }, 1);
      const found = predict(
        model,
        unknown.map(({ row }) => row),
      );
      for (const { value, typical, contributions } of found) {
        expect(typical + contributions.reduce((sum, { effect }) => sum + effect, 0)).toBeCloseTo(value, 2);
      }
      return scoreSuccess(
        unknown.map(({ success }) => success),
        found,
      ).brier;
    };
    const without = brierWith();
    expect(brierWith([{ outcomes: known.map(({ cost }) => cost), estimate: 1 }])).toBeLessThan(0.85 * without);
    // Of fewer than ten costs nothing is learned.
    const few = known.map(({ cost }, at) => (at < 9 ? cost : at % 2 === 0 ? null : 0));
    expect(brierWith([{ outcomes: few, estimate: 1 }])).toBe(without);
  });

  test.each<Scale>(['success', 'score'])(
    'that nothing foretells is not said to be foretold better for its overruns, which are its outcome (%s)',
    (scale) => {
      const unit = scale === 'score' ? 100 : 1;
      const many = Array.from({ length: 12 }, (_, at) => ({ name: `x${at}`, kind: 'numeric' as const }));
      const optimisms = [20, 20, 20, 20, 40, 40, 40, 40].flatMap((count, at) => {
        const random = randomOf(at + 1);
        const drawn = Array.from({ length: count + 200 }, () => {
          const over = random() - random();
          const row = many.map(() => 1 + random());
          const outcome = scale === 'success' ? Number(over <= 0) : 100 * clip(0.5 - over, 0, 1);
          return { row, cost: row[0]! * Math.exp(over), outcome };
        });
        const [known, unknown] = [drawn.slice(0, count), drawn.slice(count)];
        const history: History = {
          features: many,
          rows: known.map(({ row }) => row),
          outcomes: known.map(({ outcome }) => outcome),
          scale,
        };
        const missed = (estimates: readonly { value: number }[], of: typeof drawn) =>
          mean(estimates.map(({ value }, place) => ((value - of[place]!.outcome) / unit) ** 2));
        const optimismWith = (others?: History['others']): number => {
          const { model, quality } = learn({ ...history, others }, 1);
          const found = predict(
            model,
            unknown.map(({ row }) => row),
          );
          return missed(found, unknown) - missed(quality.outOfFold, known);
        };
        return optimismWith([{ outcomes: known.map(({ cost }) => cost), estimate: 0 }]) - optimismWith();
      });
      expect(mean(optimisms)).toBeLessThan(0.006);
    },
  );

  test('that nothing foretells is foretold no worse than by the share of successes, nearly', () => {
    const { history, random } = simulated(60, 2, 'success', () => 0.6);
    const rows = draw(400, random);
    const outcomes = rows.map(() => Number(random() < 0.6));
    const scores = scoreSuccess(outcomes, predict(learn(history, 1).model, rows));
    expect(scores.brier).toBeLessThan(scores.base_rate_brier + 0.025);
  });

  test('has intervals that hold the true chance about as often as they say, with few projects and with many', () => {
    const seeds = Array.from({ length: 8 }, (_, at) => at + 1);
    expect(heldShare(30, seeds)).toBeGreaterThan(0.68);
    expect(heldShare(100, seeds.slice(3))).toBeGreaterThan(0.7);
    expect(heldShare(40, seeds.slice(4), () => 0.5)).toBeGreaterThan(0.8);
  });

  test('has intervals that narrow as more is known', () => {
    const widths = [20, 60, 180].map((count) => {
      const { history, random } = simulated(count, 3);
      return mean(predict(learn(history, 1).model, draw(40, random)).map(({ low, high }) => high - low));
    });
    expect(widths[0]).toBeGreaterThan(widths[1]!);
    expect(widths[1]).toBeGreaterThan(widths[2]!);
  });

  test.each([1, 0])('that was always %s is no certainty', (outcome) => {
    for (const count of [3, 12, 40]) {
      const { history } = simulated(count, 4);
      const { model, quality } = learn({ ...history, outcomes: new Array(count).fill(outcome) }, 1);
      for (const { value, low, high } of [...predict(model, history.rows), ...quality.outOfFold]) {
        expect(low <= value && value <= high).toBe(true);
        expect(Math.abs(value - outcome)).toBeLessThan(0.2);
        expect(value).not.toBe(outcome);
        expect(high - low).toBeGreaterThan(0.01);
      }
    }
  });

  test.each([0, 1])('that always came (%i) is believed to come, the closer the more often it did', (outcome) => {
    const reaches = [12, 40, 200].map((count) => {
      const { history, random } = simulated(count, 7);
      const { model } = learn({ ...history, outcomes: history.outcomes.map(() => outcome) }, 7);
      const estimates = predict(model, draw(10, random));
      for (const { low, value, high } of estimates) {
        expect(low <= value && value <= high).toBe(true);
        expect(outcome === 0 ? low : high).toBeCloseTo(outcome);
      }
      return Math.max(...estimates.map(({ low, high }) => high - low));
    });
    expect(reaches[0]).toBeLessThan(0.2);
    expect(reaches).toEqual(reaches.toSorted((a, b) => b - a));
    expect(reaches[2]).toBeLessThan(0.03);
  });

  test('of a handful of projects is their share, and says so', () => {
    const { history } = simulated(6, 5);
    const { model, quality } = learn({ ...history, outcomes: [1, 1, 1, 1, 0, 0] }, 1);
    expect(quality).toMatchObject({ rows: 6, isThin: true });
    expect(predict(model, history.rows)[0]).toMatchObject({ value: 4.5 / 7, confidence: 0, contributions: [] });
    expect(model.low).toBeLessThan(0.5);
    expect(model.high).toBeGreaterThan(0.8);
  });

  test('is learned alike from the same history and seed, and survives being stored', () => {
    const { history } = simulated(60, 6);
    const { model, quality } = learn(history, 9);
    expect(learn(history, 9)).toEqual({ model, quality });
    expect(predict(JSON.parse(JSON.stringify(model)), history.rows)).toEqual(predict(model, history.rows));
  });
});

describe('a score', () => {
  test('is foretold within 0 and 100, with intervals that hold four of five', () => {
    const { history, random } = simulated(100, 7, 'score');
    const { model, quality } = learn(history, 1);
    const rows = draw(300, random);
    const came = rows.map((row) => 100 * Math.min(1, Math.max(0, truth(row) + 0.3 * (random() - 0.5))));
    const found = predict(model, rows);
    expect(found.every(({ low, high }) => low >= 0 && high <= 100)).toBe(true);
    const coverage = mean(found.map(({ low, high }, at) => (low <= came[at]! && came[at]! <= high ? 1 : 0)));
    expect(coverage).toBeGreaterThan(0.73);
    expect(coverage).toBeLessThan(0.9);
    const miss = mean(found.map(({ value }, at) => Math.abs(value - came[at]!)));
    expect(miss).toBeLessThan(0.5 * mean(came.map((score) => Math.abs(score - model.median))));
    expect(quality.outOfFold.every(({ low, high }) => low >= 0 && high <= 100)).toBe(true);
  });

  test('that is always the same is foretold with almost no interval', () => {
    const { history } = simulated(20, 8, 'score');
    const [found] = predict(learn({ ...history, outcomes: new Array(20).fill(80) }, 1).model, history.rows);
    expect(found!.value).toBeGreaterThan(75);
    expect(found!.high - found!.low).toBeLessThan(10);
  });
});
