import type { TenantTx } from '../../db/tenancy.ts';
import { invalid } from '../../errors.ts';
import { type Comparison, parseFilter } from './filter.ts';
import { loggedModelGrammar } from './grammars.ts';
import { type Position, pageOf, type SortColumn } from './keyset.ts';
import { checkMaxResults, fingerprintOf, idOf, nextToken, startOf } from './page_token.ts';
import { textComparison, wholeComparison } from './run_predicates.ts';
import { SqlValues } from './sql_values.ts';

/** A dataset that metrics are measured on; without a digest any version of it. */
export interface DatasetName {
  readonly name: string;
  readonly digest?: string | undefined;
}

export interface LoggedModelOrder {
  /** An attribute such as `creation_time`, or `metrics.<key>`. */
  readonly fieldName: string;
  readonly ascending: boolean;
  /** Empty where the metric may be measured on any dataset. */
  readonly datasetName: string;
  readonly datasetDigest: string;
}

export interface LoggedModelSearch {
  /** All experiments of the tenant where not given. */
  readonly experimentIds?: readonly number[] | undefined;
  readonly filter: string;
  /** Models are left that have a metric, that of the filter's comparisons, measured on one of these; empty for any. */
  readonly datasets: readonly DatasetName[];
  readonly orderBy: readonly LoggedModelOrder[];
  /** At least 1. */
  readonly maxResults: number;
  readonly pageToken?: string | undefined;
  /** The models that may be found, by themselves or by their experiment; all where not given. */
  readonly only?: { readonly experiments: readonly number[]; readonly models: readonly string[] };
}

export interface LoggedModelPage {
  readonly modelIds: string[];
  /** Absent on the last page. */
  readonly nextPageToken?: string;
}

const nullable = new Set(['model_type', 'source_run_id', 'status_message']);
const columnTypes: Record<string, SortColumn['type']> = {
  creation_time: 'bigint',
  last_update_time: 'bigint',
  experiment_id: 'bigint',
  status: 'integer',
};

const statusName = `(ARRAY['UNSPECIFIED', 'PENDING', 'READY', 'FAILED'])[m.status + 1]`;

function attributePredicate(comparison: Comparison, values: SqlValues): string {
  const { key } = comparison;
  if (columnTypes[key] === 'bigint' && key !== 'experiment_id') return wholeComparison(`m.${key}`, comparison, values);
  // The reference knows a status by its number alone; its name is what a person would write.
  const isNumber = [comparison.value].flat().every((value) => /^\d+$/.test(String(value)));
  const column = key === 'status' && !isNumber ? statusName : columnTypes[key] ? `m.${key}::text` : `m.${key}`;
  return textComparison(`${column} COLLATE "C"`, comparison, values);
}

/** `AND …`: the metric `x` is measured on one of `datasets`, where there are any. */
function onDatasets(datasets: readonly DatasetName[], values: SqlValues): string {
  const each = datasets.map(({ name, digest }) => {
    const isDigest = digest ? ` AND x.dataset_digest = ${values.add(digest, 'text')}` : '';
    return `(x.dataset_name = ${values.add(name, 'text')}${isDigest})`;
  });
  return each.length > 0 ? `AND (${each.join(' OR ')})` : '';
}

const hasMetric = (condition: string) =>
  `EXISTS (SELECT 1 FROM maestro.logged_model_metrics x WHERE x.tenant_id = $1 AND x.model_id = m.model_id ${condition})`;

function predicate(comparison: Comparison, datasets: readonly DatasetName[], values: SqlValues): string {
  const { entity, key, comparator, value } = comparison;
  if (entity === 'attribute') return attributePredicate(comparison, values);
  const isKey = `AND x.key = ${values.add(key, 'text')}`;
  if (entity === 'metric') {
    return hasMetric(
      `${isKey} AND x.value ${comparator} ${values.add(value, 'float8')} ${onDatasets(datasets, values)}`,
    );
  }
  const table = entity === 'tag' ? 'logged_model_tags' : 'logged_model_params';
  return `(SELECT ${textComparison('x.value', comparison, values)} FROM maestro.${table} x
    WHERE x.tenant_id = $1 AND x.model_id = m.model_id ${isKey})`;
}

interface ModelOrder {
  readonly selected: string[];
  readonly joins: string[];
  readonly columns: SortColumn[];
}

/** Models without a value come last in either direction; ties go to the newest, then by id. */
function orderOf(terms: readonly LoggedModelOrder[], values: SqlValues): ModelOrder {
  const order: ModelOrder = { selected: [], joins: [], columns: [] };
  const add = (name: string, sql: string, type: SortColumn['type'], descending: boolean, isNullable = false) => {
    order.selected.push(`${sql} AS ${name}`);
    order.columns.push({ name, type, descending, nullable: isNullable });
  };
  const seen = new Set<string>();
  terms.forEach(({ fieldName, ascending, datasetName, datasetDigest }, at) => {
    const wrong = (hint: string) => invalid(`Invalid order by field name: ${fieldName}${hint}`, 'order_by');
    if (fieldName.includes('\0')) throw wrong('');
    const period = fieldName.indexOf('.');
    if (period < 0) {
      const known = Object.hasOwn(loggedModelGrammar.attributes, fieldName);
      const key = known ? loggedModelGrammar.attributes[fieldName] : undefined;
      if (key === undefined) throw wrong('');
      seen.add(key);
      if (nullable.has(key)) add(`rank${at}`, `(m.${key} IS NULL)::integer`, 'integer', false);
      add(`value${at}`, `m.${key}`, columnTypes[key] ?? 'text', !ascending, nullable.has(key));
      return;
    }
    if (fieldName.slice(0, period) !== 'metrics') throw wrong('. Only metrics are supported.');
    const isName = datasetName ? `AND x.dataset_name = ${values.add(datasetName, 'text')}` : '';
    const isDigest = datasetDigest ? `AND x.dataset_digest = ${values.add(datasetDigest, 'text')}` : '';
    order.joins.push(`LEFT JOIN LATERAL (
      SELECT x.value FROM maestro.logged_model_metrics x
      WHERE x.tenant_id = $1 AND x.model_id = m.model_id
        AND x.key = ${values.add(fieldName.slice(period + 1), 'text')} ${isName} ${isDigest}
      ORDER BY x.timestamp DESC, x.step DESC, x.run_id LIMIT 1) t${at} ON true`);
    // PostgreSQL takes NaN to be greater than any number; a position holds it as a column of its own.
    add(`rank${at}`, `(t${at}.value IS NULL)::integer`, 'integer', false);
    add(`nan${at}`, `coalesce(t${at}.value = 'NaN', false)::integer`, 'integer', !ascending);
    add(`value${at}`, `CASE WHEN t${at}.value = 'NaN' THEN 0 ELSE t${at}.value END`, 'float8', !ascending, true);
  });
  if (!seen.has('creation_time')) add('creation_time', 'm.creation_time', 'bigint', true);
  add('model_id', 'm.model_id', 'text', false);
  return order;
}

/**
 * A page of the logged models that are not deleted, in the order asked for, by default the newest first. Throws
 * `invalid_parameter` for a filter, an order, a dataset or a page token that is not right.
 */
export async function searchLoggedModels(tx: TenantTx, search: LoggedModelSearch): Promise<LoggedModelPage> {
  const { experimentIds, filter, datasets, orderBy, maxResults, pageToken, only } = search;
  if (datasets.some(({ name }) => !name)) {
    throw invalid('`dataset_name` in the `datasets` clause must be specified.', 'datasets');
  }
  const comparisons = parseFilter(filter, loggedModelGrammar);
  const values = new SqlValues();
  values.add(tx.tenantId, 'uuid');
  values.add(experimentIds ?? null, 'bigint[]');
  const { selected, joins, columns } = orderOf(orderBy, values);
  const fingerprint = fingerprintOf(['models', experimentIds ?? null, filter, datasets, orderBy]);
  const start = startOf(pageToken, fingerprint, columns);
  checkMaxResults(maxResults);
  const predicates = comparisons.map((comparison) => `AND ${predicate(comparison, datasets, values)}`);
  const measured = datasets.length > 0 && !comparisons.some(({ entity }) => entity === 'metric');
  const among = only
    ? `AND (m.experiment_id = ANY(${values.add(only.experiments, 'bigint[]')})
            OR m.model_id = ANY(${values.add(only.models, 'text[]')}))`
    : '';
  const source = `FROM maestro.logged_models m ${joins.join('\n')}
    WHERE m.tenant_id = $1 AND ($2::bigint[] IS NULL OR m.experiment_id = ANY($2::bigint[])) AND m.lifecycle_stage <> 'deleted' ${among}
    ${predicates.join('\n')} ${measured ? `AND ${hasMetric(onDatasets(datasets, values))}` : ''}`;
  const text = `${pageOf({ selected, source, columns }, start, maxResults + 1, values)} ORDER BY place`;
  const rows = await tx.sql<{ position: Position }>(text, values.values);
  const positions = rows.map(({ position }) => position);
  return { modelIds: positions.slice(0, maxResults).map(idOf), ...nextToken(fingerprint, positions, maxResults) };
}
