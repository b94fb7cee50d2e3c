import { useQuery } from '@tanstack/react-query';
import { useApi, useTenant } from '../api/hooks.ts';
import { useMay } from '../api/rights.ts';
import { listKey, useAccounts } from './queries.ts';

/** The API takes so many ids at once. */
const atOnce = 200;

/** Names of members and service accounts by their ids; an id that is nobody's here is `otherwise`, or stays as it is. */
export function useNames(ids: readonly string[]): (id: string, otherwise?: string) => string {
  const [api, tenant] = [useApi(), useTenant()];
  const may = useMay();
  const mayRead = may('member:read');
  const wanted = [...new Set(ids)]
    .filter((id) => /^[0-9a-f-]{36}$/.test(id))
    .sort()
    .slice(0, atOnce);
  const { data: members = [] } = useQuery({
    queryKey: [...listKey(tenant, 'members'), 'of', wanted],
    queryFn: async ({ signal }) =>
      (await api.GET('/members', { signal, params: { query: { user_id: wanted, limit: atOnce } } })).data.items,
    enabled: mayRead && wanted.length > 0,
  });
  const { data: accounts } = useAccounts(may('key:read'));
  const names = new Map<string, string>();
  for (const { user_id: id, name, email } of members) names.set(id, name === '' ? email : name);
  for (const page of accounts?.pages ?? []) for (const { id, name } of page.items) names.set(id, name);
  return (id, otherwise = id) => names.get(id) ?? otherwise;
}
