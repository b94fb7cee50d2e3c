import { type Circumstances, designOf } from './impact_design.ts';
import { posteriorOf } from './impact_sampler.ts';
import { mean, quantile } from './numbers.ts';

/** A finished project: each outcome counts where it is known. */
export interface ReusingProject extends Circumstances {
  /** 0 to 100. */
  readonly success: number | null;
  /** Above 0. */
  readonly durationDays: number | null;
  /** 0 or more, in any currency. */
  readonly cost: number | null;
  /** The artifacts that it used, by their places. */
  readonly uses: readonly number[];
}

export interface ReuseHistory {
  readonly projects: readonly ReusingProject[];
  /** How many artifacts there are: `uses` name them from 0 on. */
  readonly artifacts: number;
}

/**
 * How much is known of an effect. none: no project that finished used the artifact, or all did. thin: fewer than 5 did or
 * fewer than 5 did not, or the effect is known no better than to half of what projects differ by. good: 20 did and 20 did
 * not, and it is known to a quarter of that. some: what is between.
 */
export type Evidence = 'none' | 'thin' | 'some' | 'good';

/** What an artifact changed in one outcome of a project, all else alike. */
export interface Effect {
  /** Success: points added. Duration and cost: the factor on it (0.9: a tenth less). */
  readonly value: number;
  /** Ends of the interval that holds the truth in 80 of 100 cases. */
  readonly low: number;
  readonly high: number;
  /** The finished projects with this outcome that used it. */
  readonly projects: number;
  readonly evidence: Evidence;
}

export interface Impact {
  /** Null where no finished project with that outcome used the artifact. */
  readonly success: Effect | null;
  readonly duration: Effect | null;
  readonly cost: Effect | null;
}

export interface ReuseEstimate {
  /** One for each artifact. */
  readonly impacts: readonly Impact[];
  /**
   * For each project, in the order of its `uses`, the points of its success that each is reckoned to have brought; null
   * where its success is not known. What the shares leave of the success is what it would have been without reuse.
   */
  readonly shares: readonly (readonly number[] | null)[];
}

export type Outcome = 'success' | 'duration' | 'cost';

const nominal = 0.8;
const thinProjects = 5;
const goodProjects = 20;
/** Of what projects differ by, how well an effect is to be known: as a standard deviation. */
const thinKnown = 0.5;
const goodKnown = 0.25;

/** What outcomes differ by where nothing is known: points, and logarithms. It counts as much as three projects. */
const usual = { success: 15, duration: 0.6, cost: 0.8 } as const satisfies Record<Outcome, number>;
const usualProjects = 3;

/** Enough for ends of intervals to stand to a tenth of a standard deviation. */
const drawsOf = (columns: number): number => (columns > 1_000 ? 400 : 600);

function amountsOf({ projects }: ReuseHistory, outcome: Outcome): (number | null)[] {
  if (outcome === 'success') return projects.map(({ success }) => success);
  if (outcome === 'duration') return projects.map(({ durationDays: days }) => (days === null ? null : Math.log(days)));
  const costs = projects.map(({ cost }) => cost);
  // Nothing has no logarithm: it counts as half of the least that was paid.
  const least = costs.reduce<number>((low, cost) => (cost ? Math.min(low, cost) : low), Number.POSITIVE_INFINITY);
  return costs.map((cost) =>
    cost === null || least === Number.POSITIVE_INFINITY ? null : Math.log(cost || least / 2),
  );
}

function evidenceOf(users: number, others: number, deviation: number): Evidence {
  if (users === 0 || others === 0) return 'none';
  if (Math.min(users, others) < thinProjects || deviation > thinKnown) return 'thin';
  return Math.min(users, others) >= goodProjects && deviation <= goodKnown ? 'good' : 'some';
}

interface OfOutcome {
  readonly effects: readonly (Effect | null)[];
  readonly shares: readonly (readonly number[] | null)[];
}

/** The effects on one outcome, on the scale where they add up. */
function estimateOf(history: ReuseHistory, outcome: Outcome, seed: number): OfOutcome {
  const amounts = amountsOf(history, outcome);
  const places = amounts.flatMap((amount, at) => (amount === null ? [] : [at]));
  const projects = places.map((at) => history.projects[at]!);
  const used = [...new Set(projects.flatMap(({ uses }) => uses))].sort((a, b) => a - b);
  const columnOf = new Map(used.map((artifact, column) => [artifact, column]));
  const uses = projects.map((project) => [...new Set(project.uses)].sort((a, b) => a - b).map((a) => columnOf.get(a)!));
  const none = { effects: Array.from({ length: history.artifacts }, () => null), shares: amounts.map(() => null) };
  if (used.length === 0) return { ...none, shares: amounts.map((amount) => (amount === null ? null : [])) };

  const known = places.map((at) => amounts[at]!);
  const centre = mean(known);
  const squares = known.reduce((sum, each) => sum + (each - centre) ** 2, 0);
  const unit = Math.sqrt((usualProjects * usual[outcome] ** 2 + squares) / (usualProjects + known.length - 1));
  const outcomes = Float64Array.from(known, (each) => (each - centre) / unit);
  const design = designOf(projects, uses, used.length);
  const posterior = posteriorOf(design, outcomes, { draws: drawsOf(design.columns), seed });

  const users = new Int32Array(used.length);
  for (const each of uses) for (const column of each) users[column]! += 1;
  const means = new Float64Array(used.length);
  const found = used.map((_, column): Effect => {
    const draws = Float64Array.from(posterior.effects, (effects) => effects[column]!);
    const value = mean(draws);
    means[column] = value;
    const deviation = Math.sqrt(draws.reduce((sum, each) => sum + (each - value) ** 2, 0) / draws.length);
    const shown = (each: number): number => (outcome === 'success' ? each * unit : Math.exp(each * unit));
    return {
      value: shown(value),
      low: shown(quantile(draws, (1 - nominal) / 2)),
      high: shown(quantile(draws, (1 + nominal) / 2)),
      projects: users[column]!,
      evidence: evidenceOf(users[column]!, projects.length - users[column]!, deviation),
    };
  });
  const effects: (Effect | null)[] = Array.from({ length: history.artifacts }, () => null);
  for (const [column, artifact] of used.entries()) effects[artifact] = found[column]!;

  // An artifact does more in one project than in another: taken to vary as much as artifacts among each other, each of a
  // project's has its part of what the model leaves unexplained there.
  const { fitted, artifactVariance, residualVariance } = posterior;
  const shares: (number[] | null)[] = amounts.map(() => null);
  for (const [row, at] of places.entries()) {
    const part = artifactVariance / (uses[row]!.length * artifactVariance + residualVariance);
    const unexplained = outcomes[row]! - fitted[row]!;
    shares[at] = history.projects[at]!.uses.map(
      (artifact) => (means[columnOf.get(artifact)!]! + part * unexplained) * unit,
    );
  }
  return { effects, shares };
}

/**
 * The difference that each artifact made to success, duration and cost of the projects that used it, compared with
 * projects alike in what is known of them (see designOf), and pooled: an artifact with few users is drawn to what artifacts
 * do on the average, as far as artifacts are alike. Success is modelled in points, duration and cost in logarithms. The
 * same history and seed give the same estimate.
 *
 * Empirical Bayes of exchangeable effects (Efron and Morris 1975) as a mixed model (Henderson 1950), with the uncertainty of
 * its variances (Gelman 2006). It is observational: where teams reuse more for a reason that the columns do not hold, what
 * that reason does is among the effects.
 */
export function estimateReuse(history: ReuseHistory, seed: number): ReuseEstimate {
  const success = estimateOf(history, 'success', seed);
  const duration = estimateOf(history, 'duration', seed);
  const cost = estimateOf(history, 'cost', seed);
  return {
    impacts: success.effects.map((effect, artifact) => ({
      success: effect,
      duration: duration.effects[artifact]!,
      cost: cost.effects[artifact]!,
    })),
    shares: success.shares,
  };
}
