import { build, type TenantTx } from '../../db/tenancy.ts';

/** What a run is, without its data. Times in milliseconds since 1970. */
export interface RunInfo {
  run_id: string;
  experiment_id: number;
  name: string;
  user_id: string;
  status: string;
  start_time: number;
  end_time: number | null;
  lifecycle_stage: string;
  artifact_uri: string;
}

const runInfo = `replace(run_id::text, '-', '') AS run_id, experiment_id, name, user_id, status, start_time, end_time,
            lifecycle_stage, coalesce(artifact_uri, 'mlflow-artifacts:/' || experiment_id || '/'
              || replace(run_id::text, '-', '') || '/artifacts') AS artifact_uri`;

/** The runs among `runIds` that are there, in no order. */
export const findRunInfos = (tx: TenantTx, runIds: readonly string[]): Promise<RunInfo[]> =>
  tx.sql<RunInfo>(
    `SELECT ${runInfo} FROM maestro.runs WHERE tenant_id = $1 AND run_id = ANY ($2::uuid[])`,
    [tx.tenantId, runIds],
    'run_infos',
  );

/** Locks a run's row until the commit. */
export async function lockRun(tx: TenantTx, runId: string): Promise<RunInfo | undefined> {
  const rows = await tx.sql<RunInfo>(
    `SELECT ${runInfo} FROM maestro.runs WHERE tenant_id = $1 AND run_id = $2 FOR UPDATE`,
    [tx.tenantId, runId],
    'lock_run',
  );
  return rows[0];
}

export async function updateRun(
  tx: TenantTx,
  runId: string,
  change: { status?: string; end_time?: number; name?: string },
): Promise<void> {
  if (Object.keys(change).length === 0) return;
  await tx.all(build.updateTable('runs').set(change).where('tenant_id', '=', tx.tenantId).where('run_id', '=', runId));
}

export async function setRunTag(
  tx: TenantTx,
  run: { run_id: string; experiment_id: number },
  key: string,
  value: string,
): Promise<void> {
  await tx.all(
    build
      .insertInto('tags')
      .values({ tenant_id: tx.tenantId, run_id: run.run_id, experiment_id: run.experiment_id, key, value })
      .onConflict((conflict) => conflict.columns(['tenant_id', 'run_id', 'key']).doUpdateSet({ value })),
  );
}

/** False where the run has no such tag. */
export async function deleteRunTag(tx: TenantTx, runId: string, key: string): Promise<boolean> {
  const deleted = await tx.all(
    build
      .deleteFrom('tags')
      .where('tenant_id', '=', tx.tenantId)
      .where('run_id', '=', runId)
      .where('key', '=', key)
      .returning('key'),
  );
  return deleted.length > 0;
}

export async function setRunStage(
  tx: TenantTx,
  runId: string,
  stage: 'active' | 'deleted',
  deletedTime: number | null,
): Promise<void> {
  await tx.all(
    build
      .updateTable('runs')
      .set({ lifecycle_stage: stage, deleted_time: deletedTime })
      .where('tenant_id', '=', tx.tenantId)
      .where('run_id', '=', runId),
  );
}
