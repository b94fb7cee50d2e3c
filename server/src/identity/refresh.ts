import Type from 'typebox';
import { MaestroError } from '../errors.ts';
import { defineOperation } from '../operation.ts';
import { addRefreshToken, auditRefusal, hashOfRefresh, type OpenSession, tokenPair, tokensOf } from './new_session.ts';
import { endSession, findLiveSession, spendRefreshToken } from './queries.ts';
import { strict } from './schemas.ts';

const wrongRefresh = 'The refresh token does not hold; sign in again.';

/**
 * Exchanges a refresh token for a new pair. The session's end stays where it was. A token used a second time was
 * stolen, from its holder or by its holder's thief: the whole session ends (RFC 9700, 4.14.2).
 */
export const refresh = defineOperation({
  name: 'auth.refresh',
  audit: 'own',
  permission: 'public',
  transaction: 'administration',
  input: Type.Object({ refresh_token: Type.String({ minLength: 1, maxLength: 4096 }) }, strict),
  output: tokenPair,
  async run({ ports, call, db }, input) {
    const refused = async (userId: string | undefined, reason: string): Promise<MaestroError> => {
      await auditRefusal(ports, call, 'auth.refresh', userId, reason);
      return new MaestroError('unauthenticated', wrongRefresh);
    };
    const claims = await ports.identity.tokens.verifyRefresh(input.refresh_token);
    if (!claims) throw await refused(undefined, 'not a refresh token');
    const { sessionId, userId } = claims;
    const outcome = await db.inIdentity(async (tx): Promise<OpenSession | string> => {
      const spent = await spendRefreshToken(tx, hashOfRefresh(claims.tokenId), sessionId);
      if (spent === 'used') {
        await endSession(tx, sessionId, 'a refresh token was used twice');
        tx.onCommit(() => ports.identity.changed({ kind: 'session', id: sessionId }));
        return 'used twice';
      }
      const session = await findLiveSession(tx, sessionId);
      if (spent === 'unknown' || !session || session.user_id !== userId) return 'the session has ended';
      const refreshId = await addRefreshToken(tx, sessionId, session.expires_at);
      return { sessionId, userId, tenantId: session.tenant_id ?? undefined, expiresAt: session.expires_at, refreshId };
    });
    if (typeof outcome === 'string') throw await refused(userId, outcome);
    return tokensOf(ports.identity, outcome);
  },
});
