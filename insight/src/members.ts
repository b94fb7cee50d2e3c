import { absolute } from './learners/absolute.ts';
import { corrected, human } from './learners/human.ts';
import type { Learner, Point, Sample } from './learners/learner.ts';
import { middle } from './learners/middle.ts';
import { process } from './learners/process.ts';
import { ridge } from './learners/ridge.ts';
import { trees } from './learners/trees.ts';
import { clip, type Vector } from './numbers.ts';

/** Every learner, by the name that a stored model and its quality call it. */
const learners = { median: middle, absolute, ridge, process, trees, human, corrected };

export type LearnerName = keyof typeof learners;

/** A learner that has learned: from all projects, and from those outside of each fold. Plain JSON. */
export interface Member {
  readonly name: LearnerName;
  readonly settings: unknown;
  readonly whole: unknown;
  readonly folds: readonly unknown[];
}

function learnerOf(name: LearnerName): Learner<unknown, unknown> {
  return learners[name] as Learner<unknown, unknown>;
}

/** Lets a learner learn from all projects and from all but those of each fold. */
export function learnMember(
  name: LearnerName,
  sample: Sample,
  folds: readonly (readonly number[])[],
  random: () => number,
): Member {
  const learner = learnerOf(name);
  const settings = learner.settle(sample, random);
  const all = sample.points.map((_, row) => row);
  return {
    name,
    settings,
    whole: learner.fit(sample, all, settings),
    folds: folds.map((left) => {
      const out = new Set(left);
      return learner.fit(
        sample,
        all.filter((row) => !out.has(row)),
        settings,
      );
    }),
  };
}

/** Log outcomes that predictions stay between. */
export interface Bounds {
  readonly floor: number;
  readonly ceiling: number;
}

/** Keeps a learner's estimate within what was seen, unless a human expects the project to lie outside. */
export function bounded(estimate: number, { floor, ceiling }: Bounds, human: number | null): number {
  return clip(estimate, Math.min(floor, human ?? floor), Math.max(ceiling, human ?? ceiling));
}

/** The log outcome to expect of a project by all projects, or by those outside of a fold. */
export function predictMember(
  { name, settings, whole, folds }: Member,
  point: Point,
  bounds: Bounds,
  fold?: number,
): number {
  const estimate = learnerOf(name).predict(point, fold === undefined ? whole : folds[fold], settings);
  return bounded(estimate, bounds, point.estimate);
}

/**
 * What a learner expects of the largest projects when it has seen but the others: how well it goes beyond what it knows.
 * The rows that it gives are those of `largest`, in their order.
 */
export function beyond({ name, settings }: Member, sample: Sample, largest: readonly number[], bounds: Bounds): Vector {
  const learner = learnerOf(name);
  const out = new Set(largest);
  const kept = sample.points.map((_, row) => row).filter((row) => !out.has(row));
  const fit = learner.fit(sample, kept, settings);
  return Float64Array.from(largest, (row) => {
    const point = sample.points[row]!;
    return bounded(learner.predict(point, fit, settings), bounds, point.estimate);
  });
}

/** For each project what the model that did not see it expects. */
export function outOfFold(member: Member, { points }: Sample, foldOf: ArrayLike<number>, bounds: Bounds): Vector {
  return Float64Array.from(points, (point, row) => predictMember(member, point, bounds, foldOf[row]));
}
