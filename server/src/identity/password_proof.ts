import type { Database } from '../db/tenancy.ts';
import { MaestroError } from '../errors.ts';
import type { Call } from '../operation.ts';
import type { Ports } from '../ports/ports.ts';
import { auditRefusal } from './new_session.ts';
import { replaceHash } from './person_queries.ts';
import { findUserByEmail, type SignInRow } from './queries.ts';

const wrongSignIn = 'The e-mail address or the password is wrong.';

/**
 * The user's hash where `password` is the user's; without a user it takes as long and gives undefined. A hash of an
 * older form or a lower cost is renewed, where nobody changed it meanwhile: of two sign-ins at once one renews it, and
 * both succeed.
 */
export async function verifyPassword(
  ports: Ports,
  user: SignInRow | undefined,
  password: string,
): Promise<string | undefined> {
  const { passwords } = ports.identity;
  const stored = user?.password_hash;
  if (!(await passwords.verify(password, stored)) || !user || typeof stored !== 'string') return undefined;
  if (!passwords.isOutdated(stored)) return stored;
  try {
    const renewed = await passwords.hash(password);
    return (await ports.db.inIdentity((tx) => replaceHash(tx, user.user_id, stored, renewed))) ? renewed : stored;
  } catch (error) {
    // The next sign-in tries again; this one succeeded.
    ports.log.warn({ err: error }, 'the hash of a password was not renewed');
    return stored;
  }
}

/**
 * The active user of an e-mail address and a password: tried behind the throttle.
 * Throws `limit_exceeded`, `captcha_required`, and `unauthenticated` with the same message whatever is wrong, which is
 * audited as `action`.
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

/**
 * `verifyPassword` of somebody who says to be `user`, through the throttle of sign-in: there is no second door to
 * guess at. Throws `limit_exceeded`.
 */
export async function provePasswordOf(
  ports: Ports,
  call: Call,
  user: SignInRow,
  password: string,
): Promise<string | undefined> {
  const attempt = await ports.identity.throttle.begin(user.email, call);
  const hash = await verifyPassword(ports, user, password);
  if (hash !== undefined) await attempt.succeeded();
  return hash;
}
