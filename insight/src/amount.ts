import { type Blend, besideHuman, blended, learnBlend, trustBesideHuman } from './blend.ts';
import { type Encoding, encode, featuresOf, isEstimate, learnEncoding, uncentred } from './encoding.ts';
import type { History, Row } from './history.ts';
import { crossValidationPlus, learnSpread, leftOut, type Spread } from './intervals.ts';
import type { Point, Sample } from './learners/learner.ts';
import { ridge } from './learners/ridge.ts';
import {
  type Bounds,
  beyond,
  bounded,
  type Frame,
  type LearnerName,
  type Lessons,
  learnMember,
  type Member,
  outOfFold,
  predictMember,
  sampleIn,
  seen,
  type View,
  viewIn,
  viewOf,
  without,
} from './members.ts';
import { clip, largestLog, mean, median, randomOf, shuffled, type Vector } from './numbers.ts';
import { narrowEncoding, narrowed, placesIn, together as union } from './screening.ts';

/** How a project becomes a point. */
interface Reading {
  readonly logs: Encoding;
  readonly plain: Encoding;
  /** The feature that is a human's estimate, and the logarithm that stands for a missing one. */
  readonly estimate: { readonly feature: number; readonly typical: number } | null;
}

/** A learned amount: plain JSON. */
export interface AmountModel extends Frame {
  readonly reading: Reading;
  readonly members: readonly Member[];
  readonly blend: Blend;
  readonly spread: Spread;
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

const anyHistory: readonly LearnerName[] = ['median', 'absolute', 'ridge', 'process', 'trees', 'analogy'];
const besideEstimate: readonly LearnerName[] = [...anyHistory, 'human', 'corrected'];

/** The share of projects, of the largest estimates, on which going beyond what is known is tried. */
const largestShare = 0.15;

/** Learns amounts from ten finished projects or more, and says what cross-validation thinks of it. */
export function learnAmount(history: History, seed: number, nominal: number) {
  const { outcomes } = history;
  const { reading, sample, lessons, frame, foldOf, members } = learnMembers(history, seed);
  const count = outcomes.length;
  const estimates = members.map((member) => outOfFold(member, lessons, foldOf, frame));
  const largest = largestOf(estimates[members.findIndex(({ name }) => name === 'ridge')]!);
  const smaller = viewOf(sample, without(rowsOf(sample), largest));
  const outside = sampleIn(sample, smaller);
  const learned = learnBlend(
    members.map(({ name }) => name),
    { estimates, outcomes: sample.outcomes },
    {
      estimates: members.map((member) => beyond(member, outside, smaller, largest, frame)),
      outcomes: Float64Array.from(largest, (row) => sample.outcomes[row]!),
    },
  );
  const together = sample.outcomes.map((_, row) =>
    blended(
      learned,
      estimates.map((of) => of[row]!),
    ),
  );
  const blend: Blend = { ...learned, trust: trustBesideHuman(together, sample) };
  const values = together.map((value, row) => besideHuman(blend, value, sample.points[row]!));
  const spread = learnSpread(values, sample.outcomes, foldOf);
  const ends = leftOut(spread, nominal);
  const model: AmountModel = { ...frame, reading, members, blend, spread };
  return {
    model,
    quality: {
      rows: count,
      isThin: false,
      learners: members.map(({ name }, m) => ({
        name,
        weight: blend.within[m]!,
        mae: mean(outcomes.map((outcome, row) => Math.abs(outcome - Math.exp(estimates[m]![row]!)))),
      })),
      outOfFold: Array.from(values, (value, row) => estimateOf(value, ends(value), frame, sample.points[row]!)),
    },
  };
}

const rowsOf = ({ points }: Sample): number[] => points.map((_, row) => row);

/** The rows of the largest estimates. */
function largestOf(estimates: Vector): number[] {
  const order = Array.from(estimates, (_, row) => row).sort((a, b) => estimates[b]! - estimates[a]!);
  return order.slice(0, Math.max(3, Math.ceil(estimates.length * largestShare)));
}

function learnMembers({ features, rows, outcomes, estimate }: History, seed: number) {
  const random = randomOf(seed);
  const least = Math.min(...outcomes.filter((outcome) => outcome > 0));
  const logOutcomes = Float64Array.from(outcomes, (outcome) => Math.log(Math.max(outcome, least / 2)));
  const reading = learnReading(features, rows, estimate);
  const sample: Sample = { points: rows.map((row) => pointOf(reading, row)), outcomes: logOutcomes };
  const sorted = logOutcomes.toSorted();
  const bounds = {
    floor: sorted[0]! - Math.log(widest),
    ceiling: Math.min(sorted[sorted.length - 1]! + Math.log(widest), largestLog),
  };
  const foldCount = rows.length <= mostSingleFolds ? rows.length : manyFolds;
  const foldOf = new Int32Array(rows.length);
  const folds: number[][] = Array.from({ length: foldCount }, () => []);
  for (const [place, row] of shuffled(rows.length, random).entries()) {
    foldOf[row] = place % foldCount;
    folds[place % foldCount]!.push(row);
  }
  const names = reading.estimate === null ? anyHistory : besideEstimate;
  const all = rowsOf(sample);
  const calm = tamed(sample);
  const views = { whole: viewOf(calm, all), folds: folds.map((left) => viewOf(calm, without(all, left))) };
  const kept = {
    logs: union([views.whole, ...views.folds].map(({ logs }) => logs)),
    plain: union([views.whole, ...views.folds].map(({ plain }) => plain)),
  };
  const among = ({ logs, plain }: View): View => ({
    logs: placesIn(logs, kept.logs),
    plain: placesIn(plain, kept.plain),
  });
  const frame: Frame = { ...bounds, whole: among(views.whole), folds: views.folds.map(among) };
  const lessonsOf = (all: Sample): Lessons => ({
    all,
    whole: sampleIn(all, frame.whole),
    folds: folds.map((left, fold) => ({ sample: sampleIn(all, frame.folds[fold]!), kept: without(rowsOf(all), left) })),
  });
  const [lessons, calmLessons] = [lessonsOf(sampleIn(sample, kept)), lessonsOf(sampleIn(calm, kept))];
  const members = names.map((name) => learnMember(name, squared.has(name) ? calmLessons : lessons, random, frame));
  return {
    reading: {
      ...reading,
      logs: narrowEncoding(reading.logs, kept.logs),
      plain: narrowEncoding(reading.plain, kept.plain),
    },
    sample: lessons.all,
    lessons,
    frame,
    foldOf,
    members,
  };
}

/** Learners by squared errors, which one project far from all others would lead astray. */
const squared: ReadonlySet<LearnerName> = new Set(['ridge', 'process', 'trees', 'analogy']);

/** An outcome further from a straight line than this many robust deviations is taken to be no further. */
const furthestMiss = 4;

/** Outcomes with the furthest from a straight line drawn in: pseudo-values of Huber's (1981, 7.8). */
function tamed({ points: full, outcomes }: Sample): Sample {
  const all = rowsOf({ points: full, outcomes });
  const { logs } = viewOf({ points: full, outcomes }, all);
  const points = full.map((point) => ({ ...point, logs: narrowed(point.logs, logs) }));
  let calm: Sample = { points, outcomes };
  const strength = ridge.settle(calm, () => 0, null);
  for (let round = 0; round < 3; round++) {
    const line = ridge.fit(calm, all, strength);
    const values = points.map((point) => ridge.predict(point, line, strength));
    const reach = furthestMiss * 1.4826 * median(values.map((value, row) => Math.abs(outcomes[row]! - value)));
    calm = {
      points,
      outcomes: outcomes.map((outcome, row) => clip(outcome, values[row]! - reach, values[row]! + reach)),
    };
  }
  return { points: full, outcomes: calm.outcomes };
}

function learnReading(features: History['features'], all: readonly Row[], estimate: number | undefined): Reading {
  const rows = all.map((row) => withEstimate(row, estimate));
  const known = estimate === undefined ? [] : rows.flatMap((row) => logOf(row, estimate) ?? []);
  return {
    logs: learnEncoding(features, rows),
    plain: learnEncoding(features, rows, false),
    estimate: estimate === undefined || known.length === 0 ? null : { feature: estimate, typical: median(known) },
  };
}

/** A row whose estimate is missing where it is none (`isEstimate`). */
function withEstimate(row: Row, estimate: number | undefined): Row {
  return estimate === undefined || (row[estimate] ?? null) === null || isEstimate(row[estimate])
    ? row
    : row.with(estimate, null);
}

const logOf = (row: Row, feature: number): number | null =>
  isEstimate(row[feature]) ? Math.log(Number(row[feature])) : null;

function pointOf({ logs, plain, estimate }: Reading, asked: Row): Point {
  const row = withEstimate(asked, estimate?.feature);
  const given = estimate === null ? null : logOf(row, estimate.feature);
  return {
    logs: encode(logs, row),
    plain: uncentred(plain, encode(plain, row)),
    estimate: given ?? estimate?.typical ?? null,
    isEstimated: given !== null,
  };
}

function expected(model: AmountModel, point: Point, fold?: number): number {
  const own = seen(point, viewIn(model, fold));
  const together = blended(
    model.blend,
    model.members.map((member) => predictMember(member, own, model, fold)),
  );
  return besideHuman(model.blend, together, point);
}

const featuresIn = ({ logs, plain, estimate }: Reading): ReadonlySet<number> =>
  new Set([...featuresOf(logs), ...featuresOf(plain), ...(estimate === null ? [] : [estimate.feature])]);

/** The features that estimates depend on, those of models without a fold among them. */
export const readFeatures = ({ reading }: AmountModel): ReadonlySet<number> => featuresIn(reading);

/** The features that the estimates for new projects depend on. */
export const usedFeatures = ({ reading: { logs, plain, estimate }, whole }: AmountModel): ReadonlySet<number> =>
  featuresIn({ logs: narrowEncoding(logs, whole.logs), plain: narrowEncoding(plain, whole.plain), estimate });

/** The logarithm of the amount to expect, by all finished projects or by those outside of a fold. */
export const expectAmount = (model: AmountModel, row: Row, fold?: number): number =>
  expected(model, pointOf(model.reading, row), fold);

/** What a learned model expects of one project. */
export function predictAmount(model: AmountModel, row: Row, nominal: number): Estimate {
  const point = pointOf(model.reading, row);
  const foldCount = model.members[0]!.folds.length;
  const value = expected(model, point);
  const byFold = Array.from({ length: foldCount }, (_, fold) => expected(model, point, fold));
  return estimateOf(value, crossValidationPlus(model.spread, byFold, value, nominal), model, point);
}

/** Out of logarithms. An interval holds its estimate, and keeps within what was seen as estimates do. */
function estimateOf(
  value: number,
  { low, high }: { low: number; high: number },
  bounds: Bounds,
  point: Point,
): Estimate {
  const [lowest, highest] = [bounded(low, bounds, point.estimate), bounded(high, bounds, point.estimate)];
  return {
    value: Math.exp(value),
    low: Math.exp(Math.min(lowest, value)),
    high: Math.exp(Math.max(highest, value)),
  };
}
