import type { paths } from '@maestro/sdk/contract';
import type { ChartData, ChartLine, OddValues, Range } from './chart_data.ts';

export type SeriesAnswer = paths['/metrics/series']['post']['responses'][200]['content']['application/json'];
export type SeriesChart = SeriesAnswer['charts'][number];
type Series = SeriesChart['series'][number];
type Grid = SeriesChart['grid'];

const bucketOf = ({ spacing, width }: Grid, x: number): number =>
  Math.floor((spacing === 'log' ? Math.log2(x) : x) / width);

/** What is left of a series before a bucket, and what came from there on. */
function continued(old: Series, more: Series, grid: Grid): Series {
  const first = more.x[0];
  if (first === undefined) return old;
  const from = bucketOf(grid, first);
  const kept = old.x.findIndex((x) => bucketOf(grid, x) >= from);
  const end = kept === -1 ? old.x.length : kept;
  const join = <Value>(before: readonly Value[], after: readonly Value[]): Value[] => [
    ...before.slice(0, end),
    ...after,
  ];
  const extremes = (name: 'min' | 'max') =>
    old[name] === null && more[name] === null ? null : join(old[name] ?? old.last, more[name] ?? more.last);
  const oddBefore = old.odd?.x.filter((x) => bucketOf(grid, x) < from).length ?? 0;
  const joinOdd = (name: 'x' | 'nan' | 'up' | 'down') => [
    ...(old.odd?.[name].slice(0, oddBefore) ?? []),
    ...(more.odd?.[name] ?? []),
  ];
  const odd = { x: joinOdd('x'), nan: joinOdd('nan'), up: joinOdd('up'), down: joinOdd('down') };
  return {
    run_id: old.run_id,
    total: more.total,
    x: join(old.x, more.x),
    last: join(old.last, more.last),
    min: extremes('min'),
    max: extremes('max'),
    smooth: old.smooth && more.smooth ? join(old.smooth, more.smooth) : null,
    odd: odd.x.length === 0 ? null : odd,
  };
}

/** A chart with what an answer behind its cursor brought. */
export function grown(old: SeriesChart | undefined, more: SeriesChart): SeriesChart {
  if (old === undefined || more.is_new) return more;
  const news = new Map(more.series.map((series) => [series.run_id, series]));
  const known = new Set(old.series.map(({ run_id }) => run_id));
  return {
    ...more,
    series: [
      ...old.series.map((series) => {
        const added = news.get(series.run_id);
        return added ? continued(series, added, more.grid) : series;
      }),
      ...more.series.filter(({ run_id }) => !known.has(run_id)),
    ],
  };
}

export interface LineNames {
  readonly id: string;
  readonly name: string;
  readonly params: Readonly<Record<string, string>>;
}

/** All there is of x: the points of an answer where they are all there are, else what it says. */
export function wholeOf(
  x: readonly number[],
  { range, whole, grid }: Pick<SeriesChart, 'range' | 'whole' | 'grid'>,
): Range | undefined {
  if (!range || !whole) return undefined;
  if (range.start > whole.start || range.end < whole.end) return { min: whole.start, max: whole.end };
  const placed = grid.spacing === 'log' ? x.filter((value) => value > 0) : x;
  const [first, last] = [placed[0], placed.at(-1)];
  return first === undefined || last === undefined ? undefined : { min: first, max: last };
}

/** The lines of a chart over the x of all of them: buckets are the same for every run. */
export function linesOf(chart: SeriesChart, runs: readonly LineNames[]): ChartData {
  const { grid } = chart;
  /** Where the last point of each bucket is, over all lines. */
  const ends = new Map<number, number>();
  for (const { x: own } of chart.series) {
    for (const x of own) {
      const bucket = bucketOf(grid, x);
      const end = ends.get(bucket);
      if (end === undefined || x > end) ends.set(bucket, x);
    }
  }
  const buckets = [...ends.keys()].sort((a, b) => a - b);
  const places = new Map(buckets.map((bucket, index) => [bucket, index]));
  const placeOf = (x: number): number => places.get(bucketOf(grid, x)) as number;
  const column = (own: readonly number[], values: readonly (number | null)[]) => {
    const spread = new Array<number | null>(buckets.length).fill(null);
    for (const [index, x] of own.entries()) spread[placeOf(x)] = values[index] ?? Number.NaN;
    return spread;
  };
  const byRun = new Map(chart.series.map((series) => [series.run_id, series]));
  const lines = runs.flatMap(({ id, name, params }): ChartLine[] => {
    const series = byRun.get(id);
    if (!series) return [];
    const { x, last, min, max, smooth, odd } = series;
    return [
      {
        id,
        name,
        params,
        y: column(x, last),
        ...(min && max ? { low: column(x, min), high: column(x, max) } : {}),
        ...(smooth ? { smooth: column(x, smooth) } : {}),
        ...(odd
          ? {
              odd: odd.x.map(
                (at, index): OddValues => ({
                  index: placeOf(at),
                  nan: odd.nan[index] as number,
                  up: odd.up[index] as number,
                  down: odd.down[index] as number,
                }),
              ),
            }
          : {}),
      },
    ];
  });
  const x = buckets.map((bucket) => ends.get(bucket) as number);
  return { x, lines, whole: wholeOf(x, chart) };
}

/** How many points a chart shows, and how many they stand for. */
export function countsOf({ series }: SeriesChart): {
  readonly shown: number;
  readonly total: number;
  readonly odd: number;
} {
  let [shown, total, odd] = [0, 0, 0];
  for (const each of series) {
    const extra = each.min === null ? 0 : each.min.filter((value, index) => value !== each.max?.[index]).length * 2;
    shown += Math.min(each.x.length + extra, each.total);
    total += each.total;
    for (const name of ['nan', 'up', 'down'] as const) odd += each.odd?.[name].reduce((a, b) => a + b, 0) ?? 0;
  }
  return { shown, total, odd };
}
