import { readArray } from '../../db/arrays.ts';
import type { TenantTx } from '../../db/tenancy.ts';
import { parseFilter } from './filter.ts';
import { nativeRunGrammar } from './grammars.ts';
import { comparisonOf, type Grouping, type Within } from './groups.ts';
import { keyedValues, wholeText } from './keyed_values.ts';
import { runPredicate, runsWhere } from './run_predicates.ts';
import { SqlValues } from './sql_values.ts';
import { lifecycleCondition, type View } from './view.ts';

/** A number of each run: the last, least or greatest value of a metric. */
export interface Measure {
  readonly entity: 'metric' | 'least' | 'greatest';
  readonly key: string;
}

export interface GroupOrder {
  readonly by: 'value' | 'runs' | 'mean' | 'min' | 'max' | 'median';
  /** Which of the measures, for all but the first two. */
  readonly measure: number;
  readonly descending: boolean;
}

export interface Aggregation {
  readonly experimentIds: readonly number[];
  readonly filter: string;
  readonly view: View;
  readonly within: readonly Within[];
  readonly groupBy: readonly Grouping[];
  readonly measures: readonly Measure[];
  readonly order: GroupOrder;
  readonly limit: number;
}

export interface Aggregate {
  /** Runs that have a number: NaN is none. */
  readonly runs: number;
  /** Null where none has. */
  readonly mean: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly median: number | null;
}

export interface Group {
  /** The value of each grouping; null for runs that lack it. */
  readonly values: (string | null)[];
  readonly runs: number;
  readonly aggregates: Aggregate[];
}

export interface Aggregated {
  readonly groups: Group[];
  /** Of all groups, those beyond the limit included. */
  readonly groupCount: number;
  readonly runCount: number;
}

const bestOrLast = (measure: Measure): string => {
  const { column } = keyedValues[measure.entity];
  return measure.entity === 'metric' ? `CASE WHEN NOT x.is_nan THEN x.${column} END` : `x.${column}`;
};

/** As a sum that cannot overflow, for which PostgreSQL has an error: what is beyond 1e300 counts as infinite. */
const meanOf = (value: string): string =>
  `sum(CASE WHEN abs(${value}) < 1e300 THEN ${value} WHEN ${value} > 0 THEN 'Infinity'::float8
       WHEN ${value} < 0 THEN '-Infinity'::float8 END) / nullif(count(${value}), 0)`;

/** What a group is ordered by, for each measure; the median, which sorts every group, only where it is that. */
const aggregatesOf = (at: number, order: GroupOrder): [name: string, sql: string][] => [
  ['runs', `count(m${at})::integer`],
  ['mean', meanOf(`m${at}`)],
  ['min', `min(m${at})`],
  ['max', `max(m${at})`],
  ['numbers', `array_agg(m${at}) FILTER (WHERE m${at} IS NOT NULL)`],
  ...(order.by === 'median' && order.measure === at
    ? [['median', `percentile_cont(0.5) WITHIN GROUP (ORDER BY m${at})`] as [string, string]]
    : []),
];

function orderClause({ by, measure, descending }: GroupOrder, groupings: readonly Grouping[]): string {
  const ties = groupings.map((_, at) => `g${at} ASC NULLS LAST`);
  const way = descending ? 'DESC' : 'ASC';
  if (by === 'value') return groupings.map((_, at) => `g${at} ${way} NULLS LAST`).join(', ');
  return [`${by === 'runs' ? 'runs' : `${by}${measure}`} ${way} NULLS LAST`, ...ties].join(', ');
}

function statementOf(aggregation: Aggregation, tenantId: string): { text: string; values: unknown[] } {
  const { experimentIds, groupBy, measures, order, limit } = aggregation;
  const values = new SqlValues();
  values.add(tenantId, 'uuid');
  values.add(experimentIds, 'bigint[]');
  const comparisons = [
    ...parseFilter(aggregation.filter, nativeRunGrammar),
    ...aggregation.within.map((within) => comparisonOf(within)),
  ];
  const predicates = comparisons.map((comparison) => {
    const set = runsWhere(comparison, values);
    return `AND ${set ? `r.run_id IN (${set})` : runPredicate(comparison, values)}`;
  });
  const joins: string[] = [];
  const selected: string[] = [];
  const joined = new Map<string, string>();
  const join = (name: string, { table, key }: { table: string; key: string }, value: string) => {
    const alias = joined.get(`${table} ${key}`) ?? `x${name}`;
    selected.push(`${value.replaceAll('x.', `${alias}.`)} AS ${name}`);
    if (joined.has(`${table} ${key}`)) return;
    joined.set(`${table} ${key}`, alias);
    joins.push(`LEFT JOIN maestro.${table} ${alias} ON ${alias}.tenant_id = $1 AND ${alias}.run_id = r.run_id
      AND ${alias}.experiment_id = ANY($2::bigint[]) AND ${alias}.key = ${values.add(key, 'text')}`);
  };
  for (const [at, { entity, key }] of groupBy.entries()) {
    if (entity === 'attribute') selected.push(`r.${key === 'status' ? 'status' : 'user_id'} AS g${at}`);
    else join(`g${at}`, { table: keyedValues[entity].table, key }, wholeText('x', keyedValues[entity].table));
  }
  for (const [at, measure] of measures.entries()) {
    join(`m${at}`, { table: keyedValues[measure.entity].table, key: measure.key }, bestOrLast(measure));
  }
  const grouped = groupBy.map((_, at) => `g${at}`);
  const aggregates = measures.flatMap((_, at) =>
    aggregatesOf(at, order).map(([name, sql]) => `${sql} AS ${name}${at}`),
  );
  const numbers = measures.map((_, at) => `encode(array_send(g.numbers${at}), 'base64') AS numbers${at}`);
  const shown = [
    ...grouped,
    'runs',
    ...measures.flatMap((_, at) => ['runs', 'mean', 'min', 'max'].map((name) => name + at)),
  ];
  const text = `SELECT ${[...shown.map((name) => `g.${name}`), ...numbers].join(', ')}, g.group_count, g.run_count FROM (
    SELECT g.*, count(*) OVER () AS group_count, sum(g.runs) OVER () AS run_count FROM (
      SELECT ${[...grouped, 'count(*) AS runs', ...aggregates].join(', ')}
        FROM (SELECT ${['r.run_id', ...selected].join(', ')} FROM maestro.runs r ${joins.join('\n')}
               WHERE r.tenant_id = $1 AND r.experiment_id = ANY($2::bigint[])
                 ${lifecycleCondition('r', aggregation.view)} ${predicates.join('\n')}) found
       ${grouped.length > 0 ? `GROUP BY ${grouped.join(', ')}` : ''}) g
     ORDER BY ${orderClause(order, groupBy) || 'runs'} LIMIT ${values.add(limit, 'integer')}) g`;
  return { text, values: values.values };
}

/** The middle of numbers, between the two where they are even; null of none. Sorts them. */
function medianOf(numbers: Float64Array): number | null {
  if (numbers.length === 0) return null;
  numbers.sort();
  const below = numbers[(numbers.length - 1) >> 1] as number;
  const above = numbers[numbers.length >> 1] as number;
  return below === above ? below : below / 2 + above / 2;
}

/**
 * Numbers of all runs that match, by group: whatever is shown or loaded of them. Reads each matching run's row and
 * those of the keys in question, and no others. Throws `invalid_parameter` for a filter that is not right.
 */
export async function aggregateRuns(tx: TenantTx, aggregation: Aggregation): Promise<Aggregated> {
  const { groupBy, measures } = aggregation;
  const { text, values } = statementOf(aggregation, tx.tenantId);
  // What is best depends on how many runs and values there are. How many groups there will be nobody knows: the planner
  // fears many, and would sort all runs for them, by text, which takes longer than all else.
  await tx.sql('SET LOCAL plan_cache_mode = force_custom_plan');
  if (measures.length > 0) await tx.sql('SET LOCAL enable_sort = off');
  const rows = await tx.sql<Record<string, string | number | null>>(text, values);
  const groups = rows.map((row) => ({
    values: groupBy.map((_, at) => row[`g${at}`] as string | null),
    runs: Number(row.runs),
    aggregates: measures.map((_, at) => ({
      runs: row[`runs${at}`] as number,
      mean: row[`mean${at}`] as number | null,
      min: row[`min${at}`] as number | null,
      max: row[`max${at}`] as number | null,
      median: medianOf(readArray((row[`numbers${at}`] ?? '') as string, 'float8')),
    })),
  }));
  return { groups, groupCount: Number(rows[0]?.group_count ?? 0), runCount: Number(rows[0]?.run_count ?? 0) };
}
