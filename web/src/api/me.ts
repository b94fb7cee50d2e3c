import { MaestroError } from '@maestro/sdk/problem';
import { queryOptions } from '@tanstack/react-query';
import { apiOf } from './api.ts';
import type { AnswerOf } from './contract_types.ts';

export type Me = AnswerOf<'/auth/me', 'get'>;

/** Who is signed in in this browser; null where nobody is. */
export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: async ({ signal }): Promise<Me | null> => {
    try {
      return (await apiOf('').GET('/auth/me', { signal })).data;
    } catch (error) {
      if (error instanceof MaestroError && error.status === 401) return null;
      throw error;
    }
  },
  staleTime: 60_000,
});

/** What their account says of who is signed in. */
export const profileQuery = queryOptions({
  queryKey: ['me', 'profile'],
  queryFn: async ({ signal }) => (await apiOf('').GET('/me/profile', { signal })).data,
});
