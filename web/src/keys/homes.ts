import type { paths } from '@maestro/sdk/contract';
import { useInfiniteQuery } from '@tanstack/react-query';
import { apiOf } from '../api/api.ts';

export type Key = paths['/keys']['get']['responses'][200]['content']['application/json']['items'][number];
export type NewKey = NonNullable<paths['/me/keys']['post']['requestBody']>['content']['application/json'];
type Page = paths['/keys']['get']['responses'][200]['content']['application/json'];

/** Where keys are kept: one's own in a tenant, or those of the tenant's service accounts. */
export interface KeyHome {
  readonly queryKey: readonly string[];
  /** Whether the list says whose each key is. */
  readonly showsOwner: boolean;
  list(page: string, signal: AbortSignal): Promise<Page>;
  /** Each gives the secret of the new key. */
  make(key: NewKey): Promise<string>;
  roll(id: string, overlapHours: number): Promise<string>;
  revoke(id: string): Promise<unknown>;
}

const pageQuery = (page: string) => ({ limit: 100, ...(page === '' ? {} : { page_token: page }) });

/** One's own keys in a tenant. */
export function ownKeys(tenant: string): KeyHome {
  const api = apiOf(tenant);
  return {
    queryKey: ['t', tenant, 'own-keys'],
    showsOwner: false,
    list: async (page, signal) => (await api.GET('/me/keys', { signal, params: { query: pageQuery(page) } })).data,
    make: async (body) => (await api.POST('/me/keys', { body })).data.key,
    roll: async (id, hours) =>
      (
        await api.POST('/me/keys/{key_id}/rotate', {
          params: { path: { key_id: id } },
          body: { overlap_hours: hours },
        })
      ).data.key,
    revoke: (id) => api.DELETE('/me/keys/{key_id}', { params: { path: { key_id: id } } }),
  };
}

/** All keys of a tenant; new ones are for a service account. */
export function tenantKeys(tenant: string, account = ''): KeyHome {
  const api = apiOf(tenant);
  return {
    queryKey: ['t', tenant, 'keys'],
    showsOwner: true,
    list: async (page, signal) => (await api.GET('/keys', { signal, params: { query: pageQuery(page) } })).data,
    make: async (body) => (await api.POST('/keys', { body: { ...body, service_account: account } })).data.key,
    roll: async (id, hours) =>
      (await api.POST('/keys/{key_id}/rotate', { params: { path: { key_id: id } }, body: { overlap_hours: hours } }))
        .data.key,
    revoke: (id) => api.DELETE('/keys/{key_id}', { params: { path: { key_id: id } } }),
  };
}

/** Keys page by page, those that still hold before the others. */
export function useKeys({ queryKey, list }: KeyHome) {
  return useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) => list(pageParam, signal),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_page_token,
  });
}

export type KeyState = 'holds' | 'revoked' | 'expired' | 'replaced';

/** What became of a key. */
export function stateOf(
  { revoked_at: revoked, expires_at: expires, replaced_by: by }: Key,
  now = Date.now(),
): KeyState {
  const isOver = revoked !== null || (expires !== null && Date.parse(expires) <= now);
  if (!isOver) return 'holds';
  if (by !== null) return 'replaced';
  return revoked === null ? 'expired' : 'revoked';
}
