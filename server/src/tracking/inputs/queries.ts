import { build, type TenantTx } from '../../db/tenancy.ts';
import type { KeyValue } from '../entry.ts';

/** A dataset as a run names it; one record for each name and digest in an experiment. */
export interface Dataset {
  readonly name: string;
  readonly digest: string;
  readonly source_type: string;
  readonly source: string;
  readonly schema?: string;
  readonly profile?: string;
}

export interface DatasetInput {
  readonly dataset: Dataset;
  readonly tags: readonly KeyValue[];
}

export interface DatasetSummary {
  experiment_id: number;
  name: string;
  digest: string;
  /** What a run used it for, such as `train`; absent where no run says. */
  context?: string;
}

const column = <Item, Value>(items: readonly Item[], of: (item: Item) => Value): Value[] => items.map(of);

/**
 * Records datasets, one for each name and digest: what is there already stays as it is.
 * Sorted before the insert: two runs that log the same datasets in different orders would deadlock.
 */
export async function insertDatasets(tx: TenantTx, experimentId: number, datasets: readonly Dataset[]): Promise<void> {
  await tx.sql(
    `INSERT INTO maestro.datasets (tenant_id, experiment_id, name, digest, source_type, source, schema, profile)
     SELECT $1, $2, w.name, w.digest, w.source_type, w.source, w.schema, w.profile
       FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
         AS w(name, digest, source_type, source, schema, profile)
      ORDER BY w.name, w.digest
     ON CONFLICT (tenant_id, experiment_id, name, digest) DO NOTHING`,
    [
      tx.tenantId,
      experimentId,
      column(datasets, ({ name }) => name),
      column(datasets, ({ digest }) => digest),
      column(datasets, ({ source_type: type }) => type),
      column(datasets, ({ source }) => source),
      column(datasets, ({ schema }) => schema ?? null),
      column(datasets, ({ profile }) => profile ?? null),
    ],
    'insert_datasets',
  );
}

/** Notes that a run has inputs or outputs; what shows runs looks for them only then. */
async function markLinked(tx: TenantTx, runId: string): Promise<void> {
  await tx.sql(
    'UPDATE maestro.runs SET is_linked = true WHERE tenant_id = $1 AND run_id = $2 AND NOT is_linked',
    [tx.tenantId, runId],
    'mark_linked',
  );
}

/**
 * Makes recorded datasets inputs of a run, in the order given. An input that is there already stays as it is, with the
 * tags it was first logged with.
 */
export async function insertRunDatasets(
  tx: TenantTx,
  runId: string,
  experimentId: number,
  inputs: readonly DatasetInput[],
): Promise<void> {
  await markLinked(tx, runId);
  await tx.sql(
    `INSERT INTO maestro.run_datasets (tenant_id, run_id, dataset_id, tags, created_at)
     SELECT $1, $2, d.dataset_id, w.tags::jsonb, statement_timestamp() + w.place * interval '1 microsecond'
       FROM unnest($4::text[], $5::text[], $6::text[]) WITH ORDINALITY AS w(name, digest, tags, place)
       JOIN maestro.datasets d
         ON d.tenant_id = $1 AND d.experiment_id = $3 AND d.name = w.name AND d.digest = w.digest
     ON CONFLICT (tenant_id, run_id, dataset_id) DO NOTHING`,
    [
      tx.tenantId,
      runId,
      experimentId,
      column(inputs, ({ dataset }) => dataset.name),
      column(inputs, ({ dataset }) => dataset.digest),
      column(inputs, ({ tags }) => JSON.stringify(tags)),
    ],
    'insert_run_datasets',
  );
}

/** A model that a run read or wrote. */
export interface RunModel {
  readonly model_id: string;
  readonly step: number;
}

/** Makes models inputs or outputs of a run, where they are not yet, and gives what stands for all of them. */
export async function insertRunModels(
  tx: TenantTx,
  runId: string,
  direction: 'input' | 'output',
  models: readonly RunModel[],
): Promise<RunModel[]> {
  await markLinked(tx, runId);
  const ids = column(models, ({ model_id: id }) => id);
  await tx.sql(
    `INSERT INTO maestro.run_models (tenant_id, run_id, direction, model_id, step, created_at)
     SELECT $1, $2, $3, w.model_id, w.step, statement_timestamp() + w.place * interval '1 microsecond'
       FROM unnest($4::text[], $5::bigint[]) WITH ORDINALITY AS w(model_id, step, place)
     ON CONFLICT (tenant_id, run_id, direction, model_id) DO NOTHING`,
    [tx.tenantId, runId, direction, ids, column(models, ({ step }) => step)],
    'insert_run_models',
  );
  return tx.sql<RunModel>(
    `SELECT m.model_id, m.step FROM maestro.run_models m
      WHERE m.tenant_id = $1 AND m.run_id = $2 AND m.direction = $3 AND m.model_id = ANY ($4)`,
    [tx.tenantId, runId, direction, ids],
    'run_models',
  );
}

/** The datasets that runs of the experiments used and what for, each once, in the order of their names. */
export async function findDatasetSummaries(
  tx: TenantTx,
  experimentIds: readonly number[],
  limit: number,
): Promise<DatasetSummary[]> {
  const rows = await tx.sql<Omit<DatasetSummary, 'context'> & { context: string | null }>(
    `SELECT DISTINCT d.experiment_id, d.name, d.digest,
            jsonb_path_query_first(r.tags, '$[*] ? (@.key == "mlflow.data.context").value') #>> '{}' AS context
       FROM maestro.datasets d
       JOIN maestro.run_datasets r ON r.tenant_id = $1 AND r.dataset_id = d.dataset_id
      WHERE d.tenant_id = $1 AND d.experiment_id = ANY ($2)
      ORDER BY d.experiment_id, d.name, d.digest, context LIMIT $3`,
    [tx.tenantId, experimentIds, limit],
    'dataset_summaries',
  );
  return rows.map(({ context, ...row }) => ({ ...row, ...(context === null ? {} : { context }) }));
}

export async function findRunTag(tx: TenantTx, runId: string, key: string): Promise<string | undefined> {
  const tag = await tx.first(
    build
      .selectFrom('tags')
      .select('value')
      .where('tenant_id', '=', tx.tenantId)
      .where('run_id', '=', runId)
      .where('key', '=', key),
  );
  return tag?.value;
}

/** A dataset as one run used it. */
export interface RunDataset {
  readonly name: string;
  readonly digest: string;
  readonly source_type: string;
  readonly source: string | null;
  readonly schema: string | null;
  readonly profile: string | null;
  readonly tags: Record<string, string>;
}

/** The datasets that a run read, in the order in which they were logged, with at most `textMax` characters of each text. */
export async function findRunDatasets(tx: TenantTx, runId: string, textMax: number): Promise<RunDataset[]> {
  const rows = await tx.sql<Omit<RunDataset, 'tags'> & { tags: KeyValue[] }>(
    `SELECT d.name, d.digest, d.source_type, left(d.source, $3) AS source, left(nullif(d.schema, ''), $3) AS schema,
            left(nullif(d.profile, ''), $3) AS profile, r.tags
       FROM maestro.run_datasets r
       JOIN maestro.datasets d ON d.tenant_id = $1 AND d.dataset_id = r.dataset_id
      WHERE r.tenant_id = $1 AND r.run_id = $2 ORDER BY r.created_at, r.dataset_id LIMIT 1000`,
    [tx.tenantId, runId, textMax],
    'run_datasets',
  );
  return rows.map((row) => ({ ...row, tags: Object.fromEntries(row.tags.map(({ key, value }) => [key, value])) }));
}

/** The models that a run read or wrote, in the order in which they were logged, the first 10,000. */
export const findRunModels = (tx: TenantTx, runId: string, direction: 'input' | 'output'): Promise<RunModel[]> =>
  tx.sql<RunModel>(
    `SELECT m.model_id, m.step FROM maestro.run_models m
      WHERE m.tenant_id = $1 AND m.run_id = $2 AND m.direction = $3 ORDER BY m.created_at, m.model_id LIMIT 10000`,
    [tx.tenantId, runId, direction],
    'models_of_run',
  );
