import { type Comparison, isOfMetric } from './filter.ts';
import { headLength, holdsWhole, isHead, keyedValues } from './keyed_values.ts';
import type { SqlValues } from './sql_values.ts';

/** The default place of a run's files, where `runs.artifact_uri` is null. */
export const defaultArtifactUri = (run: string) =>
  `('mlflow-artifacts:/' || ${run}.experiment_id || '/' || replace(${run}.run_id::text, '-', '') || '/artifacts')`;

const hexId = /^[0-9a-f]{32}$/;

/** A run id as its 32 hex digits, in the form of PostgreSQL's uuid; undefined for what is no run id. */
export const uuidOf = (hex: string): string | undefined =>
  hexId.test(hex) ? hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5') : undefined;

const isAscii = (text: string): boolean => /^[\0-\x7f]*$/.test(text);

/**
 * `column` compared with text. All is in byte order: the columns' collation is "C", in which only ASCII letters fold.
 * ILIKE folds case by the database's own locale, which takes twice as long, where the pattern has other letters.
 */
export function textComparison(column: string, { comparator, value }: Comparison, values: SqlValues): string {
  switch (comparator) {
    case 'ILIKE':
      return `${column} COLLATE ${isAscii(String(value)) ? '"C"' : '"default"'} ILIKE ${values.add(value, 'text')}`;
    case 'IN':
      return `${column} = ANY(${values.add(value, 'text[]')})`;
    case 'NOT IN':
      return `${column} <> ALL(${values.add(value, 'text[]')})`;
    default:
      return `${column} ${comparator} ${values.add(value, 'text')}`;
  }
}

const int8Max = 2n ** 63n - 1n;

/**
 * An int8 `column` compared with any number, by a whole bound, so that an index on the column serves: `t > 1.5` is
 * `t > 1`. Numbers beyond int8 compare as they should.
 */
export function wholeComparison(column: string, comparison: Comparison, values: SqlValues): string {
  const value = Number(comparison.value);
  if (Math.abs(value) >= 2 ** 63) {
    const holds = comparison.comparator === '!=' || comparison.comparator.startsWith(value > 0 ? '<' : '>');
    return holds ? `${column} IS NOT NULL` : 'false';
  }
  const whole = Math.floor(value);
  let comparator: string = comparison.comparator;
  if (whole !== value) {
    if (comparator === '=') return 'false';
    if (comparator === '!=') return `${column} IS NOT NULL`;
    comparator = comparator.startsWith('>') ? '>' : '<=';
  }
  const bound = BigInt(whole);
  return `${column} ${comparator} ${values.add(String(bound > int8Max ? int8Max : bound), 'bigint')}`;
}

/** A NaN differs from every number and is in no other relation to one; it is stored as 0 with is_nan. */
function metricComparison(metric: string, { entity, comparator, value }: Comparison, values: SqlValues): string {
  if (entity !== 'metric')
    return `${metric}.${keyedValues[entity as 'least'].column} ${comparator} ${values.add(value, 'float8')}`;
  const compared = `${metric}.value ${comparator} ${values.add(value, 'float8')}`;
  return comparator === '!=' ? `(${metric}.is_nan OR ${compared})` : `(NOT ${metric}.is_nan AND ${compared})`;
}

function runIdPredicate(run: string, comparison: Comparison, values: SqlValues): string {
  const { comparator, value } = comparison;
  if (comparator === 'LIKE' || comparator === 'ILIKE') {
    return textComparison(`replace(${run}.run_id::text, '-', '') COLLATE "C"`, comparison, values);
  }
  const ids = values.add(
    [value].flat().flatMap((id) => uuidOf(String(id)) ?? []),
    'uuid[]',
  );
  return comparator === '=' || comparator === 'IN' ? `${run}.run_id = ANY(${ids})` : `${run}.run_id <> ALL(${ids})`;
}

function attributePredicate(comparison: Comparison, values: SqlValues): string {
  const { key } = comparison;
  switch (key) {
    case 'start_time':
    case 'end_time':
      return wholeComparison(`r.${key}`, comparison, values);
    case 'run_name':
      return keyedPredicate({ ...comparison, entity: 'tag', key: 'mlflow.runName' }, values);
    case 'artifact_uri':
      return textComparison(`coalesce(r.artifact_uri, ${defaultArtifactUri('r')})`, comparison, values);
    case 'run_id':
      return runIdPredicate('r', comparison, values);
    default:
      return textComparison(`r.${key === 'status' ? 'status' : 'user_id'}`, comparison, values);
  }
}

/**
 * A subquery that gives one value is looked up by primary key for each candidate, whatever the planner's statistics
 * say; EXISTS would be turned into a join, and at times into a scan of every run's params.
 */
function keyedPredicate(comparison: Comparison, values: SqlValues): string {
  const { entity, key, comparator } = comparison;
  const { table } = keyedValues[entity as keyof typeof keyedValues];
  const key_ = values.add(key, 'text');
  const holds =
    comparator === 'IS NULL' || comparator === 'IS NOT NULL'
      ? '1'
      : isOfMetric(entity)
        ? metricComparison('k', comparison, values)
        : textComparison('k.value', comparison, values);
  const looked = `(SELECT ${holds} FROM maestro.${table} k WHERE k.tenant_id = $1 AND k.run_id = r.run_id AND k.key = ${key_})`;
  return holds === '1' ? `${looked} ${comparator}` : looked;
}

function datasetPredicate(comparison: Comparison, values: SqlValues): string {
  const holds =
    comparison.key === 'context'
      ? `EXISTS (SELECT 1 FROM jsonb_to_recordset(i.tags) AS t(key text, value text)
           WHERE t.key = 'mlflow.data.context' AND ${textComparison('t.value COLLATE "C"', comparison, values)})`
      : textComparison(`d.${comparison.key === 'name' ? 'name' : 'digest'}`, comparison, values);
  return `EXISTS (SELECT 1 FROM maestro.run_datasets i
    JOIN maestro.datasets d ON d.tenant_id = $1 AND d.dataset_id = i.dataset_id
    WHERE i.tenant_id = $1 AND i.run_id = r.run_id AND ${holds})`;
}

/** The condition on a run `r` (of maestro.runs, tenant $1) that a comparison makes. */
export function runPredicate(comparison: Comparison, values: SqlValues): string {
  switch (comparison.entity) {
    case 'attribute':
      return attributePredicate(comparison, values);
    case 'dataset':
      return datasetPredicate(comparison, values);
    default:
      return keyedPredicate(comparison, values);
  }
}

/**
 * The runs for which a comparison of a metric, param or tag holds, as SQL that selects `run_id` for tenant $1 and
 * experiments $2; undefined for other comparisons, and for IS NULL. An index serves equality and numbers' ranges.
 */
export function runsWhere(comparison: Comparison, values: SqlValues): string | undefined {
  const { entity, key, comparator, value } = comparison;
  if (entity === 'attribute' && key === 'run_name') {
    return runsWhere({ ...comparison, entity: 'tag', key: 'mlflow.runName' }, values);
  }
  if (entity === 'attribute' || entity === 'dataset' || comparator === 'IS NULL') return undefined;
  const bound = values.add(key, 'text');
  const rows = (k: string) => `SELECT ${k}.run_id FROM maestro.${keyedValues[entity].table} ${k}
    WHERE ${k}.tenant_id = $1 AND ${k}.experiment_id = ANY($2::bigint[]) AND ${k}.key = ${bound}`;
  const keyed = rows('k');
  if (comparator === 'IS NOT NULL') return keyed;
  if (isOfMetric(entity)) return `${keyed} AND ${metricComparison('k', comparison, values)}`;
  if (![value].flat().every((text) => isHead(String(text)))) {
    const head = comparator === '=' ? `AND k.value_head = left(${values.add(value, 'text')}, ${headLength})` : '';
    return `${keyed} ${head} AND ${textComparison('k.value', comparison, values)}`;
  }
  // One condition: of two that say the same, the planner takes the second to leave few of the first.
  if (comparator === '=' || comparator === 'IN')
    return `${keyed} AND ${textComparison('k.value_head', comparison, values)}`;
  // From the index alone, but for values that it does not hold whole: those are looked for when the first is met. An
  // equation, for the planner takes few to fulfil one; of CASE it expects half of all, and hashes all runs.
  return `${keyed} AND (${holdsWhole('k')} AND ${textComparison('k.value_head', comparison, values)}
    OR least(octet_length(k.value_head) / ${headLength}, 1) = 1 AND k.run_id IN (
      ${rows('l')} AND NOT ${holdsWhole('l')} AND ${textComparison('l.value', comparison, values)}))`;
}

/** As `runsWhere`, for the comparisons that an index serves, ids included; undefined for the rest. */
export function indexedRuns(comparison: Comparison, values: SqlValues): string | undefined {
  const { entity, key, comparator } = comparison;
  if (entity === 'attribute' && key === 'run_id' && (comparator === '=' || comparator === 'IN')) {
    return `SELECT k.run_id FROM maestro.runs k WHERE k.tenant_id = $1 AND k.experiment_id = ANY($2::bigint[])
      AND ${runIdPredicate('k', comparison, values)}`;
  }
  // Least and greatest values are in the index of the last ones, which is read from end to end for them.
  const isServed = comparator === '=' || (isOfMetric(entity) && comparator !== '!=');
  return isServed ? runsWhere(comparison, values) : undefined;
}
