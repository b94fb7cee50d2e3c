import type { Vector } from '../numbers.ts';
import type { Columns } from '../screening.ts';

/** A project as learners of amounts see it. */
export interface Point {
  /** Standardised, with amounts read by their logarithms, and categories about their shares. */
  readonly logs: Vector;
  /** As it is: amounts in units of their deviation and not about a centre, categories 0 or 1. */
  readonly plain: Vector;
  /** The logarithm of a human's estimate, or of a typical one where it is missing; null where nobody estimates. */
  readonly estimate: number | null;
  /** A human estimated this very project. */
  readonly isEstimated: boolean;
}

/** Finished projects and the logarithms of their outcomes. */
export interface Sample {
  readonly points: readonly Point[];
  readonly outcomes: Vector;
}

/**
 * One way to learn log outcomes. What is settled on all projects (strengths of shrinkage, the points of a kernel) is
 * told apart from what is fitted, as the latter is fitted once more without each fold. Both are plain JSON.
 */
export interface Learner<Settings, Fit> {
  /** `columns` are those of `logs` that count among all projects; settings are of all columns. */
  settle(sample: Sample, random: () => number, columns: Columns): Settings;
  /** Settings as they are for some columns alone: where there are any that name columns. */
  narrow?(settings: Settings, columns: readonly number[]): Settings;
  /** Learns from the projects at the places `kept`. */
  fit(sample: Sample, kept: readonly number[], settings: Settings): Fit;
  /** The log outcome to expect. */
  predict(point: Point, fit: Fit, settings: Settings): number;
}
