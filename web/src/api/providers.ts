import { useQuery } from '@tanstack/react-query';
import { apiOf } from './api.ts';

/** The identity providers that this Maestro knows. */
export const useProviders = () =>
  useQuery({
    queryKey: ['auth-providers'],
    queryFn: async ({ signal }) => (await apiOf('').GET('/auth/providers', { signal })).data.providers,
    staleTime: 300_000,
  });
