import { build, type TenantTx } from '../db/tenancy.ts';
import { type MaestroError, notFound } from '../errors.ts';
import type { Principals } from './caller.ts';
import { atPlace } from './paging.ts';
import type { Permission } from './roles.ts';

export interface KeyRow {
  key_id: string;
  name: string;
  prefix: string;
  user_id: string | null;
  service_account_id: string | null;
  account_name: string | null;
  account_role: string | null;
  account_is_active: boolean | null;
  scopes: Permission[] | null;
  allowed_addresses: string[] | null;
  created_by: string;
  created_at: Date;
  /** To the microsecond, as a place in the list. */
  created_at_text: string;
  expires_at: Date | null;
  last_used_at: Date | null;
  last_used_address: string | null;
  revoked_at: Date | null;
  replaced_by: string | null;
  /** The key that made it. */
  made_by_key: string | null;
  /** No rotation of itself lasts longer. */
  ends_by: Date | null;
}

const selectKeys = `
  SELECT k.key_id, k.name, k.prefix, k.user_id, k.service_account_id, a.name AS account_name, a.role AS account_role,
         a.is_active AS account_is_active, k.scopes, k.allowed_addresses, k.created_by, k.created_at,
         k.created_at::text AS created_at_text, k.expires_at, k.last_used_at, k.last_used_address, k.revoked_at,
         k.replaced_by, k.made_by_key, k.ends_by
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

export interface NewKey {
  readonly name: string;
  readonly prefix: string;
  readonly secret_hash: Buffer;
  readonly created_by: string;
  readonly expires_at: Date | null;
  readonly made_by_key: string | null;
  readonly ends_by: Date | null;
  readonly scopes: readonly Permission[] | null;
  readonly allowed_addresses: readonly string[] | null;
  readonly binds: Principals;
  readonly owner: { readonly user_id: string } | { readonly service_account_id: string };
}

export async function insertKey(tx: TenantTx, key: NewKey): Promise<KeyRow> {
  const { binds, owner, scopes, allowed_addresses, ...rest } = key;
  const made = await tx.first(
    build
      .insertInto('api_keys')
      .values({
        tenant_id: tx.tenantId,
        ...rest,
        ...owner,
        scopes: scopes && [...scopes],
        allowed_addresses: allowed_addresses && [...allowed_addresses],
        bound_user_ids: [...binds.users],
        bound_account_ids: [...binds.accounts],
      })
      .returning('key_id'),
  );
  const [row] = await tx.sql<KeyRow>(`${selectKeys} AND k.key_id = $2`, [tx.tenantId, made!.key_id]);
  return row!;
}

const missing = (keyId: string): MaestroError => notFound(`Key '${keyId}' not found`);

/**
 * A key, locked so that nobody else changes it meanwhile. Throws `not_found`; another user's key does not exist where
 * `userId` is given.
 */
export async function lockKey(tx: TenantTx, keyId: string, userId: string | undefined): Promise<KeyRow> {
  const [row] = await tx.sql<KeyRow>(
    `${selectKeys} AND k.key_id = $2 AND ($3::uuid IS NULL OR k.user_id = $3) FOR UPDATE OF k`,
    [tx.tenantId, keyId, userId ?? null],
  );
  if (!row) throw missing(keyId);
  return row;
}

/** What a key, or the one in its place, may be used for; undefined where that does not hold any more. */
export async function usableKey(tx: TenantTx, keyId: string): Promise<Pick<KeyRow, 'scopes'> | undefined> {
  const rows = await tx.sql<Pick<KeyRow, 'scopes'>>(
    `WITH RECURSIVE successors AS (
       SELECT key_id, replaced_by FROM maestro.api_keys WHERE tenant_id = $1 AND key_id = $2 AND revoked_at IS NULL
       UNION
       SELECT k.key_id, k.replaced_by FROM maestro.api_keys k
         JOIN successors s ON k.tenant_id = $1 AND k.key_id = s.replaced_by)
     SELECT k.scopes FROM maestro.api_keys k JOIN successors s ON s.key_id = k.key_id
      WHERE k.tenant_id = $1 AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now()) LIMIT 1`,
    [tx.tenantId, keyId],
  );
  return rows[0];
}

/** Lets a key end when the overlap is over, if it does not end before, for the sake of the one in its place. */
export async function replaceKey(tx: TenantTx, keyId: string, by: string, overlapHours: number): Promise<void> {
  await tx.sql(
    `UPDATE maestro.api_keys
        SET replaced_by = $3, expires_at = least(expires_at, now() + make_interval(hours => $4))
      WHERE tenant_id = $1 AND key_id = $2`,
    [tx.tenantId, keyId, by, overlapHours],
  );
}

/** Sets a key's name and addresses, and binds it to more people and accounts than until now. */
export async function updateKey(
  tx: TenantTx,
  keyId: string,
  change: { name: string; allowed_addresses: readonly string[] | null; binds: Principals },
): Promise<void> {
  const { name, allowed_addresses, binds } = change;
  await tx.sql(
    `UPDATE maestro.api_keys
        SET name = $3, allowed_addresses = $4,
            bound_user_ids = ARRAY(SELECT DISTINCT unnest(bound_user_ids || $5::uuid[])),
            bound_account_ids = ARRAY(SELECT DISTINCT unnest(bound_account_ids || $6::uuid[]))
      WHERE tenant_id = $1 AND key_id = $2`,
    [tx.tenantId, keyId, name, allowed_addresses, binds.users, binds.accounts],
  );
}

/**
 * Revokes a key with all that it made, and they made: whoever holds a leaked one may have made more. A key that rotated
 * itself and the one in its place count as one. Where one of these revokes another, `by`, that one alone ends: a program
 * that has rotated its key. Gives the ids of what ended, the key's own first. Revoking again changes nothing. Throws
 * `not_found`; another user's key does not exist where `userId` is given.
 */
export async function revokeKey(
  tx: TenantTx,
  keyId: string,
  { userId, by }: { userId?: string | undefined; by?: string | undefined },
): Promise<string[]> {
  const found = await tx.sql<{ key_id: string }>(
    `WITH RECURSIVE ended AS (
       SELECT key_id, made_by_key FROM maestro.api_keys
        WHERE tenant_id = $1 AND key_id = $2 AND ($3::uuid IS NULL OR user_id = $3)
       UNION
       SELECT k.key_id, k.made_by_key FROM maestro.api_keys k
         JOIN ended e ON k.tenant_id = $1
          AND (k.made_by_key = e.key_id OR (k.key_id = e.made_by_key AND k.replaced_by = e.key_id)))
     SELECT key_id FROM ended`,
    [tx.tenantId, keyId, userId ?? null],
  );
  if (found.length === 0) throw missing(keyId);
  const ids = found.map(({ key_id }) => key_id);
  const others = by !== undefined && by !== keyId && ids.includes(by) ? [] : ids.filter((id) => id !== keyId);
  await tx.sql(
    `UPDATE maestro.api_keys SET revoked_at = coalesce(revoked_at, now())
      WHERE tenant_id = $1 AND key_id = ANY ($2::uuid[])`,
    [tx.tenantId, [keyId, ...others]],
  );
  return [keyId, ...others];
}

/** Ends every key of a user in the tenant. Gives how many there were. */
export async function revokeKeysOf(tx: TenantTx, userId: string): Promise<number> {
  const ended = await tx.sql(
    `UPDATE maestro.api_keys SET revoked_at = now() WHERE tenant_id = $1 AND user_id = $2 AND revoked_at IS NULL
      RETURNING 1`,
    [tx.tenantId, userId],
  );
  return ended.length;
}
