import { type Spread, spreadsOf } from '@maestro/insight/drift';
import type { Feature, Scale } from '@maestro/insight/history';
import { nominal, type Quality } from '@maestro/insight/learning';
import {
  type AmountScores,
  type IntervalScores,
  type SuccessScores,
  scoreAmounts,
  scoreIntervals,
  scoreSuccess,
} from '@maestro/insight/scores';
import type { Unread } from './features.ts';
import { type Lesson, pointsOf } from './histories.ts';

/** What is told of a model of one outcome. Kept with it, as JSON. */
export interface Report {
  readonly scale: Scale;
  readonly rows: number;
  readonly is_thin: boolean;
  readonly features: readonly Feature[];
  readonly learners: readonly { readonly name: string; readonly weight: number; readonly mae: number }[];
  /** Of estimates by models that did not see the project; null of a single project. */
  readonly errors: AmountScores | null;
  /** Null of chances of success, too: their intervals hold the chance, and not what comes. */
  readonly intervals: (IntervalScores & { readonly nominal: number }) | null;
  /** Where the outcome is success or failure. */
  readonly probabilities: SuccessScores | null;
  readonly calibration: Quality['calibration'];
  readonly importances: readonly { readonly feature: string; readonly importance: number }[];
  readonly spreads: readonly (Spread | null)[];
  /** Undefined of a model from before it was told. */
  readonly unread?: readonly Unread[];
}

export function reportOf({ history, unread }: Lesson, quality: Quality): Report {
  const { features, rows, outcomes, scale } = history;
  const { outOfFold, importances, isThin, learners, calibration } = quality;
  const points = pointsOf(scale);
  const told = outcomes.map((value) => value * points);
  const estimates = outOfFold.map(({ value, low, high }) => ({
    value: value * points,
    low: low * points,
    high: high * points,
  }));
  const isTested = rows.length > 1 && outOfFold.length === rows.length;
  return {
    scale,
    rows: rows.length,
    is_thin: isThin,
    features,
    learners: learners.map(({ name, weight, mae }) => ({ name, weight, mae: mae * points })),
    errors: isTested
      ? scoreAmounts(
          told,
          estimates.map(({ value }) => value),
        )
      : null,
    intervals: isTested && scale !== 'success' ? { nominal, ...scoreIntervals(told, estimates) } : null,
    probabilities: isTested && scale === 'success' ? scoreSuccess(outcomes, outOfFold) : null,
    calibration,
    importances: importances
      .map(({ feature, importance }) => ({ feature: (features[feature] as Feature).name, importance }))
      .sort((a, b) => b.importance - a.importance),
    spreads: spreadsOf(features, rows),
    unread,
  };
}
