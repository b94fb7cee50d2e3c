import { setTimeout as delay } from 'node:timers/promises';
import Type from 'typebox';
import { insertOperatorAuditEvent } from '../audit/queries.ts';
import type { IdentityTx } from '../db/tenancy.ts';
import { MaestroError } from '../errors.ts';
import { type Call, defineOperation } from '../operation.ts';
import type { Ports } from '../ports/ports.ts';
import {
  addRefreshToken,
  auditRefusal,
  hashOfRefresh,
  type OpenSession,
  refusalOf,
  tokenPair,
  tokensOf,
} from './new_session.ts';
import { endSession, spendRefreshToken } from './queries.ts';
import { strict } from './schemas.ts';
import { findLiveSession, tenantOfSession, touchSession } from './session_queries.ts';
import type { RefreshClaims } from './tokens.ts';

const wrongRefresh = 'The refresh token does not hold; sign in again.';

/**
 * The answer to a refresh goes out no sooner than this after its token was spent, and whoever uses the token within it
 * is the same holder, several of whose requests were under way at once: refused, and nothing ends. Whoever uses it
 * later, be it at once after the answer, is somebody else or has forgotten: the session ends.
 */
export const settleMs = 300;

type Outcome = OpenSession | { readonly refused: string; readonly isRecorded?: true };

async function exchange(tx: IdentityTx, ports: Ports, call: Call, claims: RefreshClaims): Promise<Outcome> {
  const { identity } = ports;
  const { sessionId, userId } = claims;
  const spent = await spendRefreshToken(tx, hashOfRefresh(claims.tokenId), sessionId);
  if (spent.kind === 'used') {
    // This process's clock says how long the request has been here, the database's how long the token has been spent.
    const arrivedMsAfter = spent.msAgo - (spent.askedAt - call.arrivedAt);
    if (arrivedMsAfter < settleMs) return { refused: 'used at the same moment' };
    await endSession(tx, sessionId, 'a refresh token was used twice');
    tx.onCommit(() => identity.changed({ kind: 'session', id: sessionId }));
    // With the end of the session, in one transaction, and for its tenant to see.
    const concerned = await tenantOfSession(tx, sessionId);
    await insertOperatorAuditEvent(tx, refusalOf(call, 'auth.refresh', userId, 'used twice'), concerned);
    return { refused: 'used twice', isRecorded: true };
  }
  const session = await findLiveSession(tx, sessionId, identity.policy);
  if (spent.kind === 'unknown' || session?.user_id !== userId) return { refused: 'the session has ended' };
  await touchSession(tx, sessionId);
  const refreshId = await addRefreshToken(tx, sessionId, session.expires_at);
  return { sessionId, userId, tenantId: session.tenant_id ?? undefined, expiresAt: session.expires_at, refreshId };
}

/**
 * Exchanges a refresh token for a new pair. The session's end stays where it was. A token used a second time was
 * stolen, from its holder or by its holder's thief: the whole session ends (RFC 9700, 4.14.2).
 */
export const refresh = defineOperation({
  name: 'auth.refresh',
  audit: 'own',
  permission: 'public',
  transaction: 'administration',
  input: Type.Object({ refresh_token: Type.String() }, strict),
  output: tokenPair,
  async run({ ports, call, db }, input) {
    const wrong = () => new MaestroError('unauthenticated', wrongRefresh);
    const refused = async (userId: string | undefined, reason: string): Promise<MaestroError> => {
      await auditRefusal(ports, call, 'auth.refresh', userId, reason);
      return wrong();
    };
    const claims = await ports.identity.tokens.verifyRefresh(input.refresh_token);
    if (!claims) throw await refused(undefined, 'not a refresh token');
    const outcome = await db.inIdentity((tx) => exchange(tx, ports, call, claims));
    if ('refused' in outcome) throw outcome.isRecorded ? wrong() : await refused(claims.userId, outcome.refused);
    // Counted from the commit, which is later than the spending.
    const [answer] = await Promise.all([tokensOf(ports.identity, outcome), delay(settleMs)]);
    return answer;
  },
});
