import type { paths } from '@maestro/sdk/contract';
import { useQuery } from '@tanstack/react-query';
import type { AnswerOf } from './contract_types.ts';
import { useApi, useTenant } from './hooks.ts';

export type Why = AnswerOf<'/access/why', 'get'>;
export type Permission = NonNullable<NonNullable<paths['/access/why']['get']['parameters']['query']>['permission']>;

/** What the caller may do in the tenant of the address, and by what. */
export function useRights() {
  const api = useApi();
  const tenant = useTenant();
  return useQuery({
    queryKey: ['t', tenant, 'rights'],
    queryFn: async ({ signal }): Promise<Why> => (await api.GET('/access/why', { signal })).data,
    staleTime: 60_000,
  });
}

/** Whether somebody may do something everywhere in the tenant: grants on single things are not among it. */
export const mayIn = ({ permissions }: Why, permission: Permission): boolean =>
  permissions.some((held) => held.permission === permission && held.from.some((from) => !from.resource));

/** Whether somebody may do something to some things of the tenant, at least. */
export const mayInPart = ({ permissions }: Why, permission: Permission): boolean =>
  permissions.some((held) => held.permission === permission);

/** What the caller may do everywhere in the tenant, so that what is refused is not offered; the server decides. */
export function useMay(): (permission: Permission) => boolean {
  const { data } = useRights();
  return (permission) => data !== undefined && mayIn(data, permission);
}
