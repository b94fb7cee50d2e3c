import { describe, expect, test } from 'vitest';
import { randomOf } from './numbers.ts';
import { effortOf, type Finished, type Respect } from './text_effort.ts';
import { fewAmounts } from './thin.ts';

const normal = (next: () => number): number => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());

/** Projects of four kinds: alike within a kind, which decides what they take where `tells`. The last one is the new one. */
function history(size: number, tells: boolean, seed: number): { finished: Finished; truth: number } {
  const next = randomOf(seed);
  const kinds = Array.from({ length: size + 1 }, () => Math.floor(next() * 4));
  const all = kinds.map((kind) => Math.expm1(3 + (tells ? kind : 1.5) + 0.4 * normal(next)));
  const likeness = kinds.map((kind) => kinds.map((other) => (kind === other ? 0.6 : 0.1) + 0.1 * next()));
  return {
    finished: {
      outcomes: all.slice(0, size),
      respects: [
        {
          toNew: (likeness[size] as number[]).slice(0, size),
          among: likeness.slice(0, size).map((row) => row.slice(0, size)),
        },
      ],
    },
    truth: all[size] as number,
  };
}

describe('the effort of a project', () => {
  test('is that of the finished projects that are like it', () => {
    const errors = [true, false].map((usesText) => {
      let sum = 0;
      for (let seed = 1; seed <= 100; seed += 1) {
        const { finished, truth } = history(60, true, seed);
        const effort = effortOf(usesText ? finished : { ...finished, respects: [] });
        sum += Math.abs(Math.log1p(effort?.value ?? 0) - Math.log1p(truth));
      }
      return sum / 100;
    });
    expect(errors[0]).toBeLessThan((errors[1] as number) / 2);
  });

  test.each([
    [12, true],
    [40, true],
    [40, false],
    [150, true],
  ])(
    'of %i finished projects (likeness tells: %s) lies within the interval in about 80 of 100 cases',
    (size, tells) => {
      let held = 0;
      // Few projects are quick, and are asked so often that chance moves the share by less than a point.
      const cases = Math.max(400, Math.floor(24_000 / size));
      for (let seed = 1; seed <= cases; seed += 1) {
        const { finished, truth } = history(size, tells, 7_919 * seed);
        const { low, high, value } = effortOf(finished) as NonNullable<ReturnType<typeof effortOf>>;
        expect(low).toBeLessThanOrEqual(value);
        expect(value).toBeLessThanOrEqual(high);
        if (low <= truth && truth <= high) held += 1;
      }
      expect(held / cases).toBeGreaterThan(0.74);
      expect(held / cases).toBeLessThan(0.88);
    },
    60_000,
  );

  test.each([1, 3, 10, 45])(
    'lies within the interval in about 80 of 100 cases where %i of 90 finished projects have requirements',
    (having) => {
      let held = 0;
      const cases = 300;
      for (let seed = 1; seed <= cases; seed += 1) {
        const { finished, truth } = history(90, true, 104_729 * seed);
        const kinds = finished.outcomes.map((_, at) => (at < having ? 'requirements' : 'description'));
        const hasText = (at: number): boolean => at < having;
        const [{ toNew, among }] = finished.respects as [Respect];
        // Descriptions share a common word or two with requirements, and tell of their own kind.
        const respect = {
          kinds,
          toNew: toNew.map((likeness, at) => (hasText(at) ? likeness : 0.02)),
          among: among.map((row, one) => row.map((likeness, at) => (hasText(one) === hasText(at) ? likeness : 0.02))),
        };
        const { low, high } = effortOf({ ...finished, respects: [respect] }) as NonNullable<
          ReturnType<typeof effortOf>
        >;
        if (low <= truth && truth <= high) held += 1;
      }
      expect(held / cases).toBeGreaterThan(0.74);
      expect(held / cases).toBeLessThan(0.92);
    },
    60_000,
  );

  test('takes no notice of a likeness that tells nothing', () => {
    const { finished } = history(80, false, 3);
    const { powers, weights } = effortOf(finished) as NonNullable<ReturnType<typeof effortOf>>;
    expect(powers).toEqual([0]);
    expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1);
  });

  test('is the median with a wide interval, and says so, where fewer than ten are finished', () => {
    expect(effortOf({ outcomes: [], respects: [] })).toBeUndefined();
    const one = effortOf({ outcomes: [30], respects: [{ toNew: [1], among: [[1]] }] });
    expect(one).toMatchObject({ isThin: true });
    expect(one?.value).toBeCloseTo(30);
    expect((one?.high ?? 0) / (one?.low || 1)).toBeGreaterThan(10);
    const nine = effortOf({ outcomes: [1, 2, 3, 4, 5, 6, 7, 8, 900], respects: [] });
    expect(nine).toMatchObject({ isThin: true, weights: Array.from({ length: 9 }, () => 1 / 9) });
    expect(nine?.value).toBeCloseTo(5);
    expect(nine?.high).toBeGreaterThan(8);
    // What is learned of finished projects otherwise says the same of as few.
    const { low, value, high } = fewAmounts([1, 2, 3, 4, 5, 6, 7, 8, 900]);
    expect(nine).toMatchObject({ low, value, high });
  });

  test('of projects that all took the same is that', () => {
    const same = effortOf({ outcomes: Array.from({ length: 20 }, () => 14), respects: [] });
    expect([same?.low, same?.value, same?.high].map((value) => Math.round(value ?? 0))).toEqual([14, 14, 14]);
    const vast = effortOf({ outcomes: [1e308, 1e308], respects: [] });
    expect(Object.values(vast ?? {}).filter((value) => value === Number.POSITIVE_INFINITY)).toEqual([]);
  });

  test('from 400 finished projects is there within a second', () => {
    const { finished } = history(400, true, 5);
    const { outcomes } = finished;
    const began = performance.now();
    effortOf({
      ...finished,
      respects: [...finished.respects, ...finished.respects.map((one) => ({ ...one, kinds: outcomes.map(() => 'a') }))],
    });
    expect(performance.now() - began).toBeLessThan(1_000);
  });
});
