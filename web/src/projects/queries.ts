import { keepPreviousData, useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query';
import type { AnswerOf, BodyOf } from '../api/contract_types.ts';
import { useApi, useTenant } from '../api/hooks.ts';
import { askAnew } from '../api/query_client.ts';

export type Project = AnswerOf<'/projects', 'get'>['items'][number];
export type ProjectDetail = AnswerOf<'/projects/{project_id}', 'get'>;
export type NewProject = BodyOf<'/projects', 'post'>;
export type ProjectEdit = BodyOf<'/projects/{project_id}', 'patch'>;
export type Outcome = BodyOf<'/projects/{project_id}/success', 'patch'>;

export interface ProjectSearch {
  readonly q: string;
  readonly problemClass: string;
  readonly state: 'active' | 'finished' | undefined;
  readonly by: 'name' | 'start_date' | 'completion_date' | 'success_score' | 'compute_cost' | 'updated_at';
  readonly ascending: boolean;
}

const keyOf = (tenant: string, ...rest: unknown[]) => ['t', tenant, 'projects', ...rest];
const at = (id: string) => ({ params: { path: { project_id: id } } });

export function useProjects(search: ProjectSearch) {
  const api = useApi();
  const { q, problemClass, state, by, ascending } = search;
  return useInfiniteQuery({
    queryKey: keyOf(useTenant(), 'list', search),
    queryFn: async ({ pageParam, signal }) => {
      const query = {
        limit: 50,
        order_by: by,
        order: ascending ? ('asc' as const) : ('desc' as const),
        ...(q.trim() === '' ? {} : { q }),
        ...(problemClass === '' ? {} : { problem_class: problemClass }),
        ...(state === undefined ? {} : { state }),
        ...(pageParam === '' ? {} : { page_token: pageParam }),
      };
      return (await api.GET('/projects', { signal, params: { query } })).data;
    },
    initialPageParam: '',
    getNextPageParam: (page) => page.next_page_token,
    placeholderData: keepPreviousData,
  });
}

export function useProject(id: string) {
  const api = useApi();
  return useQuery({
    queryKey: keyOf(useTenant(), id),
    queryFn: async ({ signal }): Promise<ProjectDetail> =>
      (await api.GET('/projects/{project_id}', { signal, ...at(id) })).data,
  });
}

export function useProjectArtifacts(id: string) {
  const api = useApi();
  return useQuery({
    queryKey: keyOf(useTenant(), id, 'artifacts'),
    queryFn: async ({ signal }) => (await api.GET('/projects/{project_id}/artifacts', { signal, ...at(id) })).data,
  });
}

export function useRecommendations(id: string) {
  const api = useApi();
  return useQuery({
    queryKey: keyOf(useTenant(), id, 'recommendations'),
    queryFn: async ({ signal }) =>
      (await api.POST('/recommendations', { signal, body: { project_id: id, limit: 5 }, repeatable: true })).data,
  });
}

/** What changes projects; every list of them, and what was predicted from them, is asked anew after it. */
export function useProjectChanges() {
  const api = useApi();
  const tenant = useTenant();
  const onSuccess = () => askAnew(keyOf(tenant));
  const create = useMutation({
    mutationFn: async (body: NewProject) => (await api.POST('/projects', { body })).data,
    onSuccess,
  });
  const edit = useMutation({
    mutationFn: ({ id, ...body }: ProjectEdit & { id: string }) =>
      api.PATCH('/projects/{project_id}', { ...at(id), body }),
    onSuccess,
  });
  const recordOutcome = useMutation({
    mutationFn: ({ id, ...body }: Outcome & { id: string }) =>
      api.PATCH('/projects/{project_id}/success', { ...at(id), body }),
    onSuccess,
  });
  const remove = useMutation({ mutationFn: (id: string) => api.DELETE('/projects/{project_id}', at(id)), onSuccess });
  return { create, edit, recordOutcome, remove };
}
