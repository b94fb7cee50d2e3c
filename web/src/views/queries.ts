import type { paths } from '@maestro/sdk/contract';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useApi, useTenant } from '../api/hooks.ts';
import { askAnew } from '../api/query_client.ts';
import { offerUndo, tellDone, tellFailure } from '../app/changes.tsx';
import { text } from './text.ts';

export type SavedView = paths['/views']['get']['responses'][200]['content']['application/json']['items'][number];

/** The page that is seen: its path below the tenant's, and its query string. */
export function placeNow(tenant: string): { path: string; query: string } {
  const path = decodeURIComponent(location.pathname).replace(`/t/${tenant}/`, '');
  return { path, query: location.search.replace(/^\?/, '') };
}

/** Where a view is found by everybody who may see it. */
export const linkOf = (tenant: string, viewId: string): string => `${location.origin}/t/${tenant}/v/${viewId}`;

const key = (tenant: string, experimentId: number) => ['t', tenant, 'views', experimentId] as const;

/** The saved views of an experiment: the reader's own and the shared ones. */
export function useViews(experimentId: number) {
  const api = useApi();
  return useQuery({
    queryKey: key(useTenant(), experimentId),
    queryFn: async ({ signal }) => {
      const query = { experiment_id: experimentId, limit: 1000 };
      return (await api.GET('/views', { signal, params: { query } })).data.items;
    },
  });
}

/** Saves what is seen as a view, saves it again, or deletes one. */
export function useViewChanges(experimentId: number) {
  const api = useApi();
  const tenant = useTenant();
  const onSettled = () => askAnew(key(tenant, experimentId));
  const save = useMutation({
    mutationFn: async (view: { name: string; isShared: boolean; path?: string; query?: string }) => {
      const body = { experiment_id: experimentId, ...placeNow(tenant), ...view, is_shared: view.isShared };
      const { name, path, query, is_shared, experiment_id } = body;
      return (await api.POST('/views', { body: { name, path, query, is_shared, experiment_id } })).data;
    },
    onSuccess: ({ name }) => tellDone(text.saved(name)),
    onError: tellFailure,
    onSettled,
  });
  const update = useMutation({
    mutationFn: async ({ view_id }: SavedView) => {
      const { query } = placeNow(tenant);
      return (await api.PATCH('/views/{view_id}', { params: { path: { view_id } }, body: { query } })).data;
    },
    onSuccess: ({ name }) => tellDone(text.saved(name)),
    onError: tellFailure,
    onSettled,
  });
  const remove = useMutation({
    mutationFn: ({ view_id }: SavedView) => api.DELETE('/views/{view_id}', { params: { path: { view_id } } }),
    onSuccess: (_, { name, path, query, is_shared: isShared }) =>
      offerUndo(text.removed(name), () => save.mutate({ name, path, query, isShared })),
    onError: tellFailure,
    onSettled,
  });
  return { save, update, remove };
}
