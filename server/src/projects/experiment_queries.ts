import type { TenantTx } from '../db/tenancy.ts';
import { isUuid } from '../uuid.ts';

/** The tag of an experiment that says to which project it belongs: by the project's id or name. */
export const projectTag = 'maestro.project';

/**
 * The project that a text means, by its id or else its name. Until the commit it is neither deleted nor renamed.
 */
export async function projectMeant(tx: TenantTx, text: string): Promise<string | undefined> {
  const by = async (column: 'project_id' | 'name') => {
    const [row] = await tx.sql<{ project_id: string }>(
      `SELECT project_id FROM maestro.projects WHERE tenant_id = $1 AND ${column} = $2 FOR KEY SHARE`,
      [tx.tenantId, text],
    );
    return row?.project_id;
  };
  return (isUuid(text) ? await by('project_id') : undefined) ?? by('name');
}

export async function linkExperiment(tx: TenantTx, projectId: string, experimentId: number): Promise<void> {
  await tx.sql(
    `INSERT INTO maestro.project_experiments (tenant_id, experiment_id, project_id) VALUES ($1, $2, $3)
     ON CONFLICT (tenant_id, experiment_id) DO UPDATE SET project_id = excluded.project_id`,
    [tx.tenantId, experimentId, projectId],
  );
}

export async function unlinkExperiment(tx: TenantTx, experimentId: number): Promise<void> {
  await tx.sql('DELETE FROM maestro.project_experiments WHERE tenant_id = $1 AND experiment_id = $2', [
    tx.tenantId,
    experimentId,
  ]);
}

/** Takes all experiments out of a project, with the tags that say so. */
export async function unlinkAll(tx: TenantTx, projectId: string): Promise<void> {
  await tx.sql(
    `WITH gone AS (
       DELETE FROM maestro.project_experiments WHERE tenant_id = $1 AND project_id = $2 RETURNING experiment_id)
     DELETE FROM maestro.experiment_tags t USING gone
      WHERE t.tenant_id = $1 AND t.experiment_id = gone.experiment_id AND t.key = $3`,
    [tx.tenantId, projectId, projectTag],
  );
}

/** Lets tags that name a project by its name follow to another name. */
export async function renameInTags(tx: TenantTx, projectId: string, before: string, after: string): Promise<void> {
  await tx.sql(
    `UPDATE maestro.experiment_tags t SET value = $5 FROM maestro.project_experiments e
      WHERE t.tenant_id = $1 AND e.tenant_id = $1 AND e.project_id = $2 AND t.experiment_id = e.experiment_id
        AND t.key = $3 AND t.value = $4`,
    [tx.tenantId, projectId, projectTag, before, after],
  );
}

export interface LinkedExperiment {
  experiment_id: number;
  name: string;
}

/** Active experiments of a project, of which `only` these where it is given, by their number; at most `limit`. */
export function linkedExperiments(
  tx: TenantTx,
  projectId: string,
  only: readonly number[] | undefined,
  limit: number,
): Promise<LinkedExperiment[]> {
  return tx.sql<LinkedExperiment>(
    `SELECT e.experiment_id, e.name FROM maestro.project_experiments p
       JOIN maestro.experiments e ON e.tenant_id = $1 AND e.experiment_id = p.experiment_id
      WHERE p.tenant_id = $1 AND p.project_id = $2 AND e.lifecycle_stage = 'active'
        AND ($3::bigint[] IS NULL OR p.experiment_id = ANY ($3))
      ORDER BY p.experiment_id LIMIT $4`,
    [tx.tenantId, projectId, only ?? null, limit],
    'linked_experiments',
  );
}

export interface RunCount {
  status: string;
  runs: number;
  /** From their start to their end, of those that have ended. */
  hours: number;
}

/** The active runs of experiments, by status. */
export function countRuns(tx: TenantTx, experiments: readonly number[]): Promise<RunCount[]> {
  return tx.sql<RunCount>(
    `SELECT status, count(*) AS runs,
            coalesce(sum(greatest(end_time - start_time, 0)) / 3600000.0, 0)::float8 AS hours
       FROM maestro.runs
      WHERE tenant_id = $1 AND experiment_id = ANY ($2) AND lifecycle_stage = 'active' GROUP BY status`,
    [tx.tenantId, experiments],
    'count_project_runs',
  );
}

export interface BestMetric {
  key: string;
  max: number;
  max_run_id: string;
  min: number;
  min_run_id: string;
}

/**
 * The greatest and the least of the last values of each metric over the active runs of experiments, by name; at most
 * `limit` names. Walks from name to name in the index, and to its ends of each: however many runs there are.
 */
export function bestMetrics(tx: TenantTx, experiments: readonly number[], limit: number): Promise<BestMetric[]> {
  const end = (direction: 'ASC' | 'DESC') => `(
    SELECT m.value, replace(m.run_id::text, '-', '') AS run_id FROM maestro.latest_metrics m
      JOIN maestro.runs r ON r.tenant_id = $1 AND r.run_id = m.run_id AND r.lifecycle_stage = 'active'
     WHERE m.tenant_id = $1 AND m.experiment_id = k.experiment_id AND m.key = k.key AND NOT m.is_nan
     ORDER BY m.value ${direction} LIMIT 1)`;
  return tx.sql<BestMetric>(
    `WITH RECURSIVE keys AS (
       SELECT e.experiment_id, f.key, 1 AS place FROM unnest($2::bigint[]) AS e(experiment_id), LATERAL (
         SELECT m.key FROM maestro.latest_metrics m
          WHERE m.tenant_id = $1 AND m.experiment_id = e.experiment_id ORDER BY m.key LIMIT 1) f
       UNION ALL
       SELECT k.experiment_id, f.key, k.place + 1 FROM keys k, LATERAL (
         SELECT m.key FROM maestro.latest_metrics m
          WHERE m.tenant_id = $1 AND m.experiment_id = k.experiment_id AND m.key > k.key ORDER BY m.key LIMIT 1) f
        WHERE k.place < $3)
     SELECT k.key, max(most.value) AS max, (array_agg(most.run_id ORDER BY most.value DESC))[1] AS max_run_id,
            min(least.value) AS min, (array_agg(least.run_id ORDER BY least.value))[1] AS min_run_id
       FROM keys k, LATERAL ${end('DESC')} most, LATERAL ${end('ASC')} least
      GROUP BY k.key ORDER BY k.key LIMIT $3`,
    [tx.tenantId, experiments, limit],
    'project_best_metrics',
  );
}
