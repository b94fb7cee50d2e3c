import { isOfMetric } from './filter.ts';
import { keyedValues } from './keyed_values.ts';
import type { SortColumn } from './keyset.ts';
import type { OrderTerm } from './order.ts';
import { defaultArtifactUri } from './run_predicates.ts';
import type { SqlValues } from './sql_values.ts';

/** Where in an order a run stands that has a number or text for the first term, NaN, or nothing. */
export const ranks = { present: 0, nan: 1, lacking: 2 } as const;

/** An order of runs: what to select and join for it, and by which columns it goes. */
export interface RunOrder {
  /** Expressions `… AS name` over the run `r` and the joins below. */
  readonly selected: readonly string[];
  readonly joins: readonly string[];
  /** For each term a rank and a value, then start_time and run_id. */
  readonly columns: readonly SortColumn[];
}

const attributeColumns: Record<string, { sql: string; type: SortColumn['type'] }> = {
  artifact_uri: { sql: `coalesce(r.artifact_uri, ${defaultArtifactUri('r')} COLLATE "C")`, type: 'text' },
  end_time: { sql: 'r.end_time', type: 'bigint' },
  duration: { sql: 'r.duration', type: 'bigint' },
  run_id: { sql: 'r.run_id', type: 'uuid' },
  run_name: { sql: 'r.name', type: 'text' },
  start_time: { sql: 'r.start_time', type: 'bigint' },
  status: { sql: 'r.status', type: 'text' },
  user_id: { sql: 'r.user_id', type: 'text' },
};

/** Attributes that a run may lack. */
const lackable = new Set(['end_time', 'duration']);

/**
 * Ranks come before values, so that NaN and runs that lack the key come last in either direction. With
 * `firstFromCandidates` the first term's value is that of the candidate `c`, which spares a look-up.
 */
export function runOrder(terms: readonly OrderTerm[], values: SqlValues, firstFromCandidates = false): RunOrder {
  const selected: string[] = [];
  const joins: string[] = [];
  const columns: SortColumn[] = [];
  const column = (name: string, sql: string, type: SortColumn['type'], descending: boolean, nullable: boolean) => {
    selected.push(`${sql} AS ${name}`);
    columns.push({ name, type, descending, nullable });
  };
  terms.forEach(({ entity, key, descending }, at) => {
    if (entity === 'attribute') {
      const { sql, type } = attributeColumns[key]!;
      const lacks = `CASE WHEN ${sql} IS NULL THEN ${ranks.lacking} ELSE ${ranks.present} END`;
      if (lackable.has(key)) column(`rank${at}`, lacks, 'integer', false, false);
      column(`value${at}`, sql, type, descending, lackable.has(key));
      return;
    }
    const type = isOfMetric(entity) ? 'float8' : 'text';
    if (at === 0 && firstFromCandidates) {
      column('rank0', String(ranks.present), 'integer', false, false);
      column('value0', 'c.value', type, descending, true);
      return;
    }
    const t = `t${at}`;
    const { table, column: value } = keyedValues[entity as keyof typeof keyedValues];
    // The limit keeps it a look-up by key for each run, whatever the planner's statistics say.
    joins.push(`LEFT JOIN LATERAL (
        SELECT * FROM maestro.${table} x
        WHERE x.tenant_id = $1 AND x.run_id = r.run_id AND x.key = ${values.add(key, 'text')} LIMIT 1
      ) ${t} ON true`);
    const isNan = entity === 'metric' ? `${t}.is_nan` : `${t}.${value} IS NULL`;
    const nan = isOfMetric(entity) ? `WHEN ${isNan} THEN ${ranks.nan} ` : '';
    const rank = `CASE WHEN ${t}.run_id IS NULL THEN ${ranks.lacking} ${nan}ELSE ${ranks.present} END`;
    column(`rank${at}`, rank, 'integer', false, false);
    column(`value${at}`, `${t}.${value}`, type, descending, true);
  });
  if (!terms.some(({ entity, key }) => entity === 'attribute' && key === 'start_time')) {
    column('start_time', 'r.start_time', 'bigint', true, false);
  }
  column('run_id', 'r.run_id', 'uuid', false, false);
  return { selected, joins, columns };
}
