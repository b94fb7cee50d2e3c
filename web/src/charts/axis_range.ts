import { inReach, type Range } from './chart_data.ts';

/** Closer together than this share of their size, figures have no ticks between them that numbers tell apart. */
const closest = 1e-13;

/** A range of an axis, so wide that a step on it comes to another number. */
export const apart = (min: number, max: number): [number, number] => {
  const lacking = (closest * Math.max(Math.abs(min), Math.abs(max)) - (max - min)) / 2;
  return lacking > 0 ? [min - lacking, max + lacking] : [min, max];
};

/** The range of values on an even axis. */
export const withRoom = (extent: Range): [number, number] => {
  const [min, max] = [inReach(extent.min), inReach(extent.max)];
  const room = (max - min) * 0.05 || Math.abs(max) * 0.1 || 1;
  return apart(min - room, max + room);
};

/** Distances of ticks over all that numbers reach; uPlot's own end at 10³², beyond which it has no tick. */
export const increments = Array.from({ length: 324 }, (_, power) =>
  [1, 2, 2.5, 5].map((factor) => Number(`${factor}e${power - 16}`)),
).flat();

/** Ticks as they are meant: added up step by step, the one at zero is a little off it. */
export const withoutDrift = (ticks: readonly number[]): number[] => {
  const step = Math.abs((ticks[1] ?? 0) - (ticks[0] ?? 0));
  return ticks.map((tick) => (Math.abs(tick) < step * 1e-6 ? 0 : tick));
};

/** About five round numbers within a range. */
export function roundSteps({ min, max }: Range, isLog: boolean): number[] {
  if (isLog) {
    const first = Math.ceil(Math.log10(min));
    const count = Math.floor(Math.log10(max)) - first + 1;
    if (count >= 2) return Array.from({ length: count }, (_, index) => 10 ** (first + index));
  }
  const rough = max / 5 - min / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
  const first = Math.ceil(min / step);
  return Array.from({ length: Math.floor(max / step) - first + 1 }, (_, index) => (first + index) * step);
}
