import { build, type Database, type IdentityTx, type TenantTx } from '../db/tenancy.ts';
import type { Membership, Place } from './caller.ts';
import { type CustomRoles, isBuiltIn, type Permission, permissionsOf, permissionsOfRole } from './roles.ts';

export interface RoleRow {
  name: string;
  description: string;
  inherits: string[];
  permissions: string[];
  created_at: Date;
  updated_at: Date;
}

/** The roles of the tenant's own, by name; there are few (see `rolesMax`). */
export async function customRoles(tx: TenantTx): Promise<ReadonlyMap<string, RoleRow>> {
  const rows = await tx.sql<RoleRow>(
    `SELECT name, description, inherits, permissions, created_at, updated_at
       FROM maestro.roles WHERE tenant_id = $1 ORDER BY name`,
    [tx.tenantId],
    'custom_roles',
  );
  return new Map(rows.map((row) => [row.name, row]));
}

/** What a role allows in a tenant. Only a role of the tenant's own costs a look-up. */
async function permissionsIn(db: Database, tenantId: string, role: string): Promise<ReadonlySet<Permission>> {
  if (isBuiltIn(role)) return permissionsOf[role];
  return permissionsOfRole(role, await db.inTenant(tenantId, customRoles));
}

/** As `permissionsIn`, in a tenant's transaction. */
export async function allowedBy(tx: TenantTx, role: string): Promise<ReadonlySet<Permission>> {
  return isBuiltIn(role) ? permissionsOf[role] : permissionsOfRole(role, await customRoles(tx));
}

/** Memberships with what they allow. They stand in a reference table, roles in tenants' own: never in one transaction. */
export async function placesOf(db: Database, memberships: readonly Membership[]): Promise<Place[]> {
  return Promise.all(
    memberships.map(async (membership) => ({
      ...membership,
      permissions: await permissionsIn(db, membership.tenant.id, membership.role),
    })),
  );
}

export async function insertRole(
  tx: TenantTx,
  role: { name: string; description: string; inherits: string[]; permissions: string[] },
): Promise<void> {
  await tx.all(build.insertInto('roles').values({ tenant_id: tx.tenantId, ...role }));
}

export async function updateRole(
  tx: TenantTx,
  name: string,
  change: { description?: string; inherits?: string[]; permissions?: string[] },
): Promise<void> {
  await tx.all(
    build
      .updateTable('roles')
      .set({ ...change, updated_at: new Date() })
      .where('tenant_id', '=', tx.tenantId)
      .where('name', '=', name),
  );
}

export async function deleteRole(tx: TenantTx, name: string): Promise<void> {
  await tx.all(build.deleteFrom('roles').where('tenant_id', '=', tx.tenantId).where('name', '=', name));
}

/** Who in the tenant has a role by something other than a membership: a phrase, undefined for nobody. */
export async function holderIn(tx: TenantTx, name: string, custom: CustomRoles): Promise<string | undefined> {
  for (const { name: heir, inherits } of custom.values()) {
    if (inherits.includes(name)) return `the role '${heir}' inherits from it`;
  }
  const account = await tx.first(
    build.selectFrom('service_accounts').select('name').where('tenant_id', '=', tx.tenantId).where('role', '=', name),
  );
  if (account) return `the service account '${account.name}' has it`;
  const grant = await tx.first(
    build.selectFrom('grants').select('grant_id').where('tenant_id', '=', tx.tenantId).where('role', '=', name),
  );
  return grant && `the grant ${grant.grant_id} gives it`;
}

/** How many members have a role. */
export async function membersWith(tx: IdentityTx, tenantId: string, role: string): Promise<number> {
  const [row] = await tx.sql<{ members: number }>(
    'SELECT count(*) AS members FROM maestro.memberships WHERE tenant_id = $1 AND role = $2',
    [tenantId, role],
  );
  return row?.members ?? 0;
}
