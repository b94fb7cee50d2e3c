import { MaestroError } from '../errors.ts';
import type { Caller, SessionCaller } from './caller.ts';
import type { Policy } from './policy.ts';

/**
 * The caller's session: what is a person's own no key may touch, neither theirs nor the machine's. Throws
 * `permission_denied` for keys.
 */
export function sessionOf(caller: Caller): SessionCaller {
  if (caller.kind === 'session') return caller;
  throw new MaestroError('permission_denied', 'Only a person who is signed in may do this; a key may not.');
}

/** Whether the user of a session proved who it is a short while ago, as the policy has it. */
export const isFresh = ({ authenticatedAt }: SessionCaller, policy: Pick<Policy, 'freshSignInMinutes'>): boolean =>
  Date.now() - authenticatedAt <= policy.freshSignInMinutes * 60_000;

/**
 * The caller's session, where its user proved who it is a short while ago. Throws `fresh_sign_in_required` where that is
 * longer ago than the policy says: `POST /auth/reauthenticate` renews it. Throws `permission_denied` where a tenant of the
 * user is closed to the session: see `SessionCaller.isHeldBack`.
 */
export function requireFresh(caller: Caller, policy: Pick<Policy, 'freshSignInMinutes'>): SessionCaller {
  const session = sessionOf(caller);
  // What a person can change here (a passkey, an address) would open to it what is closed.
  if (session.isHeldBack) {
    throw new MaestroError(
      'permission_denied',
      'A tenant of yours is closed to sign-ins by this provider; sign in another way to do this.',
    );
  }
  if (isFresh(session, policy)) return session;
  throw new MaestroError('fresh_sign_in_required', 'Sign in again to do this.');
}
