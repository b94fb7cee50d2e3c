import Type, { type Static } from 'typebox';
import { invalid } from '../../errors.ts';
import { defineOperation } from '../../operation.ts';
import { missingRun } from '../refusals.ts';
import { RunId } from '../runs/operations.ts';
import { ReadBudget } from './budget.ts';
import { cursorLengthMax, readCursor, type SeriesPlace, writeCursor } from './cursor.ts';
import { bucketOf, startOf } from './grid.ts';
import { runStarts } from './queries.ts';
import { type Ask, type Axis, type Frame, frameOf, readSeries, type ThinSeries } from './read.ts';

export const MetricKey = Type.String({ minLength: 1, maxLength: 250 });

/** What is asked of metrics for a chart. */
export const ChartInput = {
  x: Type.Optional(
    Type.Enum(['step', 'time', 'relative', 'metric'], {
      default: 'step',
      description:
        'What x is: the step, ms since 1970, ms since the run began, or the value of `x_key` at the same step.',
    }),
  ),
  x_key: Type.Optional(MetricKey),
  spacing: Type.Optional(
    Type.Enum(['even', 'log'], {
      default: 'even',
      description: 'How x is divided: for a linear or a logarithmic axis.',
    }),
  ),
  buckets: Type.Optional(
    Type.Integer({
      minimum: 2,
      maximum: 4000,
      default: 500,
      description: 'About as many as the chart is wide in pixels.',
    }),
  ),
  start: Type.Optional(Type.Number({ description: 'Where x begins; at its least without it.' })),
  end: Type.Optional(Type.Number({ description: 'Where x ends; at its greatest without it.' })),
  smoothing: Type.Optional(
    Type.Union(
      [
        Type.Object({ kind: Type.Literal('ema'), weight: Type.Number({ minimum: 0, exclusiveMaximum: 1 }) }),
        Type.Object({ kind: Type.Enum(['mean', 'gaussian']), width: Type.Number({ exclusiveMinimum: 0 }) }),
      ],
      {
        description:
          'Over all points, whatever is looked at: an exponential moving average (debiased, by the distance of points), or the mean or a Gaussian (standard deviation) within a width in units of x.',
      },
    ),
  ),
};
const ChartInputSchema = Type.Object(ChartInput);
export type ChartAsk = Static<typeof ChartInputSchema>;

const Numbers = Type.Array(Type.Number());
const Column = Type.Array(Type.Union([Type.Number(), Type.Null()]));

const RangeFields = { start: Type.Number(), end: Type.Number() };
export const RangeSchema = Type.Union([Type.Object(RangeFields), Type.Null()]);
export const WholeSchema = Type.Union([Type.Object(RangeFields), Type.Null()], {
  description: 'All there is of x, whatever is looked at: of what is positive, where spacing is log.',
});
export const GridSchema = Type.Object({
  spacing: Type.Enum(['even', 'log']),
  width: Type.Number({
    description:
      'Bucket i holds x (its logarithm to base 2 where spacing is log) in [i, i + 1) times this: a power of two.',
  }),
});

const SeriesSchema = Type.Object({
  run_id: RunId,
  total: Type.Integer({ description: 'How many points this stands for.' }),
  x: Type.Array(Type.Number(), { description: 'Where the last point of each bucket is.' }),
  last: Type.Array(Type.Union([Type.Number(), Type.Null()]), {
    description: 'The last value in each bucket that is a number; null where none is.',
  }),
  min: Type.Union([Column, Type.Null()], { description: 'Null where it is `last` everywhere.' }),
  max: Type.Union([Column, Type.Null()], { description: 'Null where it is `last` everywhere.' }),
  smooth: Type.Union([Column, Type.Null()], {
    description: 'The smoothed curve at each x; null where none is asked for.',
  }),
  odd: Type.Union([Type.Object({ x: Numbers, nan: Numbers, up: Numbers, down: Numbers }), Type.Null()], {
    description: 'Where values are NaN, +∞ and −∞, and how many; null where all are numbers.',
  }),
});

/** What a request says of a chart, as it is read. Throws where parts of it do not go together. */
export function askOf(input: ChartAsk, key: string, starts: ReadonlyMap<string, number>, budget: ReadBudget): Ask {
  const { x = 'step', x_key: xKey } = input;
  if (x === 'metric' && xKey === undefined)
    throw invalid('x_key: expected the name of a metric, for x is metric', 'x_key');
  if (x !== 'metric' && xKey !== undefined) throw invalid('x_key: expected only where x is metric', 'x_key');
  if (input.start !== undefined && input.end !== undefined && input.start > input.end) {
    throw invalid('end: expected a number that is not below start', 'end');
  }
  return {
    key,
    axis: x === 'metric' ? { metric: xKey as string } : (x as Exclude<Axis, object>),
    spacing: input.spacing ?? 'even',
    buckets: input.buckets ?? 500,
    smoothing: input.smoothing,
    range: { start: input.start, end: input.end },
    starts,
    budget,
  };
}

const isSame = (a: readonly (number | null)[], b: readonly (number | null)[]): boolean =>
  a.every((value, index) => value === b[index]);

const shown = ({ runId, total, x, last, min, max, smooth, odd }: ThinSeries) => ({
  run_id: runId,
  total,
  x,
  last,
  min: isSame(min, last) ? null : min,
  max: isSame(max, last) ? null : max,
  smooth: smooth ?? null,
  odd: odd.x.length === 0 ? null : odd,
});

/** What is new behind a cursor: the series that have grown, from the last bucket that was given on. */
function newIn(frame: Frame, places: ReadonlyMap<string, SeriesPlace>): Frame {
  return {
    ...frame,
    extents: frame.extents.filter(({ run_id, points }) => places.get(run_id)?.points !== points),
  };
}

const runsMax = 500;
const keysMax = 50;

/** Metrics of several runs for charts: thinned to the least, the greatest and the last value of each bucket of x. */
export const readMetricSeries = defineOperation({
  name: 'metric.series',
  permission: 'run:read',
  input: Type.Object({
    run_ids: Type.Array(RunId, { minItems: 1, maxItems: runsMax }),
    keys: Type.Array(MetricKey, { minItems: 1, maxItems: keysMax }),
    ...ChartInput,
    cursor: Type.Optional(
      Type.String({
        maxLength: cursorLengthMax(runsMax, keysMax),
        description: 'What an answer to the same request gave: only what is new since then comes back.',
      }),
    ),
  }),
  on: ({ run_ids }) => ({ runs: run_ids }),
  output: Type.Object({
    charts: Type.Array(
      Type.Object({
        key: Type.String(),
        range: RangeSchema,
        whole: WholeSchema,
        grid: GridSchema,
        is_new: Type.Boolean({
          description:
            'True where what is given replaces what was given before; false where it continues it: the buckets given stand for those of before.',
        }),
        series: Type.Array(SeriesSchema),
      }),
    ),
    cursor: Type.String(),
  }),
  async run({ tx }, { run_ids, keys, cursor, ...input }) {
    const runIds = [...new Set(run_ids)];
    const starts = await runStarts(tx, runIds);
    const unknown = runIds.find((runId) => !starts.has(runId));
    if (unknown !== undefined) throw missingRun(unknown);
    const before = cursor === undefined ? undefined : readCursor(cursor, runIds);
    const budget = new ReadBudget();
    const after = new Map<string, { width: number; places: Map<string, SeriesPlace> }>();
    const charts = [];
    for (const key of new Set(keys)) {
      const ask = askOf(input, key, starts, budget);
      const all = await frameOf(tx, ask, runIds);
      const known = before?.get(key);
      const isNew = known === undefined || known.width !== all.grid.width;
      const frame = isNew ? all : newIn(all, known.places);
      budget.takeCells(frame.extents, ask.buckets);
      const from = (runId: string): number => {
        const place = isNew ? undefined : known.places.get(runId);
        return place === undefined ? Number.NEGATIVE_INFINITY : startOf(all.grid, place.bucket);
      };
      const places = new Map(isNew ? [] : known.places);
      const points = new Map(frame.extents.map((extent) => [extent.run_id, extent.points]));
      const series = [];
      for await (const read of readSeries(tx, ask, frame, from)) {
        const { runId } = read;
        places.set(runId, {
          points: points.get(runId) ?? 0,
          bucket: read.x.length === 0 ? 0 : exact(bucketOf(all.grid, read.x.at(-1) as number)),
        });
        series.push(shown(cut(read, from(runId))));
      }
      after.set(key, { width: all.grid.width, places });
      charts.push({ key, range: all.range, whole: all.whole, grid: all.grid, is_new: isNew, series });
    }
    return { charts, cursor: writeCursor(after, runIds) };
  },
});

/** A bucket as a cursor has it: the point next to a narrow window may lie in one that is beyond exact numbers. */
const exact = (bucket: number): number => Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, bucket));

/** What of a series lies at or behind an x. */
function cut(series: ThinSeries, from: number): ThinSeries {
  const first = series.x.findIndex((x) => x >= from);
  if (first <= 0) return series;
  return {
    ...series,
    x: series.x.slice(first),
    last: series.last.slice(first),
    min: series.min.slice(first),
    max: series.max.slice(first),
    smooth: series.smooth?.slice(first),
  };
}
