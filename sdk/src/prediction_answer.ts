import type { paths } from './contract.ts';
import type { Estimate } from './interval_text.ts';

type Asked = paths['/predictions']['post'];

/** What a project is to be like: of one that is there, what is changed; or a whole one that is not made. */
export type PredictionChanges = Omit<NonNullable<Asked['requestBody']>['content']['application/json'], 'project_id'>;
/** What is predicted, as the contract has it. */
export type PredictionAnswer = Asked['responses'][200]['content']['application/json'];

export type Outcome = keyof PredictionAnswer['intervals'];
type Figures = Pick<PredictionAnswer, `predicted_${Outcome}` | 'intervals'>;
type Contribution = NonNullable<PredictionAnswer['contributions'][Outcome]>[number];

export const outcomeNames: Readonly<Record<Outcome, string>> = {
  success_score: 'Success score',
  duration_days: 'Duration',
  cost: 'Cost',
};
export const outcomes = Object.keys(outcomeNames) as Outcome[];

/** A number with three digits that count, or all those before the point: 12,345; 87.3; 0.0456. */
export const figure = (value: number): string =>
  Math.abs(value) >= 1000
    ? Math.round(value).toLocaleString('en-US')
    : value.toLocaleString('en-US', { maximumSignificantDigits: 3 });

/** A value of an outcome with its unit; the cost is in the tenant's currency, whatever that is. */
export const withUnit = (outcome: Outcome, value: number): string =>
  outcome === 'duration_days' ? `${figure(value)} ${figure(Math.abs(value)) === '1' ? 'day' : 'days'}` : figure(value);

const estimateOf = (figures: Figures, outcome: Outcome): Estimate | undefined => {
  const value = figures[`predicted_${outcome}`];
  const interval = figures.intervals[outcome];
  return value === null || interval === null ? undefined : { value, ...interval };
};

/** An outcome's estimates by their names, the last one that of what was asked; of changes also as it is. None: it is not known. */
export function estimatesOf(prediction: PredictionAnswer, outcome: Outcome): (readonly [string, Estimate])[] {
  const name = outcomeNames[outcome];
  const now = estimateOf(prediction, outcome);
  if (!now) return [];
  const before = prediction.base && estimateOf(prediction.base, outcome);
  if (!before) return [[name, now]];
  return [
    [`${name}, as it is`, before],
    [`${name}, changed`, now],
  ];
}

/** Contributions of an outcome that are drawn. */
const shownMax = 6;

/** Whether an effect is read as none: less than half a percent, or than half of a tenth of a point. */
const isNought = (outcome: Outcome, { effect }: Contribution): boolean =>
  outcome === 'success_score' ? Math.abs(effect) < 0.05 : Math.abs(effect - 1) < 0.005;

/** The contributions to draw, each with its share, from -1 to 1, of the strongest. */
export function contributionsOf(
  { contributions }: PredictionAnswer,
  outcome: Outcome,
): { contribution: Contribution; share: number }[] {
  // Of a factor the logarithm is how far it is from none, of points those are.
  const strengthOf = ({ effect }: Contribution): number => (outcome === 'success_score' ? effect : Math.log(effect));
  const shown = (contributions[outcome] ?? []).filter((each) => !isNought(outcome, each)).slice(0, shownMax);
  const most = Math.max(...shown.map((each) => Math.abs(strengthOf(each))));
  return shown.map((contribution) => ({ contribution, share: strengthOf(contribution) / most }));
}

/** What is to be said before the figures. */
export const caveatsOf = ({ flags }: PredictionAnswer): string[] =>
  flags.includes('project_ended')
    ? ['This project has ended, and the model has learned from it: this is no forecast, and is not scored.']
    : [];
