import { hash } from 'node:crypto';
import type { Database, IdentityTx } from '../db/tenancy.ts';
import type { SessionCaller } from './caller.ts';
import type { Known } from './credential_cache.ts';
import type { Policy } from './policy.ts';
import { membershipsOf } from './queries.ts';
import { findCookieSession, findLiveSession, type LiveSession } from './session_queries.ts';
import type { Tokens } from './tokens.ts';

export interface KnownSession extends Known {
  readonly caller: SessionCaller;
  readonly lastSeenAt: Date;
}

/** Only the hash of a cookie's secret is kept. */
export const hashOfCookie = (secret: string): Buffer => hash('sha256', secret, 'buffer');

async function knownBy(tx: IdentityTx, session: LiveSession, until: number): Promise<KnownSession> {
  return {
    caller: {
      kind: 'session',
      sessionId: session.session_id,
      userId: session.user_id,
      email: session.email,
      isOperator: session.is_operator,
      tenantId: session.tenant_id ?? undefined,
      places: await membershipsOf(tx, session.user_id),
      authenticatedAt: session.authenticated_at.getTime(),
      withFactor: session.with_factor,
    },
    until: Math.min(until, session.expires_at.getTime()),
    lastSeenAt: session.last_seen_at,
  };
}

/** Who stands behind an access token; undefined where it, its session or its user does not hold. */
export async function knownByToken(
  db: Database,
  tokens: Tokens,
  policy: Policy,
  token: string,
): Promise<KnownSession | undefined> {
  const claims = await tokens.verifyAccess(token);
  if (!claims) return undefined;
  return db.inIdentity(async (tx) => {
    const session = await findLiveSession(tx, claims.sessionId, policy);
    // What is in a cookie is never in a token.
    if (!session || session.user_id !== claims.userId || session.in_cookie) return undefined;
    return knownBy(tx, session, claims.expiresAt);
  });
}

/** Who stands behind the secret of a browser's cookie. */
export async function knownByCookie(db: Database, policy: Policy, secret: string): Promise<KnownSession | undefined> {
  return db.inIdentity(async (tx) => {
    const session = await findCookieSession(tx, hashOfCookie(secret), policy);
    return session && knownBy(tx, session, Number.POSITIVE_INFINITY);
  });
}
