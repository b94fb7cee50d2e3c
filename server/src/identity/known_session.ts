import type { Database } from '../db/tenancy.ts';
import type { Known } from './credential_cache.ts';
import { findLiveSession, membershipsOf } from './queries.ts';
import type { Tokens } from './tokens.ts';

/** Who stands behind an access token; undefined where it, its session or its user does not hold. */
export async function knownByToken(db: Database, tokens: Tokens, token: string): Promise<Known | undefined> {
  const claims = await tokens.verifyAccess(token);
  if (!claims) return undefined;
  return db.inIdentity(async (tx) => {
    const session = await findLiveSession(tx, claims.sessionId);
    if (!session || session.user_id !== claims.userId) return undefined;
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
      until: Math.min(claims.expiresAt, session.expires_at.getTime()),
    };
  });
}
