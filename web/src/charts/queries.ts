import type { paths } from '@maestro/sdk/contract';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useApi, useTenant } from '../api/hooks.ts';
import { useLastFetch } from '../api/use_last_fetch.ts';
import type { SeriesOptions } from './search.ts';
import { grown, type LineNames, type SeriesChart } from './series_data.ts';

/** A run as its charts need it. */
export interface ChartRun extends LineNames {
  readonly isRunning: boolean;
  /** The names of its metrics. */
  readonly keys: readonly string[];
}

const runsMax = 100;

/** The first runs of an experiment that a filter of MLflow's language leaves. */
export function useFirstRuns(experimentId: number, first: number, filter: string, order: readonly string[]) {
  const api = useApi();
  return useQuery({
    queryKey: ['t', useTenant(), 'chart-runs', experimentId, first, filter, order],
    queryFn: async ({ signal }): Promise<ChartRun[]> => {
      const body = { experiment_ids: [experimentId], filter, order_by: [...order], limit: first, tags: [] };
      const { data } = await api.POST('/runs/search', { signal, body });
      return data.items.map((run) => ({
        id: run.run_id,
        name: run.name,
        params: run.params,
        isRunning: run.status === 'RUNNING',
        keys: Object.keys(run.metrics),
      }));
    },
    placeholderData: keepPreviousData,
    refetchInterval: 15_000,
  });
}

/** Runs by their ids. */
export function useRunsById(runIds: readonly string[]) {
  const api = useApi();
  return useQuery({
    queryKey: ['t', useTenant(), 'chart-runs-by-id', runIds],
    queryFn: async ({ signal }): Promise<ChartRun[]> => {
      const found: ChartRun[] = [];
      for (let at = 0; at < runIds.length; at += runsMax) {
        const query = { run_ids: runIds.slice(at, at + runsMax), cut: true };
        const { data } = await api.GET('/runs/compare', { signal, params: { query } });
        for (const [place, run] of data.runs.entries()) {
          const own = <Value>(rows: readonly { key: string; values: readonly (Value | null)[] }[]) =>
            rows.flatMap(({ key, values }) => {
              const value = values[place];
              return value === null || value === undefined ? [] : [[key, value] as const];
            });
          found.push({
            id: run.run_id,
            name: run.name,
            params: Object.fromEntries(own(data.params)),
            isRunning: run.status === 'RUNNING',
            keys: own(data.metrics).map(([key]) => key),
          });
        }
      }
      return found;
    },
    refetchInterval: 15_000,
  });
}

/** Asked again while something is written; only what is new comes. */
const liveMs = 5_000;

type SeriesBody = NonNullable<paths['/metrics/series']['post']['requestBody']>['content']['application/json'];

/** What of a request does not depend on what it is about. */
export const seriesInput = ({ x, xKey, logX, smoothing, zoom }: SeriesOptions, buckets: number) => ({
  x,
  ...(xKey === undefined ? {} : { x_key: xKey }),
  spacing: logX ? ('log' as const) : ('even' as const),
  buckets,
  ...(zoom === undefined ? {} : { start: zoom.min, end: zoom.max }),
  ...(smoothing === undefined ? {} : { smoothing }),
});

/** One metric of several runs, thinned for a chart; while a run goes on, what is new is fetched again and again. */
export function useSeries(runs: readonly ChartRun[], key: string, options: SeriesOptions, buckets: number) {
  const api = useApi();
  const client = useQueryClient();
  const own = runs.filter(({ keys }) => keys.includes(key));
  const runIds = own.map(({ id }) => id);
  const isLive = own.some(({ isRunning }) => isRunning);
  const queryKey = ['t', useTenant(), 'series', key, runIds, options, buckets];
  const query = useQuery({
    queryKey,
    queryFn: async ({ signal }): Promise<{ readonly chart: SeriesChart; readonly cursor: string }> => {
      const old = client.getQueryData<{ chart: SeriesChart; cursor: string }>(queryKey);
      const body: SeriesBody = {
        run_ids: runIds,
        keys: [key],
        ...seriesInput(options, buckets),
        ...(old === undefined ? {} : { cursor: old.cursor }),
      };
      const { data } = await api.POST('/metrics/series', { signal, body });
      return { chart: grown(old?.chart, data.charts[0] as SeriesChart), cursor: data.cursor };
    },
    enabled: runIds.length > 0,
    placeholderData: keepPreviousData,
    refetchInterval: isLive ? liveMs : false,
  });
  useLastFetch(isLive, query.refetch);
  return query;
}
