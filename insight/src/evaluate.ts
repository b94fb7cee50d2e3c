import { isEstimate } from './encoding.ts';
import { type History, historyOf, type Row } from './history.ts';
import { estimateOthers, type OutOfFold, type Quality } from './learning.ts';
import { mean, randomOf, shuffled } from './numbers.ts';
import {
  type AmountScores,
  type IntervalScores,
  type SuccessScores,
  scoreAmounts,
  scoreIntervals,
  scoreSuccess,
} from './scores.ts';

/** Rows that are predicted by what the others teach. */
export type Fold = readonly number[];

/** Rows in folds as even as can be, drawn by the seed; a fold for each row where there are fewer rows than folds. */
export function drawFolds(rows: number, folds: number, seed: number): Fold[] {
  const count = Math.min(folds, rows);
  const drawn: number[][] = Array.from({ length: count }, () => []);
  for (const [at, row] of shuffled(rows, randomOf(seed)).entries()) drawn[at % count]?.push(row);
  return drawn.map((fold) => fold.sort((a, b) => a - b));
}

/** What learns from some rows and estimates others. */
export type Method = (history: History, rows: readonly Row[], seed: number) => OutOfFold[];

const pick = <T>(values: readonly T[], rows: readonly number[]): T[] => rows.map((row) => values[row] as T);

/** An estimate of each row by what was learned without its fold. `onFold` is told when one is done. */
export function crossValidate(
  history: History,
  folds: readonly Fold[],
  seed: number,
  method: Method,
  onFold: () => void = () => undefined,
): OutOfFold[] {
  const found = new Array<OutOfFold>(history.rows.length);
  for (const [at, fold] of folds.entries()) {
    const held = new Set(fold);
    const rest = history.rows.map((_, row) => row).filter((row) => !held.has(row));
    const estimates = method(historyOf(history, rest), pick(history.rows, fold), seed + at);
    for (const [place, row] of fold.entries()) found[row] = estimates[place] as OutOfFold;
    onFold();
  }
  return found;
}

export type Scores = (AmountScores & IntervalScores) | SuccessScores;

export interface Evaluation {
  /** Means over the repeats. */
  readonly scores: Scores;
  /** The human's estimates by the same measures, on the rows that have one. */
  readonly human: AmountScores | null;
  /** Mean weights of the learners over all folds. */
  readonly learners: readonly { readonly name: string; readonly weight: number }[];
  /** For each repeat an estimate of each row. */
  readonly repeats: readonly (readonly OutOfFold[])[];
  /** How many folds there were: no more than rows. */
  readonly folds: number;
}

/** Fewer rows cannot be divided into what is learned from and what is estimated. */
export const rowsMin = 3;

export const scoresOf = ({ scale, outcomes }: History, estimates: readonly OutOfFold[]): Scores =>
  scale === 'success'
    ? scoreSuccess(outcomes, estimates)
    : {
        ...scoreAmounts(
          outcomes,
          estimates.map(({ value }) => value),
        ),
        ...scoreIntervals(outcomes, estimates),
      };

/** Each score's mean; null where one of them is. */
export function meanScores<T extends object>(all: readonly T[]): T {
  const names = Object.keys(all[0] ?? {}) as (keyof T)[];
  const meanOf = (name: keyof T): number | null => {
    const values = all.map((scores) => scores[name] as number | null);
    return values.some((value) => value === null) ? null : mean(values as number[]);
  };
  return Object.fromEntries(names.map((name) => [name, meanOf(name)])) as T;
}

/** The rows that a human estimated: 0 is no estimate. */
export const estimatedRows = ({ rows, estimate }: History): number[] =>
  estimate === undefined ? [] : rows.flatMap((row, at) => (isEstimate(row[estimate]) ? [at] : []));

/** The human's own estimates, scored, on the rows that have one. */
export function scoreHuman(history: History): AmountScores | null {
  const { rows, outcomes, estimate } = history;
  const given = estimatedRows(history);
  if (estimate === undefined || given.length === 0) return null;
  return scoreAmounts(
    pick(outcomes, given),
    given.map((at) => Number(rows[at]?.[estimate])),
  );
}

/** How well a history can be learned from: every row is estimated by models that did not see it. */
export function evaluate(
  history: History,
  { folds, repeats, seed }: { folds: number; repeats: number; seed: number },
  onFold?: () => void,
): Evaluation {
  const learned: Quality['learners'][] = [];
  const method: Method = (known, rows, ownSeed) => {
    const { estimates, learners } = estimateOthers(known, rows, ownSeed);
    learned.push(learners);
    return estimates;
  };
  const found = Array.from({ length: repeats }, (_, repeat) => {
    const drawn = drawFolds(history.rows.length, folds, seed + repeat);
    return crossValidate(history, drawn, seed + repeat, method, onFold);
  });
  const weights = new Map<string, number>();
  for (const { name, weight } of learned.flat()) {
    weights.set(name, (weights.get(name) ?? 0) + weight / learned.length);
  }
  return {
    scores: meanScores(found.map((estimates) => scoresOf(history, estimates))),
    human: scoreHuman(history),
    learners: [...weights].map(([name, weight]) => ({ name, weight })).sort((a, b) => b.weight - a.weight),
    repeats: found,
    folds: Math.min(folds, history.rows.length),
  };
}
