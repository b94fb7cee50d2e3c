import type { Range } from './chart_data.ts';

/** A window on an axis, moved or scaled by steps that a key or a button takes. */
export function moved({ min, max }: Range, move: 'in' | 'out' | 'left' | 'right', isLog = false): Range {
  const to = isLog ? Math.log : (value: number) => value;
  const back = isLog ? Math.exp : (value: number) => value;
  const [low, high] = [to(min), to(max)];
  const span = high - low;
  const [from, until] = {
    in: [low + span / 4, high - span / 4],
    out: [low - span / 2, high + span / 2],
    left: [low - span / 4, high - span / 4],
    right: [low + span / 4, high + span / 4],
  }[move] as [number, number];
  return { min: back(from), max: back(until) };
}
