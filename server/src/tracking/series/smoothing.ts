import { isFiniteValue } from './grid.ts';
import type { Float } from './points.ts';

/**
 * How a curve is smoothed, always over all its points, so that looking nearer never changes it:
 * `ema`: exponential moving average; a point one mean distance back weighs `weight` times as much as the one at hand.
 * `mean`: the mean of what lies within half a `width` of x on either side.
 * `gaussian`: three such means one after the other, of which the kernel has the standard deviation `width`.
 */
export type Smoothing =
  | { readonly kind: 'ema'; readonly weight: number }
  | { readonly kind: 'mean' | 'gaussian'; readonly width: number };

export interface Curve {
  /** Ascending. */
  readonly x: Float;
  /** NaN where there is no value. */
  readonly y: Float;
}

/**
 * The exponential moving average, debiased as in Adam (Kingma and Ba 2015), so that it does not begin at 0; where points
 * are farther apart than usual, what came before weighs less by as many powers.
 */
function ema({ x, y }: Curve, weight: number): Curve {
  const length = x.length;
  const out = new Float64Array(length);
  const usual = length > 1 ? ((x[length - 1] as number) - (x[0] as number)) / (length - 1) : 1;
  let sum = 0;
  let bias = 0;
  let before = x[0] as number;
  for (let index = 0; index < length; index += 1) {
    const value = y[index] as number;
    if (!isFiniteValue(value)) {
      out[index] = Number.NaN;
      continue;
    }
    const at = x[index] as number;
    const distance = usual > 0 ? (at - before) / usual : 1;
    const kept = distance === 1 ? weight : weight ** distance;
    sum = sum * kept + value * (1 - weight);
    bias = bias * kept + (1 - weight);
    out[index] = sum / bias;
    before = at;
  }
  return { x, y: out };
}

/** The mean of the values whose x is at most `half` away, by two ends that move along. */
function movingMean({ x, y }: Curve, half: number): Curve {
  const length = x.length;
  const out = new Float64Array(length);
  let from = 0;
  let to = 0;
  let sum = 0;
  let count = 0;
  for (let index = 0; index < length; index += 1) {
    const at = x[index] as number;
    for (; to < length && (x[to] as number) <= at + half; to += 1) {
      const value = y[to] as number;
      if (isFiniteValue(value)) {
        sum += value;
        count += 1;
      }
    }
    for (; from < length && (x[from] as number) < at - half; from += 1) {
      const value = y[from] as number;
      if (isFiniteValue(value)) {
        sum -= value;
        count -= 1;
      }
    }
    out[index] = count > 0 && isFiniteValue(y[index] as number) ? sum / count : Number.NaN;
  }
  return { x, y: out };
}

/** A curve, smoothed. Values that are no numbers are left out of it, and have no value in it. */
export function smoothed(curve: Curve, smoothing: Smoothing): Curve {
  if (smoothing.kind === 'ema') return ema(curve, smoothing.weight);
  if (smoothing.kind === 'mean') return movingMean(curve, smoothing.width / 2);
  // Three boxes of the half-width h have the variance h² (each h²/3).
  let out = curve;
  for (let pass = 0; pass < 3; pass += 1) out = movingMean(out, smoothing.width);
  return out;
}
