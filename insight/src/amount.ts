import { type Encoding, encode, learnEncoding, numberOf } from './encoding.ts';
import type { History, Row } from './history.ts';
import { crossValidationPlus, type Residual } from './intervals.ts';
import type { Point, Sample } from './learners/learner.ts';
import { fitRidge, type Line, predictLine } from './learners/ridge.ts';
import { clip, mean, median, randomOf, shuffled } from './numbers.ts';

/** What each learner has learned from the same projects. */
interface Fits {
  readonly median: number;
  readonly ridge: Line;
}

/** A learned amount: plain JSON. */
export interface AmountModel {
  readonly logs: Encoding;
  readonly plain: Encoding;
  readonly estimate: number | null;
  /** Logarithms between which predictions are kept. */
  readonly floor: number;
  readonly ceiling: number;
  readonly weights: Readonly<Record<keyof Fits, number>>;
  readonly whole: Fits;
  /** What was learned without each fold's projects. */
  readonly folds: readonly Fits[];
  readonly residuals: readonly Residual[];
}

/** An estimate with its interval, in the outcome's unit. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** With up to these many projects each is a fold of its own (jackknife+), as folds of several would leave too few. */
const mostSingleFolds = 40;
const manyFolds = 10;

/** Predictions stay within the outcomes seen, widened by this factor. */
const widest = 5;

function fitAll({ points, outcomes }: Sample): Fits {
  return {
    median: median(outcomes),
    ridge: fitRidge(
      points.map(({ logs }) => logs),
      outcomes,
    ),
  };
}

function predictAll(fits: Fits, { logs }: Point): Record<keyof Fits, number> {
  return { median: fits.median, ridge: predictLine(fits.ridge, logs) };
}

function blended(model: Pick<AmountModel, 'weights' | 'floor' | 'ceiling'>, fits: Fits, point: Point): number {
  const estimates = predictAll(fits, point);
  let sum = 0;
  for (const name of Object.keys(model.weights) as (keyof Fits)[]) {
    sum += model.weights[name] * clip(estimates[name], model.floor, model.ceiling);
  }
  return sum;
}

/** Learns amounts from ten finished projects or more, and says what cross-validation thinks of it. */
export function learnAmount({ features, rows, outcomes, estimate }: History, seed: number, nominal: number) {
  const least = Math.min(...outcomes.filter((outcome) => outcome > 0));
  const logOutcomes = Float64Array.from(outcomes, (outcome) => Math.log(Math.max(outcome, least / 2)));
  const readers = { logs: learnEncoding(features, rows), plain: learnEncoding(features, rows, false) };
  const points = rows.map((row) => pointOf(readers, estimate ?? null, row));
  const count = rows.length;
  const folds = count <= mostSingleFolds ? count : manyFolds;
  const foldOf = new Int32Array(count);
  for (const [place, row] of shuffled(count, randomOf(seed)).entries()) foldOf[row] = place % folds;
  const fits = Array.from({ length: folds }, (_, fold) => {
    const kept = points.map((_, row) => row).filter((row) => foldOf[row] !== fold);
    return fitAll({
      points: kept.map((row) => points[row]!),
      outcomes: Float64Array.from(kept, (row) => logOutcomes[row]!),
    });
  });
  const sorted = logOutcomes.toSorted();
  const blend = {
    weights: { median: 0, ridge: 1 },
    floor: sorted[0]! - Math.log(widest),
    ceiling: sorted[count - 1]! + Math.log(widest),
  };
  const estimates = points.map((point, row) => blended(blend, fits[foldOf[row]!]!, point));
  const residuals = estimates.map((value, row) => ({
    fold: foldOf[row]!,
    distance: Math.abs(logOutcomes[row]! - value),
  }));
  const model: AmountModel = {
    ...readers,
    estimate: estimate ?? null,
    ...blend,
    whole: fitAll({ points, outcomes: logOutcomes }),
    folds: fits,
    residuals,
  };
  const distances = residuals.map(({ distance }) => distance).toSorted((a, b) => a - b);
  const reach = distances[Math.min(Math.ceil(nominal * (count + 1)), count) - 1]!;
  return {
    model,
    quality: {
      rows: count,
      isThin: false,
      learners: (Object.keys(blend.weights) as (keyof Fits)[]).map((name) => ({
        name,
        weight: blend.weights[name],
        mae: mean(
          points.map((point, row) => Math.abs(outcomes[row]! - Math.exp(predictAll(fits[foldOf[row]!]!, point)[name]))),
        ),
      })),
      outOfFold: estimates.map((value) => ({
        value: Math.exp(value),
        low: Math.exp(value - reach),
        high: Math.exp(value + reach),
      })),
    },
  };
}

function pointOf({ logs, plain }: Pick<AmountModel, 'logs' | 'plain'>, estimate: number | null, row: Row): Point {
  const number = estimate === null ? null : numberOf(row[estimate], 'numeric');
  return {
    logs: encode(logs, row),
    plain: encode(plain, row),
    estimate: number === null || number <= 0 ? null : Math.log(number),
  };
}

/** The logarithm of the amount to expect, by all finished projects or those outside of a fold. */
export function expectAmount(model: AmountModel, row: Row, fold?: number): number {
  const point = pointOf(model, model.estimate, row);
  return blended(model, fold === undefined ? model.whole : model.folds[fold]!, point);
}

export function predictAmount(model: AmountModel, row: Row, nominal: number): Estimate {
  const point = pointOf(model, model.estimate, row);
  const value = blended(model, model.whole, point);
  const byFold = model.folds.map((fits) => blended(model, fits, point));
  const { low, high } = crossValidationPlus(byFold, model.residuals, nominal);
  return { value: Math.exp(value), low: Math.exp(Math.min(low, value)), high: Math.exp(Math.max(high, value)) };
}

/** What each learner by itself estimates, in the outcome's unit. */
export function estimatesOf(model: AmountModel, row: Row): Record<string, number> {
  const estimates = predictAll(model.whole, pointOf(model, model.estimate, row));
  return Object.fromEntries(
    Object.entries(estimates).map(([name, value]) => [name, Math.exp(clip(value, model.floor, model.ceiling))]),
  );
}
