import type { paths } from '@maestro/sdk/contract';
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useApi, useTenant } from '../api/hooks.ts';
import { patternOf } from '../app/filter_literal.ts';

export type Experiment = paths['/experiments/{experiment_id}']['get']['responses'][200]['content']['application/json'];

/** Everything of a tenant's experiments in the cache begins with it. */
export const experimentsKey = (tenant: string) => ['t', tenant, 'experiments'] as const;
/** Of their ids alone, apart from the pages of whole ones. */
export const experimentIdsKey = (tenant: string) => ['t', tenant, 'experiment-ids'] as const;
export const experimentKey = (tenant: string, id: number) => ['t', tenant, 'experiment', id] as const;

/** Experiments whose name holds `part`, the last changed ones first, page by page. */
export function useExperiments(part: string, isDeleted: boolean) {
  const api = useApi();
  return useInfiniteQuery({
    queryKey: [...experimentsKey(useTenant()), part, isDeleted],
    queryFn: async ({ pageParam, signal }) => {
      const { data } = await api.GET('/experiments', {
        signal,
        params: {
          query: {
            limit: 100,
            order_by: ['last_update_time DESC'],
            view: isDeleted ? 'DELETED_ONLY' : 'ACTIVE_ONLY',
            ...(part === '' ? {} : { filter: `attribute.name ILIKE ${patternOf(part)}` }),
            ...(pageParam === '' ? {} : { page_token: pageParam }),
          },
        },
      });
      return data;
    },
    initialPageParam: '',
    getNextPageParam: (page) => page.next_page_token,
    placeholderData: keepPreviousData,
  });
}

export function useExperiment(id: number) {
  const api = useApi();
  return useQuery({
    queryKey: experimentKey(useTenant(), id),
    queryFn: async ({ signal }): Promise<Experiment> =>
      (await api.GET('/experiments/{experiment_id}', { signal, params: { path: { experiment_id: id } } })).data,
  });
}
