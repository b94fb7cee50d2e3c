import { describe, expect, test } from 'vitest';
import { smoothed } from './smoothing.ts';

const curve = (y: number[], x = y.map((_, index) => index)) => ({ x: Float64Array.from(x), y: Float64Array.from(y) });

describe('smoothing', () => {
  test('an exponential moving average does not begin at 0, and forgets by distance', () => {
    const even = [...smoothed(curve([1, 0, 0, 0]), { kind: 'ema', weight: 0.5 }).y];
    expect(even).toEqual([1, 1 / 3, 1 / 7, 1 / 15].map((value) => expect.closeTo(value, 12)));
    // Twice as far apart as the mean distance of 1: the power of 2.
    const far = [...smoothed(curve([1, 0, 0], [0, 2, 2]), { kind: 'ema', weight: 0.5 }).y];
    expect(far[1]).toBeCloseTo((0.5 * 0.25) / (0.5 * 0.25 + 0.5), 12);
  });

  test('a mean is of what lies within half its width', () => {
    const { y } = smoothed(curve([0, 3, 6, 9], [0, 1, 2, 10]), { kind: 'mean', width: 2 });
    expect([...y]).toEqual([1.5, 3, 4.5, 9]);
  });

  test('a Gaussian has the standard deviation asked for', () => {
    const impulse = Array.from({ length: 2001 }, (_, index) => (index === 1000 ? 1 : 0));
    const { y } = smoothed(curve(impulse), { kind: 'gaussian', width: 50 });
    const variance = y.reduce((sum, value, index) => sum + value * (index - 1000) ** 2, 0);
    expect(Math.sqrt(variance)).toBeCloseTo(50, 0);
    expect(y.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 9);
  });

  test('what is no number is left out, and has no value', () => {
    for (const smoothing of [
      { kind: 'ema', weight: 0.5 },
      { kind: 'mean', width: 4 },
      { kind: 'gaussian', width: 1 },
    ] as const) {
      const { y } = smoothed(curve([1, Number.NaN, 1, Number.MAX_VALUE, 1]), smoothing);
      expect([...y]).toEqual([1, Number.NaN, 1, Number.NaN, 1]);
    }
  });
});
