import type { TenantTx } from '../db/tenancy.ts';
import { isUniqueViolation } from '../identity/tenants.ts';

/** What is said of somebody on a team. */
export interface MemberFields {
  name: string;
  user_id: string | null;
  role: string;
  experience_level: string | null;
  contribution_hours: number | null;
  performance_score: number | null;
}

export interface MemberRow extends MemberFields {
  member_id: string;
  created_at: Date;
  updated_at: Date;
}

const fields = [
  'name',
  'user_id',
  'role',
  'experience_level',
  'contribution_hours',
  'performance_score',
] as const satisfies (keyof MemberFields)[];

const columns = ['member_id', ...fields, 'created_at', 'updated_at'].join(', ');

const valuesOf = (member: MemberFields): unknown[] => fields.map((field) => member[field]);

/** Undefined where the user is on the team already. */
export async function insertMember(
  tx: TenantTx,
  project: string,
  member: MemberFields,
): Promise<MemberRow | undefined> {
  const [row] = await tx.sql<MemberRow>(
    `INSERT INTO maestro.team_members (tenant_id, project_id, ${fields.join(', ')})
     VALUES ($1, $2, ${fields.map((_, index) => `$${index + 3}`).join(', ')})
     ON CONFLICT DO NOTHING RETURNING ${columns}`,
    [tx.tenantId, project, ...valuesOf(member)],
    'insert_team_member',
  );
  return row;
}

/** Locks the row until the commit. */
export async function lockMember(tx: TenantTx, project: string, member: string): Promise<MemberRow | undefined> {
  const [row] = await tx.sql<MemberRow>(
    `SELECT ${columns} FROM maestro.team_members
      WHERE tenant_id = $1 AND project_id = $2 AND member_id = $3 FOR UPDATE`,
    [tx.tenantId, project, member],
    'lock_team_member',
  );
  return row;
}

/** Undefined where the user is on the team already; the transaction is then broken. */
export async function updateMember(
  tx: TenantTx,
  project: string,
  id: string,
  member: MemberFields,
): Promise<MemberRow | undefined> {
  try {
    const [row] = await tx.sql<MemberRow>(
      `UPDATE maestro.team_members SET ${fields.map((field, index) => `${field} = $${index + 4}`).join(', ')},
            updated_at = now()
      WHERE tenant_id = $1 AND project_id = $2 AND member_id = $3 RETURNING ${columns}`,
      [tx.tenantId, project, id, ...valuesOf(member)],
      'update_team_member',
    );
    return row;
  } catch (error) {
    if (isUniqueViolation(error)) return undefined;
    throw error;
  }
}

/** False where there was none. */
export async function deleteMember(tx: TenantTx, project: string, member: string): Promise<boolean> {
  const rows = await tx.sql(
    `DELETE FROM maestro.team_members WHERE tenant_id = $1 AND project_id = $2 AND member_id = $3 RETURNING member_id`,
    [tx.tenantId, project, member],
    'delete_team_member',
  );
  return rows.length > 0;
}

/** Up to `limit` by name, behind a place: a name and an id. */
export function membersAfter(
  tx: TenantTx,
  project: string,
  place: readonly string[] | undefined,
  limit: number,
): Promise<MemberRow[]> {
  const [name = null, id = null] = place ?? [];
  return tx.sql<MemberRow>(
    `SELECT ${columns} FROM maestro.team_members
      WHERE tenant_id = $1 AND project_id = $2 AND ($3::text IS NULL OR (name, member_id) > ($3::text, $4::uuid))
      ORDER BY name, member_id LIMIT $5`,
    [tx.tenantId, project, name, id, limit],
    'team_members_after',
  );
}
