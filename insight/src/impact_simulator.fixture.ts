import type { ReuseHistory, ReusingProject } from './impact.ts';
import { randomOf } from './numbers.ts';

export interface SimulatedTenant {
  readonly history: ReuseHistory;
  /** What each artifact truly does: points of success, and the logarithm of the factors on duration and cost. */
  readonly truth: readonly { readonly success: number; readonly duration: number; readonly cost: number }[];
}

export interface Simulation {
  readonly projects?: number;
  readonly artifacts?: number;
  readonly teams?: number;
  /** The share of artifacts that do nothing. */
  readonly idle?: number;
  /** The standard deviation of what the others do to success, in points. */
  readonly spread?: number;
  /** How much more strong teams reuse; 0: as much as weak ones. */
  readonly confounding?: number;
  /** Whether it is known who worked on what. */
  readonly namesPeople?: boolean;
}

const classes = ['classification', 'forecasting', 'ranking', 'nlp', 'vision'];

/**
 * A tenant whose artifacts' effects are known. Teams of different strength, seen only in part by their experience; strong
 * teams reuse more, and more of what is theirs; hard projects reuse more; artifacts belong to a class of problems and come
 * up over the years, in which success also rises.
 */
export function simulateTenant(
  seed: number,
  {
    projects: count = 80,
    artifacts = 20,
    teams = 8,
    idle = 0.5,
    spread = 6,
    confounding = 1,
    namesPeople = true,
  }: Simulation = {},
): SimulatedTenant {
  const uniform = randomOf(seed);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  const pick = (many: number): number => Math.floor(uniform() * many);
  const truth = Array.from({ length: artifacts }, () => {
    const does = uniform() >= idle;
    const strength = does ? normal() : 0;
    return {
      success: spread * strength,
      duration: does ? (-0.5 * strength + 0.8 * normal()) * spread * 0.035 : 0,
      cost: does ? (-0.3 * strength + 0.9 * normal()) * spread * 0.045 : 0,
    };
  });
  const library = truth.map((_, at) => ({
    popularity: -1.2 - 1.2 * Math.log1p(at) + 0.5 * normal(),
    class: pick(classes.length),
    since: uniform() * 1_200,
    team: pick(teams),
  }));
  const ofClass = classes.map(() => ({ success: 6 * normal(), duration: 0.4 * normal(), cost: 0.6 * normal() }));
  const groups = Array.from({ length: teams }, (_, at) => {
    const strength = normal();
    return {
      strength,
      size: 2 + pick(6),
      experience: Math.min(4, Math.max(1, 2.5 + 0.5 * strength + 0.6 * normal())),
      people: Array.from({ length: 3 }, (_person, who) => `person ${at}.${who}`),
    };
  });
  const projects = Array.from({ length: count }, (): ReusingProject => {
    const team = pick(teams);
    const { strength, size, experience, people } = groups[team]!;
    const problem = pick(classes.length);
    const complexity = 1 + pick(100);
    const day = Math.floor(uniform() * 1_800);
    const hardness = (complexity - 50) / 29;
    const uses = library.flatMap(({ popularity, class: of, since, team: owner }, at) => {
      if (day < since) return [];
      const logit =
        popularity +
        confounding * 0.7 * strength +
        0.4 * hardness +
        (of === problem ? 1 : 0) +
        (owner === team ? 1 : 0);
      return uniform() < 1 / (1 + Math.exp(-logit)) ? [at] : [];
    });
    const sum = (of: 'success' | 'duration' | 'cost'): number => uses.reduce((so, at) => so + truth[at]![of], 0);
    const years = day / 365;
    const { success, duration, cost } = ofClass[problem]!;
    return {
      problemClass: classes[problem]!,
      complexity,
      teamSize: size,
      experience: uniform() < 0.1 ? null : experience,
      day,
      people: namesPeople ? people.filter(() => uniform() < 0.8) : [],
      success: 55 + success + 7 * strength - 5 * hardness + 1.5 * years + sum('success') + 9 * normal(),
      durationDays: Math.exp(4.5 + duration + 0.4 * hardness - 0.15 * strength + sum('duration') + 0.35 * normal()),
      cost: Math.exp(8 + cost + 0.5 * hardness + 0.3 * Math.log(size) + sum('cost') + 0.5 * normal()),
      uses,
    };
  });
  return { history: { projects, artifacts }, truth };
}
