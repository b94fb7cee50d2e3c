import Type from 'typebox';
import { defineOperation } from '../operation.ts';
import { spendChallenge, tryChallenge } from './challenges.ts';
import { factorAnswer, proveFactor, refuseFactor, wrongFactor } from './factor_proof.ts';
import { noteRefusal, openSession, signedIn } from './new_session.ts';
import { arrivalOf } from './providers/arrival.ts';
import { takeSaid } from './providers/said.ts';
import { inCookie, strict, text } from './schemas.ts';
import { provedNow } from './session_queries.ts';

const action = 'auth.second_factor';

/** The second step of a sign-in: opens the session that the password alone did not. */
export const secondFactorSignIn = defineOperation({
  name: action,
  permission: 'public',
  transaction: 'administration',
  input: Type.Object({ challenge: text(1, 100), cookie: Type.Optional(inCookie), ...factorAnswer }, strict),
  output: signedIn,
  async run(context, input) {
    const { db, ports, call } = context;
    const asked = await db.inIdentity((tx) => tryChallenge(tx, input.challenge, 'second_factor'));
    if (!asked || asked.user_id === null) {
      await noteRefusal(ports, call, action, undefined, 'no such challenge');
      throw wrongFactor();
    }
    const userId = asked.user_id;
    const tenant = asked.tenant ?? undefined;
    const providerDomain = asked.provider_domain ?? undefined;
    const { user, said } = await proveFactor(context, { userId, action }, input, async (tx) => {
      if (!(await spendChallenge(tx, input.challenge, 'second_factor'))) refuseFactor('the challenge was used before');
      const user = (await provedNow(tx, userId)) ?? refuseFactor('inactive user');
      if (providerDomain === undefined) return { user };
      const said = await takeSaid(tx, ports.identity.sealer, input.challenge);
      return { user, said: said ?? refuseFactor('what the provider said is gone') };
    });
    const arrival = said && arrivalOf(context, { userId, tenant, domain: providerDomain ?? '', said, hasWaited: true });
    const transport = input.cookie ? 'cookie' : 'token';
    return openSession(context, { user, action, tenant, withFactor: true, transport, providerDomain, arrival });
  },
});
