import type { Api, Method } from './api.ts';
import { Failure } from './failure.ts';

/** Calls in one tenant. */
export interface Place {
  call<Answer>(method: Method, path: string, body?: Record<string, unknown>): Promise<Answer>;
  all<Item>(path: string, query?: Record<string, string>): Promise<Item[]>;
}

/** What the operator key may do in a tenant stands below `/tenants`; anybody else works in a tenant of their own. */
export function placeIn({ server, call, all }: Api, tenant: string): Place {
  const prefix = server.isOperatorKey ? `/tenants/${encodeURIComponent(tenant)}` : '';
  const where = server.isOperatorKey ? {} : { tenant };
  return {
    call: (method, path, body) => call(method, prefix + path, { ...where, ...(body ? { body } : {}) }),
    all: (path, query) => all(prefix + path, { ...where, ...(query ? { query } : {}) }),
  };
}

/** A tenant of the caller's own: the operator key has none. */
export function ownPlaceIn(api: Api, tenant: string): Place {
  if (!api.server.isOperatorKey) return placeIn(api, tenant);
  throw new Failure(
    `The operator key gives no right inside a tenant: set MAESTRO_URL and MAESTRO_TOKEN to a key of an administrator of ${tenant}, such as 'maestro key create --tenant ${tenant} --name admin --role tenant_admin' makes.`,
  );
}
