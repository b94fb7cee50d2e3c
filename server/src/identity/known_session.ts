import { hash } from 'node:crypto';
import type { Database, IdentityTx } from '../db/tenancy.ts';
import type { SessionCaller } from './caller.ts';
import type { Known } from './credential_cache.ts';
import type { Policy } from './policy.ts';
import { membershipsOf } from './queries.ts';
import { placesOf } from './role_queries.ts';
import { findCookieSession, findLiveSession, type LiveSession } from './session_queries.ts';
import { keyHolds } from './signing_key_queries.ts';
import { currentSwitch } from './switch_queries.ts';
import type { Tokens } from './tokens.ts';

export interface KnownSession extends Known {
  readonly caller: SessionCaller;
  readonly lastSeenAt: Date;
}

/** Only the hash of a cookie's secret is kept. */
export const hashOfCookie = (secret: string): Buffer => hash('sha256', secret, 'buffer');

/** Who stands behind a session that `find` gives; roles of a tenant's own are read in transactions of those tenants. */
async function knownBy(
  db: Database,
  find: (tx: IdentityTx) => Promise<LiveSession | undefined>,
  until: number,
): Promise<KnownSession | undefined> {
  const found = await db.inIdentity(async (tx) => {
    const session = await find(tx);
    if (!session) return undefined;
    return {
      session,
      memberships: await membershipsOf(tx, session.user_id, session.provider_domain ?? undefined),
      all: session.provider_domain === null ? [] : await membershipsOf(tx, session.user_id),
      // Who is no operator any more has left with it.
      stay: session.is_operator ? await currentSwitch(tx, session.session_id) : undefined,
    };
  });
  if (!found) return undefined;
  const { session, memberships, all, stay } = found;
  const isElsewhere = ({ tenant }: { tenant: { id: string } }) => tenant.id !== stay?.tenant.id;
  const places = await placesOf(db, memberships.filter(isElsewhere));
  const switched = stay ? (await placesOf(db, [stay])).map((place) => ({ ...place, switched: true as const })) : [];
  const stayEnds = stay?.expires_at.getTime() ?? Number.POSITIVE_INFINITY;
  return {
    caller: {
      kind: 'session',
      sessionId: session.session_id,
      userId: session.user_id,
      email: session.email,
      isOperator: session.is_operator,
      tenantId: stay?.tenant.id ?? session.tenant_id ?? undefined,
      places: [...places, ...switched],
      authenticatedAt: session.authenticated_at.getTime(),
      withFactor: session.with_factor,
      ...(all.length > memberships.length ? { isHeldBack: true as const } : {}),
      ...(stay ? { stay: { tenant: stay.tenant.slug, role: stay.role, reason: stay.reason, until: stayEnds } } : {}),
    },
    until: Math.min(until, session.expires_at.getTime(), stayEnds),
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
  const find = async (tx: IdentityTx) => {
    const [session, isSigned] = await Promise.all([
      findLiveSession(tx, claims.sessionId, policy),
      // This process may not have heard yet that the key was withdrawn.
      keyHolds(tx, claims.keyId),
    ]);
    // What is in a cookie is never in a token.
    return isSigned && session?.user_id === claims.userId && !session.in_cookie ? session : undefined;
  };
  return knownBy(db, find, claims.expiresAt);
}

/** Who stands behind the secret of a browser's cookie. */
export const knownByCookie = (db: Database, policy: Policy, secret: string): Promise<KnownSession | undefined> =>
  knownBy(db, (tx) => findCookieSession(tx, hashOfCookie(secret), policy), Number.POSITIVE_INFINITY);
