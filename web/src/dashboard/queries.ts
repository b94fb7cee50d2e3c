import { useMutation, useQuery } from '@tanstack/react-query';
import type { AnswerOf } from '../api/contract_types.ts';
import { useApi, useTenant } from '../api/hooks.ts';
import { experimentIdsKey } from '../experiments/queries.ts';

export type Run = AnswerOf<'/runs/search', 'post'>['items'][number];

const runsShown = 8;
const weekMs = 604_800_000;

/** Every how many milliseconds what is running is asked for again. */
const beat = 5_000;

/** The runs that a tenant's first page shows; null in a tenant where nothing has run yet. */
export interface Lately {
  readonly running: readonly Run[];
  readonly finished: readonly Run[];
  readonly failed: readonly Run[];
}

export function useLately() {
  const api = useApi();
  const tenant = useTenant();
  const experiments = useQuery({
    queryKey: experimentIdsKey(tenant),
    queryFn: async ({ signal }) => {
      const query = { limit: 1_000, order_by: ['last_update_time DESC'] };
      const { items } = (await api.GET('/experiments', { signal, params: { query } })).data;
      return items.map((experiment) => experiment.experiment_id);
    },
  });
  const ids = experiments.data;
  const lately = useQuery({
    enabled: ids !== undefined,
    queryKey: ['t', tenant, 'runs', 'lately', ids],
    queryFn: async ({ signal }): Promise<Lately | null> => {
      const search = async (filter: string, order: string): Promise<readonly Run[]> => {
        const body = { experiment_ids: ids ?? [], filter, order_by: [order], limit: runsShown };
        return (await api.POST('/runs/search', { signal, body })).data.items;
      };
      const [running, finished, failed] = await Promise.all([
        search("attributes.status = 'RUNNING'", 'attributes.start_time DESC'),
        search("attributes.status = 'FINISHED'", 'attributes.end_time DESC'),
        search(
          `attributes.status = 'FAILED' AND attributes.end_time > ${Date.now() - weekMs}`,
          'attributes.end_time DESC',
        ),
      ]);
      if (running.length + finished.length + failed.length > 0) return { running, finished, failed };
      const any = await search('attributes.start_time > 0', 'attributes.start_time DESC');
      return any.length === 0 ? null : { running, finished, failed };
    },
    refetchInterval: beat,
  });
  return { ...lately, error: experiments.error ?? lately.error };
}

export type Attention = AnswerOf<'/tenant/attention', 'get'>;

/** What in the tenant needs somebody, as far as the caller may see it. */
export function useAttention() {
  const api = useApi();
  return useQuery({
    queryKey: ['t', useTenant(), 'attention'],
    queryFn: async ({ signal }): Promise<Attention> => (await api.GET('/tenant/attention', { signal })).data,
    refetchInterval: 300_000,
  });
}

/** A key of the caller's own for a notebook; it is shown once, and never asked for again. */
export function useNotebookKey() {
  const api = useApi();
  return useMutation({
    mutationFn: async (name: string) => (await api.POST('/me/keys', { body: { name, expires_in_days: 90 } })).data.key,
  });
}
