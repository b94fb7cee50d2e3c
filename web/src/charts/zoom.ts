import type { Range, XKind } from './chart_data.ts';

/** The axis that windows are on. */
export interface XAxis {
  readonly xKind: XKind;
  readonly logX: boolean;
  /** All there is on it. */
  readonly whole: Range | undefined;
}

const scaleOf = (isLog: boolean) =>
  isLog ? { to: Math.log, from: Math.exp } : { to: (value: number) => value, from: (value: number) => value };

/** The narrowest window: a millisecond, else what nine digits tell apart. */
const leastSpan = ({ xKind, logX }: XAxis, farthest: number): number =>
  logX ? 1e-9 : xKind === 'number' ? 1e-9 * farthest : 1;

/** From this share on a window is taken for all there is: what it lacks may be no more than the bucket at an end. */
const nearlyAll = 0.99;

/**
 * What can be seen of a window: as much of it as there is, not too narrow, and moved to where there is something; undefined
 * where that is all there is.
 */
export function kept({ min, max }: Range, axis: XAxis): Range | undefined {
  const { whole, logX } = axis;
  if (whole === undefined) return undefined;
  const { to, from } = scaleOf(logX);
  const [first, last, low, high] = [to(whole.min), to(whole.max), to(min), to(max)];
  const span = Math.max(high - low, leastSpan(axis, Math.max(Math.abs(first), Math.abs(last))));
  if (!(span < nearlyAll * (last - first))) return undefined;
  const start = Math.min(Math.max((low + high - span) / 2, first), last - span);
  return { min: from(start), max: from(start + span) };
}

/** A window on an axis, moved or scaled by steps that a key or a button takes. */
export function moved({ min, max }: Range, move: 'in' | 'out' | 'left' | 'right', isLog = false): Range {
  const { to, from } = scaleOf(isLog);
  const [low, high] = [to(min), to(max)];
  const span = high - low;
  const [start, end] = {
    in: [low + span / 4, high - span / 4],
    out: [low - span / 2, high + span / 2],
    left: [low - span / 4, high - span / 4],
    right: [low + span / 4, high + span / 4],
  }[move] as [number, number];
  return { min: from(start), max: from(end) };
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
