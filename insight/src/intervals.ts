import { clip, deviation, mean, median } from './numbers.ts';

/** What a fold's model, which did not see the project, is off by: the distance of the logarithms, in units of `scaleAt`. */
export interface Residual {
  readonly fold: number;
  readonly distance: number;
}

/** How far outcomes lie from estimates: plain JSON. All numbers are logarithms or about such. */
export interface Spread {
  /** What is added to an estimate to be in the middle of the outcomes. */
  readonly shift: number;
  readonly centre: number;
  readonly deviation: number;
  /** By how much the logarithm of the distance changes with each deviation of the estimate: at most 0. */
  readonly slope: number;
  readonly residuals: readonly Residual[];
}

/** This many projects must agree before half of a shift is believed. */
const doubtOfShift = 20;

/** The change with size is shrunk toward 0 as if so many projects showed none. */
const doubtOfSlope = 30;

/** Weights of learners, shift and slope are fitted to the very distances, which are widened for as many numbers. */
const fitted = 3;

/** Beyond so many deviations the change with size goes no further. */
const furthest = 2.5;

/**
 * Learns how far outcomes lie from estimates of models that did not see them. Distances are normalised by one smooth
 * difficulty (locally weighted conformal prediction: Papadopoulos, Gammerman and Vovk 2008; Lei et al. 2018): large
 * projects, as sums of many tasks, may be missed by a smaller factor than small ones, and never by a larger one, as
 * the ends of their intervals are far apart already. The slope is that of Laplace distributions, by scoring.
 */
export function learnSpread(
  estimates: ArrayLike<number>,
  outcomes: ArrayLike<number>,
  foldOf: ArrayLike<number>,
): Spread {
  const count = outcomes.length;
  const misses = Array.from(outcomes, (outcome, row) => outcome - estimates[row]!);
  const shift = (median(misses) * count) / (count + doubtOfShift);
  const distances = misses.map((miss) => Math.abs(miss - shift));
  const sizes = { centre: mean(estimates), deviation: deviation(estimates) };
  const places = Array.from(estimates, (estimate) => placeOf(sizes, estimate));
  let slope = 0;
  for (let round = 0; round < 50; round++) {
    const scaled = distances.map((distance, row) => distance * Math.exp(-slope * places[row]!));
    const unit = Math.max(mean(scaled), 1e-12);
    let [pull, weight] = [doubtOfSlope * slope, doubtOfSlope];
    for (const [row, place] of places.entries()) {
      const ratio = scaled[row]! / unit;
      pull += place * (1 - ratio);
      weight += place ** 2 * Math.min(ratio, 3);
    }
    slope = Math.min(slope - (0.5 * pull) / weight, 0);
  }
  const spread = { shift, ...sizes, slope };
  const widening = Math.sqrt(count / (count - fitted));
  return {
    ...spread,
    residuals: distances.map((distance, row) => ({
      fold: foldOf[row]!,
      distance: (widening * distance) / scaleAt(spread, estimates[row]!),
    })),
  };
}

function placeOf({ centre, deviation }: Pick<Spread, 'centre' | 'deviation'>, estimate: number): number {
  return deviation > 0 ? clip((estimate - centre) / deviation, -furthest, furthest) : 0;
}

function scaleAt(spread: Omit<Spread, 'residuals' | 'shift'>, estimate: number): number {
  return Math.exp(spread.slope * placeOf(spread, estimate));
}

/**
 * The ends of a CV+ interval (Barber, Candès, Ramdas and Tibshirani 2021, "Predictive inference with the jackknife+"):
 * each finished project votes with the estimate of the model that did not see it, less and plus its own residual, and
 * the ends are the finite-sample quantiles of the votes. `estimates` holds one estimate for each fold, and `estimate` is
 * that of the model that has seen all.
 */
export function crossValidationPlus(spread: Spread, estimates: readonly number[], estimate: number, nominal: number) {
  const scale = scaleAt(spread, estimate);
  const vote = (side: number) =>
    Float64Array.from(
      spread.residuals,
      ({ fold, distance }) => estimates[fold]! + spread.shift + side * scale * distance,
    ).sort();
  const count = spread.residuals.length;
  // The places that the paper names, as far from the one end as from the other; with too few projects the outermost votes.
  const place = Math.min(Math.ceil(nominal * (count + 1)), count);
  return { low: vote(-1)[count - place]!, high: vote(1)[place - 1]! };
}

/** Gives the ends of the interval of a project that was left out, by the residuals of all. */
export function leftOut(spread: Spread, nominal: number) {
  const count = spread.residuals.length;
  const distances = Float64Array.from(spread.residuals, ({ distance }) => distance).sort();
  const reach = distances[Math.min(Math.ceil(nominal * (count + 1)), count) - 1]!;
  return (estimate: number) => ({
    low: estimate + spread.shift - reach * scaleAt(spread, estimate),
    high: estimate + spread.shift + reach * scaleAt(spread, estimate),
  });
}
