import { readArray } from '../../db/arrays.ts';
import type { TenantTx } from '../../db/tenancy.ts';
import { shownText } from '../shown_text.ts';
import type { Columns, Float } from './points.ts';

/** What a series holds, as its chunks say: points that retried writes doubled are counted as often as they stand there. */
export interface SeriesExtent {
  /** 32 hex digits. */
  readonly run_id: string;
  readonly points: number;
  readonly first_step: number;
  readonly last_step: number;
  readonly first_timestamp: number;
  readonly last_timestamp: number;
}

/** The extent of one metric of each of the runs that have it. */
export const seriesExtents = (tx: TenantTx, runIds: readonly string[], key: string): Promise<SeriesExtent[]> =>
  tx.sql<SeriesExtent>(
    `SELECT replace(c.run_id::text, '-', '') AS run_id, sum(c.points)::bigint AS points,
            min(c.first_step) AS first_step, max(c.last_step) AS last_step,
            min(c.first_timestamp) AS first_timestamp, max(c.last_timestamp) AS last_timestamp
       FROM maestro.metric_chunks c
      WHERE c.tenant_id = $1 AND c.run_id = ANY ($2::uuid[]) AND c.key = $3 GROUP BY c.run_id`,
    [tx.tenantId, runIds, key],
    'series_extents',
  );

interface ValueExtent {
  readonly min: number | null;
  readonly max: number | null;
  readonly positive: number | null;
}

/** The least, the greatest and the least positive finite value of a metric of several runs; null where there is none. */
export async function valueExtent(tx: TenantTx, runIds: readonly string[], key: string): Promise<ValueExtent> {
  const rows = await tx.sql<ValueExtent>(
    `SELECT min(v.value) AS min, max(v.value) AS max, min(v.value) FILTER (WHERE v.value > 0) AS positive
       FROM maestro.metric_chunks c, unnest(c.values) AS v(value)
      WHERE c.tenant_id = $1 AND c.run_id = ANY ($2::uuid[]) AND c.key = $3
        AND abs(v.value) < 1.7976931348623157e308`,
    [tx.tenantId, runIds, key],
    'series_value_extent',
  );
  return rows[0] ?? { min: null, max: null, positive: null };
}

/** When each of the runs that are there began, in ms since 1970. */
export async function runStarts(tx: TenantTx, runIds: readonly string[]): Promise<Map<string, number>> {
  const rows = await tx.sql<{ run_id: string; start_time: number }>(
    `SELECT replace(run_id::text, '-', '') AS run_id, start_time FROM maestro.runs
      WHERE tenant_id = $1 AND run_id = ANY ($2::uuid[])`,
    [tx.tenantId, runIds],
    'series_run_starts',
  );
  return new Map(rows.map(({ run_id, start_time }) => [run_id, start_time]));
}

/** Points in one block of a chunk; its last one may hold fewer (migration 0036). */
export const blockSize = 32;

/** The blocks of a chunk, in parallel columns. */
export interface Blocks {
  readonly x: Float;
  readonly min: Float;
  readonly max: Float;
  readonly last: Float;
  /** Undefined where all values are finite. */
  readonly odd: { readonly nan: Float; readonly up: Float; readonly down: Float } | undefined;
  /** How many points they stand for. */
  readonly points: number;
}

export interface ChunkRead {
  readonly runId: string;
  readonly blocks?: Blocks;
  readonly columns?: Columns;
}

interface ChunkRow {
  run_id: string;
  points: number;
  leads: boolean;
  leader: number;
  blocks: string | null;
  /** Null where blocks stand in, and where they are those of `leader`. */
  x: string | null;
  values: string | null;
}

function readBlocks(base64: string, axis: 'step' | 'timestamp', points: number): Blocks {
  const all = readArray(base64, 'float8');
  const count = Math.ceil(points / blockSize);
  const column = (place: number): Float => all.subarray(place * count, (place + 1) * count) as Float;
  return {
    x: column(axis === 'step' ? 0 : 1),
    min: column(2),
    max: column(3),
    last: column(4),
    odd: all.length > 5 * count ? { nan: column(5), up: column(6), down: column(7) } : undefined,
    points,
  };
}

/** The part of a series that is wanted, by what x is counted in. */
export interface Part {
  readonly runId: string;
  readonly start: number;
  readonly end: number;
}

/** How wide a bucket is at an x: `even` everywhere, or `share` of the x. Blocks stand in for points where two fit in. */
export interface BucketWidth {
  readonly even: number;
  readonly share: number;
}

const base64 = (column: string): string => `encode(array_send(c.${column}), 'base64')`;

/** Binary, in base64: as text the same points take twice as long. */
const chunksText = (
  axis: 'step' | 'timestamp',
): string => `SELECT replace(c.run_id::text, '-', '') AS run_id, c.points, false AS leads, 0 AS leader,
    CASE WHEN far.is THEN ${base64('blocks')} END AS blocks,
    CASE WHEN NOT far.is THEN ${base64(`${axis}s`)} END AS x,
    CASE WHEN NOT far.is THEN ${base64('values')} END AS values
  FROM unnest($3::uuid[], $4::float8[], $5::float8[]) AS w(run_id, first, last)
  JOIN maestro.metric_chunks c ON c.tenant_id = $1 AND c.run_id = w.run_id AND c.key = $2
   AND c.last_${axis} >= w.first AND c.first_${axis} <= w.last
 CROSS JOIN LATERAL (
   SELECT c.points >= 256 AND c.blocks IS NOT NULL
      AND (c.last_${axis} - c.first_${axis})::float8 / c.points * ${2 * blockSize}
          <= greatest($6::float8, $7::float8 * c.first_${axis}) AS is) far
 ORDER BY w.run_id, c.first_timestamp, c.first_step, c.chunk_id`;

/**
 * Whole series. Runs of one program count alike: where a chunk's x are those of another one sent before it (of `leader`,
 * that with the same ends), they are left out. Of 100 runs of 100,000 points each that is half of what there is to send.
 * They are compared as bytes: number by number takes an eighth of the statement's time.
 */
const wholeText = (axis: 'step' | 'timestamp'): string => `SELECT replace(c.run_id::text, '-', '') AS run_id, c.points,
    c.leader = c.place AS leads, c.leader::integer AS leader, NULL AS blocks,
    CASE WHEN c.leader = c.place OR record_image_ne(ROW (c.x), ROW (c.leader_x)) THEN ${base64('x')} END AS x,
    ${base64('values')} AS values
  FROM (
    SELECT f.*, first_value(f.x) OVER alike AS leader_x, first_value(f.place) OVER alike AS leader
      FROM (
        SELECT c.run_id, c.points, c.first_${axis} AS first, c.last_${axis} AS last, c.${axis}s AS x, c.values,
               row_number() OVER (ORDER BY w.run_id, c.first_timestamp, c.first_step, c.chunk_id) AS place
          FROM unnest($3::uuid[]) AS w(run_id)
          JOIN maestro.metric_chunks c ON c.tenant_id = $1 AND c.run_id = w.run_id AND c.key = $2) f
    WINDOW alike AS (PARTITION BY f.points, f.first, f.last ORDER BY f.place)) c
 ORDER BY c.place`;

const wholeTexts = { step: wholeText('step'), timestamp: wholeText('timestamp') };
const chunkTexts = { step: chunksText('step'), timestamp: chunksText('timestamp') };

/**
 * The chunks of a metric that overlap the parts asked for: as blocks where buckets are wide enough, else as points;
 * of `whole` series all chunks, as points.
 */
export async function readChunks(
  tx: TenantTx,
  key: string,
  axis: 'step' | 'timestamp',
  parts: readonly Part[],
  width: BucketWidth | 'whole',
): Promise<ChunkRead[]> {
  const series = [tx.tenantId, key, parts.map(({ runId }) => runId)];
  const starts = parts.map(({ start }) => start);
  const ends = parts.map(({ end }) => end);
  const rows =
    width === 'whole'
      ? await tx.sql<ChunkRow>(wholeTexts[axis], series, `series_whole_${axis}`)
      : await tx.sql<ChunkRow>(
          chunkTexts[axis],
          [...series, starts, ends, width.even, width.share],
          `series_chunks_${axis}`,
        );
  const leaders = new Map<number, Float>();
  return rows.map(({ run_id: runId, points, leads, leader, blocks, x: own, values }) => {
    if (blocks !== null) return { runId, blocks: readBlocks(blocks, axis, points) };
    const x = own === null ? (leaders.get(leader) as Float) : readArray(own, 'int8');
    if (leads) leaders.set(leader, x);
    return { runId, columns: { x, values: readArray(values as string, 'float8') } };
  });
}

const valuesText = (table: 'params' | 'tags'): string => `SELECT replace(x.run_id::text, '-', '') AS run_id,
    ${shownText('x.value')} AS value FROM maestro.${table} x WHERE x.tenant_id = $1 AND x.run_id = ANY ($2::uuid[]) AND x.key = $3`;

const valuesOf =
  (table: 'params' | 'tags') =>
  async (tx: TenantTx, runIds: readonly string[], key: string): Promise<Map<string, string>> => {
    const values = [tx.tenantId, runIds, key];
    const rows = await tx.sql<{ run_id: string; value: string }>(valuesText(table), values, `series_${table}`);
    return new Map(rows.map(({ run_id, value }) => [run_id, value]));
  };

/** What each of the runs that have it has in a param; in a tag; of long ones the beginning and a hash. */
export const paramValues = valuesOf('params');
export const tagValues = valuesOf('tags');

/** The last value of a metric of each of the runs that have one that is a number, by id. */
export async function lastValues(tx: TenantTx, runIds: readonly string[], key: string): Promise<Map<string, number>> {
  const rows = await tx.sql<{ run_id: string; value: number }>(
    `SELECT replace(l.run_id::text, '-', '') AS run_id, l.value FROM maestro.latest_metrics l
      WHERE l.tenant_id = $1 AND l.run_id = ANY ($2::uuid[]) AND l.key = $3 AND NOT l.is_nan
        AND abs(l.value) < 1.7976931348623157e308`,
    [tx.tenantId, runIds, key],
    'series_last_values',
  );
  return new Map(rows.map(({ run_id, value }) => [run_id, value]));
}

/** The params that most of the runs have, in that order. */
export async function commonParams(tx: TenantTx, runIds: readonly string[], most: number): Promise<string[]> {
  const rows = await tx.sql<{ key: string }>(
    `SELECT p.key FROM maestro.params p WHERE p.tenant_id = $1 AND p.run_id = ANY ($2::uuid[])
      GROUP BY p.key ORDER BY count(*) DESC, p.key LIMIT $3`,
    [tx.tenantId, runIds, most],
    'series_common_params',
  );
  return rows.map(({ key }) => key);
}

export interface ParamColumn {
  readonly key: string;
  /** The places in `runIds` of the runs that have the param. */
  readonly places: number[];
  /** What they have, in the same order; of what is longer than 200 characters a hash, as different as it. */
  readonly values: string[];
}

/** What runs have in some params, by the param. */
export const paramColumns = (
  tx: TenantTx,
  runIds: readonly string[],
  keys: readonly string[],
): Promise<ParamColumn[]> =>
  tx.sql<ParamColumn>(
    `SELECT p.key, array_agg(w.place::integer - 1) AS places,
            array_agg(CASE WHEN length(p.value) > 200 THEN encode(sha256(convert_to(p.value, 'UTF8')), 'hex')
                           ELSE p.value END) AS values
       FROM unnest($2::uuid[]) WITH ORDINALITY AS w(run_id, place)
       JOIN maestro.params p ON p.tenant_id = $1 AND p.run_id = w.run_id AND p.key = ANY ($3::text[])
      GROUP BY p.key`,
    [tx.tenantId, runIds, keys],
    'series_param_columns',
  );
