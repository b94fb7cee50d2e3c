import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import type { AnswerOf } from '../api/contract_types.ts';
import { useApi, useTenant } from '../api/hooks.ts';
import { builtInRoles } from '../api/roles.ts';

export type Role = AnswerOf<'/roles', 'get'>['items'][number];
export type Member = AnswerOf<'/members', 'get'>['items'][number];
export type Invitation = AnswerOf<'/invitations', 'get'>['items'][number];
export type Account = AnswerOf<'/service-accounts', 'get'>['items'][number];
export type Grant = AnswerOf<'/grants', 'get'>['items'][number];

/** What begins the keys of a list of the tenant: what changes it names these. */
export const listKey = (tenant: string, list: string) => ['t', tenant, list] as const;

const pageQuery = (page: string) => ({ limit: 100, ...(page === '' ? {} : { page_token: page }) });
const pages = {
  initialPageParam: '',
  getNextPageParam: (page: { next_page_token: string | null }) => page.next_page_token,
  placeholderData: keepPreviousData,
};

export function useOwnTenant() {
  const [api, tenant] = [useApi(), useTenant()];
  return useQuery({
    queryKey: listKey(tenant, 'settings'),
    queryFn: async ({ signal }) => (await api.GET('/tenant', { signal })).data,
  });
}

/** What the tenant uses; counted anew now and then, for requests change by the second. */
export function useUsage() {
  const [api, tenant] = [useApi(), useTenant()];
  return useQuery({
    queryKey: listKey(tenant, 'usage'),
    queryFn: async ({ signal }) => (await api.GET('/tenant/usage', { signal })).data,
    refetchInterval: 10_000,
  });
}

export function useComers() {
  const [api, tenant] = [useApi(), useTenant()];
  return useQuery({
    queryKey: listKey(tenant, 'comers'),
    queryFn: async ({ signal }) => (await api.GET('/tenant/sign-in', { signal })).data,
  });
}

export function useMembers(q: string) {
  const [api, tenant] = [useApi(), useTenant()];
  return useInfiniteQuery({
    queryKey: [...listKey(tenant, 'members'), q],
    queryFn: async ({ pageParam, signal }) => {
      const query = { ...pageQuery(pageParam), ...(q === '' ? {} : { q }) };
      return (await api.GET('/members', { signal, params: { query } })).data;
    },
    ...pages,
  });
}

export function useInvitations() {
  const [api, tenant] = [useApi(), useTenant()];
  return useInfiniteQuery({
    queryKey: listKey(tenant, 'invitations'),
    queryFn: async ({ pageParam, signal }) =>
      (await api.GET('/invitations', { signal, params: { query: pageQuery(pageParam) } })).data,
    ...pages,
  });
}

export function useRoles() {
  const [api, tenant] = [useApi(), useTenant()];
  return useQuery({
    queryKey: listKey(tenant, 'roles'),
    queryFn: async ({ signal }) => (await api.GET('/roles', { signal })).data.items,
  });
}

/** Names of roles to choose from; those of every tenant, where one may not read the tenant's own. */
export const useRoleNames = (): string[] => useRoles().data?.map(({ name }) => name) ?? builtInRoles;

export function useAccounts(enabled = true) {
  const [api, tenant] = [useApi(), useTenant()];
  return useInfiniteQuery({
    queryKey: listKey(tenant, 'service-accounts'),
    queryFn: async ({ pageParam, signal }) =>
      (await api.GET('/service-accounts', { signal, params: { query: pageQuery(pageParam) } })).data,
    enabled,
    ...pages,
  });
}

export function useGrants() {
  const [api, tenant] = [useApi(), useTenant()];
  return useInfiniteQuery({
    queryKey: listKey(tenant, 'grants'),
    queryFn: async ({ pageParam, signal }) =>
      (await api.GET('/grants', { signal, params: { query: pageQuery(pageParam) } })).data,
    ...pages,
  });
}

export function useWebhooks() {
  const [api, tenant] = [useApi(), useTenant()];
  return useInfiniteQuery({
    queryKey: listKey(tenant, 'webhooks'),
    queryFn: async ({ pageParam, signal }) =>
      (await api.GET('/webhooks', { signal, params: { query: pageQuery(pageParam) } })).data,
    ...pages,
  });
}
