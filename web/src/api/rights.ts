import { useQuery } from '@tanstack/react-query';
import { useApi, useTenant } from './hooks.ts';
import type { Permission } from './permissions.ts';

/** What whoever is signed in may do in the tenant of the address, by their role, grants on single things apart. */
export function useRights() {
  const api = useApi();
  const tenant = useTenant();
  return useQuery({
    queryKey: ['t', tenant, 'rights'],
    queryFn: async ({ signal }): Promise<ReadonlySet<Permission>> => {
      const { data } = await api.GET('/access/why', { signal });
      const isOfRole = ({ from }: (typeof data.permissions)[number]) => from.some(({ kind }) => kind !== 'grant');
      return new Set(data.permissions.filter(isOfRole).map(({ permission }) => permission as Permission));
    },
    staleTime: 60_000,
  });
}

/** Whether they may do it; false while that is not known yet. */
export const useMay = (permission: Permission): boolean => useRights().data?.has(permission) ?? false;
