import type { TenantTx } from '../../db/tenancy.ts';
import type { Comparison } from './filter.ts';
import { type Position, pageOf } from './keyset.ts';
import type { OrderTerm } from './order.ts';
import { runOrder } from './run_order.ts';
import { indexedRuns, runPredicate, runsWhere } from './run_predicates.ts';
import type { Phase, Seek } from './run_walk.ts';
import { SqlValues } from './sql_values.ts';
import { statementName } from './statement_name.ts';
import { lifecycleCondition, type View } from './view.ts';

/** A run search that is parsed and checked. */
export interface RunQuery {
  readonly tx: TenantTx;
  /** Each once. */
  readonly experimentIds: readonly number[];
  readonly comparisons: readonly Comparison[];
  readonly terms: readonly OrderTerm[];
  readonly view: View;
}

/** Sets of candidates up to this size are sorted whole; bigger ones where a walk in the order asked for takes longer. */
const wholeSetMax = 2000;
const largeSetMax = 20_000;

/** Runs that are searched whole in the time in which a candidate is looked up, of the filter's params and metrics. */
export const runsPerCandidate = 12;

/** SQL that selects `run_id` for tenant $1 and experiments $2. */
export type RunSet = (values: SqlValues) => string | undefined;

const everyRun: RunSet = () =>
  'SELECT a.run_id FROM maestro.runs a WHERE a.tenant_id = $1 AND a.experiment_id = ANY($2::bigint[])';

function valuesOf({ tx, experimentIds }: RunQuery): SqlValues {
  const values = new SqlValues();
  values.add(tx.tenantId, 'uuid');
  values.add(experimentIds, 'bigint[]');
  return values;
}

/**
 * The run `r` of each candidate `c`. The limit keeps it a look-up by key: as a plain join, on a table without
 * statistics, PostgreSQL pairs every run with every candidate (20 ms a page over 2,000 runs, and growing with both).
 */
const runOfCandidate = `CROSS JOIN LATERAL (
    SELECT * FROM maestro.runs x WHERE x.tenant_id = $1 AND x.run_id = c.run_id LIMIT 1
  ) r`;

export interface Batch {
  readonly positions: Position[];
  /** The phase has no candidates behind this batch, or many equal ones. */
  readonly exhausted: boolean;
  /** The walked value of the last candidate. */
  readonly walked: string | number | null;
  /** How many candidates there were. */
  readonly candidates: number;
}

/**
 * Reads one batch of a phase's candidates and gives those that pass the filter and stand behind `start`, in order.
 * Its plan is the same whatever the values are, so it is prepared once: planning it each time costs 0.8 ms of 2.4.
 */
export async function readBatch(
  query: RunQuery,
  phase: Phase,
  window: { size: number; seek: Seek | undefined; tiesMax: number | undefined },
  start: Position | undefined,
  limit: number,
): Promise<Batch> {
  const values = valuesOf(query);
  const candidates = phase.candidates(values, window.size, window.seek, window.tiesMax);
  const order = runOrder(query.terms, values, phase.bringsValue);
  const predicates = query.comparisons.map((comparison) => `AND ${runPredicate(comparison, values)}`);
  const source = `FROM candidates c ${runOfCandidate}
    ${order.joins.join('\n')} WHERE true ${lifecycleCondition('r', query.view)} ${predicates.join('\n')}`;
  const conditions = phase.rank === undefined || phase.bringsValue ? [] : [`rank0 = ${phase.rank}`];
  const text = `WITH candidates AS MATERIALIZED (${candidates})
    SELECT met.candidates, met.walked, page.position
    FROM (SELECT count(*)::integer AS candidates, ${phase.lastOf}(walk) AS walked FROM candidates) met
    LEFT JOIN LATERAL (${pageOf({ ...order, source, conditions }, start, limit, values)}) page ON true
    ORDER BY page.place`;
  const rows = await query.tx.sql<{ candidates: number; walked: string | number | null; position: Position | null }>(
    text,
    values.values,
    statementName(text),
  );
  const { candidates: count, walked } = rows[0]!;
  return {
    positions: rows.flatMap(({ position }) => (position ? [position] : [])),
    exhausted: !phase.walks || walked === null || count < window.size,
    walked,
    candidates: count,
  };
}

/** The first value of a phase from `seek` on; undefined where there is none, or the phase does not walk. */
export async function nextValue(
  query: RunQuery,
  { first }: Phase,
  seek: Seek | undefined,
): Promise<string | number | undefined> {
  const values = valuesOf(query);
  const text = first?.(values, seek);
  if (text === undefined) return undefined;
  const [row] = await query.tx.sql<{ value: string | number }>(text, values.values, statementName(text));
  return row?.value;
}

/** Whether the experiments have fewer than `most` runs. */
export async function hasFewer(query: RunQuery, most: number): Promise<boolean> {
  const values = valuesOf(query);
  const limit = values.add(most, 'integer');
  const text = `SELECT count(*) < ${limit} AS is FROM (${everyRun(values)} LIMIT ${limit}) counted`;
  const [row] = await query.tx.sql<{ is: boolean }>(text, values.values, statementName(text));
  return row!.is;
}

/**
 * Sorts all runs that pass the filter and stand behind `start`, and gives the first `limit`. With `few`, a set of at
 * most `largeSetMax` runs, each is checked by key; without, the planner picks how to join the filter's sets of runs,
 * by the values at hand.
 */
export async function sortWhole(
  query: RunQuery,
  few: RunSet | undefined,
  start: Position | undefined,
  limit: number,
): Promise<Position[]> {
  const values = valuesOf(query);
  const order = runOrder(query.terms, values);
  const predicates = query.comparisons.map((comparison) => {
    const set = few ? undefined : runsWhere(comparison, values);
    return `AND ${set ? `r.run_id IN (${set})` : runPredicate(comparison, values)}`;
  });
  // The limit tells the planner that the set is small.
  const from = few ? `FROM (${few(values)} LIMIT ${largeSetMax}) c ${runOfCandidate}` : 'FROM maestro.runs r';
  const source = `${from} ${order.joins.join('\n')}
    WHERE r.tenant_id = $1 AND r.experiment_id = ANY($2::bigint[]) ${lifecycleCondition('r', query.view)} ${predicates.join('\n')}`;
  const text = `${pageOf({ ...order, source }, start, limit, values)} ORDER BY place`;
  if (!few) await query.tx.sql('SET LOCAL plan_cache_mode = force_custom_plan');
  const rows = await query.tx.sql<{ position: Position }>(text, values.values, few ? statementName(text) : undefined);
  return rows.map(({ position }) => position);
}

/**
 * A set of candidates that is small enough to be sorted whole: what one of the comparisons leaves, or all runs of
 * small experiments. A walk would look up `walked` candidates, as far as one can tell. Counts stop at the limit, so this
 * costs little however many runs there are.
 */
export async function smallSet(query: RunQuery, walked: number): Promise<RunSet | undefined> {
  const sets = [everyRun, ...query.comparisons.map((comparison) => (own: SqlValues) => indexedRuns(comparison, own))];
  const values = valuesOf(query);
  const largest = walked > wholeSetMax ? largeSetMax : wholeSetMax;
  const most = (set: RunSet): number => (set === everyRun ? wholeSetMax : largest);
  const counts = sets.map((set) => {
    const runs = set(values);
    return runs ? `(SELECT count(*) FROM (SELECT 1 FROM (${runs}) s LIMIT ${most(set) + 1}) counted)` : 'NULL';
  });
  const text = `SELECT ARRAY[${counts.join(', ')}]::integer[] AS counts`;
  const [row] = await query.tx.sql<{ counts: (number | null)[] }>(text, values.values, statementName(text));
  const known = row!.counts.map((count, at) => count !== null && count <= most(sets[at] as RunSet));
  const sizes = row!.counts.map((count, at) => (known[at] ? (count as number) : Number.POSITIVE_INFINITY));
  const smallest = Math.min(...sizes);
  const isSmall =
    smallest <= wholeSetMax ||
    (smallest <= Math.min(walked, largeSetMax) && !(await hasFewer(query, smallest * runsPerCandidate)));
  return isSmall ? sets[sizes.indexOf(smallest)] : undefined;
}
