import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { apiOf } from '../api/api.ts';
import type { AnswerOf } from '../api/contract_types.ts';

const api = apiOf('');

export type Tenant = AnswerOf<'/tenants', 'get'>['items'][number];
export type User = AnswerOf<'/users', 'get'>['items'][number];

/** What the pages of operators ask; it is in no tenant. */
export const operatorKeys = {
  tenants: ['operator', 'tenants'],
  users: ['operator', 'users'],
  health: ['operator', 'health'],
  stays: ['operator', 'stays'],
  signing: ['operator', 'signing-keys'],
  encryption: ['operator', 'encryption-key'],
  pepper: ['operator', 'pepper'],
} as const;

const pageQuery = (q: string, page: string) => ({
  limit: 100,
  ...(q === '' ? {} : { q }),
  ...(page === '' ? {} : { page_token: page }),
});
const pages = {
  initialPageParam: '',
  getNextPageParam: (page: { next_page_token: string | null }) => page.next_page_token,
  placeholderData: keepPreviousData,
};

export const useTenants = (q: string) =>
  useInfiniteQuery({
    queryKey: [...operatorKeys.tenants, q],
    queryFn: async ({ pageParam, signal }) =>
      (await api.GET('/tenants', { signal, params: { query: pageQuery(q, pageParam) } })).data,
    ...pages,
  });

export const useUsers = (q: string) =>
  useInfiniteQuery({
    queryKey: [...operatorKeys.users, q],
    queryFn: async ({ pageParam, signal }) =>
      (await api.GET('/users', { signal, params: { query: pageQuery(q, pageParam) } })).data,
    ...pages,
  });

export const useHealth = () =>
  useQuery({
    queryKey: operatorKeys.health,
    queryFn: async ({ signal }) => (await api.GET('/operator/health', { signal })).data,
    refetchInterval: 5_000,
  });

export const useStays = () =>
  useQuery({
    queryKey: operatorKeys.stays,
    queryFn: async ({ signal }) => (await api.GET('/operator/switches', { signal })).data.items,
    refetchInterval: 30_000,
  });

export const useSigningKeys = () =>
  useQuery({
    queryKey: operatorKeys.signing,
    queryFn: async ({ signal }) => (await api.GET('/signing-keys', { signal })).data.items,
  });

export const useEncryptionKey = () =>
  useQuery({
    queryKey: operatorKeys.encryption,
    queryFn: async ({ signal }) => (await api.GET('/encryption-key', { signal })).data,
  });

export const usePepper = () =>
  useQuery({
    queryKey: operatorKeys.pepper,
    queryFn: async ({ signal }) => (await api.GET('/password-pepper', { signal })).data,
  });
