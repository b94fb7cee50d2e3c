import { build, type TenantTx } from '../../db/tenancy.ts';

export interface Experiment {
  experiment_id: number;
  name: string;
  artifact_location: string;
  lifecycle_stage: string;
  /** Milliseconds since 1970, as `last_update_time`. */
  creation_time: number;
  last_update_time: number;
  tags: { key: string; value: string }[];
  /** The project that it is in. */
  project: { project_id: string; name: string } | null;
}

/** The next number of a tenant's counter, exact under concurrency: the row stays locked until the commit. */
export async function nextNumber(tx: TenantTx, name: string): Promise<number> {
  const rows = await tx.sql<{ value: number }>(
    `INSERT INTO maestro.tenant_counters AS c (tenant_id, name, value) VALUES ($1, $2, 1)
     ON CONFLICT (tenant_id, name) DO UPDATE SET value = c.value + 1 RETURNING value`,
    [tx.tenantId, name],
  );
  return rows[0]?.value as number;
}

const selected = `SELECT e.experiment_id, e.name, e.artifact_location, e.lifecycle_stage, e.creation_time, e.last_update_time,
  coalesce((SELECT json_agg(json_build_object('key', t.key, 'value', t.value) ORDER BY t.key)
              FROM maestro.experiment_tags t
             WHERE t.tenant_id = $1 AND t.experiment_id = e.experiment_id), '[]') AS tags,
  (SELECT json_build_object('project_id', p.project_id, 'name', p.name)
     FROM maestro.project_experiments x
     JOIN maestro.projects p ON p.tenant_id = $1 AND p.project_id = x.project_id
    WHERE x.tenant_id = $1 AND x.experiment_id = e.experiment_id) AS project
  FROM maestro.experiments e WHERE e.tenant_id = $1`;

/** Whole experiments, in the order of their ids in `ids`; what is not there is left out. */
export async function findExperiments(tx: TenantTx, ids: readonly number[]): Promise<Experiment[]> {
  const rows = await tx.sql<Experiment>(
    `${selected} AND e.experiment_id = ANY ($2)`,
    [tx.tenantId, ids],
    'experiments',
  );
  const byId = new Map(rows.map((row) => [row.experiment_id, row]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}

export async function findExperimentByName(tx: TenantTx, name: string): Promise<Experiment | undefined> {
  return (await tx.sql<Experiment>(`${selected} AND e.name = $2`, [tx.tenantId, name], 'experiment_by_name'))[0];
}

/** Inserts an experiment; false where the name is taken. */
export async function insertExperiment(
  tx: TenantTx,
  experiment: { id: number; name: string; artifactLocation: string; time: number },
): Promise<boolean> {
  const inserted = await tx.all(
    build
      .insertInto('experiments')
      .values({
        tenant_id: tx.tenantId,
        experiment_id: experiment.id,
        name: experiment.name,
        artifact_location: experiment.artifactLocation,
        creation_time: experiment.time,
        last_update_time: experiment.time,
      })
      .onConflict((conflict) => conflict.doNothing())
      .returning('experiment_id'),
  );
  return inserted.length > 0;
}

export async function setExperimentTag(tx: TenantTx, id: number, key: string, value: string): Promise<void> {
  await tx.all(
    build
      .insertInto('experiment_tags')
      .values({ tenant_id: tx.tenantId, experiment_id: id, key, value })
      .onConflict((conflict) => conflict.columns(['tenant_id', 'experiment_id', 'key']).doUpdateSet({ value })),
  );
}

/** False where the experiment has no such tag. */
export async function deleteExperimentTag(tx: TenantTx, id: number, key: string): Promise<boolean> {
  const deleted = await tx.all(
    build
      .deleteFrom('experiment_tags')
      .where('tenant_id', '=', tx.tenantId)
      .where('experiment_id', '=', id)
      .where('key', '=', key)
      .returning('key'),
  );
  return deleted.length > 0;
}

/** Locks an experiment's row until the commit and gives its stage and name. */
export async function lockExperiment(tx: TenantTx, id: number): Promise<{ name: string; stage: string } | undefined> {
  const row = await tx.first(
    build
      .selectFrom('experiments')
      .select(['name', 'lifecycle_stage as stage'])
      .where('tenant_id', '=', tx.tenantId)
      .where('experiment_id', '=', id)
      .forUpdate(),
  );
  return row;
}

export async function renameExperiment(tx: TenantTx, id: number, name: string, time: number): Promise<void> {
  await tx.all(
    build
      .updateTable('experiments')
      .set({ name, last_update_time: time })
      .where('tenant_id', '=', tx.tenantId)
      .where('experiment_id', '=', id),
  );
}

/** Deletes or restores an experiment and all its runs. */
export async function setExperimentStage(
  tx: TenantTx,
  id: number,
  stage: 'active' | 'deleted',
  time: number,
): Promise<void> {
  await tx.all(
    build
      .updateTable('experiments')
      .set({ lifecycle_stage: stage, last_update_time: time })
      .where('tenant_id', '=', tx.tenantId)
      .where('experiment_id', '=', id),
  );
  await tx.all(
    build
      .updateTable('runs')
      .set({ lifecycle_stage: stage, deleted_time: stage === 'deleted' ? time : null })
      .where('tenant_id', '=', tx.tenantId)
      .where('experiment_id', '=', id),
  );
}
