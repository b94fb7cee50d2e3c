import { build, type IdentityTx, type TenantTx } from '../db/tenancy.ts';
import type { Membership } from './caller.ts';

/** Who stands behind a key that is neither revoked nor expired, as its tenant's tables know it. */
export interface KeyOwner {
  key_id: string;
  user_id: string | null;
  service_account_id: string | null;
  expires_at: Date | null;
  last_used_at: Date | null;
  account_name: string | null;
  account_role: string | null;
  account_is_active: boolean | null;
}

export async function findLiveKey(tx: TenantTx, secretHash: Buffer): Promise<KeyOwner | undefined> {
  const rows = await tx.sql<KeyOwner>(
    `SELECT k.key_id, k.user_id, k.service_account_id, k.expires_at, k.last_used_at,
            a.name AS account_name, a.role AS account_role, a.is_active AS account_is_active
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

/** At most once a minute for each key, also when several processes see it used. */
export async function touchKey(tx: TenantTx, keyId: string): Promise<void> {
  await tx.sql(
    `UPDATE maestro.api_keys SET last_used_at = now()
      WHERE tenant_id = $1 AND key_id = $2 AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')`,
    [tx.tenantId, keyId],
    'touch_key',
  );
}

/** An active tenant, with the user's place in it where `userId` is given and the user is active and a member. */
export async function findTenantOfKey(
  tx: IdentityTx,
  tenantId: string,
  userId: string | null,
): Promise<{ slug: string; role: string | null; email: string | null } | undefined> {
  const rows = await tx.sql<{ slug: string; role: string | null; email: string | null }>(
    `SELECT t.slug, m.role, u.email
       FROM maestro.tenants t
       LEFT JOIN (maestro.memberships m JOIN maestro.users u ON u.user_id = m.user_id AND u.is_active)
         ON m.tenant_id = t.tenant_id AND m.user_id = $2
      WHERE t.tenant_id = $1 AND t.is_active`,
    [tenantId, userId],
    'find_tenant_of_key',
  );
  return rows[0];
}

/** A user's memberships of active tenants, the oldest first. */
export async function membershipsOf(tx: IdentityTx, userId: string): Promise<Membership[]> {
  const rows = await tx.sql<{ tenant_id: string; slug: string; role: string }>(
    `SELECT m.tenant_id, t.slug, m.role
       FROM maestro.memberships m JOIN maestro.tenants t ON t.tenant_id = m.tenant_id
      WHERE m.user_id = $1 AND t.is_active
      ORDER BY m.created_at, t.slug`,
    [userId],
    'memberships_of',
  );
  return rows.map(({ tenant_id, slug, role }) => ({ tenant: { id: tenant_id, slug }, role }));
}

/** The ids of all tenants that a user has a place in, closed ones too. */
export async function tenantsOfUser(tx: IdentityTx, userId: string): Promise<string[]> {
  const rows = await tx.sql<{ tenant_id: string }>('SELECT tenant_id FROM maestro.memberships WHERE user_id = $1', [
    userId,
  ]);
  return rows.map((row) => row.tenant_id);
}

export interface SignInRow {
  user_id: string;
  email: string;
  password_hash: string | null;
  is_active: boolean;
}

/** By e-mail address, whatever its case. */
export async function findUserByEmail(tx: IdentityTx, email: string): Promise<SignInRow | undefined> {
  const rows = await tx.sql<SignInRow>(
    'SELECT user_id, email, password_hash, is_active FROM maestro.users WHERE lower(email) = lower($1)',
    [email],
  );
  return rows[0];
}

/** Ends a session that has not ended. */
export async function endSession(tx: IdentityTx, sessionId: string, reason: string): Promise<void> {
  await tx.sql(
    'UPDATE maestro.sessions SET ended_at = now(), end_reason = $2 WHERE session_id = $1 AND ended_at IS NULL',
    [sessionId, reason],
  );
}

export async function endSessionsOf(tx: IdentityTx, userId: string, reason: string): Promise<void> {
  await tx.sql(
    'UPDATE maestro.sessions SET ended_at = now(), end_reason = $2 WHERE user_id = $1 AND ended_at IS NULL',
    [userId, reason],
  );
}

export async function insertRefreshToken(
  tx: IdentityTx,
  token: { token_hash: Buffer; session_id: string; expires_at: Date },
): Promise<void> {
  await tx.all(build.insertInto('refresh_tokens').values(token));
}

/**
 * Spends a refresh token of a session. Of many at once one gets `spent`; the others wait for it. `used`: when it was
 * asked at `askedAt` (as performance.now() has it), the token had been spent `msAgo` milliseconds before, by the
 * database's clock.
 */
export async function spendRefreshToken(
  tx: IdentityTx,
  tokenHash: Buffer,
  sessionId: string,
): Promise<{ kind: 'spent' } | { kind: 'used'; msAgo: number; askedAt: number } | { kind: 'unknown' }> {
  const spent = await tx.sql(
    `UPDATE maestro.refresh_tokens SET used_at = now()
      WHERE token_hash = $1 AND session_id = $2 AND used_at IS NULL RETURNING 1`,
    [tokenHash, sessionId],
  );
  if (spent.length > 0) return { kind: 'spent' };
  const askedAt = performance.now();
  const [known] = await tx.sql<{ ms_ago: number }>(
    `SELECT extract(epoch FROM clock_timestamp() - used_at)::float8 * 1000 AS ms_ago
       FROM maestro.refresh_tokens WHERE token_hash = $1 AND session_id = $2`,
    [tokenHash, sessionId],
  );
  return known ? { kind: 'used', msAgo: known.ms_ago, askedAt } : { kind: 'unknown' };
}
