import { mean, quantile } from './numbers.ts';

/** A share that was foretold, and the share that came. */
export interface CalibrationPoint {
  readonly expected: number;
  readonly observed: number;
}

const shares = [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95];

/**
 * How many outcomes were at or below each quantile that a model gives: its estimate, less or plus how far out-of-fold
 * estimates are off. `misses` are outcomes less out-of-fold estimates, on the scale on which intervals are even.
 */
export function quantileCalibration(misses: readonly number[]): CalibrationPoint[] {
  const distances = misses.map(Math.abs);
  return shares.map((expected) => {
    const reach = quantile(distances, Math.abs(2 * expected - 1)) * Math.sign(expected - 0.5);
    return { expected, observed: mean(misses.map((miss) => (miss <= reach ? 1 : 0))) };
  });
}

/** Groups of projects of about the same chance; fewer where there are few projects. */
const mostGroups = 10;
const groupMin = 10;

/** Of projects in groups by their out-of-fold chance: its mean, and the share that succeeded. */
export function chanceCalibration(outcomes: readonly number[], chances: readonly number[]): CalibrationPoint[] {
  const order = chances.map((_, row) => row).sort((a, b) => chances[a]! - chances[b]!);
  const groups = Math.max(1, Math.min(mostGroups, Math.floor(order.length / groupMin)));
  return Array.from({ length: groups }, (_, group) => {
    const rows = order.slice((group * order.length) / groups, ((group + 1) * order.length) / groups);
    return { expected: mean(rows.map((row) => chances[row]!)), observed: mean(rows.map((row) => outcomes[row]!)) };
  });
}
