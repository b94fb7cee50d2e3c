import Type, { type Static } from 'typebox';
import { openTo } from '../identity/granted.ts';
import type { Permission } from '../identity/roles.ts';
import type { Contexts } from '../operation.ts';
import { bestMetrics, countRuns, linkedExperiments } from './experiment_queries.ts';

const experimentsMax = 1_000;
const metricsMax = 200;

const end = (which: string) =>
  Type.Object(
    { value: Type.Number(), run_id: Type.String() },
    { description: `The ${which} last value of a run that is not NaN.` },
  );

/** What the experiments of a project did, as far as the caller may read it. */
export const Work = Type.Object({
  experiments: Type.Array(Type.Object({ experiment_id: Type.Integer(), name: Type.String() }), {
    description: `Active ones; the first ${experimentsMax}. What is told of runs is of as many.`,
  }),
  runs: Type.Object({
    total: Type.Integer(),
    by_status: Type.Record(Type.String(), Type.Integer(), { description: 'Such as FINISHED: 12.' }),
  }),
  best_metrics: Type.Record(Type.String(), Type.Object({ max: end('greatest'), min: end('least') }), {
    description: `By name; the first ${metricsMax}.`,
  }),
  compute_hours: Type.Number({ description: 'From start to end, added over the runs that have ended.' }),
});

export async function workOf(
  context: Pick<Contexts['tenant'], 'tx' | 'caller' | 'place'>,
  projectId: string,
): Promise<Static<typeof Work>> {
  const { tx } = context;
  const linkedOpen = async (permission: Permission) =>
    linkedExperiments(tx, projectId, (await openTo(context, permission))?.experiments, experimentsMax);
  const experiments = await linkedOpen('experiment:read');
  const ids = (await linkedOpen('run:read')).map(({ experiment_id }) => experiment_id);
  const counts = ids.length === 0 ? [] : await countRuns(tx, ids);
  const best = ids.length === 0 ? [] : await bestMetrics(tx, ids, metricsMax);
  return {
    experiments,
    runs: {
      total: counts.reduce((sum, { runs }) => sum + runs, 0),
      by_status: Object.fromEntries(counts.map(({ status, runs }) => [status, runs])),
    },
    best_metrics: Object.fromEntries(
      best.map(({ key, max, max_run_id, min, min_run_id }) => [
        key,
        { max: { value: max, run_id: max_run_id }, min: { value: min, run_id: min_run_id } },
      ]),
    ),
    compute_hours: counts.reduce((sum, { hours }) => sum + hours, 0),
  };
}
