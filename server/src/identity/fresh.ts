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

/**
 * The caller's session, where its user proved who it is a short while ago. Throws `permission_denied` where that is
 * longer ago than the policy says: `POST /auth/reauthenticate` renews it.
 */
export function requireFresh(caller: Caller, policy: Pick<Policy, 'freshSignInMinutes'>): SessionCaller {
  const session = sessionOf(caller);
  if (Date.now() - session.authenticatedAt <= policy.freshSignInMinutes * 60_000) return session;
  throw new MaestroError('permission_denied', 'Sign in again to do this.');
}
