import type { Api, Method } from './api.ts';
import { Failure } from './failure.ts';

/** Calls in one tenant. */
export interface Place {
  call<Answer>(method: Method, path: string, body?: Record<string, unknown>): Promise<Answer>;
  all<Item>(path: string, query?: Record<string, string>): Promise<Item[]>;
}

/** What the operator key may do in a tenant stands below `/tenants`; anybody else works in a tenant of their own. */
export function placeIn(api: Api, tenant: string): Place {
  if (!api.server.isOperatorKey) return ownPlaceIn(api, tenant);
  const prefix = `/tenants/${encodeURIComponent(tenant)}`;
  return {
    call: (method, path, body) => api.call(method, prefix + path, body ? { body } : {}),
    all: (path, query) => api.all(prefix + path, query ? { query } : {}),
  };
}

/** A tenant of the caller's own, that of the key or sign-in where none is named: the operator key has none. */
export function ownPlaceIn({ server, call, all }: Api, tenant: string | undefined): Place {
  if (!server.isOperatorKey) {
    return {
      call: (method, path, body) => call(method, path, { tenant, ...(body ? { body } : {}) }),
      all: (path, query) => all(path, { tenant, ...(query ? { query } : {}) }),
    };
  }
  const named = tenant ?? 'TENANT';
  throw new Failure(
    `The operator key gives no right inside a tenant: set MAESTRO_URL and MAESTRO_TOKEN to a key of an administrator of ${named}, such as 'maestro key create --tenant ${named} --name admin --role tenant_admin' makes.`,
  );
}
