import Type from 'typebox';
import { insertOperatorAuditEvent } from '../audit/queries.ts';
import type { IdentityTx } from '../db/tenancy.ts';
import { MaestroError } from '../errors.ts';
import { defineOperation } from '../operation.ts';
import { cookieText, newCookieSecret } from './browser.ts';
import { spendChallenge, tryChallenge } from './challenges.ts';
import { askForFactor, factorAnswer, proveFactor, refuseFactor, secondFactor, wrongFactor } from './factor_proof.ts';
import { renewSession } from './factor_queries.ts';
import { sessionOf } from './fresh.ts';
import { hashOfCookie } from './known_session.ts';
import { noteRefusal } from './new_session.ts';
import { provePassword } from './password_proof.ts';
import { recordOf } from './record.ts';
import { captchaToken, strict, text, time } from './schemas.ts';

const action = 'auth.reauthenticate';
const purpose = 'reauthentication';

/**
 * Proves anew who the caller is, for what needs a fresh sign-in: by password, and by a second factor where the user has
 * one. Without an answer to the latter the caller is asked for it, as at sign-in; a code may come along at once. A browser
 * gets a new cookie with it, and the old one holds no more.
 */
export const reauthenticate = defineOperation({
  name: action,
  permission: 'signed_in',
  transaction: 'administration',
  input: Type.Object(
    {
      password: text(1, 1024),
      captcha: Type.Optional(captchaToken),
      ...Type.Partial(Type.Object(factorAnswer)).properties,
      challenge: Type.Optional(text(1, 100, { description: 'Needed for `webauthn`.' })),
    },
    strict,
  ),
  output: Type.Union([Type.Object({ authenticated_at: time }), Type.Object({ second_factor: secondFactor })]),
  async run(context, input) {
    const { db, ports, call } = context;
    const { userId, sessionId, email } = sessionOf(context.caller);
    const renew = async (tx: IdentityTx, withFactor: boolean) => {
      const secret = newCookieSecret();
      const renewed = await renewSession(tx, sessionId, withFactor, hashOfCookie(secret));
      if (!renewed) throw new MaestroError('unauthenticated', 'The session has ended; sign in again.');
      await insertOperatorAuditEvent(tx, recordOf(context, action, sessionId));
      tx.onCommit(() => ports.identity.changed({ kind: 'session', id: sessionId }));
      const seconds = (renewed.expires_at.getTime() - Date.now()) / 1000;
      if (renewed.in_cookie) tx.onCommit(() => call.setCookie(cookieText(call.origin, secret, seconds)));
      return { authenticated_at: renewed.authenticated_at.toISOString() };
    };

    const user = await provePassword(context, { ...input, email, action });
    if (user.user_id !== userId) throw new MaestroError('unauthenticated', 'The session has ended; sign in again.');
    const { method, challenge } = input;
    if (method === undefined) {
      const asked = await askForFactor(context, { purpose, action, user, sessionId });
      return asked ? { second_factor: asked } : db.inIdentity((tx) => renew(tx, false));
    }
    if (challenge !== undefined) {
      const asked = await db.inIdentity((tx) => tryChallenge(tx, challenge, purpose));
      if (asked?.session_id !== sessionId) {
        await noteRefusal(ports, call, action, userId, 'no such challenge');
        throw wrongFactor();
      }
    }
    const answer = { ...input, method };
    return proveFactor(context, { userId, action }, answer, async (tx) => {
      if (challenge !== undefined && !(await spendChallenge(tx, challenge, purpose))) {
        refuseFactor('the challenge was used before');
      }
      return renew(tx, true);
    });
  },
});
