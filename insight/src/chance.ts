import { type Encoding, encode, learnEncoding } from './encoding.ts';
import type { History, Row } from './history.ts';
import { type Forest, growForest, leafMean, type Pair, pairsOf, widened } from './learners/forest.ts';
import { chanceOf, fitLogistic, type LogisticLine, logitOf, settleLogistic, sharpness } from './learners/logistic.ts';
import { brief, clip, mean, randomOf, shuffled, type Vector } from './numbers.ts';
import type { Scored } from './venn_abers.ts';

const learnerNames = ['base rate', 'logistic', 'forest'] as const;
type LearnerName = (typeof learnerNames)[number];
type Weights = Readonly<Record<LearnerName, number>>;

interface Fits {
  readonly base: number;
  readonly logistic: LogisticLine;
  readonly forest: Forest;
}

/** What was learned of success, or of a score as a share of 100: plain JSON. */
export interface ChanceModel {
  readonly encoding: Encoding;
  /** Columns whose sums and differences the forest knows. */
  readonly pairs: readonly Pair[];
  readonly weights: Weights;
  readonly fits: Fits;
  /** How sure the logistic regression is of logits (`sharpness`). */
  readonly curvature: readonly number[];
  /** Out-of-fold estimates with what came, in order of the estimates. */
  readonly scored: readonly Scored[];
}

const manyFolds = 10;

/**
 * Slopes that are held harder than this because little can be told of them are not surer for it: on simulated histories
 * intervals that took them so held the true chance too seldom.
 */
const mostHeld = 5;

/** Before anything is known of the learners both count alike. How much squared error the opposite, and the base rate alone, must save. */
const evenHold = 20;
const baseHold = 2;

/** Steps of 1 in which weights are tried. */
const weightSteps = 20;

/** The share of successes, with half a success and half a failure added: never 0 or 1 (Krichevsky and Trofimov 1981). */
export const baseOf = (outcomes: ArrayLike<number>): number =>
  (mean(outcomes) * outcomes.length + 0.5) / (outcomes.length + 1);

const estimatesOf = ({ base, logistic, forest }: Fits, row: Vector, pairs: readonly Pair[]): Weights => ({
  'base rate': base,
  logistic: chanceOf(logitOf(logistic, row)),
  forest: leafMean(forest, widened(row, pairs)),
});

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
}

/**
 * Learns success (0 or 1), or shares between them, from ten finished projects or more: a logistic regression, a forest and
 * the base rate, blended by what cross-validation says of them.
 */
export function learnChance({ features, rows }: History, outcomes: Vector, seed: number): LearnedChance {
  const count = rows.length;
  const encoding = learnEncoding(features, rows);
  const encoded = rows.map((row) => encode(encoding, row));
  const numbers = encoding.columns.flatMap(({ of }, column) => (of === 'number' ? [column] : []));
  const pairs = pairsOf(numbers, randomOf(seed));
  const wide = encoded.map((row) => widened(row, pairs));
  const strength = settleLogistic(encoded, outcomes);
  const fitTo = (kept: readonly number[], part: number): Fits => {
    const some = kept.map((row) => encoded[row]!);
    const came = Float64Array.from(kept, (row) => outcomes[row]!);
    return {
      base: baseOf(came),
      logistic: fitLogistic(some, came, strength),
      forest: growForest(
        kept.map((row) => wide[row]!),
        came,
        randomOf(seed + part),
      ),
    };
  };
  const folds = Math.min(manyFolds, count);
  const foldOf = new Int32Array(count);
  for (const [place, row] of shuffled(count, randomOf(seed)).entries()) foldOf[row] = place % folds;
  const all = Array.from(rows, (_, row) => row);
  const fits = Array.from({ length: folds }, (_, fold) =>
    fitTo(
      all.filter((row) => foldOf[row] !== fold),
      fold + 1,
    ),
  );
  const each = encoded.map((row, place) => estimatesOf(fits[foldOf[place]!]!, row, pairs));
  const weights = weigh(each, outcomes);
  const estimates = each.map((of) => blended(weights, of));
  return {
    model: {
      encoding,
      pairs,
      weights,
      fits: fitTo(all, 0),
      curvature: sharpness(encoded, outcomes, Math.min(strength, mostHeld)),
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
    without: (row, other) => blended(weights, estimatesOf(fits[foldOf[row]!]!, encode(encoding, other), pairs)),
  };
}

/** Never quite 0 or 1: so much no history can tell. */
export const estimateChance = ({ encoding, pairs, weights, fits }: ChanceModel, row: Row): number =>
  clip(blended(weights, estimatesOf(fits, encode(encoding, row), pairs)), 0.001, 0.999);

/** How far apart the learners put the odds of a project. */
export function disagreement({ fits, pairs }: ChanceModel, row: Vector): number {
  const among = clip(leafMean(fits.forest, widened(row, pairs)), 0.02, 0.98);
  return Math.abs(Math.log(among / (1 - among)) - logitOf(fits.logistic, row));
}
