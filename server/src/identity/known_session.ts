import type { Database } from '../db/tenancy.ts';
import type { SessionCaller } from './caller.ts';
import type { Known } from './credential_cache.ts';
import { findLiveSession, membershipsOf } from './queries.ts';
import { placesOf } from './role_queries.ts';
import { currentSwitch } from './switch_queries.ts';
import type { Tokens } from './tokens.ts';

/** Who stands behind an access token; undefined where it, its session or its user does not hold. */
export async function knownByToken(db: Database, tokens: Tokens, token: string): Promise<Known | undefined> {
  const claims = await tokens.verifyAccess(token);
  if (!claims) return undefined;
  const found = await db.inIdentity(async (tx) => {
    const session = await findLiveSession(tx, claims.sessionId);
    if (!session || session.user_id !== claims.userId) return undefined;
    return {
      session,
      memberships: await membershipsOf(tx, session.user_id),
      // Who is no operator any more has left with it.
      stay: session.is_operator ? await currentSwitch(tx, session.session_id) : undefined,
    };
  });
  if (!found) return undefined;
  const { session, memberships, stay } = found;
  const isElsewhere = ({ tenant }: { tenant: { id: string } }) => tenant.id !== stay?.tenant.id;
  const places = await placesOf(db, memberships.filter(isElsewhere));
  const switched = stay ? (await placesOf(db, [stay])).map((place) => ({ ...place, switched: true as const })) : [];
  const caller: SessionCaller = {
    kind: 'session',
    sessionId: session.session_id,
    userId: session.user_id,
    email: session.email,
    isOperator: session.is_operator,
    tenantId: stay?.tenant.id ?? session.tenant_id ?? undefined,
    places: [...places, ...switched],
    authenticatedAt: session.authenticated_at.getTime(),
    withFactor: session.with_factor,
  };
  const stayEnds = stay?.expires_at.getTime() ?? Number.POSITIVE_INFINITY;
  return { caller, until: Math.min(claims.expiresAt, session.expires_at.getTime(), stayEnds) };
}
