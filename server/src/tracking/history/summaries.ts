import Type from 'typebox';
import { defineOperation } from '../../operation.ts';
import { missingRun } from '../refusals.ts';
import { MetricValue, RunId } from '../runs/operations.ts';
import { knownRuns, thinPoints } from './queries.ts';

const OrNone = Type.Union([Type.Number(), Type.Null()]);

/** What is told of metrics beside each other in a list: how often, between what, and their course in a few points. */
export const summarizeMetrics = defineOperation({
  name: 'metric.summarize',
  permission: 'run:read',
  input: Type.Object({
    run_id: RunId,
    keys: Type.Array(Type.String({ minLength: 1 }), { minItems: 1, maxItems: 50, uniqueItems: true }),
    points: Type.Optional(
      Type.Integer({ minimum: 4, maximum: 400, default: 80, description: 'At most so many of each course.' }),
    ),
  }),
  on: ({ run_id }) => ({ run: run_id }),
  output: Type.Object({
    items: Type.Array(
      Type.Object({
        key: Type.String(),
        total: Type.Integer({ minimum: 0, description: 'Points that it has.' }),
        min: OrNone,
        max: OrNone,
        steps: Type.Array(Type.Integer()),
        values: Type.Array(MetricValue, { description: 'The course: extremes are kept. One for each of `steps`.' }),
      }),
    ),
  }),
  async run({ tx }, { run_id: runId, keys, points: max = 80 }) {
    if (!(await knownRuns(tx, [runId])).has(runId)) throw missingRun(runId);
    const items = [];
    for (const key of keys) {
      const { points, total } = await thinPoints(tx, { runId, key }, max, { start: null, end: null });
      const numbers = points.map(({ value }) => value).filter((value) => !Number.isNaN(value));
      items.push({
        key,
        total,
        min: numbers.length === 0 ? null : Math.min(...numbers),
        max: numbers.length === 0 ? null : Math.max(...numbers),
        steps: points.map(({ step }) => step),
        values: points.map(({ value }) => (Number.isNaN(value) ? ('NaN' as const) : value)),
      });
    }
    return { items };
  },
});
