import { keepPreviousData, useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query';
import { useApi, useTenant } from '../api/hooks.ts';
import { askAnew } from '../api/query_client.ts';
import { offerUndo, tellFailure } from '../app/changes.tsx';
import { patternOf } from '../app/filter_literal.ts';
import { text } from './text.ts';

export interface ModelList {
  readonly q: string;
  readonly experiment: number | undefined;
  readonly sort: string;
}

/** Logged models, page by page. */
export function useModels({ q, experiment, sort }: ModelList) {
  const api = useApi();
  return useInfiniteQuery({
    queryKey: ['t', useTenant(), 'logged-models', q, experiment, sort],
    queryFn: async ({ pageParam, signal }) => {
      const query = {
        limit: 100,
        order_by: [sort],
        ...(experiment === undefined ? {} : { experiment_ids: [experiment] }),
        ...(q === '' ? {} : { filter: `attributes.name ILIKE ${patternOf(q)}` }),
        ...(pageParam === '' ? {} : { page_token: pageParam }),
      };
      return (await api.GET('/logged-models', { signal, params: { query } })).data;
    },
    initialPageParam: '',
    getNextPageParam: (page) => page.next_page_token,
    placeholderData: keepPreviousData,
  });
}

export type Model = NonNullable<ReturnType<typeof useModel>['data']>;

/** A logged model, deleted ones too. */
export function useModel(modelId: string) {
  const api = useApi();
  return useQuery({
    queryKey: ['t', useTenant(), 'logged-model', modelId],
    queryFn: async ({ signal }) => {
      const params = { path: { model_id: modelId }, query: { allow_deleted: true } };
      return (await api.GET('/logged-models/{model_id}', { signal, params })).data;
    },
  });
}

/** Deletes or restores a model; the notice leads back. */
export function useModelStage(modelId: string) {
  const api = useApi();
  const tenant = useTenant();
  const params = { path: { model_id: modelId } };
  const { mutate } = useMutation({
    mutationFn: async (stage: 'active' | 'deleted') =>
      void (stage === 'deleted'
        ? await api.DELETE('/logged-models/{model_id}', { params })
        : await api.POST('/logged-models/{model_id}/restore', { params })),
    onError: tellFailure,
    onSettled: () => askAnew(['t', tenant, 'logged-model', modelId], ['t', tenant, 'logged-models']),
  });
  return {
    remove: () => mutate('deleted', { onSuccess: () => offerUndo(text.deleted, () => mutate('active')) }),
    restore: () => mutate('active', { onSuccess: () => offerUndo(text.restored, () => mutate('deleted')) }),
  };
}

/** Experiments by their name, to choose from. */
export function useExperimentChoice(part: string) {
  const api = useApi();
  return useQuery({
    queryKey: ['t', useTenant(), 'experiment-choice', part],
    queryFn: async ({ signal }) => {
      const query = {
        limit: 50,
        order_by: ['last_update_time DESC'],
        ...(part === '' ? {} : { filter: `attribute.name ILIKE ${patternOf(part)}` }),
      };
      return (await api.GET('/experiments', { signal, params: { query } })).data.items;
    },
    placeholderData: keepPreviousData,
  });
}
