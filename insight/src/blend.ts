import type { Point, Sample } from './learners/learner.ts';
import type { LearnerName } from './members.ts';
import { brief, clip, deviation, dot, mean, median, quantile, type Vector } from './numbers.ts';

/**
 * How much each learner counts: within what was seen, and beyond it. Between `from` and `to` (log outcomes) the one
 * passes into the other.
 */
export interface Blend {
  readonly within: readonly number[];
  readonly beyond: readonly number[];
  readonly from: number;
  readonly to: number;
  /** How far the learners together are believed where a human estimated: 0 to 1, the human being believed for the rest. */
  readonly trust: number;
}

type Belief = Readonly<Record<LearnerName, number>>;

/** How much a learner is believed before it is measured: the human's estimate most, the median hardly. */
const beliefWithin: Belief = {
  median: 0.1,
  absolute: 1,
  ridge: 0.7,
  process: 1.5,
  trees: 0.5,
  analogy: 0.3,
  human: 4,
  corrected: 2,
};

/** Trees, analogy and the median cannot exceed what they have seen; proportions and the human can. */
const beliefBeyond: Belief = {
  median: 0.02,
  absolute: 1.5,
  ridge: 1,
  process: 1.5,
  trees: 0.2,
  analogy: 0.02,
  human: 12,
  corrected: 4,
};

/** The belief is worth about so many projects. */
const worthWithin = 5;

/**
 * Of n large projects the belief is worth 4 / √n: with four of them half of what they say, with twenty little, as what is
 * told by a few of the largest is told by chance.
 */
const worthBeyond = 4;

/** Estimates above this share of the outcomes seen begin to be extrapolations. */
const startOfBeyond = 0.8;

export interface Trial {
  /** For each learner its estimates of projects that it did not see: log outcomes. */
  readonly estimates: readonly Vector[];
  readonly outcomes: Vector;
}

/**
 * Weights of learners found on projects that the learners did not see (stacking: Wolpert 1992; Breiman 1996), once by
 * cross-validation for what lies within the projects seen, and once by the largest projects, estimated from the smaller
 * ones: which learner can be followed beyond them is another question, and one project there outweighs many.
 */
export function learnBlend(names: readonly LearnerName[], all: Trial, largest: Trial): Omit<Blend, 'trust'> {
  const sorted = all.outcomes.toSorted();
  return {
    within: weigh(
      names.map((name) => beliefWithin[name]),
      worthWithin,
      all,
    ),
    beyond: weigh(
      names.map((name) => beliefBeyond[name]),
      worthBeyond / Math.sqrt(largest.outcomes.length),
      largest,
    ),
    from: quantile(sorted, startOfBeyond),
    to: sorted[sorted.length - 1]!,
  };
}

/** The log outcome that the learners together expect; `estimates` are log outcomes. */
export function blended({ within, beyond, from, to }: Omit<Blend, 'trust'>, estimates: readonly number[]): number {
  const inner = dot(within, estimates);
  const outer = dot(beyond, estimates);
  const share = to > from ? clip((Math.max(inner, outer) - from) / (to - from), 0, 1) : 0;
  const highest = Math.max(inner, outer);
  return highest + Math.log((1 - share) * Math.exp(inner - highest) + share * Math.exp(outer - highest));
}

/**
 * The chance that the learners are better than the human, by projects that they did not see: a human's estimate is left as
 * far as that is likely, and no further. They must be better on two scales, as either alone may mislead: logarithms, on
 * which a small project counts as a large one does, and roots of amounts, half-way to where one giant decides.
 */
export function trustBesideHuman(together: Vector, { points, outcomes }: Sample): number {
  const given = points.flatMap(({ isEstimated }, row) => (isEstimated ? [row] : []));
  if (given.length < 2) return 1;
  const ahead = [(log: number) => log, (log: number) => Math.exp(log / 2)].map((scaleOf) =>
    standardErrors(
      given.map((row) => {
        const [human, outcome] = [scaleOf(points[row]!.estimate!), scaleOf(outcomes[row]!)];
        return Math.abs(outcome - human) - Math.abs(outcome - scaleOf(together[row]!));
      }),
    ),
  );
  return brief([normalShare(Math.min(...ahead))])[0]!;
}

/** How many standard errors a mean is above 0. */
function standardErrors(values: readonly number[]): number {
  const error = deviation(values) / Math.sqrt(values.length - 1);
  return mean(values) / Math.max(error, 1e-12);
}

/** About the share of the normal distribution below so many deviations (Bowling et al. 2009). */
const normalShare = (deviations: number): number => 1 / (1 + Math.exp(-1.702 * clip(deviations, -20, 20)));

/** The log outcome to expect: that of the learners together, drawn to a human's estimate as far as that is believed. */
export function besideHuman({ trust }: Blend, together: number, { estimate, isEstimated }: Point): number {
  return estimate === null || !isEstimated ? together : trust * together + (1 - trust) * estimate;
}

const rounds = 300;

/**
 * Non-negative weights that sum to 1, whose log estimates err least in the mean, plus the divergence from what is
 * believed (Kullback and Leibler 1951) as if that were `worth` projects: by exponentiated gradients (Kivinen and
 * Warmuth 1997), of which the later half is averaged.
 */
function weigh(belief: readonly number[], worth: number, { estimates, outcomes }: Trial): number[] {
  const count = outcomes.length;
  const total = belief.reduce((sum, share) => sum + share, 0);
  const prior = belief.map((share) => share / total);
  const middle = median(outcomes);
  const unit = outcomes.reduce((sum, outcome) => sum + Math.abs(outcome - middle), 1e-9);
  let weights = [...prior];
  const averaged = prior.map(() => 0);
  for (let round = 0; round < rounds; round++) {
    const slopes = weights.map((weight, m) => (worth / count) * Math.log(weight / prior[m]!));
    for (let row = 0; row < count; row++) {
      let estimate = 0;
      for (let m = 0; m < weights.length; m++) estimate += weights[m]! * estimates[m]![row]!;
      // The sign of the error, made smooth where it is of a few hundredths.
      const pull = Math.tanh((estimate - outcomes[row]!) / 0.05) / unit;
      for (let m = 0; m < weights.length; m++) slopes[m]! += pull * (estimates[m]![row]! - middle);
    }
    const level = dot(slopes, weights);
    const step = 2 / (1 + round / 20);
    const moved = weights.map((weight, m) => weight * Math.exp(clip(step * (level - slopes[m]!), -2, 2)));
    const sum = moved.reduce((all, weight) => all + weight, 0);
    weights = moved.map((weight) => Math.max(weight / sum, 1e-6));
    if (round >= rounds / 2) for (let m = 0; m < weights.length; m++) averaged[m]! += weights[m]!;
  }
  const sum = averaged.reduce((all, weight) => all + weight, 0);
  return brief(averaged.map((weight) => weight / sum));
}
