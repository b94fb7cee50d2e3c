import { type AmountModel, learnAmount, predictAmount } from './amount.ts';
import type { History, Row } from './history.ts';
import { fewAmounts } from './thin.ts';

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
  /** Of amounts, where there are enough finished projects to learn more than their median. */
  readonly amount?: AmountModel;
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
export function learn(history: History, seed: number): Learned {
  const { outcomes, scale } = history;
  if (scale === 'amount') return outcomes.length < fewRows ? learnFewAmounts(outcomes) : learnAmounts(history, seed);
  const sorted = outcomes.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? Number.NaN;
  return thin(outcomes.length, { value: at(0.5), low: at((1 - nominal) / 2), high: at((1 + nominal) / 2) });
}

function learnAmounts(history: History, seed: number): Learned {
  const { model, quality } = learnAmount(history, seed, nominal);
  const { value: median, low, high } = fewAmounts(history.outcomes);
  return { model: { format: 1, median, low, high, amount: model }, quality: { ...quality, importances: [] } };
}

function learnFewAmounts(outcomes: readonly number[]): Learned {
  const others = (row: number): OutOfFold => fewAmounts(outcomes.length > 1 ? outcomes.toSpliced(row, 1) : outcomes);
  const learned = thin(outcomes.length, fewAmounts(outcomes));
  return { ...learned, quality: { ...learned.quality, outOfFold: outcomes.map((_, row) => others(row)) } };
}

function thin(rows: number, { value, low, high }: OutOfFold): Learned {
  return {
    model: { format: 1, median: value, low, high },
    quality: {
      rows,
      isThin: true,
      learners: [{ name: 'median', weight: 1, mae: 0 }],
      outOfFold: Array.from({ length: rows }, () => ({ value, low, high })),
      importances: [],
    },
  };
}

/** Estimates for new projects. */
export function predict({ median, low, high, amount }: Model, rows: readonly Row[]): Prediction[] {
  return rows.map((row) => ({
    ...(amount === undefined ? { value: median, low, high } : predictAmount(amount, row, nominal)),
    confidence: 0,
    typical: median,
    contributions: [],
    similar: [],
    unfamiliar: [],
  }));
}
