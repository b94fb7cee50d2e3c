import { build, type TenantTx } from '../db/tenancy.ts';
import { atPlace } from './paging.ts';
import { customRoles } from './role_queries.ts';
import { isBuiltIn, type Permission, permissionsOfRole } from './roles.ts';

/** Who grants are for. */
export interface Subject {
  readonly kind: 'user' | 'service_account';
  readonly id: string;
}

/** What one grant is on. */
export interface GrantedThing {
  readonly kind: 'experiment' | 'project' | 'model';
  readonly id: string;
}

export interface GrantRow {
  grant_id: string;
  subject_kind: Subject['kind'];
  subject_id: string;
  resource_kind: GrantedThing['kind'];
  resource_id: string;
  role: string | null;
  permissions: string[];
  created_by: string;
  created_at: Date;
  /** To the microsecond, as a place in the list. */
  created_at_text: string;
}

/** Resources of which something may be granted on one thing alone. */
const grantable = new Set(['project', 'experiment', 'run', 'model', 'artifact']);

export const isGrantable = (permission: string): boolean => grantable.has(permission.split(':')[0] as string);

/** A grant, with what it allows on its thing. */
export interface Grant {
  readonly grantId: string;
  readonly thing: GrantedThing;
  readonly role: string | null;
  readonly permissions: ReadonlySet<Permission>;
}

/** What a subject was granted in the tenant; at most `grantsMax` rows. */
export async function grantsTo(tx: TenantTx, { kind, id }: Subject): Promise<Grant[]> {
  const rows = await tx.sql<Pick<GrantRow, 'grant_id' | 'resource_kind' | 'resource_id' | 'role' | 'permissions'>>(
    `SELECT grant_id, resource_kind, resource_id, role, permissions FROM maestro.grants
      WHERE tenant_id = $1 AND subject_kind = $2 AND subject_id = $3`,
    [tx.tenantId, kind, id],
    'grants_to',
  );
  const custom = rows.some(({ role }) => role !== null && !isBuiltIn(role)) ? await customRoles(tx) : new Map();
  return rows.map((row) => {
    const allowed = row.role === null ? row.permissions : [...permissionsOfRole(row.role, custom)];
    return {
      grantId: row.grant_id,
      thing: { kind: row.resource_kind, id: row.resource_id },
      role: row.role,
      permissions: new Set(allowed.filter(isGrantable) as Permission[]),
    };
  });
}

const selected = `SELECT g.grant_id, g.subject_kind, g.subject_id, g.resource_kind, g.resource_id, g.role, g.permissions,
    g.created_by, g.created_at, g.created_at::text AS created_at_text
  FROM maestro.grants g WHERE g.tenant_id = $1`;

/** Grants of the tenant, the newest first; of one subject or on one thing where those are given. */
export async function grantsAfter(
  tx: TenantTx,
  after: string[] | undefined,
  limit: number,
  wanted: { subjectId?: string | undefined; resourceKind?: string | undefined; resourceId?: string | undefined },
): Promise<GrantRow[]> {
  const [createdAt = null, grantId = null] = after ?? [];
  return atPlace(after, () =>
    tx.sql<GrantRow>(
      `${selected} AND ($2::uuid IS NULL OR g.subject_id = $2) AND ($3::text IS NULL OR g.resource_kind = $3)
        AND ($4::text IS NULL OR g.resource_id = $4)
        AND ($5::timestamptz IS NULL OR (g.created_at, g.grant_id) < ($5, $6::uuid))
      ORDER BY g.created_at DESC, g.grant_id DESC LIMIT $7`,
      [
        tx.tenantId,
        wanted.subjectId ?? null,
        wanted.resourceKind ?? null,
        wanted.resourceId ?? null,
        createdAt,
        grantId,
        limit,
      ],
    ),
  );
}

export async function findGrant(tx: TenantTx, grantId: string): Promise<GrantRow | undefined> {
  const [row] = await tx.sql<GrantRow>(`${selected} AND g.grant_id = $2`, [tx.tenantId, grantId]);
  return row;
}

/** Undefined where the subject has a grant on that thing. */
export async function insertGrant(
  tx: TenantTx,
  grant: Pick<
    GrantRow,
    'subject_kind' | 'subject_id' | 'resource_kind' | 'resource_id' | 'role' | 'permissions' | 'created_by'
  >,
): Promise<string | undefined> {
  const made = await tx.first(
    build
      .insertInto('grants')
      .values({ tenant_id: tx.tenantId, ...grant })
      .onConflict((conflict) => conflict.doNothing())
      .returning('grant_id'),
  );
  return made?.grant_id;
}

export async function deleteGrant(tx: TenantTx, grantId: string): Promise<void> {
  await tx.all(build.deleteFrom('grants').where('tenant_id', '=', tx.tenantId).where('grant_id', '=', grantId));
}

/** Takes all grants of somebody who leaves the tenant. Gives how many there were. */
export async function deleteGrantsTo(tx: TenantTx, { kind, id }: Subject): Promise<number> {
  const taken = await tx.all(
    build
      .deleteFrom('grants')
      .where('tenant_id', '=', tx.tenantId)
      .where('subject_kind', '=', kind)
      .where('subject_id', '=', id)
      .returning('grant_id'),
  );
  return taken.length;
}
