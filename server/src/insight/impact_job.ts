import type { ReuseEstimate, ReuseHistory, ReusingProject } from '@maestro/insight/impact';
import type { Database, TenantTx } from '../db/tenancy.ts';
import type { Job } from './background.ts';
import * as queries from './impact_queries.ts';
import { inThread } from './thread.ts';

/** Of more finished projects the newest teach: what is older says little of what artifacts do now. */
const projectsMax = 20_000;

const dayMs = 86_400_000;
const levels: Readonly<Record<string, number>> = { junior: 1, mid: 2, senior: 3, lead: 4 };

const daysOf = (text: string): number => Date.parse(text) / dayMs;

function durationOf({ start_date: start, completion_date: end }: queries.TeachingRow): number | null {
  return start === null || end === null ? null : Math.max(1, daysOf(end) - daysOf(start));
}

/** What the estimate is made of, and whose each place in it is. */
interface Read {
  readonly history: ReuseHistory;
  readonly projects: readonly string[];
  readonly artifacts: readonly string[];
  /** How many versions of the artifact a project uses, by `project artifact`. */
  readonly versions: ReadonlyMap<string, number>;
}

async function read(tx: TenantTx): Promise<Read> {
  const rows = await queries.teachingProjects(tx, projectsMax);
  const projects = rows.map(({ project_id }) => project_id);
  const teams = Map.groupBy(await queries.teamsOf(tx, projects), ({ project_id }) => project_id);
  const uses = await queries.usesOf(tx, projects);
  const artifacts = [...new Set(uses.map(({ artifact_id }) => artifact_id))];
  const placeOf = new Map(artifacts.map((id, place) => [id, place]));
  const usesByProject = Map.groupBy(uses, ({ project_id }) => project_id);
  const history = rows.map((row): ReusingProject => {
    const team = teams.get(row.project_id) ?? [];
    const known = team.flatMap(({ experience_level: level }) => (level === null ? [] : (levels[level] ?? [])));
    const began = row.start_date ?? row.completion_date;
    return {
      problemClass: row.problem_class,
      complexity: row.complexity_score,
      teamSize: row.team_size ?? (team.length > 0 ? team.length : null),
      experience: known.length > 0 ? known.reduce((sum, level) => sum + level, 0) / known.length : null,
      day: began === null ? row.created_at.getTime() / dayMs : daysOf(began),
      // Whose project it is stands for its team where nobody said who is on it.
      people: team.length > 0 ? team.map(({ who }) => who) : [row.created_by],
      success: row.success_score,
      durationDays: durationOf(row),
      cost: row.compute_cost,
      uses: (usesByProject.get(row.project_id) ?? []).map(({ artifact_id }) => placeOf.get(artifact_id) as number),
    };
  });
  return {
    history: { projects: history, artifacts: artifacts.length },
    projects,
    artifacts,
    versions: new Map(uses.map((use) => [`${use.project_id} ${use.artifact_id}`, use.versions])),
  };
}

function sharesIn({ shares }: ReuseEstimate, { history, projects, artifacts, versions }: Read): queries.Share[] {
  return history.projects.flatMap(({ uses }, at) => {
    const project = projects[at] as string;
    return (shares[at] ?? []).map((points, use) => {
      const artifact = artifacts[uses[use] as number] as string;
      return { project, artifact, points: points / (versions.get(`${project} ${artifact}`) ?? 1) };
    });
  });
}

/** Estimates the impact of a tenant's artifacts anew, of all its finished projects. */
export const impactJob: Job = {
  what: 'impact',
  async run(db: Database, tenantId: string, signal: AbortSignal) {
    const found = await db.inTenant(tenantId, read);
    const estimate = await inThread<ReuseEstimate>(
      new URL('./impact_thread.ts', import.meta.url),
      found.history,
      signal,
    );
    const judged = found.artifacts.map((id, place) => ({ id, ...estimate.impacts[place]! }));
    const shares = sharesIn(estimate, found);
    return async (tx) => {
      await queries.writeImpacts(tx, judged);
      await queries.writeShares(tx, shares);
    };
  },
};
