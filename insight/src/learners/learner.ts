import type { Vector } from '../numbers.ts';

/** A project as learners of amounts see it. */
export interface Point {
  /** Encoded, with amounts read by their logarithms. */
  readonly logs: Vector;
  /** Encoded, with amounts as they are. */
  readonly plain: Vector;
  /** The logarithm of a human's estimate; null where there is none. */
  readonly estimate: number | null;
}

/** Finished projects and the logarithms of their outcomes. */
export interface Sample {
  readonly points: readonly Point[];
  readonly outcomes: Vector;
}

/** Learns log outcomes from finished projects. What it has learned is plain JSON. */
export interface Learner<Fit> {
  readonly name: string;
  fit(sample: Sample, random: () => number): Fit;
  /** The log outcome to expect. */
  predict(fit: Fit, point: Point): number;
}
