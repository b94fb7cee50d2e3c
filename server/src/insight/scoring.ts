import type { OutcomeAnswer } from './answer.ts';
import { hasEnded, type Outcome, outcomes, outcomesOf, type Told } from './outcomes.ts';

/** How far a prediction was from what came. */
export interface OutcomeScore {
  readonly actual: number;
  /** Actual minus predicted, in the outcome's unit. */
  readonly error: number;
  /** |error| / actual; null of an actual 0. */
  readonly relative_error: number | null;
  /** Null of a chance: its interval holds no outcome, which is 0 or 100. */
  readonly within_interval: boolean | null;
}

export type Score = Readonly<Record<Outcome, OutcomeScore | null>>;

/** Of an answer, what is held against what comes. */
export type Predicted = Partial<Readonly<Record<Outcome, Pick<OutcomeAnswer, 'value' | 'low' | 'high' | 'is_chance'>>>>;

/** Null while there is nothing to hold a prediction against. */
export function scoreOf(answer: Predicted, project: Told | null): Score | null {
  if (!project || !hasEnded(project)) return null;
  const actuals = outcomesOf(project);
  const of = (outcome: Outcome): OutcomeScore | null => {
    const actual = actuals[outcome];
    const predicted = answer[outcome];
    if (actual === null || !predicted) return null;
    const error = actual - predicted.value;
    return {
      actual,
      error,
      relative_error: actual === 0 ? null : Math.abs(error) / actual,
      within_interval: predicted.is_chance ? null : predicted.low <= actual && actual <= predicted.high,
    };
  };
  const [success_score, duration_days, cost] = outcomes.map(of) as [
    OutcomeScore | null,
    OutcomeScore | null,
    OutcomeScore | null,
  ];
  return { success_score, duration_days, cost };
}
