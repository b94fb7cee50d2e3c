import type { Call } from '../operation.ts';
import type { Ports } from '../ports/ports.ts';
import { replaceHash } from './person_queries.ts';
import type { SignInRow } from './queries.ts';

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
 * `verifyPassword` of somebody who says to be `user`, through the throttle of sign-in: there is no second door to
 * guess at. Throws `limit_exceeded`.
 */
export async function provePassword(
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
