import type { Database, TenantTx } from '../db/tenancy.ts';
import { AddressList } from './address_list.ts';
import type { ApiKeyCaller, Principals } from './caller.ts';
import type { Known } from './credential_cache.ts';
import { hashOfKey, tenantOfKey } from './key_text.ts';
import { findLiveKey, findTenantOfKey, type LiveKey, rolesOfAccounts } from './queries.ts';
import { rolesNamed } from './role_rules.ts';
import { type Permission, permissionsOfRole } from './roles.ts';

export interface KnownKey extends Known {
  readonly caller: ApiKeyCaller;
  readonly lastUsedAt: Date | null;
}

const union = (...lists: (readonly string[] | null)[]): string[] => [...new Set(lists.flatMap((list) => list ?? []))];

/** What all the sets hold; undefined where there is none. */
function common(sets: readonly ReadonlySet<Permission>[]): ReadonlySet<Permission> | undefined {
  const [first, ...others] = sets;
  return first && others.reduce((left, other) => left.intersection(other), first);
}

/** Whoever is responsible for the key or for the account that holds it. */
const responsibleFor = (key: LiveKey): Principals => ({
  users: union(key.bound_user_ids, key.account_bound_user_ids),
  accounts: union(key.bound_account_ids, key.account_bound_account_ids),
});

async function findInTenant(tx: TenantTx, text: string) {
  const key = await findLiveKey(tx, hashOfKey(text));
  if (!key) return undefined;
  const responsible = responsibleFor(key);
  const roles = responsible.accounts.length > 0 ? await rolesOfAccounts(tx, responsible.accounts) : [];
  return { key, responsible, roles };
}

/**
 * Who stands behind the text of an API key; undefined where it does not hold. It can do what its holder may do now, as
 * far as its scopes go, and no more than anybody who is responsible for it may do now. Where one of these is gone from
 * the tenant or not active, it does not hold.
 */
export async function knownByKey(db: Database, text: string): Promise<KnownKey | undefined> {
  const tenantId = tenantOfKey(text);
  if (tenantId === undefined) return undefined;
  const found = await db.inTenant(tenantId, (tx) => findInTenant(tx, text));
  if (!found) return undefined;
  const { key, responsible, roles } = found;
  const users = union(responsible.users, key.user_id === null ? [] : [key.user_id]);
  const tenant = await db.inIdentity((tx) => findTenantOfKey(tx, tenantId, users));
  if (!tenant || tenant.users.length < users.length || roles.length < responsible.accounts.length) return undefined;

  const holder = holderOf(key, tenant.users);
  if (!holder) return undefined;
  const bounds = tenant.users.filter(({ user_id }) => responsible.users.includes(user_id)).map(({ role }) => role);
  const custom = await rolesNamed(db, tenantId, [holder.role, ...bounds, ...roles]);
  const own = permissionsOfRole(holder.role, custom);
  const bound = common([
    ...(key.scopes === null ? [] : [new Set(key.scopes)]),
    ...[...bounds, ...roles].map((role) => permissionsOfRole(role, custom)),
  ]);
  const { owner } = holder;
  const until = key.expires_at?.getTime() ?? Number.POSITIVE_INFINITY;
  return {
    caller: {
      kind: 'api_key',
      keyId: key.key_id,
      owner,
      place: {
        tenant: { id: tenantId, slug: tenant.slug },
        requiresFactor: tenant.requires_factor,
        role: holder.role,
        permissions: bound ? own.intersection(bound) : own,
        ...(bound ? { bound } : {}),
      },
      boundTo: { users, accounts: union(responsible.accounts, owner.kind === 'user' ? [] : [owner.id]) },
      ...(key.allowed_addresses === null ? {} : { addresses: new AddressList(key.allowed_addresses) }),
      until,
      withFactor: tenant.users.every(({ has_factor }) => has_factor),
    },
    until,
    lastUsedAt: key.last_used_at,
  };
}

function holderOf(
  key: LiveKey,
  users: readonly { user_id: string; role: string; email: string }[],
): { owner: ApiKeyCaller['owner']; role: string } | undefined {
  if (key.user_id !== null) {
    const user = users.find(({ user_id }) => user_id === key.user_id);
    return user && { owner: { kind: 'user', id: user.user_id, name: user.email }, role: user.role };
  }
  if (key.service_account_id === null || key.account_role === null || !key.account_is_active) return undefined;
  const name = key.account_name ?? '';
  return { owner: { kind: 'service_account', id: key.service_account_id, name }, role: key.account_role };
}
