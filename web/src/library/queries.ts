import { keepPreviousData, useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query';
import type { AnswerOf, BodyOf } from '../api/contract_types.ts';
import { useApi, useTenant } from '../api/hooks.ts';
import { askAnew } from '../api/query_client.ts';
import { upload } from '../api/upload.ts';

export type Search = BodyOf<'/artifacts/search', 'post'>;
export type Artifact = AnswerOf<'/artifacts/{artifact_id}', 'get'>;
export type Version = AnswerOf<'/artifacts/{artifact_id}/versions', 'get'>['items'][number];
export type Lineage = AnswerOf<'/artifacts/{artifact_id}/lineage', 'get'>;
export type Effect = NonNullable<NonNullable<Artifact['impact']>['success']>;

const keyOf = (tenant: string, ...rest: unknown[]) => ['t', tenant, 'artifacts', ...rest];

export function useArtifactSearch(search: Search) {
  const api = useApi();
  return useInfiniteQuery({
    queryKey: keyOf(useTenant(), 'search', search),
    queryFn: async ({ pageParam, signal }) => {
      const body = { ...search, limit: 50, ...(pageParam === '' ? {} : { page_token: pageParam }) };
      return (await api.POST('/artifacts/search', { signal, body })).data;
    },
    initialPageParam: '',
    getNextPageParam: (page) => page.next_page_token,
    placeholderData: keepPreviousData,
  });
}

export function useArtifact(id: string) {
  const api = useApi();
  const params = { path: { artifact_id: id } };
  return useQuery({
    queryKey: keyOf(useTenant(), id),
    queryFn: async ({ signal }) => (await api.GET('/artifacts/{artifact_id}', { signal, params })).data,
  });
}

export function useAnalytics(id: string) {
  const api = useApi();
  const params = { path: { artifact_id: id } };
  return useQuery({
    queryKey: keyOf(useTenant(), id, 'analytics'),
    queryFn: async ({ signal }) => (await api.GET('/artifacts/{artifact_id}/analytics', { signal, params })).data,
  });
}

export function useLineage(id: string) {
  const api = useApi();
  const params = { path: { artifact_id: id } };
  return useQuery({
    queryKey: keyOf(useTenant(), id, 'lineage'),
    queryFn: async ({ signal }) => (await api.GET('/artifacts/{artifact_id}/lineage', { signal, params })).data,
  });
}

export function useVersions(id: string) {
  const api = useApi();
  return useInfiniteQuery({
    queryKey: keyOf(useTenant(), id, 'versions'),
    queryFn: async ({ pageParam, signal }) => {
      const query = { limit: 50, ...(pageParam === '' ? {} : { page_token: pageParam }) };
      const params = { path: { artifact_id: id }, query };
      return (await api.GET('/artifacts/{artifact_id}/versions', { signal, params })).data;
    },
    initialPageParam: '',
    getNextPageParam: (page) => page.next_page_token,
  });
}

export function useUsages(id: string) {
  const api = useApi();
  return useInfiniteQuery({
    queryKey: keyOf(useTenant(), id, 'usages'),
    queryFn: async ({ pageParam, signal }) => {
      const query = { limit: 50, ...(pageParam === '' ? {} : { page_token: pageParam }) };
      const params = { path: { artifact_id: id }, query };
      return (await api.GET('/artifacts/{artifact_id}/usages', { signal, params })).data;
    },
    initialPageParam: '',
    getNextPageParam: (page) => page.next_page_token,
  });
}

/** Projects by words of theirs, the most fitting first. */
export function useProjectSearch(q: string) {
  const api = useApi();
  const query = { limit: 8, ...(q.trim() === '' ? {} : { q }) };
  return useQuery({
    queryKey: ['t', useTenant(), 'projects', 'found', q],
    queryFn: async ({ signal }) => (await api.GET('/projects', { signal, params: { query } })).data.items,
    placeholderData: keepPreviousData,
  });
}

/** What changes an artifact or adds one; every list of artifacts is asked anew after it. */
export function useArtifactChanges() {
  const api = useApi();
  const tenant = useTenant();
  const onSuccess = () => askAnew(keyOf(tenant));
  const at = (id: string) => ({ params: { path: { artifact_id: id } } });
  const create = useMutation({
    mutationFn: async (body: BodyOf<'/artifacts', 'post'>) => (await api.POST('/artifacts', { body })).data,
    onSuccess,
  });
  const edit = useMutation({
    mutationFn: ({ id, ...body }: BodyOf<'/artifacts/{artifact_id}', 'patch'> & { id: string }) =>
      api.PATCH('/artifacts/{artifact_id}', { ...at(id), body }),
    onSuccess,
  });
  const setActive = useMutation({
    mutationFn: ({ id, isActive }: { id: string; isActive: boolean }): Promise<unknown> =>
      isActive
        ? api.POST('/artifacts/{artifact_id}/restore', at(id))
        : api.POST('/artifacts/{artifact_id}/deprecate', { ...at(id), body: {} }),
    onSuccess,
  });
  const use = useMutation({
    mutationFn: ({ id, projectId }: { id: string; projectId: string }) =>
      api.POST('/artifacts/{artifact_id}/use', { ...at(id), body: { project_id: projectId }, repeatable: true }),
    onSuccess,
  });
  const addVersion = useMutation({
    mutationFn: async (given: { id: string; version: string; file: File; onProgress: (share: number) => void }) => {
      const body = given.version.trim() === '' ? {} : { version: given.version.trim() };
      const { data } = await api.POST('/artifacts/{artifact_id}/versions', { ...at(given.id), body });
      const path = `/artifacts/${given.id}/versions/${encodeURIComponent(data.version)}/content`;
      const { file, onProgress } = given;
      await upload({ tenant, path: `${path}?file_name=${encodeURIComponent(file.name)}`, file, onProgress });
    },
    onSettled: onSuccess,
  });
  return { create, edit, setActive, use, addVersion };
}
