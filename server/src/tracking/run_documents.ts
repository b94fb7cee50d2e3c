import type { TenantTx } from '../db/tenancy.ts';
import { shownText } from './shown_text.ts';

const ofRun = (table: string) => `FROM maestro.${table} x WHERE x.tenant_id = $1 AND x.run_id = r.run_id`;

/** The rows of a table as a JSON list; null where there are none. They carry their item ready-made. */
const items = (table: string) => `(SELECT '[' || string_agg(x.item, ',') || ']' ${ofRun(table)})`;

const datasetInputs = `(SELECT json_agg(json_strip_nulls(json_build_object(
    'tags', nullif(x.tags, '[]'::jsonb),
    'dataset', json_build_object('name', d.name, 'digest', d.digest, 'source_type', d.source_type,
      'source', d.source, 'schema', nullif(d.schema, ''), 'profile', nullif(d.profile, ''))
    )) ORDER BY x.created_at, x.dataset_id)::text
  FROM maestro.run_datasets x JOIN maestro.datasets d ON d.tenant_id = $1 AND d.dataset_id = x.dataset_id
  WHERE x.tenant_id = $1 AND x.run_id = r.run_id)`;

const modelInputs = `(SELECT json_agg(json_build_object('model_id', x.model_id) ORDER BY x.created_at, x.model_id)::text
  ${ofRun('run_models')} AND x.direction = 'input')`;

const modelOutputs = `(SELECT json_agg(
    json_build_object('model_id', x.model_id, 'step', x.step) ORDER BY x.created_at, x.model_id)::text
  ${ofRun('run_models')} AND x.direction = 'output')`;

/** What only runs with inputs or outputs have; looked for in no other. */
const ofLinked = (parts: string) => `CASE WHEN r.is_linked THEN concat_ws(',', ${parts}) ELSE '' END`;

/** `"name":[…]`, or null where there is nothing to list. */
const list = (name: string, of: string) => `'"${name}":' || ${of}`;

const info = `format('{"run_uuid":"%1$s","experiment_id":"%2$s","run_name":%3$s,"user_id":%4$s,"status":"%5$s",'
    '"start_time":%6$s%7$s,"artifact_uri":%8$s,"lifecycle_stage":"%9$s","run_id":"%1$s"}',
  hex.id, r.experiment_id, to_json(r.name), to_json(r.user_id), r.status,
  r.start_time, ',"end_time":' || nullif(r.end_time, 0),
  coalesce(to_json(r.artifact_uri)::text,
    format('"mlflow-artifacts:/%s/%s/artifacts"', r.experiment_id, hex.id)), r.lifecycle_stage)`;

/**
 * The runs of ids $2, in the order of the ids. The limit keeps it a look-up by key: as a plain join, on a table without
 * statistics, PostgreSQL pairs all runs with all ids.
 */
const runsInOrder = `FROM unnest($2::uuid[]) WITH ORDINALITY AS wanted(run_id, place)
  CROSS JOIN LATERAL (
    SELECT * FROM maestro.runs x WHERE x.tenant_id = $1 AND x.run_id = wanted.run_id LIMIT 1
  ) r
  CROSS JOIN LATERAL (SELECT replace(r.run_id::text, '-', '') AS id) hex`;

const statementOf = (inputs: string) => `SELECT
    '{"info":' || ${info}
    || ',"data":{' || concat_ws(',', ${list('metrics', items('latest_metrics'))}, ${list('params', items('params'))},
      ${list('tags', items('tags'))})
    || '},"inputs":{' || ${ofLinked(inputs)}
    || '},"outputs":{' || ${ofLinked(list('model_outputs', modelOutputs))} || '}}' AS document,
    wanted.place::integer - 1 AS place
  ${runsInOrder} ORDER BY wanted.place`;

const oneByOne = statementOf(`${list('dataset_inputs', datasetInputs)}, ${list('model_inputs', modelInputs)}`);

/** As in the reference, a run found by a search does not list the models that it read. */
const together = `SELECT string_agg(document, ',' ORDER BY place) AS documents
  FROM (${statementOf(list('dataset_inputs', datasetInputs))}) found`;

/**
 * The JSON text of MLflow's run entity for each of `runIds` (PostgreSQL's uuid form), in their order, undefined where
 * there is no such run. The last statement of the transaction.
 *
 * Measured, CPU of the backend for 100 runs of 17 metrics, 10 params and 4 tags: 2.1 ms, nearly all of it index look-ups;
 * printing the rows here took 4.4, json_build_object throughout half as much again, subqueries grouped by run and joined
 * a quarter more. Planning anew costs 0.4 ms each time, which PostgreSQL would do because it takes an unknown array to
 * have ten elements: hence the pool's plan mode.
 */
export async function runDocuments(tx: TenantTx, runIds: readonly string[]): Promise<(string | undefined)[]> {
  const values = [tx.tenantId, runIds];
  const rows = await tx.last<{ document: string; place: number }>(oneByOne, values, 'run_documents');
  const documents = new Array<string | undefined>(runIds.length);
  for (const { document, place } of rows) documents[place] = document;
  return documents;
}

/**
 * Runs that a search found, as they stand in a JSON list, without its brackets; '' for none. The last statement of the
 * transaction. One row for all of them: a row each costs the server 0.4 ms more for 100 runs, of 1 ms.
 */
export async function foundRunsText(tx: TenantTx, runIds: readonly string[]): Promise<string> {
  if (runIds.length === 0) return '';
  const rows = await tx.last<{ documents: string | null }>(together, [tx.tenantId, runIds], 'found_runs');
  return rows[0]?.documents ?? '';
}

/** A run as `/api/v1` shows it. Times are milliseconds since 1970; infinities are ±1.7976931348623157e308. */
export interface NativeRun {
  /** 32 hex digits. */
  readonly run_id: string;
  readonly experiment_id: number;
  readonly name: string;
  readonly user_id: string;
  readonly status: 'RUNNING' | 'SCHEDULED' | 'FINISHED' | 'FAILED' | 'KILLED';
  readonly start_time: number;
  readonly end_time: number | null;
  readonly lifecycle_stage: 'active' | 'deleted';
  readonly artifact_uri: string;
  readonly metrics: Record<string, number | 'NaN'>;
  readonly params: Record<string, string>;
  readonly tags: Record<string, string>;
}

const byKey = (table: string, value: string) =>
  `(SELECT coalesce(json_object_agg(x.key, ${value}), '{}') ${ofRun(table)})`;

const metricJson = `CASE WHEN x.is_nan THEN '"NaN"'::json ELSE to_json(x.value) END`;

const nativeStatement = (text: string) => `SELECT hex.id AS run_id, r.experiment_id, r.name, r.user_id, r.status,
    r.start_time, r.end_time, r.lifecycle_stage,
    coalesce(r.artifact_uri, format('mlflow-artifacts:/%s/%s/artifacts', r.experiment_id, hex.id)) AS artifact_uri,
    ${byKey('latest_metrics', metricJson)} AS metrics,
    ${byKey('params', text)} AS params,
    ${byKey('tags', text)} AS tags
  ${runsInOrder} ORDER BY wanted.place`;

/** Which of their data runs are shown with; of a kind that is not given, all. */
export interface Shown {
  readonly metrics?: readonly string[];
  readonly params?: readonly string[];
  readonly tags?: readonly string[];
  /** Metrics whose least and greatest values are shown. */
  readonly extremes?: readonly string[];
}

/** A run with some of its data. Of a metric that was only ever NaN, there are no extremes. */
export interface ShownRun extends NativeRun {
  readonly extremes?: Record<string, { readonly min: number; readonly max: number }>;
}

const chosen = (place: string) => `(${place}::text[] IS NULL OR x.key = ANY (${place}))`;

const byChosenKey = (table: string, value: string, place: string, condition = '') =>
  byKey(table, value).replace(/\)$/, ` AND ${chosen(place)} ${condition})`);

const shownStatement = `SELECT hex.id AS run_id, r.experiment_id, r.name, r.user_id, r.status,
    r.start_time, r.end_time, r.lifecycle_stage,
    coalesce(r.artifact_uri, format('mlflow-artifacts:/%s/%s/artifacts', r.experiment_id, hex.id)) AS artifact_uri,
    ${byChosenKey('latest_metrics', metricJson, '$3')} AS metrics,
    ${byChosenKey('params', 'x.value', '$4')} AS params,
    ${byChosenKey('tags', 'x.value', '$5')} AS tags,
    CASE WHEN $6::text[] IS NOT NULL THEN ${byChosenKey(
      'latest_metrics',
      "json_build_object('min', x.min_value, 'max', x.max_value)",
      '$6',
      'AND x.min_value IS NOT NULL',
    )} END AS extremes
  ${runsInOrder} ORDER BY wanted.place`;

/** As `nativeRuns`, with the data that is asked for. */
export async function shownRuns(tx: TenantTx, runIds: readonly string[], shown: Shown): Promise<ShownRun[]> {
  const { metrics = null, params = null, tags = null, extremes = null } = shown;
  const values = [tx.tenantId, runIds, metrics, params, tags, extremes];
  const rows = await tx.sql<ShownRun & { extremes: ShownRun['extremes'] | null }>(shownStatement, values, 'shown_runs');
  if (extremes !== null) return rows;
  return rows.map(({ extremes: _, ...run }) => run);
}

const nativeStatements = { whole: nativeStatement('x.value'), cut: nativeStatement(shownText('x.value')) };

/**
 * The runs of `runIds` (PostgreSQL's uuid form) that exist, in their order, as `/api/v1` shows them; `cut`, of long params
 * and tags the beginning and a hash.
 */
export const nativeRuns = (
  tx: TenantTx,
  runIds: readonly string[],
  texts: keyof typeof nativeStatements = 'whole',
): Promise<NativeRun[]> => tx.sql<NativeRun>(nativeStatements[texts], [tx.tenantId, runIds], `native_runs_${texts}`);
