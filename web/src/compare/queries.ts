import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useApi, useTenant } from '../api/hooks.ts';

export type ComparedKind = 'metrics' | 'params' | 'tags';

const idForm = /^[0-9a-f]{32}$/;
/** As many as the server compares. */
export const runsMax = 1_000;
/** More ids than this make a link too long to be sent on, and at last one that no server takes. */
export const idsInLinkMax = 60;

export const idsIn = (runs: string): string[] =>
  [...new Set(runs.split(','))].filter((id) => idForm.test(id)).slice(0, runsMax);

/** The runs of a list that has a name. */
export function useRunSet(set: string) {
  const api = useApi();
  return useQuery({
    queryKey: ['t', useTenant(), 'run-set', set],
    queryFn: async ({ signal }) =>
      (await api.GET('/run-sets/{set_id}', { signal, params: { path: { set_id: set } } })).data.run_ids,
    enabled: set !== '',
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export type RunInfo = NonNullable<ReturnType<typeof useRunInfos>['data']>[number];

export function useRunInfos(runIds: readonly string[]) {
  const api = useApi();
  return useQuery({
    queryKey: ['t', useTenant(), 'run-infos', runIds],
    queryFn: async ({ signal }) =>
      (await api.POST('/runs/infos', { signal, body: { run_ids: [...runIds] } })).data.items,
    enabled: runIds.length > 0,
    placeholderData: keepPreviousData,
  });
}

/** What the runs have under each key, a page of keys at a time. */
export function useComparedKeys(runIds: readonly string[], of: ComparedKind, isAll: boolean, search: string) {
  const api = useApi();
  return useInfiniteQuery({
    queryKey: ['t', useTenant(), 'compare', of, runIds, isAll, search],
    queryFn: async ({ pageParam, signal }) => {
      const body = {
        run_ids: [...runIds],
        of,
        only_different: !isAll,
        search,
        limit: 100,
        ...(pageParam === '' ? {} : { page_token: pageParam }),
      };
      return (await api.POST('/runs/compare', { signal, body })).data;
    },
    initialPageParam: '',
    getNextPageParam: (page) => page.next_page_token,
    enabled: runIds.length > 0,
    staleTime: 60_000,
  });
}
