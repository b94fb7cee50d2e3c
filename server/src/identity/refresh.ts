import { setTimeout as delay } from 'node:timers/promises';
import Type from 'typebox';
import { insertOperatorAuditEvent } from '../audit/queries.ts';
import type { Database, IdentityTx } from '../db/tenancy.ts';
import { MaestroError } from '../errors.ts';
import { type Call, defineOperation } from '../operation.ts';
import type { Ports } from '../ports/ports.ts';
import {
  addRefreshToken,
  hashOfRefresh,
  noteRefusal,
  type OpenSession,
  refusalOf,
  tokenPair,
  tokensOf,
} from './new_session.ts';
import { endSession } from './queries.ts';
import { quietMs, settleRefreshToken, useRefreshToken } from './refresh_queries.ts';
import { strict } from './schemas.ts';
import { findLiveSession, tenantOfSession, touchSession } from './session_queries.ts';
import { keyHolds } from './signing_key_queries.ts';
import type { RefreshClaims } from './tokens.ts';

const wrongRefresh = 'The refresh token does not hold; sign in again.';

type Outcome = OpenSession | { readonly refused: string; readonly isRecorded?: true };

async function exchange(tx: IdentityTx, ports: Ports, call: Call, claims: RefreshClaims): Promise<Outcome> {
  const { identity } = ports;
  const { sessionId, userId } = claims;
  // This process may not have heard of it yet.
  if (!(await keyHolds(tx, claims.keyId))) return { refused: 'the key that signed it was withdrawn' };
  const use = await useRefreshToken(tx, hashOfRefresh(claims.tokenId), sessionId, call.arrivedAt);
  if (use === 'raced') return { refused: 'used at the same moment' };
  if (use === 'replayed') {
    // Once it has ended, whoever has the token can go on for ever.
    if (!(await endSession(tx, sessionId, 'a refresh token was used twice'))) return { refused: 'used twice' };
    tx.onCommit(() => identity.changed({ kind: 'session', id: sessionId }));
    // With the end of the session, in one transaction, and for its tenant to see.
    const concerned = await tenantOfSession(tx, sessionId);
    await insertOperatorAuditEvent(tx, refusalOf(call, 'auth.refresh', userId, 'used twice'), concerned);
    return { refused: 'used twice', isRecorded: true };
  }
  const session = await findLiveSession(tx, sessionId, identity.policy);
  if (use === 'unknown' || session?.user_id !== userId) return { refused: 'the session has ended' };
  await touchSession(tx, sessionId);
  const refreshId = await addRefreshToken(tx, sessionId, session.expires_at);
  return { sessionId, userId, tenantId: session.tenant_id ?? undefined, expiresAt: session.expires_at, refreshId };
}

/** Waits until nobody comes with the token any more: who does after this cannot have been under way before it. */
async function settle(db: Database, tokenHash: Buffer): Promise<void> {
  do await delay(quietMs);
  while (!(await db.inIdentity((tx) => settleRefreshToken(tx, tokenHash))));
}

/**
 * Exchanges a refresh token for a new pair. The session's end stays where it was. A token used a second time was
 * stolen, from its holder or by its holder's thief: the whole session ends (RFC 9700, 4.14.2). A holder several of
 * whose requests refresh at once is no thief: the answer to the first use waits for a moment, and what arrives before
 * it goes out is refused without an end. What is sent after an answer was received arrives after it went out.
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
      await noteRefusal(ports, call, 'auth.refresh', userId, reason);
      return wrong();
    };
    const claims = await ports.identity.tokens.verifyRefresh(input.refresh_token);
    if (!claims) throw await refused(undefined, 'not a refresh token');
    const outcome = await db.inIdentity((tx) => exchange(tx, ports, call, claims));
    if ('refused' in outcome) throw outcome.isRecorded ? wrong() : await refused(claims.userId, outcome.refused);
    const answer = await tokensOf(ports.identity, outcome);
    await settle(db, hashOfRefresh(claims.tokenId));
    return answer;
  },
});
