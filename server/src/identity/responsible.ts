import type { Database } from '../db/tenancy.ts';
import { accountsWith } from './account_queries.ts';
import type { Principals } from './caller.ts';
import { findTenantOfKey } from './queries.ts';
import { rolesNamed } from './role_rules.ts';
import { type Permission, permissionsOfRole } from './roles.ts';

/** Somebody who is responsible for a service account. */
export interface Responsible {
  readonly kind: 'user' | 'service_account';
  readonly id: string;
  /** The e-mail address or the account's name; undefined where there is nobody of that id in the tenant. */
  readonly name: string | undefined;
  /** Undefined where they are gone from the tenant, or not active: what they answer for does not hold. */
  readonly permissions: ReadonlySet<Permission> | undefined;
}

/** Who is responsible for something, with what they may do now. */
export async function responsibleNow(
  db: Database,
  tenantId: string,
  { users, accounts }: Principals,
): Promise<Responsible[]> {
  if (users.length + accounts.length === 0) return [];
  const there = await db.inTenant(tenantId, (tx) => accountsWith(tx, accounts));
  const tenant = await db.inIdentity((tx) => findTenantOfKey(tx, tenantId, users));
  const members = tenant?.users ?? [];
  const custom = await rolesNamed(
    db,
    tenantId,
    [...there, ...members].map(({ role }) => role),
  );
  return [
    ...users.map((id): Responsible => {
      const member = members.find(({ user_id }) => user_id === id);
      const permissions = member && permissionsOfRole(member.role, custom);
      return { kind: 'user', id, name: member?.email, permissions };
    }),
    ...accounts.map((id): Responsible => {
      const account = there.find(({ service_account_id }) => service_account_id === id);
      const permissions = account?.is_active ? permissionsOfRole(account.role, custom) : undefined;
      return { kind: 'service_account', id, name: account?.name, permissions };
    }),
  ];
}
