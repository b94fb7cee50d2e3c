import type { Database } from '../db/tenancy.ts';
import { MaestroError } from '../errors.ts';
import type { Call } from '../operation.ts';
import type { Ports } from '../ports/ports.ts';
import { auditRefusal } from './new_session.ts';
import { verifyPassword } from './password_check.ts';
import { findUserByEmail, type SignInRow } from './queries.ts';

const wrongSignIn = 'The e-mail address or the password is wrong.';

/**
 * The active user of an e-mail address and a password: the one way in which a password is tried, behind the throttle.
 * Throws `limit_exceeded`, `captcha_required`, and `unauthenticated` with the same message whatever is wrong, which is audited as `action`.
 */
export async function provePassword(
  { ports, call, db }: { ports: Ports; call: Call; db: Database },
  { email, password, captcha, action }: { email: string; password: string; captcha?: string; action: string },
): Promise<SignInRow> {
  const { throttle } = ports.identity;
  const attempt = await throttle.begin(email, call, captcha);
  const user = await db.inIdentity((tx) => findUserByEmail(tx, email));
  const matches = (await verifyPassword(ports, user, password)) !== undefined;
  if (!user || !matches || !user.is_active) {
    const reason = !user ? 'unknown e-mail address' : matches ? 'inactive user' : 'wrong password';
    await auditRefusal(ports, call, action, user?.user_id, reason, user ? {} : { email });
    throw new MaestroError('unauthenticated', wrongSignIn);
  }
  await attempt.succeeded();
  return user;
}
