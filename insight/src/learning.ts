import type { History, Row } from './history.ts';

/** The share of outcomes that an interval is made to hold. */
export const nominal = 0.8;

/** With fewer finished projects than these a model is their median, and says so. */
export const fewRows = 10;

/** What is learned from a history: plain JSON, so that it can be stored, and read by the version that wrote it. */
export interface Model {
  readonly format: 1;
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** How much a feature's value moves an estimate away from that of a typical project. */
export interface Contribution {
  /** The feature's place among the features. */
  readonly feature: number;
  /** For amounts the factor on the estimate (1: none), else what it adds (points of score, or probability). */
  readonly effect: number;
}

export interface Prediction {
  /** An amount, a score, or the probability of success. */
  readonly value: number;
  /** Ends of the interval that holds the outcome in `nominal` of cases. */
  readonly low: number;
  readonly high: number;
  /** 0 to 1. */
  readonly confidence: number;
  /** What a typical project of the history would get: contributions start here and end at `value`. */
  readonly typical: number;
  readonly contributions: readonly Contribution[];
  /** The nearest finished projects, nearest first: rows of the history, and how alike they are, 0 to 1. */
  readonly similar: readonly { readonly row: number; readonly similarity: number }[];
  /** Features whose value the history never saw: another category, or a number far outside. */
  readonly unfamiliar: readonly number[];
}

/** Estimates of rows by models that did not see them. */
export interface OutOfFold {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** What cross-validation says of a model. Errors are in the outcome's unit; shares are 0 to 1. */
export interface Quality {
  readonly rows: number;
  /** Too little is known: the model is the median of fewer than `fewRows` projects. */
  readonly isThin: boolean;
  readonly learners: readonly { readonly name: string; readonly weight: number; readonly mae: number }[];
  readonly outOfFold: readonly OutOfFold[];
  readonly importances: readonly { readonly feature: number; readonly importance: number }[];
}

export interface Learned {
  readonly model: Model;
  readonly quality: Quality;
}

/** Learns from finished projects. The same history and seed give the same model. */
export function learn({ outcomes }: History, _seed: number): Learned {
  const sorted = outcomes.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? Number.NaN;
  const model: Model = { format: 1, median: at(0.5), low: at((1 - nominal) / 2), high: at((1 + nominal) / 2) };
  const { median: value, low, high } = model;
  return {
    model,
    quality: {
      rows: outcomes.length,
      isThin: true,
      learners: [{ name: 'median', weight: 1, mae: 0 }],
      outOfFold: outcomes.map(() => ({ value, low, high })),
      importances: [],
    },
  };
}

/** Estimates for new projects. */
export function predict({ median: value, low, high }: Model, rows: readonly Row[]): Prediction[] {
  return rows.map(() => ({
    value,
    low,
    high,
    confidence: 0,
    typical: value,
    contributions: [],
    similar: [],
    unfamiliar: [],
  }));
}
