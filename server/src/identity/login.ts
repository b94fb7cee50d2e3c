import Type from 'typebox';
import { MaestroError } from '../errors.ts';
import { defineOperation } from '../operation.ts';
import { auditRefusal, openSession, signedIn } from './new_session.ts';
import { verifyPassword } from './password_check.ts';
import { findUserByEmail } from './queries.ts';
import { captchaToken, email, inCookie, slug, strict, text } from './schemas.ts';

const wrongSignIn = 'The e-mail address or the password is wrong.';

/** Signs a user in with a password: opens a session in the tenant asked for, else in the one joined first. */
export const login = defineOperation({
  name: 'auth.login',
  permission: 'public',
  transaction: 'administration',
  input: Type.Object(
    {
      email,
      password: text(1, 1024),
      tenant: Type.Optional(slug),
      captcha: Type.Optional(captchaToken),
      cookie: Type.Optional(inCookie),
    },
    strict,
  ),
  output: signedIn,
  async run(context, input) {
    const { ports, call, db } = context;
    const { throttle } = ports.identity;
    const attempt = await throttle.begin(input.email, call, input.captcha);
    const user = await db.inIdentity((tx) => findUserByEmail(tx, input.email));
    const matches = (await verifyPassword(ports, user, input.password)) !== undefined;
    if (!user || !matches || !user.is_active) {
      const reason = !user ? 'unknown e-mail address' : matches ? 'inactive user' : 'wrong password';
      await auditRefusal(ports, call, 'auth.login', user?.user_id, reason);
      throw new MaestroError('unauthenticated', wrongSignIn);
    }
    await attempt.succeeded();
    return openSession(context, {
      userId: user.user_id,
      action: 'auth.login',
      tenant: input.tenant,
      withFactor: false,
      transport: input.cookie ? 'cookie' : 'token',
    });
  },
});
