import { build, type IdentityTx } from '../db/tenancy.ts';
import { MaestroError, notFound } from '../errors.ts';

export interface MemberRow {
  user_id: string;
  email: string;
  name: string;
  is_active: boolean;
  role: string;
  created_at: Date;
}

/** Members of a tenant by e-mail address: those whose address or name holds `part`, and those of `userIds`, where given. */
export async function membersAfter(
  tx: IdentityTx,
  tenantId: string,
  { after, part, userIds }: { after: string | undefined; part?: string | undefined; userIds?: string[] | undefined },
  limit: number,
): Promise<MemberRow[]> {
  return tx.sql<MemberRow>(
    `SELECT u.user_id, u.email, u.name, u.is_active, m.role, m.created_at
       FROM maestro.memberships m JOIN maestro.users u ON u.user_id = m.user_id
      WHERE m.tenant_id = $1 AND ($2::text IS NULL OR lower(u.email) > lower($2))
        AND ($4::text IS NULL OR strpos(lower(u.email), lower($4)) > 0 OR strpos(lower(u.name), lower($4)) > 0)
        AND ($5::uuid[] IS NULL OR u.user_id = ANY($5))
      ORDER BY lower(u.email) LIMIT $3`,
    [tenantId, after ?? null, limit, part ?? null, userIds ?? null],
  );
}

const memberText = `SELECT u.user_id, u.email, u.name, u.is_active, m.role, m.created_at
    FROM maestro.memberships m JOIN maestro.users u ON u.user_id = m.user_id
   WHERE m.tenant_id = $1 AND m.user_id = $2`;

/** Throws `not_found`. */
export async function findMember(tx: IdentityTx, tenantId: string, userId: string): Promise<MemberRow> {
  const row = await memberIfAny(tx, tenantId, userId);
  if (!row) throw notFound(`Member '${userId}' not found`);
  return row;
}

/** Undefined where the user is no member. */
export async function memberIfAny(tx: IdentityTx, tenantId: string, userId: string): Promise<MemberRow | undefined> {
  const [row] = await tx.sql<MemberRow>(memberText, [tenantId, userId]);
  return row;
}

/** Locks the tenant's row, so that changes to its members happen one after the other. */
export async function lockMembers(tx: IdentityTx, tenantId: string): Promise<{ max_users: number }> {
  const row = await tx.first(
    build.selectFrom('tenants').select('max_users').where('tenant_id', '=', tenantId).forUpdate(),
  );
  if (!row) throw notFound('Tenant not found');
  return row;
}

/** Throws `already_exists` for a member and `limit_exceeded` where the tenant is full. */
export async function addMember(tx: IdentityTx, tenantId: string, userId: string, role: string): Promise<void> {
  const { max_users } = await lockMembers(tx, tenantId);
  const [counted] = await tx.sql<{ members: number; present: boolean }>(
    `SELECT count(*) AS members, coalesce(bool_or(user_id = $2), false) AS present
       FROM maestro.memberships WHERE tenant_id = $1`,
    [tenantId, userId],
  );
  if (counted?.present)
    throw new MaestroError('already_exists', 'email: this user is a member already', { field: 'email' });
  if ((counted?.members ?? 0) >= max_users) {
    throw new MaestroError('limit_exceeded', `The tenant has all the ${max_users} users it may have.`);
  }
  await tx.all(build.insertInto('memberships').values({ tenant_id: tenantId, user_id: userId, role }));
}

/**
 * A tenant keeps somebody who can administer it: an active member with the role `tenant_admin`. No role of the tenant's
 * own counts, whatever it allows: another transaction may change it at the same moment.
 */
async function keepAdministrator(tx: IdentityTx, tenantId: string, userId: string, name = ''): Promise<void> {
  const others = await tx.sql(
    `SELECT 1 FROM maestro.memberships m JOIN maestro.users u ON u.user_id = m.user_id
      WHERE m.tenant_id = $1 AND m.role = 'tenant_admin' AND m.user_id <> $2 AND u.is_active LIMIT 1`,
    [tenantId, userId],
  );
  if (others.length === 0) {
    throw new MaestroError(
      'invalid_state',
      `This is the last tenant_admin of the tenant${name}; make another one first.`,
    );
  }
}

/** No active tenant loses its last administrator with this user. Throws `invalid_state`. */
export async function keepAdministrators(tx: IdentityTx, userId: string): Promise<void> {
  const tenants = await tx.sql<{ tenant_id: string; slug: string }>(
    `SELECT t.tenant_id, t.slug FROM maestro.tenants t
       JOIN maestro.memberships m ON m.tenant_id = t.tenant_id
      WHERE m.user_id = $1 AND m.role = 'tenant_admin' AND t.is_active ORDER BY t.tenant_id FOR UPDATE OF t`,
    [userId],
  );
  for (const { tenant_id, slug } of tenants) await keepAdministrator(tx, tenant_id, userId, ` '${slug}'`);
}

/** `check` sees the role that the member has, and throws where the caller may not take it away. */
export async function changeRole(
  tx: IdentityTx,
  tenantId: string,
  userId: string,
  role: string,
  check: (current: string) => void,
): Promise<void> {
  await lockMembers(tx, tenantId);
  const member = await findMember(tx, tenantId, userId);
  check(member.role);
  if (member.role === 'tenant_admin' && role !== 'tenant_admin') await keepAdministrator(tx, tenantId, userId);
  await tx.all(
    build.updateTable('memberships').set({ role }).where('tenant_id', '=', tenantId).where('user_id', '=', userId),
  );
}

/** Throws where the member may not be removed. `check` as for `changeRole`. */
export async function checkRemovable(
  tx: IdentityTx,
  tenantId: string,
  userId: string,
  check: (current: string) => void,
): Promise<void> {
  await lockMembers(tx, tenantId);
  const member = await findMember(tx, tenantId, userId);
  check(member.role);
  if (member.role === 'tenant_admin') await keepAdministrator(tx, tenantId, userId);
}

/** `check` as for `changeRole`. */
export async function removeMember(
  tx: IdentityTx,
  tenantId: string,
  userId: string,
  check: (current: string) => void,
): Promise<void> {
  await checkRemovable(tx, tenantId, userId, check);
  await tx.all(build.deleteFrom('memberships').where('tenant_id', '=', tenantId).where('user_id', '=', userId));
}
