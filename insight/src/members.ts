import { absolute } from './learners/absolute.ts';
import { analogy } from './learners/analogy.ts';
import { corrected, human } from './learners/human.ts';
import type { Learner, Point, Sample } from './learners/learner.ts';
import { middle } from './learners/middle.ts';
import { process } from './learners/process.ts';
import { ridge } from './learners/ridge.ts';
import { trees } from './learners/trees.ts';
import { clip, type Vector } from './numbers.ts';
import { type Columns, narrowed, screened } from './screening.ts';

/** Every learner, by the name that a stored model and its quality call it. */
const learners = { median: middle, absolute, ridge, process, trees, analogy, human, corrected };

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

/** The columns that count for a model, of each way in which points are encoded. */
export interface View {
  readonly logs: Columns;
  readonly plain: Columns;
}

/** What the models of one training share: bounds, and for each the columns that count. */
export interface Frame extends Bounds {
  readonly whole: View;
  readonly folds: readonly View[];
}

/** The columns that go most with what the kept projects' outcomes are beside a human's estimate. */
export function viewOf({ points, outcomes }: Sample, kept: readonly number[]): View {
  const targets = outcomes.map((outcome, row) => outcome - (points[row]!.estimate ?? 0));
  return {
    logs: screened(
      points.map(({ logs }) => logs),
      targets,
      kept,
    ),
    plain: screened(
      points.map(({ plain }) => plain),
      outcomes,
      kept,
    ),
  };
}

export function seen(point: Point, { logs, plain }: View): Point {
  if (logs === null && plain === null) return point;
  return { ...point, logs: narrowed(point.logs, logs), plain: narrowed(point.plain, plain) };
}

/** What `settingsIn` gave of a view: a prediction asks for the same a hundred times. */
const narrowedOf = new WeakMap<View, Map<unknown, unknown>>();

function settingsIn(learner: Learner<unknown, unknown>, settings: unknown, view: View): unknown {
  if (view.logs === null || learner.narrow === undefined) return settings;
  const known = narrowedOf.get(view) ?? new Map<unknown, unknown>();
  narrowedOf.set(view, known);
  if (!known.has(settings)) known.set(settings, learner.narrow(settings, view.logs));
  return known.get(settings);
}

/** Projects as a model sees them. */
export const sampleIn = ({ points, outcomes }: Sample, view: View): Sample => ({
  points: points.map((point) => seen(point, view)),
  outcomes,
});

/** What a learner learns from: all projects, also as the models of all and of each fold see them. */
export interface Lessons {
  readonly all: Sample;
  readonly whole: Sample;
  readonly folds: readonly { readonly sample: Sample; readonly kept: readonly number[] }[];
}

/** Lets a learner learn from all projects and from all but those of each fold. */
export function learnMember(name: LearnerName, lessons: Lessons, random: () => number, frame: Frame): Member {
  const learner = learnerOf(name);
  const { all, whole, folds } = lessons;
  const settings = learner.settle(all, random, frame.whole.logs);
  const rows = all.points.map((_, row) => row);
  return {
    name,
    settings,
    whole: learner.fit(whole, rows, settingsIn(learner, settings, frame.whole)),
    folds: folds.map(({ sample, kept }, fold) =>
      learner.fit(sample, kept, settingsIn(learner, settings, frame.folds[fold]!)),
    ),
  };
}

/** All rows but some. */
export function without(all: readonly number[], left: readonly number[]): number[] {
  const out = new Set(left);
  return all.filter((row) => !out.has(row));
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

/** The log outcome to expect of a project, as the model sees it, by all projects or by those outside of a fold. */
export function predictMember(
  { name, settings, whole, folds }: Member,
  point: Point,
  frame: Frame,
  fold?: number,
): number {
  const learner = learnerOf(name);
  const own = settingsIn(learner, settings, viewIn(frame, fold));
  return bounded(learner.predict(point, fold === undefined ? whole : folds[fold], own), frame, point.estimate);
}

/** What the model of all projects, or that of those outside of a fold, sees. */
export const viewIn = ({ whole, folds }: Frame, fold?: number): View => (fold === undefined ? whole : folds[fold]!);

/**
 * What a learner expects of the largest projects when it has seen but the others: how well it goes beyond what it knows.
 * The rows that it gives are those of `largest`, in their order. `sample` is as `view` sees it.
 */
export function beyond(
  { name, settings }: Member,
  sample: Sample,
  view: View,
  largest: readonly number[],
  bounds: Bounds,
): Vector {
  const learner = learnerOf(name);
  const own = settingsIn(learner, settings, view);
  const all = sample.points.map((_, row) => row);
  const fit = learner.fit(sample, without(all, largest), own);
  return Float64Array.from(largest, (row) => {
    const point = sample.points[row]!;
    return bounded(learner.predict(point, fit, own), bounds, point.estimate);
  });
}

/** For each project what the model that did not see it expects. */
export function outOfFold(member: Member, { folds }: Lessons, foldOf: Int32Array, frame: Frame): Vector {
  return Float64Array.from(foldOf, (fold, row) => predictMember(member, folds[fold]!.sample.points[row]!, frame, fold));
}
