import Type from 'typebox';
import { defineOperation } from '../operation.ts';
import { challengeSeconds, issueChallenge, spendChallenge, webauthnChallengeOf } from './challenges.ts';
import { checkAssertion, refuseFactor, takeFactor, wrongFactor } from './factor_proof.ts';
import { noteRefusal, openSession, signedIn } from './new_session.ts';
import { inCookie, slug, strict, text } from './schemas.ts';
import { provedNow } from './session_queries.ts';
import { assertion, optionsToAnswer, requestOptions, userHandleOf } from './webauthn.ts';

const action = 'auth.passkey';

/** What a browser needs to sign in with a passkey: the same for everybody, since nobody has said who they are. */
export const passkeyOptions = defineOperation({
  name: 'auth.passkey_options',
  permission: 'public',
  transaction: 'identity',
  input: Type.Object({}, strict),
  output: Type.Object({
    challenge: Type.String({ description: 'Send it back with the credential. Good for one try.' }),
    expires_in: Type.Integer({ description: 'Seconds the challenge lives.' }),
    public_key: requestOptions,
  }),
  async run({ tx, ports }) {
    const challenge = await issueChallenge(tx, 'passkey');
    const options = await optionsToAnswer(ports.identity.relyingParty, webauthnChallengeOf(challenge));
    return { challenge, expires_in: challengeSeconds, public_key: options };
  },
});

/** Signs a user in with a passkey alone, which has verified its holder: it counts as a second factor too. */
export const passkeySignIn = defineOperation({
  name: action,
  permission: 'public',
  transaction: 'administration',
  input: Type.Object(
    {
      challenge: text(1, 100),
      credential: assertion,
      tenant: Type.Optional(slug),
      cookie: Type.Optional(inCookie),
    },
    strict,
  ),
  output: signedIn,
  async run(context, { challenge, credential, tenant, cookie }) {
    const { db, ports, call } = context;
    const refuse = async (userId: string | undefined, reason: string) => {
      await noteRefusal(ports, call, action, userId, reason);
      return wrongFactor();
    };
    // Gone whatever comes of it: a challenge is good for one try.
    const asked = await db.inIdentity((tx) => spendChallenge(tx, challenge, 'passkey'));
    if (!asked) throw await refuse(undefined, 'no such challenge');
    const { userId, take } = await checkAssertion(context, challenge, credential);
    if (userId === undefined) throw await refuse(undefined, 'unknown credential');
    // Without a list of credentials the authenticator says whose it used (WebAuthn Level 3, 7.2: step 6).
    if (credential.response.userHandle !== userHandleOf(userId)) throw await refuse(userId, 'another user’s handle');
    const of = { userId, method: 'webauthn', action } as const;
    const user = await takeFactor(
      context,
      of,
      take,
      async (tx) => (await provedNow(tx, userId)) ?? refuseFactor('inactive user'),
    );
    const transport = cookie ? 'cookie' : 'token';
    return openSession(context, { user, action, tenant, withFactor: true, transport });
  },
});
