import type { Design } from './impact_design.ts';
import { drawOf, times } from './impact_system.ts';
import { randomOf } from './numbers.ts';

/** Draws of the posterior, in units of the outcomes given. */
export interface Posterior {
  /** Of each draw the effect of every artifact: what artifacts do on the average, and what this one does beyond that. */
  readonly effects: readonly Float64Array[];
  /** Means over the draws. */
  readonly fitted: Float64Array;
  readonly residualVariance: number;
  readonly artifactVariance: number;
}

/** Of the inverse chi-squared prior of the residual variance, in outcomes of unit variance: as if so many were seen. */
const residual = { degrees: 3, variance: 0.5 } as const;

/** Numbers of the normal distribution (Box and Muller), and of the gamma distribution (Marsaglia and Tsang 2000). */
function numbersOf(seed: number) {
  const uniform = randomOf(seed);
  let spare: number | undefined;
  const normal = (): number => {
    if (spare !== undefined) {
      const kept = spare;
      spare = undefined;
      return kept;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
    const angle = 2 * Math.PI * uniform();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
  const gamma = (shape: number): number => {
    if (shape < 1) return gamma(shape + 1) * (1 - uniform()) ** (1 / shape);
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = normal();
      const v = (1 + c * x) ** 3;
      if (v > 0 && Math.log(1 - uniform()) < (x * x) / 2 + d - d * v + d * Math.log(v)) return d * v;
    }
  };
  return { normal, gamma };
}

/**
 * Gibbs draws of a mixed model y = Xβ + Zu + e: all coefficients at once, then of each group its standard deviation, whose
 * half-Cauchy prior (Gelman 2006) comes by a redundant factor that also lets it leave the neighbourhood of 0, then the
 * residual variance. So the uncertainty of the variances is in the draws. `outcomes` are centred and of about unit variance.
 */
export function posteriorOf(
  design: Design,
  outcomes: Float64Array,
  { draws, seed }: { draws: number; seed: number },
): Posterior {
  const { columns, groups, reuse, artifacts } = design;
  const count = outcomes.length;
  const { normal, gamma } = numbersOf(seed);
  const draw = drawOf(design, outcomes);
  const factors = groups.map(({ scale }) => scale);
  const variances = groups.map(() => 1);
  let variance: number = residual.variance;
  const burnIn = Math.ceil(draws / 4);
  const effects: Float64Array[] = [];
  const fitted = new Float64Array(count);
  let residualVariance = 0;
  let artifactVariance = 0;
  const precision = design.precision.slice();
  for (let turn = 0; turn < burnIn + draws; turn++) {
    for (const [which, { start, end }] of groups.entries()) {
      precision.fill(1 / Math.max(factors[which]! ** 2 * variances[which]!, 1e-12), start, end);
    }
    const coefficients = draw(variance, precision, normal);
    let explained = times(design, coefficients);
    for (const [which, { start, end, scale }] of groups.entries()) {
      const former = factors[which]!;
      const bare = new Float64Array(columns);
      for (let at = start; at < end; at++) bare[at] = coefficients[at]! / former;
      const part = times(design, bare);
      let squares = 0;
      let product = 0;
      for (let i = 0; i < count; i++) {
        squares += part[i]! ** 2;
        product += part[i]! * (outcomes[i]! - explained[i]! + former * part[i]!);
      }
      const exactness = squares / variance + scale ** -2;
      let factor = product / variance / exactness + normal() / Math.sqrt(exactness);
      if (Math.abs(factor) < 1e-6) factor = 1e-6;
      factors[which] = factor;
      let sum = 0;
      for (let at = start; at < end; at++) {
        coefficients[at] = bare[at]! * factor;
        sum += bare[at]! ** 2;
      }
      variances[which] = (1 + sum) / 2 / gamma((1 + end - start) / 2);
      explained = explained.map((each, i) => each + (factor - former) * part[i]!);
    }
    let errors = 0;
    for (let i = 0; i < count; i++) errors += (outcomes[i]! - explained[i]!) ** 2;
    variance = (residual.degrees * residual.variance + errors) / 2 / gamma((residual.degrees + count) / 2);
    if (turn < burnIn) continue;
    const mean = coefficients[reuse]!;
    effects.push(coefficients.subarray(artifacts).map((each) => each + mean));
    for (let i = 0; i < count; i++) fitted[i]! += explained[i]! / draws;
    residualVariance += variance / draws;
    const last = groups.length - 1;
    artifactVariance += (factors[last]! ** 2 * variances[last]!) / draws;
  }
  return { effects, fitted, residualVariance, artifactVariance };
}
