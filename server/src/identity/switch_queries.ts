import type { IdentityTx } from '../db/tenancy.ts';
import type { Membership } from './caller.ts';

/** An operator's stay in a tenant. */
export interface Switch extends Membership {
  readonly reason: string;
  readonly expires_at: Date;
}

/** Where the operator of a session stays now; undefined where nowhere. */
export async function currentSwitch(tx: IdentityTx, sessionId: string): Promise<Switch | undefined> {
  const [row] = await tx.sql<{
    tenant_id: string;
    slug: string;
    requires_factor: boolean;
    role: string;
    reason: string;
    expires_at: Date;
  }>(
    `SELECT s.tenant_id, t.slug, t.requires_factor, s.role, s.reason, s.expires_at
       FROM maestro.operator_switches s JOIN maestro.tenants t ON t.tenant_id = s.tenant_id
      WHERE s.session_id = $1 AND s.expires_at > now() AND t.is_active`,
    [sessionId],
    'current_switch',
  );
  if (!row) return undefined;
  const { tenant_id, slug, requires_factor: requiresFactor, ...stay } = row;
  return { tenant: { id: tenant_id, slug }, requiresFactor, ...stay };
}

/** False where the session is in a tenant already. */
export async function insertSwitch(
  tx: IdentityTx,
  stay: { sessionId: string; tenantId: string; role: string; reason: string; expiresAt: Date },
): Promise<boolean> {
  const rows = await tx.sql(
    `INSERT INTO maestro.operator_switches AS s (session_id, tenant_id, role, reason, expires_at)
     VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (session_id) DO UPDATE
       SET tenant_id = excluded.tenant_id, role = excluded.role, reason = excluded.reason, created_at = now(),
           expires_at = excluded.expires_at
       WHERE s.expires_at <= now()
     RETURNING 1`,
    [stay.sessionId, stay.tenantId, stay.role, stay.reason, stay.expiresAt],
  );
  return rows.length > 0;
}

/** The tenant that was left; undefined where the session was in none. */
export async function deleteSwitch(tx: IdentityTx, sessionId: string): Promise<string | undefined> {
  const rows = await tx.sql<{ tenant_id: string; is_current: boolean }>(
    `DELETE FROM maestro.operator_switches WHERE session_id = $1 RETURNING tenant_id, expires_at > now() AS is_current`,
    [sessionId],
  );
  return rows[0]?.is_current ? rows[0].tenant_id : undefined;
}

export interface SwitchRow {
  user_id: string;
  email: string;
  slug: string;
  role: string;
  reason: string;
  created_at: Date;
  expires_at: Date;
}

/** The stays that are not over, of sessions that are not over, the next to end first; of one user in one tenant where given. */
export async function switchesNow(tx: IdentityTx, of?: { userId: string; tenantId: string }): Promise<SwitchRow[]> {
  return tx.sql<SwitchRow>(
    `SELECT u.user_id, u.email, t.slug, s.role, s.reason, s.created_at, s.expires_at
       FROM maestro.operator_switches s
       JOIN maestro.sessions o ON o.session_id = s.session_id AND o.ended_at IS NULL AND o.expires_at > now()
       JOIN maestro.users u ON u.user_id = o.user_id AND u.is_active AND u.is_operator
       JOIN maestro.tenants t ON t.tenant_id = s.tenant_id AND t.is_active
      WHERE s.expires_at > now() AND ($1::uuid IS NULL OR (u.user_id = $1 AND s.tenant_id = $2))
      ORDER BY s.expires_at LIMIT 1000`,
    [of?.userId ?? null, of?.tenantId ?? null],
  );
}
