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

/** Fingers closer than this share of the width are not told apart. */
const closest = 0.02;

/**
 * The window in which what was under one or two fingers is under them still; places are shares of its width. One finger
 * moves it, two scale it as well.
 */
export function carried(
  { min, max }: Range,
  [from = 0, from2]: readonly number[],
  [to = 0, to2]: readonly number[],
  isLog = false,
): Range {
  const [low, high] = isLog ? [Math.log(min), Math.log(max)] : [min, max];
  const span = high - low;
  const apart = (a: number, b: number) => Math.max(Math.abs(b - a), closest);
  const next = from2 === undefined || to2 === undefined ? span : (span * apart(from, from2)) / apart(to, to2);
  const middle = from2 === undefined ? from : (from + from2) / 2;
  const start = low + middle * span - (to2 === undefined ? to : (to + to2) / 2) * next;
  return isLog ? { min: Math.exp(start), max: Math.exp(start + next) } : { min: start, max: start + next };
}
