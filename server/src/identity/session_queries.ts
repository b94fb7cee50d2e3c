import { build, type IdentityTx } from '../db/tenancy.ts';
import { atPlace } from './paging.ts';
import type { Policy } from './policy.ts';
import type { SignInRow } from './queries.ts';

export interface LiveSession {
  session_id: string;
  user_id: string;
  tenant_id: string | null;
  device: string;
  address: string;
  created_at: Date;
  /** To the microsecond, as a place in the list. */
  created_at_text: string;
  last_seen_at: Date;
  /** The end, however much it is used. */
  expires_at: Date;
  authenticated_at: Date;
  with_factor: boolean;
  in_cookie: boolean;
  /** See Proof.providerDomain. */
  provider_domain: string | null;
  email: string;
  is_operator: boolean;
}

type Limits = Pick<Policy, 'sessionDays' | 'sessionIdleMinutes'>;

/**
 * The limits of a user's sessions: the strictest among the active tenants that the user belongs to, since a session may
 * enter any of them; a tenant that says nothing has the policy's. `$1` and `$2` are the policy's days and idle minutes.
 */
const limitsOf = (userId: string): string => `
  SELECT coalesce(min(coalesce(t.session_days, $1::int)), $1::int) AS days,
         coalesce(min(coalesce(t.session_idle_minutes, $2::int)), $2::int) AS idle_minutes
    FROM maestro.memberships m JOIN maestro.tenants t ON t.tenant_id = m.tenant_id AND t.is_active
   WHERE m.user_id = ${userId}`;

const endOf = "least(s.expires_at, s.created_at + l.days * interval '24 hours')";

/** Sessions that have not ended, by any limit of this moment, of active users. */
const selectLive = `
  SELECT s.session_id, s.user_id, s.tenant_id, s.device, s.address, s.created_at, s.created_at::text AS created_at_text,
         s.last_seen_at, ${endOf} AS expires_at, s.authenticated_at, s.with_factor,
         s.cookie_hash IS NOT NULL AS in_cookie, s.provider_domain, u.email, u.is_operator
    FROM maestro.sessions s
    JOIN maestro.users u ON u.user_id = s.user_id AND u.is_active
    CROSS JOIN LATERAL (${limitsOf('s.user_id')}) l
   WHERE s.ended_at IS NULL AND ${endOf} > now() AND s.last_seen_at > now() - l.idle_minutes * interval '1 minute'`;

const valuesOf = ({ sessionDays, sessionIdleMinutes }: Limits): [number, number] => [sessionDays, sessionIdleMinutes];

export async function findLiveSession(tx: IdentityTx, id: string, limits: Limits): Promise<LiveSession | undefined> {
  const values = [...valuesOf(limits), id];
  const rows = await tx.sql<LiveSession>(`${selectLive} AND s.session_id = $3`, values, 'find_live_session');
  return rows[0];
}

/** The session of a cookie, by the SHA-256 of its secret. */
export async function findCookieSession(
  tx: IdentityTx,
  cookieHash: Buffer,
  limits: Limits,
): Promise<LiveSession | undefined> {
  const values = [...valuesOf(limits), cookieHash];
  const rows = await tx.sql<LiveSession>(`${selectLive} AND s.cookie_hash = $3`, values, 'find_cookie_session');
  return rows[0];
}

/** A user's sessions, the newest first. `after` is the place of the last one of the page before. */
export async function liveSessionsAfter(
  tx: IdentityTx,
  userId: string,
  after: readonly string[] | undefined,
  limit: number,
  limits: Limits,
): Promise<LiveSession[]> {
  const [createdAt = null, sessionId = null] = after ?? [];
  return atPlace(after, () =>
    tx.sql<LiveSession>(
      `${selectLive} AND s.user_id = $3
          AND ($4::timestamptz IS NULL OR (s.created_at, s.session_id) < ($4, $5::uuid))
        ORDER BY s.created_at DESC, s.session_id DESC LIMIT $6`,
      [...valuesOf(limits), userId, createdAt, sessionId, limit],
    ),
  );
}

/** Days that a session of this user may last if it begins now. */
export async function sessionDaysOf(tx: IdentityTx, userId: string, limits: Limits): Promise<number> {
  const [row] = await tx.sql<{ days: number }>(limitsOf('$3'), [...valuesOf(limits), userId]);
  return row!.days;
}

export async function insertSession(
  tx: IdentityTx,
  session: {
    user_id: string;
    tenant_id: string | null;
    device: string;
    address: string;
    created_at: Date;
    expires_at: Date;
    with_factor: boolean;
    authenticated_at?: Date;
    provider_domain: string | null;
    cookie_hash: Buffer | null;
  },
): Promise<string> {
  const row = await tx.first(build.insertInto('sessions').values(session).returning('session_id'));
  return row!.session_id;
}

/** Notes that a session was used: at most once a minute, also when several processes see it used. */
export async function touchSession(tx: IdentityTx, sessionId: string): Promise<void> {
  await tx.sql(
    `UPDATE maestro.sessions SET last_seen_at = now()
      WHERE session_id = $1 AND last_seen_at < now() - interval '1 minute'`,
    [sessionId],
    'touch_session',
  );
}

/** Ends one session of a user's. False where there is none that has not ended. */
export async function endSessionOf(
  tx: IdentityTx,
  userId: string,
  sessionId: string,
  reason: string,
): Promise<boolean> {
  const rows = await tx.sql(
    `UPDATE maestro.sessions SET ended_at = now(), end_reason = $3
      WHERE session_id = $1 AND user_id = $2 AND ended_at IS NULL RETURNING 1`,
    [sessionId, userId, reason],
  );
  return rows.length > 0;
}

/** Ends the session of a cookie. Gives its id, where it had not ended. */
export async function endCookieSession(
  tx: IdentityTx,
  cookieHash: Buffer,
  reason: string,
): Promise<string | undefined> {
  const [row] = await tx.sql<{ session_id: string }>(
    `UPDATE maestro.sessions SET ended_at = now(), end_reason = $2
      WHERE cookie_hash = $1 AND ended_at IS NULL RETURNING session_id`,
    [cookieHash, reason],
  );
  return row?.session_id;
}

/** A user who proves who it is, as of the moment when what proves it was looked up. */
export type Proved = Pick<SignInRow, 'user_id' | 'sign_in_epoch'>;

/** An active user as of now: what is proved in this transaction is. */
export async function provedNow(tx: IdentityTx, userId: string): Promise<Proved | undefined> {
  const [row] = await tx.sql<Proved>(
    'SELECT user_id, sign_in_epoch FROM maestro.users WHERE user_id = $1 AND is_active',
    [userId],
  );
  return row;
}

/**
 * Whether a sign-in still holds: the user is active, and nothing has ended the user's sessions since the proof, which
 * takes its time (a password is hashed, a second factor is waited for). Until the end of the transaction nothing does.
 */
export async function stillHolds(tx: IdentityTx, { user_id, sign_in_epoch }: Proved): Promise<boolean> {
  const rows = await tx.sql(
    'SELECT 1 FROM maestro.users WHERE user_id = $1 AND sign_in_epoch = $2 AND is_active FOR SHARE',
    [user_id, sign_in_epoch],
  );
  return rows.length > 0;
}

/**
 * Ends all sessions of a user but `except`, and the sign-ins under way: they began before this, and must begin anew.
 * Gives how many sessions had not run out.
 */
export async function endSessionsOf(tx: IdentityTx, userId: string, reason: string, except?: string): Promise<number> {
  // Before the sessions are read, so that one that a sign-in opens meanwhile is either refused or seen here.
  await tx.sql('UPDATE maestro.users SET sign_in_epoch = sign_in_epoch + 1 WHERE user_id = $1', [userId]);
  // In the order in which a challenge is answered: first the challenge, then the session, so that neither waits for the other.
  await tx.sql('DELETE FROM maestro.factor_challenges WHERE user_id = $1', [userId]);
  const rows = await tx.sql<{ live: boolean }>(
    `UPDATE maestro.sessions SET ended_at = now(), end_reason = $2
      WHERE user_id = $1 AND ended_at IS NULL AND ($3::uuid IS NULL OR session_id <> $3)
      RETURNING expires_at > now() AS live`,
    [userId, reason, except ?? null],
  );
  return rows.filter(({ live }) => live).length;
}

/** Ends all sessions that have tokens, of everybody; those in cookies live. Gives how many had not run out. */
export async function endTokenSessions(tx: IdentityTx, reason: string): Promise<number> {
  const [row] = await tx.sql<{ live: number }>(
    `WITH ended AS (
       UPDATE maestro.sessions SET ended_at = now(), end_reason = $1
        WHERE ended_at IS NULL AND cookie_hash IS NULL RETURNING expires_at > now() AS live)
     SELECT count(*) FILTER (WHERE live) AS live FROM ended`,
    [reason],
  );
  return row!.live;
}

/** The tenant a session was opened in, as a list: none where it was opened in none. */
export async function tenantOfSession(tx: IdentityTx, sessionId: string): Promise<string[]> {
  const rows = await tx.sql<{ tenant_id: string }>(
    'SELECT tenant_id FROM maestro.sessions WHERE session_id = $1 AND tenant_id IS NOT NULL',
    [sessionId],
  );
  return rows.map((row) => row.tenant_id);
}
