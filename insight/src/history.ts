/** How a feature's values are read. */
export type FeatureKind = 'numeric' | 'categorical' | 'date' | 'text';

export interface Feature {
  readonly name: string;
  readonly kind: FeatureKind;
}

/** A number, a category or a text, a day such as `2026-11-26`; null: not known. */
export type Value = number | string | null;

/** One project: a value for each feature, in the features' order. */
export type Row = readonly Value[];

/** What an outcome is: an amount above 0 (days, hours, money), a score from 0 to 100, or success (1) and failure (0). */
export type Scale = 'amount' | 'score' | 'success';

/** What came of the same projects in another respect: amounts. Nobody knows it of a project that has yet to be predicted. */
export interface OtherOutcome {
  /** One for each row; null: not known. */
  readonly outcomes: readonly (number | null)[];
  /** Which feature, if any, is a human's estimate of it, in its unit. */
  readonly estimate?: number | undefined;
}

/** Finished projects, and what came of them in one respect. */
export interface History {
  readonly features: readonly Feature[];
  readonly rows: readonly Row[];
  /** One for each row. */
  readonly outcomes: readonly number[];
  readonly scale: Scale;
  /** Which feature, if any, is a human's estimate of this very outcome, in its unit. */
  readonly estimate?: number | undefined;
  /** Of success and scores: durations and costs, by which they are foretold better. */
  readonly others?: readonly OtherOutcome[] | undefined;
}

/** The history of some of its rows, in the order given. */
export const historyOf = (history: History, rows: readonly number[]): History => ({
  ...history,
  rows: rows.map((row) => history.rows[row]!),
  outcomes: rows.map((row) => history.outcomes[row]!),
  others: history.others?.map((other) => ({ ...other, outcomes: rows.map((row) => other.outcomes[row]!) })),
});
