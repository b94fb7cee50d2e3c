import { type AmountModel, expectAmount, learnAmount, predictAmount, readFeatures, usedFeatures } from './amount.ts';
import { type CalibrationPoint, quantileCalibration } from './calibration.ts';
import type { ChanceModel } from './chance.ts';
import { featuresOf } from './encoding.ts';
import {
  type Background,
  confidenceOf,
  contributionsOf,
  importancesOf,
  learnBackground,
  likenessTo,
  similarTo,
  unfamiliarIn,
} from './explain.ts';
import { type History, historyOf, type Row, type Scale } from './history.ts';
import { mean, quantile } from './numbers.ts';
import { expectScaled, fewScaled, learnSuccess, predictScaled } from './success.ts';
import { fewAmounts, fewRows } from './thin.ts';

/** The share of outcomes that an interval is made to hold. */
export const nominal = 0.8;

/** Whatever `predict` reads is of this format: a change of it, or of what features mean, takes the next number. */
export const modelFormat = 4;

/** What is learned from a history: plain JSON, so that it can be stored, and read by the version that wrote it. */
export interface Model {
  readonly format: typeof modelFormat;
  readonly scale: Scale;
  /** Of what is known without any feature: the median or the share of successes, and its interval. */
  readonly median: number;
  readonly low: number;
  readonly high: number;
  /** Of amounts, where there are enough finished projects to learn more than their median. */
  readonly amount?: AmountModel;
  /** The same of success and scores. */
  readonly chance?: ChanceModel;
  /** What estimates are explained by. */
  readonly background: Background;
  /** How far apart the outcomes are between which the middle 80 % lie; of amounts their logarithms. */
  readonly range: number;
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
  /** Shares of the features in what the model knows, by permutation; they sum to 1, or are 0 where it knows nothing. */
  readonly importances: readonly { readonly feature: number; readonly importance: number }[];
  /** Of amounts and scores the shares of outcomes below given quantiles; of success those of projects of like chance. */
  readonly calibration: readonly CalibrationPoint[];
}

export interface Learned {
  readonly model: Model;
  readonly quality: Quality;
}

/** Learns from finished projects. The same history and seed give the same model. */
export function learn(history: History, seed: number): Learned {
  if (history.outcomes.length < fewRows) return learnFew(history);
  return history.scale === 'amount' ? learnAmounts(history, seed) : learnChances(history, seed);
}

/** Where there is no amount above 0 at all, next to nothing is expected. */
const nextToNothing = 1e-9;

/**
 * Projects in an order that does not depend on the one in which they come, and the place of each in it: folds and draws go
 * by places, and so the same projects teach the same, however they are listed.
 */
function inOrder(history: History): { ordered: History; placeOf: Int32Array } {
  const { outcomes, scale } = history;
  const amounts = scale === 'amount' ? amountsOf(outcomes) : outcomes;
  const texts = history.rows.map((row, at) =>
    JSON.stringify([row, history.others?.map((other) => other.outcomes[at])]),
  );
  const order = outcomes
    .map((_, row) => row)
    .sort((a, b) => outcomes[a]! - outcomes[b]! || (texts[a]! < texts[b]! ? -1 : Number(texts[a]! > texts[b]!)));
  const placeOf = new Int32Array(order.length);
  for (const [place, row] of order.entries()) placeOf[row] = place;
  return {
    ordered: historyOf({ ...history, outcomes: amounts }, order),
    placeOf,
  };
}

const inPlaces = <T>(values: readonly T[], placeOf: Int32Array): T[] => Array.from(placeOf, (place) => values[place]!);

function learnAmounts(history: History, seed: number): Learned {
  const { ordered, placeOf } = inOrder(history);
  const { rows, outcomes } = ordered;
  const { model: amount, quality } = learnAmount(ordered, seed, nominal);
  // An amount of 0 has no logarithm: the least that is ever expected stands for it.
  const logs = outcomes.map((outcome) => Math.max(Math.log(outcome), amount.floor));
  const misses = logs.map((log, row) => log - Math.log(quality.outOfFold[row]!.value));
  const importances = importancesOf(
    ordered,
    seed,
    (row, values) => Math.abs(logs[row]! - expectAmount(amount, values, amount.spread.residuals[row]!.fold)),
    readFeatures(amount),
  );
  return {
    model: { ...withoutFeatures(history), amount, background: learnBackground(history, importances) },
    quality: {
      ...quality,
      outOfFold: inPlaces(quality.outOfFold, placeOf),
      rows: rows.length,
      importances: byFeature(importances),
      calibration: quantileCalibration(misses),
    },
  };
}

function learnChances(history: History, seed: number): Learned {
  const { ordered, placeOf } = inOrder(history);
  const { model: chance, quality, errorOf, used } = learnSuccess(ordered, seed, nominal);
  const importances = importancesOf(ordered, seed, errorOf, used);
  return {
    model: { ...withoutFeatures(history), chance, background: learnBackground(history, importances) },
    quality: { ...quality, outOfFold: inPlaces(quality.outOfFold, placeOf), importances: byFeature(importances) },
  };
}

const byFeature = (importances: readonly number[]) =>
  importances.map((importance, feature) => ({ feature, importance }));

const fewOf = (history: Pick<History, 'outcomes' | 'scale'>): OutOfFold =>
  history.scale === 'amount' ? fewAmounts(amountsOf(history.outcomes)) : fewScaled(history, nominal);

const amountsOf = (outcomes: readonly number[]): readonly number[] =>
  outcomes.length === 0 || outcomes.some((outcome) => outcome > 0) ? outcomes : outcomes.map(() => nextToNothing);

function withoutFeatures(history: History): Pick<Model, 'format' | 'scale' | 'median' | 'low' | 'high' | 'range'> {
  const { outcomes, scale } = history;
  const { value: median, low, high } = fewOf(history);
  const read = scale === 'amount' ? outcomes.filter((outcome) => outcome > 0).map(Math.log) : outcomes;
  const range = scale === 'success' || read.length === 0 ? 1 : quantile(read, 0.9) - quantile(read, 0.1);
  return { format: modelFormat, scale, median, low, high, range };
}

function learnFew(history: History): Learned {
  const { outcomes, scale } = history;
  const others = (row: number): OutOfFold =>
    fewOf({ scale, outcomes: outcomes.length > 1 ? outcomes.toSpliced(row, 1) : outcomes });
  const outOfFold = outcomes.map((_, row) => others(row));
  const errors = outcomes.map((outcome, row) => Math.abs(outcome - outOfFold[row]!.value));
  return {
    model: { ...withoutFeatures(history), background: learnBackground(history, []) },
    quality: {
      rows: outcomes.length,
      isThin: true,
      learners: [{ name: 'median', weight: 1, mae: errors.length > 0 ? mean(errors) : 0 }],
      outOfFold,
      importances: [],
      calibration: [],
    },
  };
}

/**
 * What `predict` estimates by what `learn` finds, and the learners, without what explains either: that takes as long again,
 * and longer where there are many features.
 */
export function estimateOthers(
  history: History,
  rows: readonly Row[],
  seed: number,
): { readonly estimates: OutOfFold[]; readonly learners: Quality['learners'] } {
  const { outcomes, scale } = history;
  if (outcomes.length < fewRows) {
    const { model, quality } = learnFew(history);
    return { estimates: rows.map((row) => estimated(model, row)), learners: quality.learners };
  }
  const { ordered } = inOrder(history);
  if (scale === 'amount') {
    const { model, quality } = learnAmount(ordered, seed, nominal);
    return { estimates: rows.map((row) => predictAmount(model, row, nominal)), learners: quality.learners };
  }
  const { model, quality } = learnSuccess(ordered, seed, nominal);
  return { estimates: rows.map((row) => predictScaled(model, scale, row, nominal)), learners: quality.learners };
}

/** Estimates for new projects. */
export function predict(model: Model, rows: readonly Row[]): Prediction[] {
  return rows.map((row) => ({ ...explained(model, row), similar: similarTo(model.background, row) }));
}

/** How much like a new project finished ones are, by their places in the history, as `Prediction.similar` has it. */
export const likenessOf = ({ background }: Model, row: Row, places: readonly number[]): number[] =>
  likenessTo(background, row, places);

function estimated({ scale, median: value, low, high, amount, chance }: Model, row: Row): OutOfFold {
  if (amount) return predictAmount(amount, row, nominal);
  return chance ? predictScaled(chance, scale, row, nominal) : { value, low, high };
}

function explained(model: Model, row: Row): Omit<Prediction, 'similar'> {
  const { scale, background, range, amount, chance } = model;
  const estimate = estimated(model, row);
  const unfamiliar = unfamiliarIn(background, row);
  if (!amount && !chance) {
    return { ...estimate, confidence: 0, typical: estimate.value, contributions: [], unfamiliar };
  }
  const { typical, effects } = contributionsOf(
    background,
    row,
    (values) => (amount ? expectAmount(amount, values) : expectScaled(chance!, scale, values)),
    amount ? usedFeatures(amount) : featuresOf(chance!.encoding),
  );
  const width = amount ? Math.log(estimate.high / estimate.low) : estimate.high - estimate.low;
  return {
    ...estimate,
    confidence: confidenceOf(background, width, range, unfamiliar),
    typical: amount ? Math.exp(typical) : typical,
    contributions: effects.map((effect, feature) => ({ feature, effect: amount ? Math.exp(effect) : effect })),
    unfamiliar,
  };
}
