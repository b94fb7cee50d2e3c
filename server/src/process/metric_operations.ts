import Type, { type Static } from 'typebox';
import type { TenantTx } from '../db/tenancy.ts';
import { invalid, MaestroError } from '../errors.ts';
import { id, json, strict, text } from '../identity/schemas.ts';
import { defineOperation } from '../operation.ts';
import { missingProject } from '../projects/refusals.ts';
import { requireProject } from '../projects/required.ts';
import { type DatedStatistics, statisticsOf } from './cells.ts';
import * as queries from './metric_queries.ts';
import { type OwnSeries, ownSeries } from './own_series.ts';
import { dayOf, type Span, startAfter, type Unit } from './periods.ts';
import { periodsOf, spanInput, spanOf, timeInReach } from './spans.ts';
import { statistics } from './statistics_schema.ts';
import { trendOf } from './trend.ts';

/** As many as a batch may hold. */
const batchMax = 10_000;

const metricType = Type.String({
  pattern: '^[a-z][a-z0-9_.-]{0,99}$',
  description:
    'git_velocity, ci_runtime, experiment_count, or one of the tenant’s own: lower-case letters, digits, `_`, `.` and `-`.',
});

const measurement = Type.Object(
  {
    project_id: id,
    metric_type: metricType,
    // Sums of a great many still are numbers.
    value: Type.Number({ minimum: -1e100, maximum: 1e100 }),
    at: Type.Optional(timeInReach),
    source: Type.Optional(text(1, 100, { description: 'What measured it; `api` by default.' })),
    external_key: Type.Optional(
      text(1, 200, { description: 'Your name for it: sent again for the project and type, it is recorded once.' }),
    ),
    metadata: Type.Optional(json),
  },
  strict,
);
type Measurement = Static<typeof measurement>;

const recorded = Type.Object({
  recorded: Type.Integer(),
  repeated: Type.Integer({ description: 'Those whose key was known; what is recorded stays as it was.' }),
});

async function record(
  tx: TenantTx,
  given: readonly Measurement[],
  fieldOf: (index: number) => string,
): Promise<Static<typeof recorded>> {
  const projects = await queries.lockProjects(tx, [...new Set(given.map(({ project_id }) => project_id))]);
  const missing = given.findIndex(({ project_id }) => !projects.has(project_id));
  if (missing >= 0) {
    const { message } = missingProject((given[missing] as Measurement).project_id);
    const field = `${fieldOf(missing)}project_id`;
    throw new MaestroError('not_found', `${field}: ${message}`, { field });
  }
  const now = new Date().toISOString();
  const count = await queries.insertMeasurements(
    tx,
    given.map(({ at = now, source = 'api', external_key = null, metadata = {}, ...rest }) => ({
      ...rest,
      at,
      source,
      external_key,
      metadata,
    })),
  );
  return { recorded: count, repeated: given.length - count };
}

/** Not audited, as no measurement is: a key makes it safe to repeat. */
export const addMetric = defineOperation({
  name: 'process_metric.add',
  permission: 'project:write',
  input: measurement,
  on: ({ project_id }) => ({ project: project_id }),
  output: recorded,
  run: ({ tx }, input) => record(tx, [input], () => ''),
});

/** All or none. */
export const addMetrics = defineOperation({
  name: 'process_metric.add_batch',
  permission: 'project:write',
  input: Type.Object({ metrics: Type.Array(measurement, { minItems: 1, maxItems: batchMax }) }, strict),
  output: recorded,
  run: ({ tx }, { metrics }) => record(tx, metrics, (index) => `metrics.${index}.`),
});

const source = Type.Enum(['recorded', 'commits', 'ci_runs', 'runs'], {
  description: '`recorded` by POST /metrics, or what Maestro read it from itself.',
});
const unit = Type.Union([Type.String(), Type.Null()], { description: 'Null: whatever the values were recorded in.' });

export const summarizeMetrics = defineOperation({
  name: 'process_metric.get_summary',
  permission: 'project:read',
  input: Type.Object({ project_id: id, ...spanInput }, strict),
  on: ({ project_id }) => ({ project: project_id }),
  output: Type.Object({
    project_id: id,
    from: Type.Union([Type.String(), Type.Null()], { description: 'Null: from the beginning.' }),
    to: Type.String(),
    metrics: Type.Array(Type.Object({ metric_type: Type.String(), source, unit, ...statistics })),
  }),
  async run({ tx }, { project_id, ...days }) {
    await requireProject(tx, project_id);
    const span = spanOf(days);
    const [cells, ...own] = await Promise.all([
      queries.recordedCells(tx, project_id, span),
      ...Object.entries(ownSeries).map(async ([metric_type, { source, unit, cells: read }]) => ({
        ...{ metric_type, source, unit },
        cells: await read(tx, project_id, span),
      })),
    ]);
    const given = [...Map.groupBy(cells, ({ metric_type }) => metric_type)].map(([metric_type, of]) => ({
      metric_type,
      source: 'recorded' as const,
      unit: null,
      cells: of,
    }));
    const metrics = [...given, ...own.filter((series) => series.cells.length > 0)]
      .map(({ cells: of, ...series }) => ({ ...series, ...statisticsOf(of) }))
      .toSorted((a, b) => (`${a.metric_type} ${a.source}` < `${b.metric_type} ${b.source}` ? -1 : 1));
    return { project_id, from: days.from ?? null, to: span.to, metrics };
  },
});

type Measure = 'count' | 'sum' | 'mean' | 'p50' | 'p90' | 'p95';
const measures: readonly Measure[] = ['count', 'sum', 'mean', 'p50', 'p90', 'p95'];
/** What a time without values has of these is zero; of the others it has nothing. */
const isTotal = (measure: Measure): boolean => measure === 'count' || measure === 'sum';
const usualMeasure: Readonly<Record<string, Measure>> = {
  git_velocity: 'sum',
  experiment_count: 'sum',
  compute_hours: 'sum',
  ci_runtime: 'p50',
};

interface Series {
  readonly source: OwnSeries['source'] | 'recorded';
  /** Of a measure of it. */
  readonly unitOf: (measure: Measure) => string | null;
  /** Of the buckets that have any values. */
  readonly statistics: readonly DatedStatistics[];
}

const unitOf = (own?: OwnSeries) => (measure: Measure) =>
  measure === 'count' ? 'values' : (measure === 'sum' && own?.sumUnit) || own?.unit || null;

/** What Maestro measured itself, where it has any of the type, else what was recorded; or the one that is asked for. */
async function seriesOf(
  tx: TenantTx,
  project: string,
  type: string,
  bucket: Unit,
  span: Span,
  asked: 'own' | 'recorded' | undefined,
): Promise<Series> {
  const own = Object.hasOwn(ownSeries, type) ? ownSeries[type] : undefined;
  if (asked === 'own' && !own) {
    throw invalid(`source: expected recorded, for Maestro measures no ${type} itself`, 'source');
  }
  if (own && asked !== 'recorded') {
    const statistics = await own.statistics(tx, project, bucket, span);
    if (asked === 'own' || statistics.length > 0) return { source: own.source, unitOf: unitOf(own), statistics };
  }
  const statistics = await queries.recordedStatistics(tx, project, type, bucket, span);
  return { source: 'recorded', unitOf: unitOf(), statistics };
}

const interval = Type.Union([Type.Object({ low: Type.Number(), high: Type.Number() }), Type.Null()], {
  description: 'Of 95 %; null where the points are too few.',
});
const trend = Type.Object({
  slope: Type.Number({ description: 'By Theil and Sen: the change of the measure from one bucket to the next.' }),
  interval,
  direction: Type.Enum(['rising', 'falling', 'level', 'unclear']),
  points: Type.Integer(),
});

/** How a measure moves over days, weeks or months of UTC. */
export const velocityOf = defineOperation({
  name: 'process_metric.get_velocity',
  permission: 'project:read',
  input: Type.Object(
    {
      project_id: id,
      metric_type: Type.Optional(metricType),
      bucket: Type.Optional(Type.Enum(['day', 'week', 'month'], { description: 'week by default, from Monday on.' })),
      measure: Type.Optional(
        Type.Enum([...measures], {
          description:
            'What the trend is of. By default sum for git_velocity, experiment_count and compute_hours, p50 for ci_runtime, else mean.',
        }),
      ),
      source: Type.Optional(
        Type.Enum(['own', 'recorded'], {
          description: 'What Maestro measured itself or what was recorded; the first where there is any, by default.',
        }),
      ),
      ...spanInput,
    },
    strict,
  ),
  on: ({ project_id }) => ({ project: project_id }),
  output: Type.Object({
    project_id: id,
    metric_type: Type.String(),
    source,
    unit: Type.Union([Type.String(), Type.Null()], {
      description:
        'Of the measure: `commits` of a sum, `commits a day` of a mean, `values` of a count. Null: whatever the values were ' +
        'recorded in.',
    }),
    bucket: Type.String(),
    measure: Type.String(),
    from: Type.String(),
    to: Type.String(),
    buckets: Type.Array(
      Type.Object({
        start: Type.String({ description: 'Its first day.' }),
        is_complete: Type.Boolean({ description: 'False of the one that still goes on; the trend leaves it out.' }),
        ...statistics,
      }),
    ),
    trend: Type.Union([trend, Type.Null()], { description: 'Null for fewer than three points.' }),
  }),
  async run({ tx }, { project_id, metric_type = 'git_velocity', bucket = 'week', measure, source: asked, ...days }) {
    await requireProject(tx, project_id);
    const { span, starts } = periodsOf(days, bucket);
    const { statistics: known, unitOf, source } = await seriesOf(tx, project_id, metric_type, bucket, span, asked);
    const measured = measure ?? usualMeasure[metric_type] ?? 'mean';
    const byStart = new Map(known.map(({ day, ...figures }) => [day, figures]));
    // The series begins with its first value: before it, there was nothing to measure.
    const first = starts.findIndex((start) => byStart.has(start));
    const today = dayOf(new Date());
    const buckets = (first < 0 ? [] : starts.slice(first)).map((start) => {
      const next = startAfter(start, bucket);
      return {
        start,
        is_complete: next <= today && next <= startAfter(span.to, 'day'),
        ...(byStart.get(start) ?? statisticsOf([])),
      };
    });
    const points = buckets.flatMap((each, x) => {
      const y = isTotal(measured) || each.count > 0 ? each[measured] : null;
      return each.is_complete && y !== null ? [{ x, y }] : [];
    });
    const about = { project_id, metric_type, source, unit: unitOf(measured), bucket, measure: measured, ...span };
    return { ...about, buckets, trend: trendOf(points) };
  },
});
