import type { TenantTx } from '../db/tenancy.ts';
import type { Told } from './outcomes.ts';

/** Null where neither is told. */
const endedWithoutDay = `j.start_date IS NULL AND (j.compute_cost > 0
  OR jsonb_typeof(j.metadata->'duration_days') = 'number' AND j.metadata->'duration_days' > '0')`;
const endedWithoutDate = `(j.success_score IS NOT NULL OR ${endedWithoutDay})`;

/** That a project `j` ended, as hasEnded of outcomes.ts has it. */
export const hasEndedIn = `(j.completion_date IS NOT NULL OR ${endedWithoutDate})`;

/** That it goes on: all others, in words that an index answers. */
export const goesOnIn = `(j.completion_date IS NULL AND j.success_score IS NULL AND (${endedWithoutDay}) IS NOT TRUE)`;

/** What tells of a project `j` how it ended (see Told): of the metadata, which may be large, what is read of them. */
export const toldIn = `j.start_date, j.completion_date, j.success_score, j.compute_cost,
  CASE WHEN (j.start_date IS NULL OR j.completion_date IS NULL) AND j.metadata->'duration_days' IS NOT NULL
       THEN jsonb_build_object('duration_days', j.metadata->'duration_days') ELSE '{}' END AS metadata`;

/**
 * The ids of the projects that ended, within `only` where it is given: those that were completed last, then those without a
 * completion date that were recorded last. Two statements at most.
 */
export async function endedProjects(tx: TenantTx, limit: number, only?: readonly string[]): Promise<string[]> {
  const dated = await tx.sql<{ project_id: string }>(
    `SELECT project_id FROM maestro.projects
      WHERE tenant_id = $1 AND completion_date IS NOT NULL AND ($2::uuid[] IS NULL OR project_id = ANY ($2))
      ORDER BY completion_date DESC, project_id DESC LIMIT $3`,
    [tx.tenantId, only ?? null, limit],
    'ended_projects',
  );
  const ids = dated.map(({ project_id: id }) => id);
  if (ids.length === limit) return ids;
  const undated = await tx.sql<{ project_id: string }>(
    `SELECT project_id FROM maestro.projects j
      WHERE tenant_id = $1 AND completion_date IS NULL AND ${endedWithoutDate}
        AND ($2::uuid[] IS NULL OR project_id = ANY ($2))
      ORDER BY created_at DESC, project_id DESC LIMIT $3`,
    [tx.tenantId, only ?? null, limit - ids.length],
    'ended_projects_without_date',
  );
  return [...ids, ...undated.map(({ project_id: id }) => id)];
}

export interface ToldProject extends Told {
  project_id: string;
  name: string;
}

/** How those of some projects ended that are there, in no order; only of those of `among`, where it is given. */
export const toldProjects = (
  tx: TenantTx,
  ids: readonly string[],
  among: readonly string[] | undefined,
): Promise<ToldProject[]> =>
  tx.sql<ToldProject>(
    `SELECT j.project_id, j.name, ${toldIn} FROM maestro.projects j
      WHERE j.tenant_id = $1 AND j.project_id = ANY ($2::uuid[]) AND ($3::uuid[] IS NULL OR j.project_id = ANY ($3))`,
    [tx.tenantId, ids, among ?? null],
    'told_projects',
  );
