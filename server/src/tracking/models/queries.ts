import { build, type TenantTx } from '../../db/tenancy.ts';
import type { KeyValue } from '../entry.ts';
import { type ModelStatus, modelStatuses } from './statuses.ts';

/** A point that a run logged for a model. */
export interface ModelMetric {
  readonly key: string;
  readonly value: number;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  readonly step: number;
  /** 32 hex digits. */
  readonly run_id: string;
  /** The dataset it was measured on; both empty where none. */
  readonly dataset_name: string;
  readonly dataset_digest: string;
}

export interface LoggedModel {
  /** `m-` and 32 hex digits. */
  readonly model_id: string;
  readonly experiment_id: number;
  readonly name: string;
  readonly artifact_location: string;
  /** Milliseconds since 1970, as `last_update_time`. */
  readonly creation_time: number;
  readonly last_update_time: number;
  readonly status: ModelStatus;
  readonly lifecycle_stage: string;
  /** Empty where none was given, as `source_run_id`. */
  readonly model_type: string;
  readonly source_run_id: string;
  /** Sorted by key, as `params`. */
  readonly tags: KeyValue[];
  readonly params: KeyValue[];
  /** Sorted by key, timestamp, step and run. */
  readonly metrics: ModelMetric[];
}

const pairs = (table: string) =>
  `coalesce((SELECT json_agg(json_build_object('key', k.key, 'value', k.value) ORDER BY k.key)
               FROM maestro.${table} k WHERE k.tenant_id = $1 AND k.model_id = m.model_id), '[]')`;

const selected = `
  SELECT m.model_id, m.experiment_id, m.name, m.artifact_location, m.creation_time, m.last_update_time, m.status,
         m.lifecycle_stage, coalesce(m.model_type, '') AS model_type, coalesce(m.source_run_id, '') AS source_run_id,
         ${pairs('logged_model_tags')} AS tags, ${pairs('logged_model_params')} AS params,
         coalesce((
           SELECT json_agg(json_build_object(
                    'key', p.key, 'value', p.value, 'timestamp', p.timestamp, 'step', p.step,
                    'run_id', replace(p.run_id::text, '-', ''),
                    'dataset_name', p.dataset_name, 'dataset_digest', p.dataset_digest)
                    ORDER BY p.key, p.timestamp, p.step, p.run_id)
             FROM (SELECT * FROM maestro.logged_model_metrics n WHERE n.tenant_id = $1 AND n.model_id = m.model_id
                    ORDER BY n.timestamp DESC, n.step DESC LIMIT $3) p), '[]') AS metrics
    FROM maestro.logged_models m
   WHERE m.tenant_id = $1 AND m.model_id = ANY ($2)`;

/**
 * Whole logged models, deleted ones too, in the order of `ids`; what is not there is left out.
 *
 * @param pointsMax how many of a model's points are given, the newest first: an answer stays bounded however many a
 *   training logged.
 */
export async function findLoggedModels(
  tx: TenantTx,
  ids: readonly string[],
  pointsMax: number,
): Promise<LoggedModel[]> {
  const rows = await tx.sql<Omit<LoggedModel, 'status'> & { status: number }>(
    selected,
    [tx.tenantId, ids, pointsMax],
    'logged_models',
  );
  const byId = new Map(
    rows.map((row) => [row.model_id, { ...row, status: modelStatuses[row.status] ?? 'UNSPECIFIED' }]),
  );
  return ids.flatMap((id) => byId.get(id) ?? []);
}

/** True for deleted models too. */
export async function modelExists(tx: TenantTx, id: string): Promise<boolean> {
  const found = await tx.first(
    build
      .selectFrom('logged_models')
      .select('model_id')
      .where('tenant_id', '=', tx.tenantId)
      .where('model_id', '=', id),
  );
  return found !== undefined;
}

/** Inserts a model; its files lie below those of its experiment. */
export async function insertLoggedModel(
  tx: TenantTx,
  model: {
    id: string;
    experimentId: number;
    experimentLocation: string;
    name: string;
    modelType: string;
    sourceRunId: string;
    status: ModelStatus;
    time: number;
  },
): Promise<void> {
  await tx.sql(
    `INSERT INTO maestro.logged_models (tenant_id, model_id, experiment_id, name, artifact_location, creation_time,
                                        last_update_time, status, model_type, source_run_id)
     VALUES ($1, $2, $3, $4, maestro.append_to_uri($5, 'models/' || $2 || '/artifacts'), $6, $6, $7, $8, $9)`,
    [
      tx.tenantId,
      model.id,
      model.experimentId,
      model.name,
      model.experimentLocation,
      model.time,
      modelStatuses.indexOf(model.status),
      model.modelType,
      model.sourceRunId,
    ],
    'insert_logged_model',
  );
}

/** Changes a model, deleted ones too. False where there is none. */
export async function updateLoggedModel(
  tx: TenantTx,
  id: string,
  change: { status?: ModelStatus; stage?: 'active' | 'deleted'; time: number },
): Promise<boolean> {
  const updated = await tx.all(
    build
      .updateTable('logged_models')
      .set({
        last_update_time: change.time,
        ...(change.status === undefined ? {} : { status: modelStatuses.indexOf(change.status) }),
        ...(change.stage === undefined ? {} : { lifecycle_stage: change.stage }),
      })
      .where('tenant_id', '=', tx.tenantId)
      .where('model_id', '=', id)
      .returning('model_id'),
  );
  return updated.length > 0;
}

const columnsOf = (items: readonly KeyValue[]) => [items.map(({ key }) => key), items.map(({ value }) => value)];

/**
 * Inserts params where they are not there yet, and gives what stands for all of them afterwards.
 * Sorted before the insert: two calls that log the same keys in different orders would deadlock.
 */
export async function insertModelParams(tx: TenantTx, id: string, params: readonly KeyValue[]): Promise<KeyValue[]> {
  await tx.sql(
    `INSERT INTO maestro.logged_model_params (tenant_id, model_id, key, value)
     SELECT $1, $2, w.key, w.value FROM unnest($3::text[], $4::text[]) AS w(key, value) ORDER BY w.key
     ON CONFLICT (tenant_id, model_id, key) DO NOTHING`,
    [tx.tenantId, id, ...columnsOf(params)],
    'insert_model_params',
  );
  return tx.sql<KeyValue>(
    `SELECT p.key, p.value FROM maestro.logged_model_params p
      WHERE p.tenant_id = $1 AND p.model_id = $2 AND p.key = ANY ($3)`,
    [tx.tenantId, id, params.map(({ key }) => key)],
    'model_params',
  );
}

/** Sets tags, one for each key. Sorted before the insert, as params are. */
export async function setModelTags(tx: TenantTx, id: string, tags: readonly KeyValue[]): Promise<void> {
  await tx.sql(
    `INSERT INTO maestro.logged_model_tags (tenant_id, model_id, key, value)
     SELECT $1, $2, w.key, w.value FROM unnest($3::text[], $4::text[]) AS w(key, value) ORDER BY w.key
     ON CONFLICT (tenant_id, model_id, key) DO UPDATE SET value = excluded.value`,
    [tx.tenantId, id, ...columnsOf(tags)],
    'set_model_tags',
  );
}

/** False where the model has no such tag. */
export async function deleteModelTag(tx: TenantTx, id: string, key: string): Promise<boolean> {
  const deleted = await tx.all(
    build
      .deleteFrom('logged_model_tags')
      .where('tenant_id', '=', tx.tenantId)
      .where('model_id', '=', id)
      .where('key', '=', key)
      .returning('key'),
  );
  return deleted.length > 0;
}
