import type { TenantTx } from '../../db/tenancy.ts';

const hex = "replace(r.run_id::text, '-', '')";

/**
 * Locks runs until the commit, in the order of their ids, and gives the stage of each. What is logged to them waits only
 * where it changes the run itself. `missing` makes the error for one that is not there.
 */
export async function lockRuns(
  tx: TenantTx,
  runIds: readonly string[],
  missing: (runId: string) => Error,
): Promise<Map<string, string>> {
  const rows = await tx.sql<{ run_id: string; stage: string }>(
    `SELECT ${hex} AS run_id, r.lifecycle_stage AS stage FROM maestro.runs r
      WHERE r.tenant_id = $1 AND r.run_id = ANY ($2::uuid[]) ORDER BY r.run_id FOR NO KEY UPDATE`,
    [tx.tenantId, runIds],
    'lock_runs',
  );
  const stages = new Map(rows.map(({ run_id: id, stage }) => [id, stage]));
  const lost = runIds.find((id) => !stages.has(id));
  if (lost !== undefined) throw missing(lost);
  return stages;
}

export async function setStageOfRuns(
  tx: TenantTx,
  runIds: readonly string[],
  stage: 'active' | 'deleted',
  deletedTime: number | null,
): Promise<void> {
  await tx.sql(
    `UPDATE maestro.runs SET lifecycle_stage = $3, deleted_time = $4
      WHERE tenant_id = $1 AND run_id = ANY ($2::uuid[]) AND lifecycle_stage <> $3`,
    [tx.tenantId, runIds, stage, deletedTime],
    'set_stage_of_runs',
  );
}

export interface TagChange {
  readonly runId: string;
  readonly key: string;
  /** Null: no such tag. */
  readonly value: string | null;
}

const asked = 'unnest($2::uuid[], $3::text[], $4::text[]) AS w(run_id, key, value)';

/** Locks the tags to be changed that are there, in the order in which maestro.record writes them: before their runs. */
export async function lockTags(tx: TenantTx, changes: readonly TagChange[]): Promise<void> {
  await tx.sql(
    `SELECT FROM unnest($2::uuid[], $3::text[]) AS w(run_id, key)
       JOIN maestro.tags t ON t.tenant_id = $1 AND t.run_id = w.run_id AND t.key = w.key
      ORDER BY w.run_id, w.key FOR NO KEY UPDATE OF t`,
    [tx.tenantId, changes.map(({ runId }) => runId), changes.map(({ key }) => key)],
    'lock_tags',
  );
}

/** Sets and removes tags of runs that the caller has locked, and gives what was there before. */
export async function changeTags(tx: TenantTx, changes: readonly TagChange[]): Promise<TagChange[]> {
  const values = [
    tx.tenantId,
    changes.map(({ runId }) => runId),
    changes.map(({ key }) => key),
    changes.map(({ value }) => value),
  ];
  const before = await tx.sql<{ run_id: string; key: string; value: string | null }>(
    `SELECT replace(w.run_id::text, '-', '') AS run_id, w.key, t.value FROM ${asked}
       LEFT JOIN maestro.tags t ON t.tenant_id = $1 AND t.run_id = w.run_id AND t.key = w.key
      WHERE w.value IS DISTINCT FROM t.value`,
    values,
    'tags_before',
  );
  await tx.sql(
    `INSERT INTO maestro.tags (tenant_id, run_id, key, value, experiment_id)
     SELECT $1, w.run_id, w.key, w.value, r.experiment_id FROM ${asked}
       JOIN maestro.runs r ON r.tenant_id = $1 AND r.run_id = w.run_id
      WHERE w.value IS NOT NULL ORDER BY w.run_id, w.key
     ON CONFLICT (tenant_id, run_id, key) DO UPDATE SET value = excluded.value`,
    values,
    'set_tags_of_runs',
  );
  await tx.sql(
    `DELETE FROM maestro.tags t USING ${asked}
      WHERE t.tenant_id = $1 AND t.run_id = w.run_id AND t.key = w.key AND w.value IS NULL`,
    values,
    'delete_tags_of_runs',
  );
  return before.map(({ run_id: runId, key, value }) => ({ runId, key, value }));
}
