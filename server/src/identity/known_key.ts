import type { Database } from '../db/tenancy.ts';
import type { ApiKeyCaller } from './caller.ts';
import type { Known } from './credential_cache.ts';
import { hashOfKey, tenantOfKey } from './key_text.ts';
import { findLiveKey, findTenantOfKey } from './queries.ts';
import { permissionsIn } from './role_queries.ts';

export interface KnownKey extends Known {
  readonly caller: ApiKeyCaller;
  readonly lastUsedAt: Date | null;
}

/** Who stands behind the text of an API key; undefined where it does not hold. */
export async function knownByKey(db: Database, text: string): Promise<KnownKey | undefined> {
  const tenantId = tenantOfKey(text);
  if (tenantId === undefined) return undefined;
  const key = await db.inTenant(tenantId, (tx) => findLiveKey(tx, hashOfKey(text)));
  if (!key) return undefined;
  const tenant = await db.inIdentity((tx) => findTenantOfKey(tx, tenantId, key.user_id));
  if (!tenant) return undefined;
  const until = key.expires_at?.getTime() ?? Number.POSITIVE_INFINITY;
  const known = async (role: string, owner: ApiKeyCaller['owner']): Promise<KnownKey> => {
    const permissions = await permissionsIn(db, tenantId, role);
    const place = { tenant: { id: tenantId, slug: tenant.slug }, role, permissions };
    return { caller: { kind: 'api_key', keyId: key.key_id, owner, place }, until, lastUsedAt: key.last_used_at };
  };
  if (key.user_id !== null && tenant.role !== null && tenant.email !== null) {
    return known(tenant.role, { kind: 'user', id: key.user_id, name: tenant.email });
  }
  if (key.service_account_id !== null && key.account_role !== null && key.account_is_active) {
    return known(key.account_role, {
      kind: 'service_account',
      id: key.service_account_id,
      name: key.account_name ?? '',
    });
  }
  return undefined;
}
