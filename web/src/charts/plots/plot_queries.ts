import { useQuery } from '@tanstack/react-query';
import { useApi, useTenant } from '../../api/hooks.ts';
import type { PlotRun } from './plot_rows.ts';

const runsPerPage = 1000;
/** As many runs as a plot shows apart. */
export const plotRunsMax = 5000;

/** The first runs of an experiment that a filter leaves, and whether there are more. */
export function usePlotRuns(experimentId: number, filter: string) {
  const api = useApi();
  return useQuery({
    queryKey: ['t', useTenant(), 'plot-runs', experimentId, filter],
    queryFn: async ({ signal }) => {
      const runs: PlotRun[] = [];
      let token: string | null = null;
      do {
        const more: { page_token?: string } = token === null ? {} : { page_token: token };
        const body = { experiment_ids: [experimentId], filter, limit: runsPerPage, ...more };
        const { data } = await api.POST('/runs/search', { signal, body });
        for (const { run_id: id, name, params, metrics } of data.items) runs.push({ id, name, params, metrics });
        token = data.next_page_token;
      } while (token !== null && runs.length < plotRunsMax);
      return { runs, hasMore: token !== null };
    },
  });
}

/** How closely params go together with a metric, over all runs that a filter leaves. */
export function useImportance(experimentId: number, filter: string, key: string | undefined) {
  const api = useApi();
  return useQuery({
    queryKey: ['t', useTenant(), 'importance', experimentId, filter, key],
    queryFn: async ({ signal }) => {
      const body = { experiment_ids: [experimentId], filter, key: key ?? '' };
      return (await api.POST('/metrics/importance', { signal, body })).data;
    },
    enabled: key !== undefined,
  });
}
