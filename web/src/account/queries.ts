import { useQuery } from '@tanstack/react-query';
import { apiOf } from '../api/api.ts';
import { profileQuery } from '../api/me.ts';

/** Of one's account, which is in no tenant. */
export const own = {
  profile: profileQuery.queryKey,
  factors: ['me', 'factors'],
  identities: ['me', 'identities'],
  sessions: ['me', 'sessions'],
} as const;

const api = apiOf('');

export const useFactors = (options: { readonly enabled?: boolean; readonly staleTime?: number } = {}) =>
  useQuery({
    queryKey: own.factors,
    queryFn: async ({ signal }) => (await api.GET('/me/factors', { signal })).data,
    ...options,
  });

export const useIdentities = () =>
  useQuery({
    queryKey: own.identities,
    queryFn: async ({ signal }) => (await api.GET('/me/identities', { signal })).data.identities,
  });

/** All of them: nobody has more than a page holds. */
export const useSessions = () =>
  useQuery({
    queryKey: own.sessions,
    queryFn: async ({ signal }) =>
      (await api.GET('/auth/sessions', { signal, params: { query: { limit: 1000 } } })).data.items,
  });
