import { keepPreviousData, useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query';
import type { AnswerOf, BodyOf } from '../api/contract_types.ts';
import { useApi, useTenant } from '../api/hooks.ts';
import { askAnew } from '../api/query_client.ts';
import type { buckets } from './search.ts';

export type Velocity = AnswerOf<'/metrics/{project_id}/velocity', 'get'>;
export type Member = AnswerOf<'/teams/{project_id}/members', 'get'>['items'][number];
export type NewMember = BodyOf<'/teams/{project_id}/members', 'post'>;
type Collaboration = AnswerOf<'/teams/{project_id}/collaboration-analytics', 'get'>;
/** The graph of who works with whom: people by their places, and ties between places. */
export type Drawing = NonNullable<NonNullable<Collaboration['graph']>['drawing']>;
export type Deliveries = AnswerOf<'/teams/{project_id}/cicd-metrics', 'get'>;
export type Code = AnswerOf<'/teams/{project_id}/git-metrics', 'get'>;

const keyOf = (tenant: string, id: string, ...rest: unknown[]) => ['t', tenant, 'projects', id, 'process', ...rest];

/** The days that are looked at, from `days` days ago; both ends as days in UTC. */
const span = (days: number) => ({
  from: new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10),
  to: new Date().toISOString().slice(0, 10),
});

export function useMetricTypes(id: string, days: number) {
  const api = useApi();
  return useQuery({
    queryKey: keyOf(useTenant(), id, 'summary', days),
    queryFn: async ({ signal }) => {
      const params = { path: { project_id: id }, query: span(days) };
      return (await api.GET('/metrics/{project_id}/summary', { signal, params })).data.metrics;
    },
  });
}

export function useVelocity(id: string, metricType: string, bucket: (typeof buckets)[number], days: number) {
  const api = useApi();
  return useQuery({
    queryKey: keyOf(useTenant(), id, 'velocity', metricType, bucket, days),
    queryFn: async ({ signal }): Promise<Velocity> => {
      const query = { metric_type: metricType, bucket, ...span(days) };
      return (await api.GET('/metrics/{project_id}/velocity', { signal, params: { path: { project_id: id }, query } }))
        .data;
    },
    placeholderData: keepPreviousData,
  });
}

/** Builds and DORA's four keys, what the code says, and how people work together, of the last `days` days. */
export function useTeamAnalytics(id: string, days: number) {
  const api = useApi();
  const params = { path: { project_id: id }, query: span(days) };
  return useQuery({
    queryKey: keyOf(useTenant(), id, 'analytics', days),
    queryFn: async ({ signal }) => {
      const [deliveries, code, collaboration] = await Promise.all([
        api.GET('/teams/{project_id}/cicd-metrics', { signal, params }),
        api.GET('/teams/{project_id}/git-metrics', { signal, params }),
        api.GET('/teams/{project_id}/collaboration-analytics', { signal, params }),
      ]);
      return { deliveries: deliveries.data, code: code.data, collaboration: collaboration.data };
    },
    placeholderData: keepPreviousData,
  });
}

export function useMembers(id: string) {
  const api = useApi();
  return useInfiniteQuery({
    queryKey: keyOf(useTenant(), id, 'members'),
    queryFn: async ({ pageParam, signal }) => {
      const query = { limit: 100, ...(pageParam === '' ? {} : { page_token: pageParam }) };
      return (await api.GET('/teams/{project_id}/members', { signal, params: { path: { project_id: id }, query } }))
        .data;
    },
    initialPageParam: '',
    getNextPageParam: (page) => page.next_page_token,
  });
}

export function useMemberChanges(id: string) {
  const api = useApi();
  const tenant = useTenant();
  const onSuccess = () => askAnew(keyOf(tenant, id, 'members'));
  const add = useMutation({
    mutationFn: (body: NewMember) =>
      api.POST('/teams/{project_id}/members', { params: { path: { project_id: id } }, body }),
    onSuccess,
  });
  const remove = useMutation({
    mutationFn: (memberId: string) =>
      api.DELETE('/teams/{project_id}/members/{member_id}', {
        params: { path: { project_id: id, member_id: memberId } },
      }),
    onSuccess,
  });
  return { add, remove };
}
