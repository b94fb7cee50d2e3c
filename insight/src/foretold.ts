import { type AmountModel, expectAmount, learnAmount, usedFeatures } from './amount.ts';
import { isEstimate } from './encoding.ts';
import type { Feature, History, OtherOutcome, Row, Value } from './history.ts';
import { fewRows } from './thin.ts';

/**
 * What success is learned from besides the features: an amount that is foretold, against its estimate where it has one. Plain
 * JSON.
 */
export interface Foretold {
  readonly amount: AmountModel;
  /** The feature that is a human's estimate of it; −1: there is none. */
  readonly estimate: number;
}

/** The logarithm of an amount as a multiple of what a human estimated; null where that is not known. */
function againstEstimate({ estimate }: Foretold, log: number, row: Row): Value {
  if (estimate < 0) return log;
  return isEstimate(row[estimate]) ? log - Math.log(Number(row[estimate])) : null;
}

/**
 * Days teach nothing of amounts: among projects that have ended the late ones are short by construction. They are left out as
 * not known, so that features keep their places.
 */
const withoutDays = (features: readonly Feature[], row: Row): Row =>
  row.map((value, feature) => (features[feature]?.kind === 'date' ? null : value));

function learnOne({ features, rows }: History, { outcomes, estimate }: OtherOutcome, seed: number, nominal: number) {
  const known = outcomes.flatMap((outcome, row) => (outcome !== null && outcome > 0 ? [row] : []));
  if (known.length < fewRows) return [];
  const history: History = {
    features,
    rows: known.map((row) => withoutDays(features, rows[row]!)),
    outcomes: known.map((row) => outcomes[row]!),
    scale: 'amount',
    estimate,
  };
  const { model: amount } = learnAmount(history, seed, nominal);
  const foldOf = new Map(known.map((row, place) => [row, amount.spread.residuals[place]!.fold]));
  return [{ foretold: { amount, estimate: estimate ?? -1 } satisfies Foretold, foldOf }];
}

/** Learns to foretell the other outcomes of a history. */
export function learnForetold(history: History, seed: number, nominal: number) {
  const learned = (history.others ?? []).flatMap((other) => learnOne(history, other, seed, nominal));
  return {
    foretold: learned.map(({ foretold }) => foretold),
    /** What is foretold of a project with the values of another by what was learned without it. */
    without: (row: number, values: Row): Row =>
      learned.map(({ foretold, foldOf }) =>
        againstEstimate(foretold, expectAmount(foretold.amount, values, foldOf.get(row)), values),
      ),
  };
}

/** A project's values, and what is foretold of it. */
export const withForetold = (foretold: readonly Foretold[], row: Row): Row => [
  ...row,
  ...foretold.map((each) => againstEstimate(each, expectAmount(each.amount, row), row)),
];

/** Features for what is foretold, which follow a project's own. */
export const featuresWith = (features: readonly Feature[], foretold: readonly Foretold[]): Feature[] => [
  ...features,
  ...foretold.map((_, place): Feature => ({ name: `foretold ${place}`, kind: 'numeric' })),
];

/** The features of projects that the columns of these features depend on, those of what is foretold among them. */
export function featuresBehind(
  foretold: readonly Foretold[],
  count: number,
  columns: ReadonlySet<number>,
): Set<number> {
  const found = new Set<number>();
  for (const feature of columns) {
    const of = foretold[feature - count];
    if (of === undefined) found.add(feature);
    else for (const each of usedFeatures(of.amount)) found.add(each);
  }
  return found;
}
