import { brief, mean, shuffled, type Vector } from '../numbers.ts';
import { narrowed } from '../screening.ts';
import type { Learner, Sample } from './learner.ts';
import { ridge } from './ridge.ts';

interface Settings {
  /** How much each column counts in a distance. */
  readonly weights: readonly number[];
  /** How many of the nearest projects are asked. */
  readonly count: number;
  /** The projects that may be asked: where they stand among all, and encoded. */
  readonly rows: readonly number[];
  readonly inputs: readonly (readonly number[])[];
}

/** With more projects than these, this many chosen by chance are those that may be asked. */
const mostInputs = 300;

const counts = [1, 2, 3, 4, 6, 8, 12, 16, 24];

/** A column of no slope counts as one of a tenth of the mean slope does: lines do not see all that makes projects alike. */
const hair = 0.1;

/** The furthest of those asked counts this much of the nearest. */
const leastWeight = 0.1;

/**
 * Analogy (Shepperd and Schofield 1997): the mean log outcome of the nearest projects, the nearer the more, by a distance in
 * which columns count by their slopes in a ridge regression. How many are asked is what errs least when each project is
 * left out in turn. Where a human estimates, it is by what factor he errs that is learned.
 */
export const analogy: Learner<Settings, readonly (number | null)[]> = {
  settle({ points, outcomes }, random, columns) {
    const targets = outcomes.map((outcome, row) => outcome - (points[row]!.estimate ?? 0));
    const all = points.map((_, row) => row);
    const seen: Sample = {
      points: points.map((point) => ({ ...point, logs: narrowed(point.logs, columns) })),
      outcomes: targets,
    };
    const { slopes } = ridge.fit(seen, all, ridge.settle(seen, random, null));
    const typical = mean(slopes.map(Math.abs)) || 1;
    const own = brief(slopes.map((slope) => (Math.abs(slope) / typical + hair) ** 2 / slopes.length));
    const rows = all.length <= mostInputs ? all : shuffled(all.length, random).slice(0, mostInputs);
    const known = rows.map((row) => targets[row]!);
    const ranked = rows.map((row, place) => {
      const others = known.with(place, Number.NaN);
      return nearest(
        own,
        rows.map((other) => seen.points[other]!.logs),
        others,
        seen.points[row]!.logs,
        counts.at(-1)! + 1,
      );
    });
    const missOf = (count: number): number =>
      mean(ranked.map((near, place) => Math.abs(known[place]! - estimateOf(near, count))));
    const tried = counts.filter((count) => count <= Math.max(1, rows.length / 2));
    const misses = tried.map(missOf);
    const weights = new Array<number>(points[0]!.logs.length).fill(0);
    for (const [place, weight] of own.entries()) weights[columns === null ? place : columns[place]!] = weight;
    return {
      weights,
      count: tried[misses.indexOf(Math.min(...misses))]!,
      rows,
      inputs: rows.map((row) => Array.from(points[row]!.logs, (value) => Number(value.toPrecision(4)))),
    };
  },

  narrow: ({ weights, inputs, ...settings }, columns) => ({
    ...settings,
    weights: columns.map((column) => weights[column]!),
    inputs: inputs.map((input) => columns.map((column) => input[column]!)),
  }),

  fit({ points, outcomes }, kept, { rows }) {
    const known = new Set(kept);
    return rows.map((row) => (known.has(row) ? brief([outcomes[row]! - (points[row]!.estimate ?? 0)])[0]! : null));
  },

  predict({ logs, estimate }, targets, { weights, count, inputs }) {
    return (estimate ?? 0) + estimateOf(nearest(weights, inputs, targets, logs, count + 1), count);
  },
};

interface Near {
  readonly square: number;
  readonly target: number;
}

/** The nearest projects whose target is known, nearest first. */
function nearest(
  weights: ArrayLike<number>,
  inputs: readonly ArrayLike<number>[],
  targets: readonly (number | null)[],
  logs: Vector,
  count: number,
): Near[] {
  const found: Near[] = [];
  for (const [place, input] of inputs.entries()) {
    const target = targets[place];
    if (target === null || target === undefined || Number.isNaN(target)) continue;
    const furthest = found.length < count ? Number.POSITIVE_INFINITY : found[count - 1]!.square;
    let square = 0;
    for (let j = 0; j < logs.length && square < furthest; j++) square += weights[j]! * (logs[j]! - input[j]!) ** 2;
    if (square >= furthest) continue;
    let at = found.length;
    while (at > 0 && found[at - 1]!.square > square) at--;
    found.splice(at, 0, { square, target });
    if (found.length > count) found.pop();
  }
  return found;
}

/** The mean of the first `count`, weighted by how much nearer they are than the one after them. */
function estimateOf(near: readonly Near[], count: number): number {
  const asked = Math.min(count, near.length);
  const reach = Math.sqrt(near[Math.min(asked, near.length - 1)]!.square) + 1e-9;
  let [sum, total] = [0, 0];
  for (let place = 0; place < asked; place++) {
    const nearer = Math.max(1 - Math.sqrt(near[place]!.square) / reach, 0);
    const weight = leastWeight + (1 - leastWeight) * nearer;
    sum += weight * near[place]!.target;
    total += weight;
  }
  return sum / total;
}
