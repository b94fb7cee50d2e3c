import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import type { Api } from '../api/api.ts';
import { useApi, useTenant } from '../api/hooks.ts';

export type Run = Awaited<ReturnType<typeof getRun>>;

const getRun = async (api: Api, runId: string, signal?: AbortSignal) =>
  (await api.GET('/runs/{run_id}', { params: { path: { run_id: runId } }, ...(signal ? { signal } : {}) })).data;

/** Where a run is in the cache. */
export const runKey = (tenant: string, runId: string) => ['t', tenant, 'run', runId] as const;

/** How often a run that goes on is asked for: one with many metrics more rarely, for all of them come. */
const everyMs = (run: Run): number => (Object.keys(run.metrics).length > 500 ? 30_000 : 5_000);

export function useRun(runId: string) {
  const api = useApi();
  return useQuery({
    queryKey: runKey(useTenant(), runId),
    queryFn: ({ signal }) => getRun(api, runId, signal),
    refetchInterval: ({ state: { data } }) => (data?.status === 'RUNNING' ? everyMs(data) : false),
  });
}

export function useExperiment(experimentId: number | undefined) {
  const api = useApi();
  return useQuery({
    queryKey: ['t', useTenant(), 'experiment', experimentId],
    queryFn: async ({ signal }) => {
      const path = { experiment_id: experimentId as number };
      return (await api.GET('/experiments/{experiment_id}', { signal, params: { path } })).data;
    },
    enabled: experimentId !== undefined,
  });
}

/** The project that an experiment's tag names; undefined where it names none that the reader sees. */
export function useProjectNamed(name: string | undefined) {
  const api = useApi();
  return useQuery({
    queryKey: ['t', useTenant(), 'project-named', name],
    queryFn: async ({ signal }) => {
      const { data } = await api.GET('/projects', { signal, params: { query: { name: name as string, limit: 1 } } });
      return data.items[0] ?? null;
    },
    enabled: name !== undefined,
  });
}

export function useRunInputs(runId: string) {
  const api = useApi();
  return useQuery({
    queryKey: ['t', useTenant(), 'run-inputs', runId],
    queryFn: async ({ signal }) =>
      (await api.GET('/runs/{run_id}/inputs', { signal, params: { path: { run_id: runId } } })).data,
  });
}

export function useRunOutputs(runId: string) {
  const api = useApi();
  return useQuery({
    queryKey: ['t', useTenant(), 'run-outputs', runId],
    queryFn: async ({ signal }) =>
      (await api.GET('/runs/{run_id}/outputs', { signal, params: { path: { run_id: runId } } })).data,
  });
}

/** The runs of the same experiment that name this one as their parent, the newest first. */
export function useChildRuns(run: Run) {
  const api = useApi();
  return useInfiniteQuery({
    queryKey: ['t', useTenant(), 'child-runs', run.run_id],
    queryFn: async ({ signal, pageParam }) => {
      const body = {
        experiment_ids: [run.experiment_id],
        filter: `tags.\`mlflow.parentRunId\` = '${run.run_id}'`,
        limit: 50,
        ...(pageParam === '' ? {} : { page_token: pageParam }),
      };
      return (await api.POST('/runs/search', { signal, body })).data;
    },
    initialPageParam: '',
    getNextPageParam: (page) => page.next_page_token,
    placeholderData: keepPreviousData,
  });
}
