import { build, type IdentityTx } from '../db/tenancy.ts';
import { MaestroError, notFound } from '../errors.ts';
import type { Role } from './roles.ts';

export interface MemberRow {
  user_id: string;
  email: string;
  name: string;
  is_active: boolean;
  role: Role;
  created_at: Date;
}

/** Members of a tenant by e-mail address. */
export async function membersAfter(
  tx: IdentityTx,
  tenantId: string,
  after: string | undefined,
  limit: number,
): Promise<MemberRow[]> {
  return tx.sql<MemberRow>(
    `SELECT u.user_id, u.email, u.name, u.is_active, m.role, m.created_at
       FROM maestro.memberships m JOIN maestro.users u ON u.user_id = m.user_id
      WHERE m.tenant_id = $1 AND ($2::text IS NULL OR lower(u.email) > lower($2))
      ORDER BY lower(u.email) LIMIT $3`,
    [tenantId, after ?? null, limit],
  );
}

/** Throws `not_found`. */
export async function findMember(tx: IdentityTx, tenantId: string, userId: string): Promise<MemberRow> {
  const [row] = await tx.sql<MemberRow>(
    `SELECT u.user_id, u.email, u.name, u.is_active, m.role, m.created_at
       FROM maestro.memberships m JOIN maestro.users u ON u.user_id = m.user_id
      WHERE m.tenant_id = $1 AND m.user_id = $2`,
    [tenantId, userId],
  );
  if (!row) throw notFound(`Member '${userId}' not found`);
  return row;
}

/** Locks the tenant's row, so that changes to its members happen one after the other. */
async function lockMembers(tx: IdentityTx, tenantId: string): Promise<{ max_users: number }> {
  const row = await tx.first(
    build.selectFrom('tenants').select('max_users').where('tenant_id', '=', tenantId).forUpdate(),
  );
  if (!row) throw notFound('Tenant not found');
  return row;
}

/** Throws `already_exists` for a member and `limit_exceeded` where the tenant is full. */
export async function addMember(tx: IdentityTx, tenantId: string, userId: string, role: Role): Promise<void> {
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

/** A tenant keeps somebody who can administer it. */
async function keepAdministrator(tx: IdentityTx, tenantId: string, userId: string): Promise<void> {
  const others = await tx.sql(
    `SELECT 1 FROM maestro.memberships m JOIN maestro.users u ON u.user_id = m.user_id
      WHERE m.tenant_id = $1 AND m.role = 'tenant_admin' AND m.user_id <> $2 AND u.is_active LIMIT 1`,
    [tenantId, userId],
  );
  if (others.length === 0) {
    throw new MaestroError('invalid_state', 'This is the last tenant_admin of the tenant; make another one first.');
  }
}

export async function changeRole(tx: IdentityTx, tenantId: string, userId: string, role: Role): Promise<void> {
  await lockMembers(tx, tenantId);
  const member = await findMember(tx, tenantId, userId);
  if (member.role === 'tenant_admin' && role !== 'tenant_admin') await keepAdministrator(tx, tenantId, userId);
  await tx.all(
    build.updateTable('memberships').set({ role }).where('tenant_id', '=', tenantId).where('user_id', '=', userId),
  );
}

export async function removeMember(tx: IdentityTx, tenantId: string, userId: string): Promise<void> {
  await lockMembers(tx, tenantId);
  const member = await findMember(tx, tenantId, userId);
  if (member.role === 'tenant_admin') await keepAdministrator(tx, tenantId, userId);
  await tx.all(build.deleteFrom('memberships').where('tenant_id', '=', tenantId).where('user_id', '=', userId));
}
