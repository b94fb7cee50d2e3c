import Type from 'typebox';
import { defineOperation } from '../../operation.ts';
import { ExperimentId } from '../experiments/operations.ts';
import { ReadBudget } from './budget.ts';
import { allRuns } from './found_runs.ts';
import { bucketOf, startOf } from './grid.ts';
import { askOf, ChartInput, GridSchema, MetricKey, RangeSchema, WholeSchema } from './operations.ts';
import { paramValues, runStarts, tagValues } from './queries.ts';
import { type Frame, frameOf, readSeries, type ThinSeries } from './read.ts';

const runsMax = 10_000;
const groupsMax = 50;

/** The mean and the spread of what runs have in one bucket, updated value by value (Welford 1962). */
class Moments {
  n = 0;
  mean = 0;
  min = Number.POSITIVE_INFINITY;
  max = Number.NEGATIVE_INFINITY;
  #squares = 0;

  add(value: number): void {
    this.n += 1;
    const distance = value - this.mean;
    this.mean += distance / this.n;
    this.#squares += distance * (value - this.mean);
    this.min = Math.min(this.min, value);
    this.max = Math.max(this.max, value);
  }

  /** Of a sample; null of one value. */
  get deviation(): number | null {
    return this.n > 1 ? Math.sqrt(this.#squares / (this.n - 1)) : null;
  }
}

/** Runs that have a param or tag alike, and what they have in each bucket. */
class Group {
  /** What they have alike; null where they have no such param or tag. */
  readonly value: string | null;
  readonly extents: Frame['extents'];
  readonly #moments = new Map<number, Moments>();

  constructor(value: string | null, extents: Frame['extents']) {
    this.value = value;
    this.extents = extents;
  }

  /** Adds a run: in each bucket between its first and last point, its last value so far. */
  add(series: ThinSeries, { grid, range }: Frame): void {
    if (range === null) return;
    const values = series.smooth ?? series.last;
    const buckets = series.x.map((x) => bucketOf(grid, x));
    // What is not positive has no place on a logarithmic axis; the grid then begins where the least point has its own.
    const first = bucketOf(grid, range.start);
    const least = Number.isNaN(first) ? (buckets[0] ?? 0) : first;
    const last = bucketOf(grid, range.end);
    for (const [index, from] of buckets.entries()) {
      const value = values[index];
      if (value === null || value === undefined) continue;
      const end = Math.min(buckets[index + 1] ?? from + 1, last + 1);
      for (let bucket = Math.max(from, least); bucket < end; bucket += 1) this.#at(bucket).add(value);
    }
  }

  #at(bucket: number): Moments {
    let moments = this.#moments.get(bucket);
    if (moments === undefined) {
      moments = new Moments();
      this.#moments.set(bucket, moments);
    }
    return moments;
  }

  columns(grid: Frame['grid']) {
    const buckets = [...this.#moments].sort(([a], [b]) => a - b);
    return {
      x: buckets.map(([bucket]) => startOf(grid, bucket)),
      n: buckets.map(([, { n }]) => n),
      mean: buckets.map(([, { mean }]) => mean),
      std: buckets.map(([, { deviation }]) => deviation),
      min: buckets.map(([, { min }]) => min),
      max: buckets.map(([, { max }]) => max),
    };
  }
}

const Column = Type.Array(Type.Number());

/** The mean and the spread of a metric over all runs that a filter leaves, by what they have in a param or tag. */
export const readMetricGroups = defineOperation({
  name: 'metric.groups',
  permission: 'run:read',
  input: Type.Object({
    experiment_ids: Type.Array(ExperimentId, { minItems: 1, maxItems: 100 }),
    filter: Type.Optional(Type.String({ maxLength: 100_000, description: 'As in MLflow.' })),
    key: MetricKey,
    by: Type.Optional(
      Type.Object(
        { kind: Type.Enum(['param', 'tag']), key: Type.String({ minLength: 1, maxLength: 250 }) },
        { description: 'What runs of one group have alike; all runs are one group without it.' },
      ),
    ),
    ...ChartInput,
  }),
  narrows: true,
  output: Type.Object({
    range: RangeSchema,
    whole: WholeSchema,
    grid: GridSchema,
    runs: Type.Integer({ description: 'How many runs the filter leaves.' }),
    left_out: Type.Integer({ description: `How many groups are not given: beyond the ${groupsMax} largest ones.` }),
    groups: Type.Array(
      Type.Object({
        value: Type.Union([Type.String(), Type.Null()], {
          description:
            'Null where runs have no such param or tag. Of more than 200 characters these, then `… #` and 16 hex digits of the SHA-256 of the whole.',
        }),
        runs: Type.Integer({ description: 'How many of them have the metric.' }),
        x: Column,
        n: Type.Array(Type.Integer(), { description: 'How many runs reach each x.' }),
        mean: Column,
        std: Type.Array(Type.Union([Type.Number(), Type.Null()]), { description: 'Of a sample; null of one run.' }),
        min: Column,
        max: Column,
      }),
    ),
  }),
  async run({ tx, scope }, { experiment_ids, filter, key, by, ...input }) {
    const runIds = await allRuns(tx, scope, { experiment_ids, filter }, runsMax);
    const ask = askOf(input, key, await runStarts(tx, runIds), new ReadBudget());
    const frame = await frameOf(tx, ask, runIds);
    const values = by && (await (by.kind === 'param' ? paramValues : tagValues)(tx, runIds, by.key));
    const valueFor = (runId: string) => values?.get(runId) ?? null;
    const groups = [...Map.groupBy(frame.extents, ({ run_id }) => valueFor(run_id))]
      .map(([value, extents]) => new Group(value, extents))
      .sort((a, b) => b.extents.length - a.extents.length);
    const largest = groups.slice(0, groupsMax);
    const byValue = new Map(largest.map((group) => [group.value, group]));
    const kept = { ...frame, extents: largest.flatMap(({ extents }) => extents) };
    for await (const series of readSeries(tx, ask, kept)) byValue.get(valueFor(series.runId))?.add(series, frame);
    return {
      range: frame.range,
      whole: frame.whole,
      grid: frame.grid,
      runs: runIds.length,
      left_out: groups.length - largest.length,
      groups: largest.map((group) => ({
        value: group.value,
        runs: group.extents.length,
        ...group.columns(frame.grid),
      })),
    };
  },
});
