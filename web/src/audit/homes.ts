import { apiOf } from '../api/api.ts';
import { paramsOf } from './qualifiers.ts';
import { text } from './text.ts';
import type { LogHome } from './types.ts';

interface Named {
  readonly id: string;
  readonly names: readonly string[];
}

const isId = (typed: string): boolean => /^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(typed);

/** The only one, or the one whose whole name it is. */
function onlyOf(typed: string, found: readonly Named[]): string {
  const wanted = typed.toLowerCase();
  const exact = found.filter(({ names }) => names.some((name) => name.toLowerCase() === wanted));
  const [one, ...others] = exact.length > 0 ? exact : found;
  if (one === undefined) throw new Error(text.nobody(typed));
  if (others.length > 0) throw new Error(text.several(typed, found.map(({ names }) => names[0] ?? '').slice(0, 5)));
  return one.id;
}

const few = 20;

/** The log of a tenant. */
export function tenantLog(tenant: string): LogHome {
  const api = apiOf(tenant);
  return {
    queryKey: ['t', tenant, 'audit'],
    path: '/audit',
    tenant,
    list: async (asked, page, signal) => {
      const query = { limit: 100, ...paramsOf(asked), ...(page === '' ? {} : { page_token: page }) };
      return (await api.GET('/audit', { signal, params: { query } })).data;
    },
    verify: async () => (await api.GET('/audit/verify')).data,
    async actorOf(typed) {
      if (isId(typed)) return typed;
      const { data: members } = await api.GET('/members', { params: { query: { q: typed, limit: few } } });
      const { data: accounts } = await api.GET('/service-accounts', { params: { query: { limit: 1000 } } });
      const like = accounts.items.filter(({ name }) => name.toLowerCase().includes(typed.toLowerCase()));
      return onlyOf(typed, [
        ...members.items.map(({ user_id: id, email, name }) => ({ id, names: [email, name] })),
        ...like.map(({ id, name }) => ({ id, names: [name] })),
      ]);
    },
  };
}

/** The log of all operators. */
export function operatorsLog(): LogHome {
  const api = apiOf('');
  return {
    queryKey: ['operator', 'audit'],
    path: '/operator-audit',
    tenant: '',
    list: async (asked, page, signal) => {
      const query = { limit: 100, ...paramsOf(asked), ...(page === '' ? {} : { page_token: page }) };
      return (await api.GET('/operator-audit', { signal, params: { query } })).data;
    },
    verify: async () => (await api.GET('/operator-audit/verify')).data,
    async actorOf(typed) {
      if (isId(typed)) return typed;
      const { data } = await api.GET('/users', { params: { query: { q: typed, limit: few } } });
      return onlyOf(
        typed,
        data.items.map(({ id, email, name }) => ({ id, names: [email, name] })),
      );
    },
  };
}
