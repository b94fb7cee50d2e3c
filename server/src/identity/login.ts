import Type from 'typebox';
import { defineOperation } from '../operation.ts';
import { askForFactor, secondFactor } from './factor_proof.ts';
import { openSession, signedIn } from './new_session.ts';
import { provePassword } from './password_proof.ts';
import { captchaToken, email, inCookie, slug, strict, text } from './schemas.ts';

const action = 'auth.login';

/**
 * Signs a user in with a password: opens a session in the tenant asked for, else in the one joined first. A user who has
 * a second factor is asked for it instead, and no session is opened.
 */
export const login = defineOperation({
  name: action,
  audit: 'own',
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
  output: Type.Union([
    signedIn,
    Type.Object(
      { second_factor: secondFactor },
      { description: 'The password is right; answer with a second factor at /auth/second-factor for the tokens.' },
    ),
  ]),
  async run(context, input) {
    const user = await provePassword(context, { ...input, action });
    const { tenant } = input;
    const asked = await askForFactor(context, { purpose: 'second_factor', action, user, tenant });
    if (asked) return { second_factor: asked };
    const transport = input.cookie ? 'cookie' : 'token';
    return openSession(context, { user, action, tenant, withFactor: false, transport });
  },
});
