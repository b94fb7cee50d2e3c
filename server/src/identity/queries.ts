import { build, type IdentityTx, type TenantTx } from '../db/tenancy.ts';
import type { Membership } from './caller.ts';
import type { Permission } from './roles.ts';

/** A key that is neither revoked nor expired, and who holds it, as its tenant's tables know them. */
export interface LiveKey {
  key_id: string;
  user_id: string | null;
  service_account_id: string | null;
  expires_at: Date | null;
  last_used_at: Date | null;
  scopes: Permission[] | null;
  allowed_addresses: string[] | null;
  bound_user_ids: string[];
  bound_account_ids: string[];
  account_name: string | null;
  account_role: string | null;
  account_is_active: boolean | null;
  account_bound_user_ids: string[] | null;
  account_bound_account_ids: string[] | null;
}

export async function findLiveKey(tx: TenantTx, secretHash: Buffer): Promise<LiveKey | undefined> {
  const rows = await tx.sql<LiveKey>(
    `SELECT k.key_id, k.user_id, k.service_account_id, k.expires_at, k.last_used_at, k.scopes, k.allowed_addresses,
            k.bound_user_ids, k.bound_account_ids,
            a.name AS account_name, a.role AS account_role, a.is_active AS account_is_active,
            a.bound_user_ids AS account_bound_user_ids, a.bound_account_ids AS account_bound_account_ids
       FROM maestro.api_keys k
       LEFT JOIN maestro.service_accounts a
         ON a.tenant_id = $1 AND a.tenant_id = k.tenant_id AND a.service_account_id = k.service_account_id
      WHERE k.tenant_id = $1 AND k.secret_hash = $2 AND k.revoked_at IS NULL
        AND (k.expires_at IS NULL OR k.expires_at > now())`,
    [tx.tenantId, secretHash],
    'find_live_key',
  );
  return rows[0];
}

/** The roles of those among the accounts that are active. */
export async function rolesOfAccounts(tx: TenantTx, accountIds: readonly string[]): Promise<string[]> {
  const rows = await tx.sql<{ role: string }>(
    `SELECT role FROM maestro.service_accounts
      WHERE tenant_id = $1 AND service_account_id = ANY ($2::uuid[]) AND is_active`,
    [tx.tenantId, accountIds],
    'roles_of_accounts',
  );
  return rows.map(({ role }) => role);
}

/** At most once a minute for each key, also when several processes see it used. */
export async function touchKey(tx: TenantTx, keyId: string, address: string): Promise<void> {
  await tx.sql(
    `UPDATE maestro.api_keys SET last_used_at = now(), last_used_address = $3
      WHERE tenant_id = $1 AND key_id = $2 AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')`,
    [tx.tenantId, keyId, address],
    'touch_key',
  );
}

export interface KeyUser {
  user_id: string;
  role: string;
  email: string;
  has_factor: boolean;
}

interface TenantOfKey {
  slug: string;
  requires_factor: boolean;
}

/** An active tenant, with those among the users who are active and belong to it. */
export async function findTenantOfKey(
  tx: IdentityTx,
  tenantId: string,
  userIds: readonly string[],
): Promise<(TenantOfKey & { users: KeyUser[] }) | undefined> {
  const rows = await tx.sql<TenantOfKey & { [Field in keyof KeyUser]: KeyUser[Field] | null }>(
    `SELECT t.slug, t.requires_factor, u.user_id, m.role, u.email,
            EXISTS (SELECT 1 FROM maestro.totp_factors f
                     WHERE f.user_id = u.user_id AND f.confirmed_at IS NOT NULL)
              OR EXISTS (SELECT 1 FROM maestro.webauthn_credentials w WHERE w.user_id = u.user_id) AS has_factor
       FROM maestro.tenants t
       LEFT JOIN (maestro.memberships m JOIN maestro.users u ON u.user_id = m.user_id AND u.is_active)
         ON m.tenant_id = t.tenant_id AND m.user_id = ANY ($2::uuid[])
      WHERE t.tenant_id = $1 AND t.is_active`,
    [tenantId, userIds],
    'find_tenant_of_key',
  );
  const [first] = rows;
  if (!first) return undefined;
  const { slug, requires_factor } = first;
  return { slug, requires_factor, users: rows.filter((row): row is typeof row & KeyUser => row.user_id !== null) };
}

/**
 * A user's memberships of active tenants, the oldest first: those that are open to who comes by an identity provider
 * with an address of `providerDomain`, where that is given.
 */
export async function membershipsOf(tx: IdentityTx, userId: string, providerDomain?: string): Promise<Membership[]> {
  const rows = await tx.sql<{ tenant_id: string; slug: string; role: string; requires_factor: boolean }>(
    `SELECT m.tenant_id, t.slug, m.role, t.requires_factor
       FROM maestro.memberships m JOIN maestro.tenants t ON t.tenant_id = m.tenant_id
      WHERE m.user_id = $1 AND t.is_active
        AND ($2::text IS NULL OR t.allowed_email_domains = '{}' OR $2 = ANY (t.allowed_email_domains))
      ORDER BY m.created_at, t.slug`,
    [userId, providerDomain ?? null],
    'memberships_of',
  );
  return rows.map(({ tenant_id, slug, role, requires_factor }) => ({
    tenant: { id: tenant_id, slug },
    requiresFactor: requires_factor,
    role,
  }));
}

/** The ids of all tenants that a user has a place in, closed ones too. */
export async function tenantsOfUser(tx: IdentityTx, userId: string): Promise<string[]> {
  const rows = await tx.sql<{ tenant_id: string }>('SELECT tenant_id FROM maestro.memberships WHERE user_id = $1', [
    userId,
  ]);
  return rows.map((row) => row.tenant_id);
}

/**
 * The ids of the tenants that know of a user: those the user has a place in, and those that heard of the user in an audit
 * row, so also the ones the user left. Only tenants that are there.
 */
export async function tenantsConcerned(tx: IdentityTx, userId: string): Promise<string[]> {
  const rows = await tx.sql<{ tenant_id: string }>(
    `SELECT t.tenant_id FROM maestro.tenants t
      WHERE t.tenant_id IN (SELECT m.tenant_id FROM maestro.memberships m WHERE m.user_id = $1::uuid)
         OR t.tenant_id IN (SELECT unnest(e.copy_to) FROM maestro.operator_audit_events e WHERE e.target = $1::uuid::text)
      ORDER BY t.tenant_id`,
    [userId],
  );
  return rows.map((row) => row.tenant_id);
}

export interface SignInRow {
  user_id: string;
  email: string;
  password_hash: string | null;
  is_active: boolean;
  sign_in_epoch: number;
}

/** By e-mail address, whatever its case; a deleted user has none. */
export async function findUserByEmail(tx: IdentityTx, email: string): Promise<SignInRow | undefined> {
  const rows = await tx.sql<SignInRow>(
    `SELECT user_id, email, password_hash, is_active, sign_in_epoch FROM maestro.users
      WHERE lower(email) = lower($1) AND deleted_at IS NULL`,
    [email],
  );
  return rows[0];
}

export async function userExists(tx: IdentityTx, userId: string): Promise<boolean> {
  const row = await tx.first(build.selectFrom('users').select('user_id').where('user_id', '=', userId));
  return row !== undefined;
}

/** Ends a session that has not ended. */
/** False where it has ended before. */
export async function endSession(tx: IdentityTx, sessionId: string, reason: string): Promise<boolean> {
  const ended = await tx.sql(
    'UPDATE maestro.sessions SET ended_at = now(), end_reason = $2 WHERE session_id = $1 AND ended_at IS NULL RETURNING 1',
    [sessionId, reason],
  );
  return ended.length > 0;
}

export async function insertRefreshToken(
  tx: IdentityTx,
  token: { token_hash: Buffer; session_id: string; expires_at: Date },
): Promise<void> {
  await tx.all(build.insertInto('refresh_tokens').values(token));
}
