import type { paths } from '@maestro/sdk/contract';
import { useQuery } from '@tanstack/react-query';
import type { AnswerOf } from './contract_types.ts';
import { useApi, useTenant } from './hooks.ts';

type Why = AnswerOf<'/access/why', 'get'>;
export type Permission = NonNullable<NonNullable<paths['/access/why']['get']['parameters']['query']>['permission']>;

/**
 * What the caller may do everywhere in the tenant, so that what is refused is not offered; the server decides. Grants on
 * single things are not among it.
 */
export function useMay(): (permission: Permission) => boolean {
  const api = useApi();
  const tenant = useTenant();
  const { data } = useQuery({
    queryKey: ['t', tenant, 'rights'],
    queryFn: async ({ signal }): Promise<Why> => (await api.GET('/access/why', { signal })).data,
    staleTime: 60_000,
  });
  return (permission) =>
    data?.permissions.some((held) => held.permission === permission && held.from.some((from) => !from.resource)) ??
    false;
}
