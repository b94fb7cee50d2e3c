import { drawIntervals, type Estimate } from './interval_text.ts';
import {
  caveatsOf,
  contributionsOf,
  estimatesOf,
  figure,
  type Outcome,
  outcomeNames,
  outcomes,
  type PredictionAnswer,
  withUnit,
} from './prediction_answer.ts';
import { inColumns } from './text_columns.ts';

interface Drawing {
  /** Whether more than ASCII is shown. */
  readonly utf8: boolean;
}

const intervalWidth = 40;

export const estimateHeadings = ['OUTCOME', 'PREDICTED', '80 % INTERVAL', ''];

/** Estimates of one outcome, drawn over the same axis: a row for each, by its name. */
export function estimateRows(
  outcome: Outcome,
  estimates: readonly (readonly [name: string, estimate: Estimate])[],
  { utf8 }: Drawing,
): string[][] {
  const drawn = drawIntervals(
    estimates.map(([, estimate]) => estimate),
    { width: intervalWidth, utf8, ...(outcome === 'success_score' ? { end: 100 } : {}) },
  );
  return estimates.map(([name, { value, low, high }], at) => [
    name,
    withUnit(outcome, value),
    `${figure(low)} to ${figure(high)}`,
    drawn[at] ?? '',
  ]);
}

/** Each outcome with its interval; of changes also as it is without them. */
export const outcomeRows = (prediction: PredictionAnswer, drawing: Drawing): string[][] =>
  outcomes.flatMap((outcome) => {
    const estimates = estimatesOf(prediction, outcome);
    if (estimates.length === 0) return [[outcomeNames[outcome], 'not known', '-', '']];
    return estimateRows(outcome, estimates, drawing);
  });

/** Half of the width of a bar, which begins at its middle. */
const half = 10;

/** To the right of the middle for more, to the left for less. */
function bar(share: number): string {
  const length = Math.round(Math.abs(share) * half);
  const blocks = '█'.repeat(length);
  return share < 0 ? `${blocks.padStart(half)}│` : `${' '.repeat(half)}│${blocks}`;
}

function contributionLines(prediction: PredictionAnswer): string[] {
  return outcomes.flatMap((outcome) => {
    const rows = contributionsOf(prediction, outcome).map(({ contribution: { label, value, text }, share }) => [
      `  ${label}`,
      value === null ? 'unknown' : typeof value === 'number' ? figure(value) : value,
      text,
      bar(share),
    ]);
    return rows.length === 0 ? [] : ['', `What moves the ${outcomeNames[outcome].toLowerCase()}:`, ...inColumns(rows)];
  });
}

export function titleOf({ name, model_version: version, confidence }: PredictionAnswer): string {
  const of = name === null ? 'What to expect' : `What to expect of ${name}`;
  const from = version === null ? 'nothing was learned yet' : `model ${version}, confidence ${confidence.toFixed(2)}`;
  return `${of} (${from})`;
}

/** The whole of a prediction, for what shows text in a font of one width: intervals, contributions, sentences. */
export const predictionText = (prediction: PredictionAnswer): string =>
  [
    ...inColumns([[`${titleOf(prediction)}:`]]),
    ...caveatsOf(prediction),
    ...inColumns([estimateHeadings, ...outcomeRows(prediction, { utf8: true })]),
    ...contributionLines(prediction),
    '',
    ...prediction.recommendation.flatMap((sentence) => inColumns([[sentence]])),
  ].join('\n');
