import { MaestroError } from '../errors.ts';
import type { Caller } from './caller.ts';
import type { Policy } from './policy.ts';

/** Throws `permission_denied` where the caller has not proved who it is within the last minutes of the policy. */
export function requireFresh(caller: Caller, { freshSignInMinutes }: Policy): void {
  const isFresh = caller.kind === 'session' && Date.now() - caller.authenticatedAt <= freshSignInMinutes * 60_000;
  if (isFresh) return;
  throw new MaestroError(
    'permission_denied',
    `Sign in again: this needs a sign-in of the last ${freshSignInMinutes} minutes.`,
  );
}
