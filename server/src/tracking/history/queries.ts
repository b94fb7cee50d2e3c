import { readNumbers } from '../../db/arrays.ts';
import type { TenantTx } from '../../db/tenancy.ts';
import { MaestroError } from '../../errors.ts';

/** Points in parallel columns, sorted by (timestamp, step, value), NaN taken as 0. */
export interface Points {
  timestamps: number[];
  steps: number[];
  values: number[];
}

/** A point's place in a history: what a page starts behind. */
export interface Place {
  timestamp: number;
  step: number;
  value: number;
}

const chunksPerRead = 64;

/** How many points may wait for those that could come between them: what one call holds in memory. */
const pointsWaitingMax = 1_000_000;

/** A chunk as a row, and the series' run even where it has no chunk: no row at all means that there is no such run. */
const chunkText = `SELECT c.timestamps::text, c.steps::text, c.values::text, c.first_timestamp, c.first_step, c.chunk_id
  FROM maestro.runs r
  LEFT JOIN maestro.metric_chunks c
    ON c.tenant_id = $1 AND c.run_id = $2 AND c.key = $3 AND (c.last_timestamp, c.last_step) >= ($4, $5)
   AND (c.first_timestamp, c.first_step, c.chunk_id) > ($6, $7, $8::uuid)
   AND c.last_step >= $9 AND c.first_step <= $10
 WHERE r.tenant_id = $1 AND r.run_id = $2
 ORDER BY c.first_timestamp, c.first_step, c.chunk_id LIMIT ${chunksPerRead}`;

/**
 * Keeps the chunks of a series from being merged until the transaction ends: a merge between two reads would put points
 * behind what has been read before it. Those who log are not held up.
 */
const holdText = `SELECT FROM maestro.latest_metrics l
  WHERE l.tenant_id = $1 AND l.run_id = $2 AND l.key = $3 FOR KEY SHARE`;

const beforeAllChunks = {
  timestamp: Number.MIN_SAFE_INTEGER,
  step: Number.MIN_SAFE_INTEGER,
  id: '00000000-0000-0000-0000-000000000000',
};

interface ChunkRow {
  timestamps: string;
  steps: string;
  values: string;
  /** The earliest time and, of all its points, the least step: no point of the chunk comes before this pair. */
  first_timestamp: number;
  first_step: number;
  /** Null where the run has no chunk of the key. */
  chunk_id: string | null;
}

const rank = (value: number): number => (Number.isNaN(value) ? 0 : value);

function comparePlaces(a: Place, b: Place): number {
  return (
    a.timestamp - b.timestamp ||
    a.step - b.step ||
    rank(a.value) - rank(b.value) ||
    // NaN and 0 compare alike and are two points: NaN first.
    Number(Number.isNaN(b.value)) - Number(Number.isNaN(a.value))
  );
}

const at = ({ timestamps, steps, values }: Points, index: number): Place => ({
  timestamp: timestamps[index] as number,
  step: steps[index] as number,
  value: values[index] as number,
});

function isSorted({ timestamps, steps }: Points): boolean {
  for (let index = 1; index < timestamps.length; index += 1) {
    const earlier = (timestamps[index] as number) - (timestamps[index - 1] as number);
    // Equal in time and step needs the values too, and may be a duplicate: the slow way decides.
    if (earlier < 0 || (earlier === 0 && (steps[index] as number) <= (steps[index - 1] as number))) return false;
  }
  return true;
}

/** Sorts points and drops the duplicates that retried writes leave. */
function sortedDistinct(points: Points): Points {
  if (isSorted(points)) return points;
  const order = points.timestamps
    .map((_, index) => index)
    .sort((a, b) => comparePlaces(at(points, a), at(points, b)))
    .filter((place, index, all) => {
      const before = all[index - 1];
      return before === undefined || comparePlaces(at(points, before), at(points, place)) !== 0;
    });
  return {
    timestamps: order.map((index) => points.timestamps[index] as number),
    steps: order.map((index) => points.steps[index] as number),
    values: order.map((index) => points.values[index] as number),
  };
}

function append(into: Points, more: Points): void {
  for (let index = 0; index < more.timestamps.length; index += 1) {
    into.timestamps.push(more.timestamps[index] as number);
    into.steps.push(more.steps[index] as number);
    into.values.push(more.values[index] as number);
  }
}

const slice = (points: Points, from: number, to: number): Points => ({
  timestamps: points.timestamps.slice(from, to),
  steps: points.steps.slice(from, to),
  values: points.values.slice(from, to),
});

/** The first index whose point is not before `bound` by `isBefore`. */
function partition(points: Points, isBefore: (place: Place) => boolean): number {
  let low = 0;
  let high = points.timestamps.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore(at(points, middle))) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A range of steps, both ends in it. */
export interface StepRange {
  readonly start: number;
  readonly end: number;
}

function within(points: Points, { start, end }: StepRange): Points {
  const isWithin = (_: number, index: number): boolean => {
    const step = points.steps[index] as number;
    return step >= start && step <= end;
  };
  return {
    timestamps: points.timestamps.filter(isWithin),
    steps: points.steps.filter(isWithin),
    values: points.values.filter(isWithin),
  };
}

/**
 * Up to `limit` points of a series behind `after`, in order, and whether more follow. Undefined where there is no such
 * run. Chunks are read in the order of their first timestamp and least step until the page is certain: a point is, once
 * every chunk that could hold an earlier one has been read.
 */
export async function readPoints(
  tx: TenantTx,
  series: { runId: string; key: string },
  limit: number,
  after?: Place,
  range?: StepRange,
): Promise<{ points: Points; hasMore: boolean } | undefined> {
  let points: Points = { timestamps: [], steps: [], values: [] };
  let from = beforeAllChunks;
  for (let isHeld = false; ; ) {
    const rows = await tx.sql<ChunkRow>(
      chunkText,
      [
        tx.tenantId,
        series.runId,
        series.key,
        after?.timestamp ?? Number.MIN_SAFE_INTEGER,
        after?.step ?? Number.MIN_SAFE_INTEGER,
        from.timestamp,
        from.step,
        from.id,
        range?.start ?? Number.MIN_SAFE_INTEGER,
        range?.end ?? Number.MAX_SAFE_INTEGER,
      ],
      'history_chunks',
    );
    if (rows.length === 0) return undefined;
    for (const row of rows) {
      if (row.chunk_id === null) break;
      const chunk = {
        timestamps: readNumbers(row.timestamps),
        steps: readNumbers(row.steps),
        values: readNumbers(row.values),
      };
      append(points, range ? within(chunk, range) : chunk);
      from = { timestamp: row.first_timestamp, step: row.first_step, id: row.chunk_id };
    }
    points = sortedDistinct(points);
    if (after) {
      const start = partition(points, (place) => comparePlaces(place, after) <= 0);
      points = slice(points, start, points.timestamps.length);
    }
    const isLast = rows.length < chunksPerRead || rows[0]?.chunk_id === null;
    const certain = isLast
      ? points.timestamps.length
      : partition(points, ({ timestamp, step }) => (timestamp - from.timestamp || step - from.step) < 0);
    if (isLast || certain > limit) {
      return { points: slice(points, 0, Math.min(limit, certain)), hasMore: certain > limit };
    }
    if (points.timestamps.length - certain > pointsWaitingMax) {
      throw new MaestroError('invalid_state', `Too many points of '${series.key}' have one timestamp and step.`);
    }
    if (isHeld) continue;
    await tx.sql(holdText, [tx.tenantId, series.runId, series.key], 'history_hold');
    isHeld = true;
    points = { timestamps: [], steps: [], values: [] };
    from = beforeAllChunks;
  }
}

export interface SampledPoint {
  run_id: string;
  key: string;
  value: number;
  timestamp: number;
  step: number;
}

const distinctPoints = `SELECT DISTINCT u.timestamp, u.step, u.value, u.value = 'NaN' AS is_nan,
         CASE WHEN u.value = 'NaN' THEN 0 ELSE u.value END AS rank
    FROM maestro.metric_chunks c, unnest(c.timestamps, c.steps, c.values) AS u(timestamp, step, value)
   WHERE c.tenant_id = $1 AND c.run_id = $2 AND c.key = $3
     AND c.last_step >= coalesce($4::bigint, c.last_step) AND c.first_step <= coalesce($5::bigint, c.first_step)
     AND u.step BETWEEN coalesce($4::bigint, u.step) AND coalesce($5::bigint, u.step)`;

/**
 * Up to `max` points of a series evenly spread over it in the order of (step, timestamp, value), first and last among
 * them: the first of each of `max` equal buckets, and the last point in place of the last one where that is full. As
 * the MLflow store does.
 */
export async function samplePoints(
  tx: TenantTx,
  series: { runId: string; key: string },
  max: number,
  steps?: { start: number; end: number },
): Promise<SampledPoint[]> {
  const rows = await tx.sql<{ value: number; timestamp: number; step: number; last: boolean }>(
    `WITH p AS (${distinctPoints}),
     b AS (SELECT p.*, ntile($6) OVER w AS bucket, row_number() OVER w AS n, count(*) OVER () AS total FROM p
           WINDOW w AS (ORDER BY p.step, p.timestamp, p.rank, p.is_nan)),
     f AS (SELECT b.*, row_number() OVER (PARTITION BY b.bucket ORDER BY b.n) AS place FROM b)
     SELECT f.value, f.timestamp, f.step, f.n = f.total AS last FROM f WHERE f.place = 1 OR f.n = f.total ORDER BY f.n`,
    [tx.tenantId, series.runId, series.key, steps?.start ?? null, steps?.end ?? null, max],
  );
  const kept = rows.length > max ? [...rows.slice(0, max - 1), ...rows.slice(-1)] : rows;
  return kept.map(({ value, timestamp, step }) => ({ run_id: series.runId, key: series.key, value, timestamp, step }));
}

/** Points that a bucket of a thinned series keeps: the first, the least, the greatest and the last. */
const keptPerBucket = 4;

/**
 * A series thinned to at most `max` (4 or more) points for a chart: all of them where they are no more; else, in each
 * of `max / 4` equal ranges of steps, the first, least, greatest and last point, NaN among them only where nothing else
 * is. Also the number of points it stands for.
 */
export async function thinPoints(
  tx: TenantTx,
  series: { runId: string; key: string },
  max: number,
  steps: { start: number | null; end: number | null },
): Promise<{ points: { step: number; timestamp: number; value: number }[]; total: number }> {
  const rows = await tx.sql<{ step: number; timestamp: number; value: number; total: number }>(
    `WITH p AS (${distinctPoints}),
     b AS (SELECT p.*, row_number() OVER (ORDER BY p.step, p.timestamp, p.rank, p.is_nan) AS n, count(*) OVER () AS total,
                  floor((p.step - min(p.step) OVER ())::float8
                        / greatest(max(p.step) OVER () - min(p.step) OVER () + 1, 1) * $6::int) AS bucket FROM p),
     m AS (SELECT b.*,
                  row_number() OVER (PARTITION BY b.bucket ORDER BY b.n) AS first,
                  row_number() OVER (PARTITION BY b.bucket ORDER BY b.n DESC) AS last,
                  row_number() OVER (PARTITION BY b.bucket ORDER BY b.is_nan, b.value, b.n) AS least,
                  row_number() OVER (PARTITION BY b.bucket ORDER BY b.is_nan, b.value DESC, b.n) AS greatest FROM b)
     SELECT m.step, m.timestamp, m.value, m.total FROM m
      WHERE m.total <= $7::int OR 1 IN (m.first, m.last, m.least, m.greatest) ORDER BY m.n`,
    [tx.tenantId, series.runId, series.key, steps.start, steps.end, Math.floor(max / keptPerBucket), max],
  );
  return { points: rows.map(({ step, timestamp, value }) => ({ step, timestamp, value })), total: rows[0]?.total ?? 0 };
}

/** The runs among `runIds` that are there. */
export async function knownRuns(tx: TenantTx, runIds: readonly string[]): Promise<Set<string>> {
  const rows = await tx.sql<{ run_id: string }>(
    `SELECT replace(run_id::text, '-', '') AS run_id FROM maestro.runs WHERE tenant_id = $1 AND run_id = ANY ($2::uuid[])`,
    [tx.tenantId, runIds],
  );
  return new Set(rows.map(({ run_id: id }) => id));
}

/** The last point of a series: the greatest by (step, timestamp, value). */
export interface LatestMetric {
  key: string;
  value: number;
  step: number;
  timestamp: number;
}

/** Up to `limit` metrics of a run behind the key `after`, by key in byte order. */
export async function latestMetrics(
  tx: TenantTx,
  runId: string,
  after: string,
  limit: number,
): Promise<LatestMetric[]> {
  return tx.sql<LatestMetric>(
    `SELECT key, CASE WHEN is_nan THEN 'NaN' ELSE value END AS value, step, timestamp
       FROM maestro.latest_metrics WHERE tenant_id = $1 AND run_id = $2 AND key > $3 ORDER BY key LIMIT $4`,
    [tx.tenantId, runId, after, limit],
    'latest_metrics',
  );
}
