import { useQuery } from '@tanstack/react-query';
import { useApi, useTenant } from './hooks.ts';

/**
 * Whether the reader may do something in this tenant, by their role or by a grant: what decides is the server. True
 * until it is known, so that nothing flickers.
 */
export function useMay(permission: string): boolean {
  const api = useApi();
  const { data } = useQuery({
    queryKey: ['t', useTenant(), 'rights'],
    queryFn: async ({ signal }) => {
      const { data } = await api.GET('/access/why', { signal });
      return new Set(data.permissions.map((each) => each.permission));
    },
    staleTime: 60_000,
  });
  return data?.has(permission) ?? true;
}
