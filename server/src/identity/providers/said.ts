import { hash } from 'node:crypto';
import type { IdentityTx } from '../../db/tenancy.ts';
import { challengeSeconds } from '../challenges.ts';
import type { Sealer } from '../sealing_keys.ts';
import { flowContextOf, insertFlow, takeSealed } from './flow_queries.ts';
import type { IdentityUse } from './identity_queries.ts';

/** What a provider said at a sign-in, as far as tenants go by it; as long as an answer of a provider at most. */
export interface Said extends IdentityUse {
  readonly provider: string;
  readonly groups: readonly string[];
}

/** What no browser's cookie has for its hash: nobody comes back from a provider to what is kept under it. */
const noCookie = Buffer.alloc(32);

/** Derived, so that the challenge is no `state` of a sign-in that is still at its provider. */
const nameOf = (challenge: string): Buffer => hash('sha256', `said ${challenge}`, 'buffer');

/**
 * Keeps what a provider said until the challenge is answered, and as long as that lives: sealed, among the sign-ins that
 * are under way.
 */
export async function keepSaid(tx: IdentityTx, sealer: Sealer, challenge: string, said: Said): Promise<void> {
  const state_hash = nameOf(challenge);
  await insertFlow(tx, {
    state_hash,
    cookie_hash: noCookie,
    provider: said.provider,
    sealed_checks: sealer.seal(JSON.stringify(said), flowContextOf(state_hash)),
    return_to: '',
    tenant: null,
    link_user_id: null,
    link_session_id: null,
    seconds: challengeSeconds,
  });
}

/** Takes it out of the world with its challenge. Undefined where there is none. */
export async function takeSaid(tx: IdentityTx, sealer: Sealer, challenge: string): Promise<Said | undefined> {
  const name = nameOf(challenge);
  const sealed = await takeSealed(tx, name);
  return sealed && (JSON.parse((await sealer.open(sealed, flowContextOf(name), tx)).toString('utf8')) as Said);
}
