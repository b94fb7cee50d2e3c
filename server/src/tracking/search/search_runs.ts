import type { TenantTx } from '../../db/tenancy.ts';
import { type Comparison, type Entity, parseFilter } from './filter.ts';
import { nativeRunGrammar, nativeRunOrderGrammar, runGrammar, runOrderGrammar } from './grammars.ts';
import { comparisonOf, type Within } from './groups.ts';
import { isHead } from './keyed_values.ts';
import type { Position } from './keyset.ts';
import { type OrderTerm, parseOrder } from './order.ts';
import { checkMaxResults, fingerprintOf, idOf, nextToken, startOf } from './page_token.ts';
import { ranks, runOrder } from './run_order.ts';
import {
  hasFewer,
  nextValue,
  type RunQuery,
  type RunSet,
  readBatch,
  runsPerCandidate,
  smallSet,
  sortWhole,
} from './run_statements.ts';
import { type Phase, walkOf } from './run_walk.ts';
import { SqlValues } from './sql_values.ts';
import type { View } from './view.ts';

export interface RunSearch {
  readonly experimentIds: readonly number[];
  readonly filter: string;
  readonly orderBy: readonly string[];
  readonly view: View;
  /** At least 1. */
  readonly maxResults: number;
  readonly pageToken?: string | undefined;
  /** The filter and the order may say what `/api/v1` has beyond MLflow. */
  readonly isNative?: boolean;
  /** Further conditions, which no filter can word where a value holds both kinds of quotes. */
  readonly within?: readonly Within[];
}

export interface RunPage {
  /** Run ids in the form of PostgreSQL's uuid. */
  readonly runIds: string[];
  /** Absent on the last page. */
  readonly nextPageToken?: string;
}

/** What runs are ordered by. */
export const orderable: readonly Entity[] = ['metric', 'least', 'greatest', 'parameter', 'tag', 'attribute'];

/** A first batch that fills a page where four of five candidates pass. Few sizes make few statement texts. */
const batchSize = (limit: number) => 64 * Math.ceil((limit * 1.25) / 64);
const doublingsMax = 12;

/** What was met of a phase so far. */
interface Met {
  readonly candidates: number;
  readonly passed: number;
}

/** How many candidates fill a page that lacks `missing` runs, if they go on passing as they did. */
const needed = ({ candidates, passed }: Met, missing: number): number => (missing * candidates) / Math.max(passed, 0.5);

/** Equal values that are sorted together. Of a param that has few values, a third of all runs may have one. */
const tiesMax = 2000;
/** Values that many runs share, each of which is walked for itself, before the experiments are searched whole. */
const largeTiesMax = 3;

/** Runs are counted no further. */
const countedMax = 4_000_000;

/** Whether looking up candidates until the page is full takes longer than to search all runs, as far as one can tell. */
const isDear = (query: RunQuery, met: Met, missing: number): Promise<boolean> =>
  hasFewer(query, Math.min(Math.ceil(needed(met, missing) * runsPerCandidate), countedMax));

/** Doublings of the first batch that make one which fills the page, but no more than fourfold the last one. */
function doublingsFor(met: Met, missing: number, first: number, before: number): number {
  const wanted = Math.ceil(Math.log2((1.25 * needed(met, missing)) / first));
  return Math.max(0, Math.min(wanted, before + 2, doublingsMax));
}

/**
 * Walks the index of the first order term in batches that grow, each read to the end of its last group of equal values;
 * a large group is walked by the further terms. What is left of the page is sorted whole where that is cheaper: where the
 * first batch does not fill the page, and a set of candidates is smaller than what a walk would look up; where too few of
 * the candidates pass for a walk, of all runs. So a page costs what it holds where most runs pass the filter, what the
 * filter leaves where few do, and one scan at worst.
 */
async function walk(query: RunQuery, start: Position | undefined, limit: number): Promise<Position[]> {
  const page: Position[] = [];
  const { phases, hasRest } = walkOf(query.terms, start);
  let isFirst = true;
  let largeTies = 0;
  const last = () => page.at(-1) ?? start;
  const missing = () => limit - page.length;
  const sorted = async (few: RunSet | undefined) => [...page, ...(await sortWhole(query, few, last(), missing()))];
  for (const phase of phases) {
    const isLast = !hasRest && phase === phases.at(-1);
    let seek = phase.seek;
    let met: Met = { candidates: 0, passed: 0 };
    for (let doublings = 0, exhausted = false; !exhausted; ) {
      const size = batchSize(limit) * 2 ** doublings;
      const window = { size, seek, tiesMax: phase.ties === 'none' ? undefined : tiesMax };
      const batch = await readBatch(query, phase, window, last(), missing());
      page.push(...batch.positions);
      met = { candidates: met.candidates + batch.candidates, passed: met.passed + batch.positions.length };
      exhausted = batch.exhausted;
      if (page.length === limit) return page;
      if (batch.walked !== null) seek = { value: batch.walked, inclusive: false };
      const tie = exhausted && phase.ties !== 'none' ? await nextValue(query, phase, seek) : undefined;
      if (exhausted && isLast && tie === undefined) return page;
      if (tie !== undefined && phase.ties === 'sorted') return sorted(await smallSet(query, Number.POSITIVE_INFINITY));
      if (tie !== undefined) {
        largeTies += 1;
        page.push(...(await walkTie(query, phase, tie, last(), missing())));
        if (page.length === limit) return page;
        seek = { value: tie, inclusive: false };
        exhausted = false;
      }
      const few = isFirst ? await smallSet(query, needed(met, missing())) : undefined;
      if (few || largeTies === largeTiesMax) return sorted(few);
      isFirst = false;
      if (!exhausted && (await isDear(query, met, missing()))) return sorted(undefined);
      doublings = doublingsFor(met, missing(), batchSize(limit), doublings);
    }
  }
  // What no index has in order (users, statuses, all that lack a value): one reading, in place of a look-up of each.
  return hasRest ? sorted(await smallSet(query, Number.POSITIVE_INFINITY)) : page;
}

/** The runs that have one value under the order's first term, of which there are many: walked by the further terms. */
async function walkTie(
  query: RunQuery,
  phase: Phase,
  value: string | number,
  start: Position | undefined,
  limit: number,
): Promise<Position[]> {
  // Longer values are told apart behind what the index holds of them.
  if (typeof value === 'string' && !isHead(value)) {
    const window = { size: 1, seek: { value, inclusive: true }, tiesMax: undefined };
    return (await readBatch(query, phase, window, start, limit)).positions;
  }
  const [{ entity, key }, ...terms] = query.terms as [OrderTerm, ...OrderTerm[]];
  const isWithin = start?.[0] === ranks.present && start[1] === value;
  const comparisons: Comparison[] = [...query.comparisons, { entity, key, comparator: '=', value }];
  const found = await walk({ ...query, comparisons, terms }, isWithin ? start.slice(2) : undefined, limit);
  return found.map((position) => [ranks.present, value, ...position]);
}

/**
 * A page of runs in the order asked for: by each term (NaN, then runs that lack the key, come last in either
 * direction), then the newest start first, then by run id. Throws `invalid_parameter` for a filter, an order or a
 * page token that is not right.
 */
export async function searchRuns(tx: TenantTx, search: RunSearch): Promise<RunPage> {
  const { experimentIds, filter, orderBy, view, maxResults, pageToken, isNative = false, within = [] } = search;
  const comparisons = [...parseFilter(filter, isNative ? nativeRunGrammar : runGrammar), ...within.map(comparisonOf)];
  const terms = parseOrder(orderBy, isNative ? nativeRunOrderGrammar : runOrderGrammar, orderable);
  const fingerprint = fingerprintOf(['runs', experimentIds, filter, orderBy, view, ...within]);
  const start = startOf(pageToken, fingerprint, runOrder(terms, new SqlValues()).columns);
  checkMaxResults(maxResults);
  if (experimentIds.length === 0) return { runIds: [] };
  const query = { tx, experimentIds: [...new Set(experimentIds)], comparisons, terms, view };
  const positions = await walk(query, start, maxResults + 1);
  return { runIds: positions.slice(0, maxResults).map(idOf), ...nextToken(fingerprint, positions, maxResults) };
}
