import Type from 'typebox';
import { MaestroError } from '../errors.ts';
import { defineOperation } from '../operation.ts';
import { auditRefusal, openSession, tokenPair } from './new_session.ts';
import { verifyPassword } from './password_check.ts';
import { findUserByEmail } from './queries.ts';
import { email, slug, strict, text } from './schemas.ts';

const wrongSignIn = 'The e-mail address or the password is wrong.';

/** Signs a user in with a password: opens a session in the tenant asked for, else in the one joined first. */
export const login = defineOperation({
  name: 'auth.login',
  permission: 'public',
  transaction: 'administration',
  input: Type.Object({ email, password: text(1, 1024), tenant: Type.Optional(slug) }, strict),
  output: tokenPair,
  async run(context, input) {
    const { ports, call, db } = context;
    const { throttle } = ports.identity;
    const waitMs = throttle.begin(input.email, call.address);
    if (waitMs > 0) {
      const seconds = Math.ceil(waitMs / 1000);
      throw new MaestroError('limit_exceeded', `Too many failed sign-ins; try again in ${seconds} s.`);
    }
    const user = await db.inIdentity((tx) => findUserByEmail(tx, input.email));
    const matches = (await verifyPassword(ports, user, input.password)) !== undefined;
    if (!user || !matches || !user.is_active) {
      const reason = !user ? 'unknown e-mail address' : matches ? 'inactive user' : 'wrong password';
      await auditRefusal(ports, call, 'auth.login', user?.user_id, reason);
      throw new MaestroError('unauthenticated', wrongSignIn);
    }
    throttle.succeeded(input.email, call.address);
    return openSession(context, {
      userId: user.user_id,
      action: 'auth.login',
      tenant: input.tenant,
      withFactor: false,
    });
  },
});
