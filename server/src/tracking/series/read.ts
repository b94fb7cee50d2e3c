import type { TenantTx } from '../../db/tenancy.ts';
import type { ReadBudget } from './budget.ts';
import { atEach, type Grid, gridFor, isFiniteValue, type Spacing, type Thinned, Thinner } from './grid.ts';
import { type Columns, type Float, joined } from './points.ts';
import {
  blockSize,
  type ChunkRead,
  type Part,
  readChunks,
  type SeriesExtent,
  seriesExtents,
  valueExtent,
} from './queries.ts';
import { type Curve, type Smoothing, smoothed } from './smoothing.ts';

/** What x is: the step, the time in ms since 1970, the ms since the run began, or another metric at the same step. */
export type Axis = 'step' | 'time' | 'relative' | { readonly metric: string };

export interface Range {
  readonly start: number;
  readonly end: number;
}

/** What is asked of one metric of several runs. */
export interface Ask {
  readonly key: string;
  readonly axis: Axis;
  readonly spacing: Spacing;
  readonly buckets: number;
  readonly smoothing: Smoothing | undefined;
  /** What of x is looked at; all there is without it. */
  readonly range: { readonly start: number | undefined; readonly end: number | undefined };
  /** When each run began. */
  readonly starts: ReadonlyMap<string, number>;
  /** What the call that asks may read. */
  readonly budget: ReadBudget;
}

/** A series, thinned. */
export interface ThinSeries extends Thinned {
  readonly runId: string;
  /** How many points it stands for. */
  readonly total: number;
  /** The smoothed curve at each x. */
  readonly smooth: (number | null)[] | undefined;
}

/** Points that are in memory at once, unless one series has more. */
const pointsAtOnce = 1_000_000;

const axisOf = (axis: Axis): 'step' | 'timestamp' => (axis === 'time' || axis === 'relative' ? 'timestamp' : 'step');

/** What lies between an axis's x and what the chunks count in. */
const shiftOf = ({ axis, starts }: Ask, runId: string): number => (axis === 'relative' ? (starts.get(runId) ?? 0) : 0);

/** The extent of x over several series, and a positive x below which there is none; undefined where they have no point. */
async function xExtent(
  tx: TenantTx,
  ask: Ask,
  extents: readonly SeriesExtent[],
): Promise<(Range & { readonly positive: number }) | undefined> {
  if (extents.length === 0) return undefined;
  if (typeof ask.axis === 'object') {
    const runIds = extents.map(({ run_id }) => run_id);
    const { min, max, positive } = await valueExtent(tx, runIds, ask.axis.metric);
    return min === null || max === null ? undefined : { start: min, end: max, positive: positive ?? 1 };
  }
  const by = axisOf(ask.axis);
  const start = Math.min(...extents.map((extent) => extent[`first_${by}`] - shiftOf(ask, extent.run_id)));
  const end = Math.max(...extents.map((extent) => extent[`last_${by}`] - shiftOf(ask, extent.run_id)));
  return { start, end, positive: 1 };
}

export interface Frame {
  readonly extents: readonly SeriesExtent[];
  /** How many points the metric that x is has in each run; none where x is no metric. */
  readonly xPoints: ReadonlyMap<string, number>;
  /** All there is of x: of what is positive, on a logarithmic axis. Null where no run has a point. */
  readonly whole: Range | null;
  /** What is looked at; null where no run has a point. */
  readonly range: Range | null;
  readonly grid: Grid;
}

/** What there is of a metric of several runs, and the grid that suits what is asked of it. */
export async function frameOf(tx: TenantTx, ask: Ask, runIds: readonly string[]): Promise<Frame> {
  const extents = await seriesExtents(tx, runIds, ask.key);
  const xExtents = typeof ask.axis === 'object' ? await seriesExtents(tx, runIds, ask.axis.metric) : [];
  const xPoints = new Map(xExtents.map(({ run_id, points }) => [run_id, points]));
  ask.budget.takePoints([...xPoints.values()]);
  const extent = await xExtent(tx, ask, extents);
  const least = typeof ask.axis === 'object' ? 0 : 1;
  if (extent === undefined) {
    return { extents, xPoints, whole: null, range: null, grid: { spacing: ask.spacing, width: 1 } };
  }
  const range = {
    start: ask.range.start ?? extent.start,
    end: Math.max(ask.range.end ?? extent.end, ask.range.start ?? extent.start),
  };
  const placed = ({ start, end }: Range): Range =>
    ask.spacing === 'log' ? { start: Math.min(Math.max(start, extent.positive), end), end } : { start, end };
  const { start } = placed(range);
  const grid = gridFor(start, range.end, ask.buckets, ask.spacing, least);
  return { extents, xPoints, whole: placed(extent), range, grid };
}

const everything = { start: -Number.MAX_SAFE_INTEGER, end: Number.MAX_SAFE_INTEGER };

/** Thins one series whose chunks are given, in the order of x where it is smoothed. */
function thin(ask: Ask, { grid, range }: Frame, runId: string, chunks: readonly ChunkRead[], xs?: Columns): ThinSeries {
  const { start, end } = range ?? everything;
  const thinner = new Thinner(grid);
  const shift = shiftOf(ask, runId);
  let total = 0;
  // The points next to the window, so that lines enter and leave it.
  let before = { x: Number.NEGATIVE_INFINITY, y: Number.NaN };
  let after = { x: Number.POSITIVE_INFINITY, y: Number.NaN };
  const outside = (x: number, y: number): boolean => {
    if (x >= start && x <= end) return false;
    if (x < start && x >= before.x) before = { x, y };
    if (x > end && x < after.x) after = { x, y };
    return true;
  };
  for (const { blocks } of chunks) {
    if (!blocks) continue;
    for (let index = 0; index < blocks.x.length; index += 1) {
      const x = (blocks.x[index] as number) - shift;
      const last = blocks.last[index] as number;
      if (outside(x, last)) continue;
      const size = Math.min(blockSize, blocks.points - index * blockSize);
      const { odd } = blocks;
      thinner.block(
        x,
        {
          min: blocks.min[index] as number,
          max: blocks.max[index] as number,
          last,
          nan: odd?.nan[index] ?? 0,
          up: odd?.up[index] ?? 0,
          down: odd?.down[index] ?? 0,
        },
        size,
      );
      total += size;
    }
  }
  const curve = curveOf(ask, joined(chunks.flatMap(({ columns }) => columns ?? [])), shift, xs);
  for (let index = 0; index < curve.x.length; index += 1) {
    const x = curve.x[index] as number;
    const y = curve.y[index] as number;
    if (outside(x, y)) continue;
    thinner.point(x, y);
    total += 1;
  }
  for (const { x, y } of [before, after]) if (Number.isFinite(x)) thinner.point(x, y);
  const thinned = thinner.thinned();
  const smooth = ask.smoothing && atEach(thinned.x, smoothed(curve, ask.smoothing));
  return { runId, total: total - thinner.unplaced, smooth, ...thinned };
}

/** The points of a series over x, ascending. */
function curveOf({ axis }: Ask, { x, values }: Columns, shift: number, xs: Columns | undefined): Curve {
  if (xs === undefined) return { x: axis === 'relative' ? x.map((time) => time - shift) : x, y: values };
  // The last value of the other metric at the same step; a point without one has no place.
  const at = new Map<number, number>();
  for (const [index, step] of xs.x.entries()) at.set(step, xs.values[index] as number);
  const placeAt = (index: number): number => at.get(x[index] as number) ?? Number.NaN;
  const placed = Array.from(x.keys()).filter((index) => isFiniteValue(placeAt(index)));
  return inOrder(
    Float64Array.from(placed, placeAt),
    Float64Array.from(placed, (index) => values[index] as number),
  );
}

function inOrder(x: Float, y: Float): Curve {
  let isAscending = true;
  for (let index = 1; index < x.length && isAscending; index += 1) {
    isAscending = (x[index] as number) >= (x[index - 1] as number);
  }
  if (isAscending) return { x, y };
  const order = Uint32Array.from(x.keys()).sort((a, b) => (x[a] as number) - (x[b] as number));
  return {
    x: Float64Array.from(order, (index) => x[index] as number),
    y: Float64Array.from(order, (index) => y[index] as number),
  };
}

/** Parts of as many points as may be in memory at once. */
function* batches(extents: readonly SeriesExtent[], cost: (extent: SeriesExtent) => number): Generator<SeriesExtent[]> {
  let batch: SeriesExtent[] = [];
  let sum = 0;
  for (const extent of extents) {
    const points = cost(extent);
    if (batch.length > 0 && sum + points > pointsAtOnce) {
      yield batch;
      batch = [];
      sum = 0;
    }
    batch.push(extent);
    sum += points;
  }
  if (batch.length > 0) yield batch;
}

/**
 * Gives one metric of several runs, run by run, thinned to the frame's grid; `from` says where the part that is wanted
 * of a run begins. What is smoothed, or stands over another metric, is read whole; else blocks stand in for points where
 * two of them fit into a bucket. Throws `too_large` where the budget of what is asked does not suffice.
 */
export async function* readSeries(
  tx: TenantTx,
  ask: Ask,
  frame: Frame,
  from?: (runId: string) => number,
): AsyncGenerator<ThinSeries> {
  const { grid, range, extents, xPoints } = frame;
  const isWhole = ask.smoothing !== undefined || typeof ask.axis === 'object';
  const by = axisOf(ask.axis);
  const width = isWhole ? 0 : grid.width;
  const bucketWidth = isWhole
    ? 'whole'
    : grid.spacing === 'even'
      ? { even: width, share: 0 }
      : { even: 0, share: 2 ** grid.width - 1 };
  const { start, end } = range ?? everything;
  const partOf = ({ run_id: runId }: SeriesExtent): Part => {
    if (isWhole) return { runId, ...everything };
    const shift = shiftOf(ask, runId);
    return { runId, start: Math.max(start, from?.(runId) ?? start) + shift, end: end + shift };
  };
  /** What is about to be read, from how much of the series is wanted and how coarsely. */
  const cost = (extent: SeriesExtent): number => {
    if (isWhole) return extent.points;
    const part = partOf(extent);
    const [first, last] = [extent[`first_${by}`], extent[`last_${by}`]];
    const span = Math.max(last - first, 1);
    const share = Math.min(1, Math.max(0, Math.min(part.end, last) - Math.max(part.start, first)) / span);
    const points = Math.min(extent.points, extent.points * share + 8192);
    return (span / extent.points) * 2 * blockSize <= width ? points / 8 : points;
  };
  ask.budget.takePoints(extents.map(cost));
  const inMemory = (extent: SeriesExtent): number => cost(extent) + (xPoints.get(extent.run_id) ?? 0);
  for (const batch of batches(extents, inMemory)) {
    const parts = batch.map(partOf);
    const chunks = Map.groupBy(await readChunks(tx, ask.key, by, parts, bucketWidth), ({ runId }) => runId);
    const others =
      typeof ask.axis === 'object'
        ? Map.groupBy(await readChunks(tx, ask.axis.metric, by, parts, bucketWidth), ({ runId }) => runId)
        : undefined;
    for (const { runId } of parts) {
      const xs = others && joined((others.get(runId) ?? []).flatMap(({ columns }) => columns ?? []));
      yield thin(ask, frame, runId, chunks.get(runId) ?? [], xs);
    }
  }
}
