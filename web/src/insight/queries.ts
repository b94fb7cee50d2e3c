import { useMutation, useQuery } from '@tanstack/react-query';
import type { AnswerOf } from '../api/contract_types.ts';
import { useApi, useTenant } from '../api/hooks.ts';
import { askAnew } from '../api/query_client.ts';

export type Model = AnswerOf<'/insight/model', 'get'>;
export type OutcomeModel = Model['outcomes'][number];

export function useModel() {
  const api = useApi();
  return useQuery({
    queryKey: ['t', useTenant(), 'insight', 'model'],
    queryFn: async ({ signal }): Promise<Model> => (await api.GET('/insight/model', { signal })).data,
  });
}

export function useModelVersions() {
  const api = useApi();
  return useQuery({
    queryKey: ['t', useTenant(), 'insight', 'models'],
    queryFn: async ({ signal }) =>
      (await api.GET('/insight/models', { signal, params: { query: { limit: 20 } } })).data.items,
  });
}

/** Learns from all that has ended, now. */
export function useTrain() {
  const api = useApi();
  const tenant = useTenant();
  return useMutation({
    mutationFn: () => api.POST('/insight/train'),
    onSuccess: () => askAnew(['t', tenant, 'insight']),
  });
}
