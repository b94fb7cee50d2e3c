import { chanceCalibration, quantileCalibration } from './calibration.ts';
import { type ChanceModel, estimateChance, learnChance } from './chance.ts';
import {
  type Chance,
  fewSuccesses,
  predictShare,
  predictSuccess,
  reachOf,
  successInterval,
} from './chance_intervals.ts';
import type { History, Row, Scale } from './history.ts';
import { clip } from './numbers.ts';
import { fewShares } from './thin.ts';

/** Points of a score that are 1 of a share. */
const points = 100;

const unitOf = (scale: Scale): number => (scale === 'score' ? points : 1);

const inUnit = ({ value, low, high }: Chance, unit: number): Chance => ({
  value: unit * value,
  low: unit * low,
  high: unit * high,
});

/** Learns success, or a score, from ten finished projects or more. */
export function learnSuccess(history: History, seed: number, nominal: number) {
  const { outcomes, scale, rows } = history;
  const unit = unitOf(scale);
  const shares = Float64Array.from(outcomes, (outcome) => outcome / unit);
  const { model, estimates, learners, without, used } = learnChance(history, shares, seed);
  const reach = scale === 'score' ? reachOf(model.scored, nominal) : 0;
  const outOfFold = estimates.map((value, row): Chance => {
    if (scale === 'score') return { value, low: clip(value - reach, 0, 1), high: clip(value + reach, 0, 1) };
    // Its own outcome tells nothing of how far to trust its chance.
    const own = model.scored.findIndex(
      ({ score, outcome }) => Math.abs(score - value) < 1e-6 && outcome === shares[row],
    );
    return successInterval(model, model.scored.toSpliced(own, 1), rows[row]!, value, nominal);
  });
  return {
    model,
    quality: {
      rows: rows.length,
      isThin: false,
      learners: learners.map(({ mae, ...learner }) => ({ ...learner, mae: unit * mae })),
      outOfFold: outOfFold.map((each) => inUnit(each, unit)),
      calibration:
        scale === 'score'
          ? quantileCalibration(estimates.map((value, row) => shares[row]! - value))
          : chanceCalibration(outcomes, estimates),
    },
    used,
    /** The error of a row with other values, by what was learned without it. */
    errorOf: (row: number, values: Row): number => {
      const miss = without(row, values) - shares[row]!;
      return scale === 'score' ? Math.abs(miss) : miss ** 2;
    },
  };
}

export function predictScaled(model: ChanceModel, scale: Scale, row: Row, nominal: number): Chance {
  if (scale === 'success') return predictSuccess(model, row, nominal);
  return inUnit(predictShare(model, row, nominal), points);
}

export const expectScaled = (model: ChanceModel, scale: Scale, row: Row): number =>
  unitOf(scale) * estimateChance(model, row);

/** What fewer projects tell. */
export function fewScaled({ outcomes, scale }: Pick<History, 'outcomes' | 'scale'>, nominal: number): Chance {
  if (scale === 'success') return fewSuccesses(outcomes, nominal);
  return inUnit(fewShares(outcomes.map((outcome) => outcome / points)), points);
}
