import { type Encoding, encode, featuresOf, learnEncoding } from './encoding.ts';
import type { History, Row } from './history.ts';
import { type Forest, growForest, leafMean, type Pair, pairsOf, widened } from './learners/forest.ts';
import {
  fitLogistic,
  type LogisticLine,
  logitOf,
  logitSpread,
  moderatedChance,
  settleLogistic,
} from './learners/logistic.ts';
import { brief, clip, mean, randomOf, shuffled, type Vector } from './numbers.ts';
import { learnOverruns, type OverrunSlopes, overrunsOf, withOverruns } from './overruns.ts';
import { type Columns, narrowEncoding, narrowed, screened, together } from './screening.ts';
import type { Scored } from './venn_abers.ts';

const learnerNames = ['base rate', 'logistic', 'forest'] as const;
type LearnerName = (typeof learnerNames)[number];
type Weights = Readonly<Record<LearnerName, number>>;

interface Fits {
  readonly overruns: readonly OverrunSlopes[];
  /** Columns whose sums and differences the forest knows. */
  readonly pairs: readonly Pair[];
  readonly base: number;
  readonly logistic: LogisticLine;
  readonly forest: Forest;
}

/** What was learned of success, or of a score as a share of 100: plain JSON. */
export interface ChanceModel {
  readonly encoding: Encoding;
  readonly weights: Weights;
  readonly fits: Fits;
  /** Out-of-fold estimates with what came, in order of the estimates. */
  readonly scored: readonly Scored[];
}

const manyFolds = 10;

/** Before anything is known of the learners both count alike. How much squared error the opposite, and the base rate alone, must save. */
const evenHold = 10;
const baseHold = 3;

/** Steps of 1 in which weights are tried. */
const weightSteps = 20;

/** The share of successes, with half a success and half a failure added: never 0 or 1 (Krichevsky and Trofimov 1981). */
export const baseOf = (outcomes: ArrayLike<number>): number =>
  (mean(outcomes) * outcomes.length + 0.5) / (outcomes.length + 1);

function estimatesOf({ overruns, pairs, base, logistic, forest }: Fits, vector: Vector): Weights {
  const row = withOverruns(overruns, vector);
  return {
    'base rate': base,
    logistic: moderatedChance(logistic, row),
    forest: leafMean(forest, widened(row, pairs)),
  };
}

const blended = (weights: Weights, estimates: Weights): number =>
  learnerNames.reduce((sum, name) => sum + weights[name] * estimates[name], 0);

/** Weights that sum to 1 with the least squared error (Brier score), held toward even ones. */
function weigh(estimates: readonly Weights[], outcomes: ArrayLike<number>): Weights {
  let best: { error: number; weights: Weights } | undefined;
  for (let first = 0; first <= weightSteps; first++) {
    for (let second = 0; first + second <= weightSteps; second++) {
      const weights: Weights = {
        'base rate': first / weightSteps,
        logistic: second / weightSteps,
        forest: (weightSteps - first - second) / weightSteps,
      };
      let error = evenHold * (weights.logistic - weights.forest) ** 2 + baseHold * weights['base rate'] ** 2;
      for (const [row, each] of estimates.entries()) error += (blended(weights, each) - outcomes[row]!) ** 2;
      if (error < (best?.error ?? Number.POSITIVE_INFINITY) - 1e-9) best = { error, weights };
    }
  }
  return best!.weights;
}

/** What learning gives besides the model. */
export interface LearnedChance {
  readonly model: ChanceModel;
  /** Of each project by what was learned without its fold. */
  readonly estimates: readonly number[];
  readonly learners: readonly { readonly name: string; readonly weight: number; readonly mae: number }[];
  /** The estimate of another project by what was learned without the fold of a row. */
  without(row: number, other: Row): number;
  /** The features that these estimates depend on. */
  readonly used: ReadonlySet<number>;
}

/**
 * Learns success (0 or 1), or shares between them, from ten finished projects or more: a logistic regression, a forest and
 * the base rate, blended by what cross-validation says of them. Where durations and costs are known beside their estimates, the
 * two also read how far the projects' values let them go beyond: learned anew without each fold.
 */
export function learnChance({ features, rows, others = [] }: History, outcomes: Vector, seed: number): LearnedChance {
  const count = rows.length;
  const encoding = learnEncoding(features, rows);
  const encoded = rows.map((row) => encode(encoding, row));
  const all = Array.from(rows, (_, row) => row);
  const among = screened(encoded, outcomes, all);
  // Columns that are chosen by success go with overruns by that alone: what they save tells nothing.
  const overruns = among === null ? overrunsOf(others, rows) : [];
  const holds = settleLogistic(
    encoded.map((row) => narrowed(row, among)),
    outcomes,
  );
  const fitTo = (kept: readonly number[], columns: Columns, part: number): Fits => {
    const known = kept.map((row) => narrowed(encoded[row]!, columns));
    const came = Float64Array.from(kept, (row) => outcomes[row]!);
    const read = narrowEncoding(encoding, columns);
    const lines = learnOverruns(
      read,
      known,
      overruns.map((values) => kept.map((row) => values[row]!)),
    );
    const some = known.map((row) => withOverruns(lines, row));
    const size = read.columns.length + lines.length;
    const numbers = Array.from({ length: size }, (_, column) => column).filter(
      (column) => (read.columns[column]?.of ?? 'number') === 'number',
    );
    const pairs = pairsOf(numbers, randomOf(seed));
    return {
      overruns: lines,
      pairs,
      base: baseOf(came),
      logistic: fitLogistic(some, came, holds),
      forest: growForest(
        some.map((row) => widened(row, pairs)),
        size,
        came,
        randomOf(seed + part),
      ),
    };
  };
  const folds = Math.min(manyFolds, count);
  const foldOf = new Int32Array(count);
  for (const [place, row] of shuffled(count, randomOf(seed)).entries()) foldOf[row] = place % folds;
  const fits = Array.from({ length: folds }, (_, fold) => {
    const kept = all.filter((row) => foldOf[row] !== fold);
    const columns = screened(encoded, outcomes, kept);
    return { columns, fit: fitTo(kept, columns, fold + 1) };
  });
  const outside = (row: number, vector: Vector): Weights => {
    const { columns, fit } = fits[foldOf[row]!]!;
    return estimatesOf(fit, narrowed(vector, columns));
  };
  const each = encoded.map((vector, row) => outside(row, vector));
  const weights = weigh(each, outcomes);
  const estimates = each.map((of) => blended(weights, of));
  return {
    model: {
      encoding: narrowEncoding(encoding, among),
      weights,
      fits: fitTo(all, among, 0),
      scored: estimates
        .map((score, row) => ({ score: brief([score])[0]!, outcome: outcomes[row]! }))
        .sort((a, b) => a.score - b.score),
    },
    estimates,
    learners: learnerNames.map((name) => ({
      name,
      weight: weights[name],
      mae: mean(each.map((of, row) => Math.abs(of[name] - outcomes[row]!))),
    })),
    used: featuresOf(narrowEncoding(encoding, together(fits.map(({ columns }) => columns)))),
    without: (row, other) => blended(weights, outside(row, encode(encoding, other))),
  };
}

/** Never quite 0 or 1: so much no history can tell. */
export const estimateChance = ({ encoding, weights, fits }: ChanceModel, row: Row): number =>
  clip(blended(weights, estimatesOf(fits, encode(encoding, row))), 0.001, 0.999);

/** How far apart the learners put the odds of a project. */
function disagreement({ forest, pairs, logistic }: Fits, row: Vector): number {
  const among = clip(leafMean(forest, widened(row, pairs)), 0.02, 0.98);
  return Math.abs(Math.log(among / (1 - among)) - logitOf(logistic, row));
}

/** How unsure the odds of a project are: by how little is known of them, and how far the learners are apart. */
export function oddsSpread({ encoding, fits }: ChanceModel, row: Row): number {
  const vector = withOverruns(fits.overruns, encode(encoding, row));
  return Math.hypot(logitSpread(fits.logistic, vector), disagreement(fits, vector) / 2);
}
