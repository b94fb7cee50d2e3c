import Type from 'typebox';
import { invalid } from '../../errors.ts';
import { defineOperation } from '../../operation.ts';
import { PageToken, pageOf } from '../../paging.ts';
import { missingRun } from '../refusals.ts';
import { MetricValue, RunId } from '../runs/operations.ts';
import { runsWithin } from '../scope.ts';
import {
  knownRuns,
  latestMetrics,
  type Place,
  type Points,
  readPoints,
  type SampledPoint,
  samplePoints,
  thinPoints,
} from './queries.ts';

/** Where a page ends, as an opaque token. */
const tokenOf = ({ timestamp, step, value }: Place): string =>
  Buffer.from(JSON.stringify([timestamp, step, Number.isNaN(value) ? 'NaN' : value])).toString('base64url');

const lastOf = ({ timestamps, steps, values }: Points): Place => ({
  timestamp: timestamps.at(-1) as number,
  step: steps.at(-1) as number,
  value: values.at(-1) as number,
});

function placeOf(token: string): Place {
  const refuse = () => invalid('Invalid page token, could not base64-decode', 'page_token');
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(token, 'base64url').toString());
  } catch {
    throw refuse();
  }
  if (!Array.isArray(parts) || parts.length !== 3) throw refuse();
  const [timestamp, step, value] = parts;
  if (!Number.isSafeInteger(timestamp) || !Number.isSafeInteger(step)) throw refuse();
  if (value !== 'NaN' && typeof value !== 'number') throw refuse();
  return { timestamp, step, value: value === 'NaN' ? Number.NaN : value };
}

const Step = Type.Integer({ minimum: -Number.MAX_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER });
const Key = Type.String({ minLength: 1 });

/** A page of a metric's points in columns, ordered by (timestamp, step, value). */
export const readHistory = defineOperation({
  name: 'metric.read',
  permission: 'run:read',
  input: Type.Object({
    run_id: RunId,
    key: Key,
    max_results: Type.Integer({ minimum: 1 }),
    page_token: Type.Optional(Type.String()),
  }),
  on: ({ run_id }) => ({ run: run_id }),
  output: Type.Object({
    points: Type.Unsafe<Points>(Type.Object({})),
    next_page_token: Type.Optional(Type.String()),
  }),
  async run({ tx }, { run_id: runId, key, max_results: limit, page_token: token }) {
    const page = await readPoints(tx, { runId, key }, limit, token === undefined ? undefined : placeOf(token));
    if (!page) throw missingRun(runId);
    const { points, hasMore } = page;
    return hasMore ? { points, next_page_token: tokenOf(lastOf(points)) } : { points };
  },
});

/** The first points of one metric of several runs, run after run; a run that is not there is left out. */
export const readHistories = defineOperation({
  name: 'metric.read_bulk',
  permission: 'run:read',
  input: Type.Object({
    run_ids: Type.Array(RunId, { minItems: 1, maxItems: 100 }),
    key: Type.String(),
    max_results: Type.Integer({ minimum: 0, maximum: 25_000 }),
  }),
  narrows: true,
  output: Type.Array(Type.Object({ run_id: RunId, points: Type.Unsafe<Points>(Type.Object({})) })),
  async run({ tx, scope }, { run_ids: asked, key, max_results: max }) {
    const runIds = await runsWithin(tx, scope, asked);
    const histories: { run_id: string; points: Points }[] = [];
    let left = max;
    for (const runId of [...new Set(runIds)].sort()) {
      if (left === 0) break;
      const page = await readPoints(tx, { runId, key }, left);
      if (!page) continue;
      histories.push({ run_id: runId, points: page.points });
      left -= page.points.values.length;
    }
    return histories;
  },
});

/** Evenly spread points of one metric of several runs, as MLflow's pages ask for. */
export const sampleHistories = defineOperation({
  name: 'metric.sample',
  permission: 'run:read',
  input: Type.Object({
    run_ids: Type.Array(RunId, { minItems: 1, maxItems: 100 }),
    key: Key,
    max_results: Type.Integer({ minimum: 1, maximum: 2500 }),
    start_step: Type.Optional(Step),
    end_step: Type.Optional(Step),
  }),
  on: ({ run_ids }) => ({ runs: run_ids }),
  output: Type.Array(
    Type.Object({
      run_id: RunId,
      key: Type.String(),
      value: Type.Any(),
      timestamp: Type.Integer(),
      step: Type.Integer(),
    }),
  ),
  async run({ tx }, { run_ids: runIds, key, max_results: max, start_step: start, end_step: end }) {
    const known = await knownRuns(tx, runIds);
    const unknown = runIds.find((runId) => !known.has(runId));
    if (unknown !== undefined) throw missingRun(unknown);
    const steps = start === undefined || end === undefined ? undefined : { start, end };
    const samples = new Map<string, SampledPoint[]>();
    for (const runId of new Set(runIds)) samples.set(runId, await samplePoints(tx, { runId, key }, max, steps));
    // A run that is named twice is given twice.
    return runIds.flatMap((runId) => samples.get(runId) ?? []);
  },
});

const Point = Type.Object({ step: Type.Integer(), timestamp: Type.Integer(), value: MetricValue });

const jsonValue = (value: number): number | 'NaN' => (Number.isNaN(value) ? 'NaN' : value);

/** The last point of each metric of a run. */
export const listMetrics = defineOperation({
  name: 'metric.list',
  permission: 'run:read',
  input: Type.Object({
    run_id: RunId,
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000, default: 1000 })),
    page_token: Type.Optional(PageToken),
  }),
  on: ({ run_id }) => ({ run: run_id }),
  output: pageOf(Type.Object({ key: Type.String(), ...Point.properties })),
  async run({ tx }, { run_id: runId, limit = 1000, page_token: token }) {
    const after = token === undefined ? '' : Buffer.from(token, 'base64url').toString();
    if (after.includes('\0')) throw invalid('Invalid page token.', 'page_token');
    if (!(await knownRuns(tx, [runId])).has(runId)) throw missingRun(runId);
    const found = await latestMetrics(tx, runId, after, limit + 1);
    const items = found.slice(0, limit).map((metric) => ({ ...metric, value: jsonValue(metric.value) }));
    const last = found.length > limit ? items.at(-1) : undefined;
    return { items, next_page_token: last ? Buffer.from(last.key).toString('base64url') : null };
  },
});

/**
 * One metric of one run, for a chart (thinned to `points` points that keep the extremes) or for reading (raw, page by
 * page), in a range of steps where one is given.
 */
export const getMetric = defineOperation({
  name: 'metric.get',
  permission: 'run:read',
  input: Type.Object({
    run_id: RunId,
    key: Key,
    points: Type.Optional(
      Type.Integer({
        minimum: 4,
        maximum: 10_000,
        description: 'Thin to at most this many points, in the order of steps, that keep the extremes. Raw without it.',
      }),
    ),
    start_step: Type.Optional(Step),
    end_step: Type.Optional(Step),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 25_000, default: 1000, description: 'Of raw points.' })),
    page_token: Type.Optional(PageToken),
  }),
  on: ({ run_id }) => ({ run: run_id }),
  output: Type.Object({
    ...pageOf(Point).properties,
    total: Type.Optional(Type.Integer({ description: 'How many points the thinned ones stand for.' })),
  }),
  async run({ tx }, input) {
    const { run_id: runId, key, points: thinnedTo, start_step: start, end_step: end } = input;
    if (thinnedTo !== undefined) {
      if (input.page_token !== undefined) throw invalid('page_token: thinned points have no pages', 'page_token');
      if (!(await knownRuns(tx, [runId])).has(runId)) throw missingRun(runId);
      const { points, total } = await thinPoints(tx, { runId, key }, thinnedTo, {
        start: start ?? null,
        end: end ?? null,
      });
      const items = points.map((point) => ({ ...point, value: jsonValue(point.value) }));
      return { items, total, next_page_token: null };
    }
    const range =
      start === undefined && end === undefined
        ? undefined
        : { start: start ?? Number.MIN_SAFE_INTEGER, end: end ?? Number.MAX_SAFE_INTEGER };
    const after = input.page_token === undefined ? undefined : placeOf(input.page_token);
    const page = await readPoints(tx, { runId, key }, input.limit ?? 1000, after, range);
    if (!page) throw missingRun(runId);
    const { points, hasMore } = page;
    const items = points.values.map((value, index) => ({
      step: points.steps[index] as number,
      timestamp: points.timestamps[index] as number,
      value: jsonValue(value),
    }));
    return { items, next_page_token: hasMore ? tokenOf(lastOf(points)) : null };
  },
});
