import type { Database } from '../db/tenancy.ts';
import { usableKey } from './keys.ts';
import type { LiveToken } from './one_time_tokens.ts';
import { responsibleNow } from './responsible.ts';
import { rolesNamed } from './role_rules.ts';
import { isBuiltIn, type Permission, permissionsOfRole } from './roles.ts';

type Given = Pick<LiveToken, 'tenant_id' | 'role' | 'bound_user_ids' | 'bound_account_ids' | 'key_id'>;

/**
 * Whether whoever made an invitation may give its role now, as the role stands now: all whom the maker was bound by are
 * there and hold it, and so does the key that it was made with, which has neither ended nor been revoked. An invitation
 * into no tenant gives nothing.
 */
export async function inviterMayGive(db: Database, invitation: Given): Promise<boolean> {
  const { tenant_id: tenantId, role, bound_user_ids: users, bound_account_ids: accounts, key_id: keyId } = invitation;
  if (tenantId === null || role === null) return true;
  const custom = await rolesNamed(db, tenantId, [role]);
  if (!isBuiltIn(role) && !custom.has(role)) return false;
  const asked = new Set<Permission>(['member:write', ...permissionsOfRole(role, custom)]);
  if (keyId !== null) {
    const key = await db.inTenant(tenantId, (tx) => usableKey(tx, keyId));
    if (!key || (key.scopes !== null && !asked.isSubsetOf(new Set(key.scopes)))) return false;
  }
  const inviters = await responsibleNow(db, tenantId, { users, accounts });
  return inviters.length > 0 && inviters.every(({ permissions }) => permissions && asked.isSubsetOf(permissions));
}
