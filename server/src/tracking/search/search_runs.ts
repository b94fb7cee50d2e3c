import type { TenantTx } from '../../db/tenancy.ts';
import { type Entity, parseFilter } from './filter.ts';
import { nativeRunGrammar, nativeRunOrderGrammar, runGrammar, runOrderGrammar } from './grammars.ts';
import { comparisonOf, type Within } from './groups.ts';
import type { Position } from './keyset.ts';
import { parseOrder } from './order.ts';
import { checkMaxResults, fingerprintOf, idOf, nextToken, startOf } from './page_token.ts';
import { runOrder } from './run_order.ts';
import { type RunQuery, readBatch, smallSet, sortWhole } from './run_statements.ts';
import { phasesOf } from './run_walk.ts';
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

const orderable: readonly Entity[] = ['metric', 'least', 'greatest', 'parameter', 'tag', 'attribute'];

/** Batches that are walked before the filter is taken to be rare, and the experiments are searched whole. */
const batchesMax = 4;

/** A first batch that fills a page where four of five candidates pass. Few sizes make few statement texts. */
const batchSize = (limit: number) => 64 * Math.ceil((limit * 1.25) / 64);

/**
 * Walks the index of the first order term in batches that grow fourfold, each read to the end of its last group of
 * equal values. Where the first batch does not fill the page, a small set of candidates is looked for, and sorted
 * whole if there is one. So a page costs what it holds where most runs pass the filter, what the filter leaves where
 * few do, and one scan at worst.
 */
async function walk(query: RunQuery, start: Position | undefined, limit: number): Promise<Position[]> {
  const page: Position[] = [];
  let batches = 0;
  const phases = phasesOf(query.terms, start);
  // An order that no index has (names, durations): one reading of the runs, in place of a look-up of each.
  if (phases.length === 1 && phases[0]?.walks === false) return sortWhole(query, await smallSet(query), start, limit);
  for (const phase of phases) {
    let seek = phase.seek;
    for (let exhausted = false; !exhausted; ) {
      const size = batchSize(limit) * 4 ** batches++;
      const batch = await readBatch(query, phase, { size, seek }, page.at(-1) ?? start, limit - page.length);
      page.push(...batch.positions);
      exhausted = batch.exhausted;
      if (page.length === limit || (exhausted && phase.isLast)) return page;
      const few = batches === 1 ? await smallSet(query) : undefined;
      if (few || batches === batchesMax) return sortWhole(query, few, start, limit);
      seek = { value: batch.walked ?? '', inclusive: false };
    }
  }
  return page;
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
