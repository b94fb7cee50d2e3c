/** What a fold's model, which did not see the project, is off by: the distance of the logarithms. */
export interface Residual {
  readonly fold: number;
  readonly distance: number;
}

/**
 * The ends of a CV+ interval (Barber, Candès, Ramdas and Tibshirani 2021, "Predictive inference with the jackknife+"):
 * each finished project votes with the estimate of the model that did not see it, less and plus its own residual, and
 * the ends are the finite-sample quantiles of the votes. `estimates` holds one estimate for each fold.
 */
export function crossValidationPlus(estimates: readonly number[], residuals: readonly Residual[], nominal: number) {
  const lows = Float64Array.from(residuals, ({ fold, distance }) => estimates[fold]! - distance).sort();
  const highs = Float64Array.from(residuals, ({ fold, distance }) => estimates[fold]! + distance).sort();
  const count = residuals.length;
  const outside = 1 - nominal;
  // The places that the paper names; with too few projects for them the outermost votes.
  const low = Math.max(Math.floor(outside * (count + 1)), 1) - 1;
  const high = Math.min(Math.ceil((1 - outside) * (count + 1)), count) - 1;
  return { low: lows[low]!, high: highs[high]! };
}
