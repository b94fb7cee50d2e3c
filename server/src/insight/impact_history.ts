import type { Impact, ReuseEstimate, ReuseHistory, ReusingProject } from '@maestro/insight/impact';
import { durationOf, type Told } from './outcomes.ts';

/** A project that ended. Days are texts such as 2026-11-26. */
export interface TaughtProject extends Told {
  project_id: string;
  problem_class: string | null;
  complexity_score: number | null;
  team_size: number | null;
  created_by: string;
  created_at: string;
}

export interface TeamMember {
  project_id: string;
  /** An account's id, or a name. */
  who: string;
  experience_level: string | null;
}

/** That a project uses an artifact, in so many versions. */
export interface Use {
  project_id: string;
  artifact_id: string;
  versions: number;
}

/** What is written of an artifact that such projects used. */
export interface Judged {
  readonly id: string;
  readonly impact: Impact;
  /** Of the success. */
  readonly low: number | null;
  readonly score: number | null;
  readonly projects: number;
}

/** The share of each version of an artifact that a project used. */
export interface Share {
  readonly project: string;
  readonly artifact: string;
  readonly points: number;
}

/** A history, and whose each place in it is. */
export interface PlacedHistory {
  readonly history: ReuseHistory;
  readonly projects: readonly string[];
  readonly artifacts: readonly string[];
  /** How many versions of the artifact a project uses, by `project artifact`. */
  readonly versions: ReadonlyMap<string, number>;
}

const dayMs = 86_400_000;
const levels: Readonly<Record<string, number>> = { junior: 1, mid: 2, senior: 3, lead: 4 };

const daysOf = (text: string): number => Date.parse(text) / dayMs;

/** What the impact is estimated of. */
export function historyOf(
  rows: readonly TaughtProject[],
  members: readonly TeamMember[],
  uses: readonly Use[],
): PlacedHistory {
  const teams = Map.groupBy(members, ({ project_id }) => project_id);
  const artifacts = [...new Set(uses.map(({ artifact_id }) => artifact_id))];
  const placeOf = new Map(artifacts.map((id, place) => [id, place]));
  const usesByProject = Map.groupBy(uses, ({ project_id }) => project_id);
  const projects = rows.map((row): ReusingProject => {
    const team = teams.get(row.project_id) ?? [];
    const known = team.flatMap(({ experience_level: level }) => (level === null ? [] : (levels[level] ?? [])));
    return {
      problemClass: row.problem_class,
      complexity: row.complexity_score,
      teamSize: row.team_size ?? (team.length > 0 ? team.length : null),
      experience: known.length > 0 ? known.reduce((sum, level) => sum + level, 0) / known.length : null,
      day: daysOf(row.start_date ?? row.completion_date ?? row.created_at),
      // Whose project it is stands for its team where nobody said who is on it.
      people: team.length > 0 ? team.map(({ who }) => who) : [row.created_by],
      success: row.success_score,
      durationDays: durationOf(row),
      cost: row.compute_cost,
      uses: (usesByProject.get(row.project_id) ?? []).map(({ artifact_id }) => placeOf.get(artifact_id) as number),
    };
  });
  return {
    history: { projects, artifacts: artifacts.length },
    projects: rows.map(({ project_id }) => project_id),
    artifacts,
    versions: new Map(uses.map((use) => [`${use.project_id} ${use.artifact_id}`, use.versions])),
  };
}

export const judgedIn = ({ impacts }: ReuseEstimate, { artifacts }: PlacedHistory): Judged[] =>
  artifacts.map((id, place) => {
    const impact = impacts[place] as Impact;
    const { success } = impact;
    return {
      id,
      impact,
      low: success?.low ?? null,
      score: success?.value ?? null,
      projects: success?.projects ?? 0,
    };
  });

export function sharesIn({ shares }: ReuseEstimate, placed: PlacedHistory): Share[] {
  return placed.history.projects.flatMap(({ uses }, at) => {
    const project = placed.projects[at] as string;
    return (shares[at] ?? []).map((points, use) => {
      const artifact = placed.artifacts[uses[use] as number] as string;
      return { project, artifact, points: points / (placed.versions.get(`${project} ${artifact}`) ?? 1) };
    });
  });
}
