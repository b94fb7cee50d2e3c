import { getMetric, listMetrics } from '../tracking/history/operations.ts';
import { summarizeMetrics } from '../tracking/history/summaries.ts';
import { getRunInputs, getRunOutputs } from '../tracking/inputs/links.ts';
import { aggregate } from '../tracking/runs/aggregation.ts';
import { compareRuns } from '../tracking/runs/comparison.ts';
import { compareKeys, listRunInfos } from '../tracking/runs/large_comparison.ts';
import { logToRun, setRunTag } from '../tracking/runs/logging.ts';
import { deleteRuns, restoreRuns, tagRuns } from '../tracking/runs/many.ts';
import * as operations from '../tracking/runs/operations.ts';
import { createRunSet, getRunSet } from '../tracking/runs/run_sets.ts';
import { searchRuns, searchRunsByBody } from '../tracking/runs/search.ts';
import { readMetricGroups } from '../tracking/series/groups.ts';
import { readImportance } from '../tracking/series/importance.ts';
import { readMetricSeries } from '../tracking/series/operations.ts';
import { type NativeRoute, route } from './route.ts';

/** A run that was just made is active, and has nothing but its tags. */
const created = {
  schema: operations.RunSchema,
  of: ({ tags, ...run }: Awaited<ReturnType<typeof operations.createRun.execute>>) => ({
    ...run,
    status: 'RUNNING',
    end_time: null,
    lifecycle_stage: 'active',
    metrics: {},
    params: {},
    tags: Object.fromEntries(tags.map(({ key, value }) => [key, value])),
  }),
};

export const runRoutes: NativeRoute[] = [
  route('GET', '/runs', searchRuns, 'Search runs'),
  route('POST', '/runs/search', searchRunsByBody, 'Search runs, and choose what is shown of them'),
  route('POST', '/runs/aggregate', aggregate, 'Count runs by group, and average their metrics'),
  route('POST', '/runs/delete', deleteRuns, 'Delete runs; they can be restored', { status: 204 }),
  route('POST', '/runs/restore', restoreRuns, 'Restore deleted runs', { status: 204 }),
  route('POST', '/runs/tags', tagRuns, 'Set and delete tags of runs, all or nothing'),
  route('POST', '/runs', operations.createRun, 'Create a run', { status: 201, shown: created }),
  route('GET', '/runs/compare', compareRuns, 'Compare runs side by side'),
  route('POST', '/runs/compare', compareKeys, 'Compare up to 1,000 runs, a page of keys at a time'),
  route('POST', '/runs/infos', listRunInfos, 'Get up to 1,000 runs by their ids, without their data'),
  route('POST', '/run-sets', createRunSet, 'Name a list of runs, for a link', { status: 201 }),
  route('GET', '/run-sets/:set_id', getRunSet, 'The runs of a list that was named'),
  route('GET', '/runs/:run_id/inputs', getRunInputs, 'The datasets and models that a run read'),
  route('GET', '/runs/:run_id/outputs', getRunOutputs, 'The models that a run wrote'),
  route('GET', '/runs/:run_id', operations.getRun, 'Get a run with its last metrics, params and tags'),
  route('PATCH', '/runs/:run_id', operations.updateRun, 'Change the status, end or name of a run'),
  route('DELETE', '/runs/:run_id', operations.deleteRun, 'Delete a run; it can be restored', { status: 204 }),
  route('POST', '/runs/:run_id/restore', operations.restoreRun, 'Restore a deleted run', { status: 204 }),
  route('POST', '/runs/:run_id/log', logToRun, 'Log metrics, params and tags, all or nothing', { status: 204 }),
  route('PUT', '/runs/:run_id/tags/:key', setRunTag, 'Set a tag of a run', { status: 204 }),
  route('DELETE', '/runs/:run_id/tags/:key', operations.deleteRunTag, 'Delete a tag of a run', { status: 204 }),
];

/** A key may hold slashes, which the path carries as %2F. */
export const metricRoutes: NativeRoute[] = [
  route('POST', '/metrics/series', readMetricSeries, 'Metrics of several runs for charts, thinned and smoothed', {
    errors: ['too_large'],
  }),
  route(
    'POST',
    '/metrics/groups',
    readMetricGroups,
    'The mean and spread of a metric over all runs, by a param or tag',
    {
      errors: ['too_large'],
    },
  ),
  route('POST', '/metrics/importance', readImportance, 'How closely params go together with a metric, over all runs', {
    errors: ['too_large'],
  }),
  route('GET', '/runs/:run_id/metrics', listMetrics, 'The last point of each metric of a run'),
  route('POST', '/runs/:run_id/metrics/summary', summarizeMetrics, 'Extremes and course of some metrics of a run'),
  route('GET', '/runs/:run_id/metrics/:key', getMetric, 'The points of one metric, raw or thinned for a chart'),
];
