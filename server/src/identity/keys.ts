import { build, type TenantTx } from '../db/tenancy.ts';
import { MaestroError, notFound } from '../errors.ts';
import { atPlace } from './paging.ts';

export interface KeyRow {
  key_id: string;
  name: string;
  prefix: string;
  user_id: string | null;
  service_account_id: string | null;
  account_name: string | null;
  account_role: string | null;
  created_at: Date;
  /** To the microsecond, as a place in the list. */
  created_at_text: string;
  expires_at: Date | null;
  last_used_at: Date | null;
  revoked_at: Date | null;
}

const selectKeys = `
  SELECT k.key_id, k.name, k.prefix, k.user_id, k.service_account_id, a.name AS account_name, a.role AS account_role,
         k.created_at, k.created_at::text AS created_at_text, k.expires_at, k.last_used_at, k.revoked_at
    FROM maestro.api_keys k
    LEFT JOIN maestro.service_accounts a
      ON a.tenant_id = $1 AND a.tenant_id = k.tenant_id AND a.service_account_id = k.service_account_id
   WHERE k.tenant_id = $1`;

/** Keys of the tenant, the newest first; of one user only where `userId` is given. */
export async function keysAfter(
  tx: TenantTx,
  after: string[] | undefined,
  limit: number,
  userId: string | undefined,
): Promise<KeyRow[]> {
  const [createdAt = null, keyId = null] = after ?? [];
  return atPlace(after, () =>
    tx.sql<KeyRow>(
      `${selectKeys} AND ($2::uuid IS NULL OR k.user_id = $2)
          AND ($3::timestamptz IS NULL OR (k.created_at, k.key_id) < ($3, $4::uuid))
        ORDER BY k.created_at DESC, k.key_id DESC LIMIT $5`,
      [tx.tenantId, userId ?? null, createdAt, keyId, limit],
    ),
  );
}

export async function insertKey(
  tx: TenantTx,
  key: {
    name: string;
    prefix: string;
    secret_hash: Buffer;
    created_by: string;
    expires_at: Date | null;
    user_id?: string;
    service_account_id?: string;
  },
): Promise<KeyRow> {
  const made = await tx.first(
    build
      .insertInto('api_keys')
      .values({ tenant_id: tx.tenantId, ...key })
      .returning('key_id'),
  );
  const [row] = await tx.sql<KeyRow>(`${selectKeys} AND k.key_id = $2`, [tx.tenantId, made!.key_id]);
  return row!;
}

/**
 * The id of the tenant's service account of that name, made with `role` (ml_engineer unless said otherwise) where there
 * is none. Throws `already_exists` where it has another role than the one asked for, `invalid_state` where it is closed.
 */
export async function serviceAccount(tx: TenantTx, name: string, role: string | undefined): Promise<string> {
  const made = await tx.first(
    build
      .insertInto('service_accounts')
      .values({ tenant_id: tx.tenantId, name, role: role ?? 'ml_engineer' })
      .onConflict((conflict) => conflict.columns(['tenant_id', 'name']).doNothing())
      .returning('service_account_id'),
  );
  if (made) return made.service_account_id;
  const found = await tx.first(
    build
      .selectFrom('service_accounts')
      .select(['service_account_id', 'role', 'is_active'])
      .where('tenant_id', '=', tx.tenantId)
      .where('name', '=', name),
  );
  if (!found?.is_active) throw new MaestroError('invalid_state', `The service account '${name}' is not active.`);
  if (role !== undefined && role !== found.role) {
    throw new MaestroError('already_exists', `role: the service account '${name}' has the role ${found.role}`, {
      field: 'role',
    });
  }
  return found.service_account_id;
}

/** Revoking again changes nothing. Throws `not_found`; another user's key does not exist where `userId` is given. */
export async function revokeKey(tx: TenantTx, keyId: string, userId: string | undefined): Promise<void> {
  const rows = await tx.sql(
    `UPDATE maestro.api_keys SET revoked_at = coalesce(revoked_at, now())
      WHERE tenant_id = $1 AND key_id = $2 AND ($3::uuid IS NULL OR user_id = $3) RETURNING 1`,
    [tx.tenantId, keyId, userId ?? null],
  );
  if (rows.length === 0) throw notFound(`Key '${keyId}' not found`);
}
