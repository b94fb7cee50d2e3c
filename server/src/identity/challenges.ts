import { hash, randomBytes } from 'node:crypto';
import type { IdentityTx } from '../db/tenancy.ts';

/** What a challenge is for; one made for another purpose is none. */
export type Purpose = 'second_factor' | 'passkey' | 'registration' | 'reauthentication' | 'provider';

export const challengeSeconds = 300;
/** How often a challenge may be answered wrongly. */
const attemptsMax = 5;

export interface Challenge {
  readonly user_id: string | null;
  readonly session_id: string | null;
  /** The slug of the tenant that the sign-in asked for. */
  readonly tenant: string | null;
  /** See Proof.providerDomain. */
  readonly provider_domain: string | null;
}

/** Whom and what a challenge is for. */
export interface ChallengeOf {
  readonly userId?: string;
  readonly sessionId?: string;
  readonly tenant?: string | undefined;
  readonly providerDomain?: string | undefined;
}

const hashOf = (challenge: string): Buffer => hash('sha256', challenge, 'buffer');

/**
 * What an authenticator signs to answer a challenge. Derived from the secret rather than the secret itself, so that what
 * stands in a signed answer does not let its reader answer in another way.
 */
export const webauthnChallengeOf = (challenge: string): Buffer => hash('sha256', `webauthn ${challenge}`, 'buffer');

/** Makes a challenge of 256 random bits; the database keeps its hash alone. */
export async function issueChallenge(tx: IdentityTx, purpose: Purpose, of: ChallengeOf = {}): Promise<string> {
  const challenge = randomBytes(32).toString('base64url');
  // Those that nobody answered leave with the next ones, a few at a time: no job is needed for it.
  await tx.sql(
    `DELETE FROM maestro.factor_challenges WHERE challenge_hash IN (
       SELECT challenge_hash FROM maestro.factor_challenges WHERE expires_at < now() LIMIT 20 FOR UPDATE SKIP LOCKED)`,
  );
  await tx.sql(
    `INSERT INTO maestro.factor_challenges
       (challenge_hash, purpose, user_id, session_id, tenant, provider_domain, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, now() + make_interval(secs => $7))`,
    [
      hashOf(challenge),
      purpose,
      of.userId ?? null,
      of.sessionId ?? null,
      of.tenant ?? null,
      of.providerDomain ?? null,
      challengeSeconds,
    ],
  );
  return challenge;
}

/** Counts a try to answer. Undefined where there is no such challenge, or it has run out or been tried too often. */
export async function tryChallenge(
  tx: IdentityTx,
  challenge: string,
  purpose: Purpose,
): Promise<Challenge | undefined> {
  const rows = await tx.sql<Challenge>(
    `UPDATE maestro.factor_challenges SET attempts = attempts + 1
      WHERE challenge_hash = $1 AND purpose = $2 AND attempts < $3 AND expires_at > now()
      RETURNING user_id, session_id, tenant, provider_domain`,
    [hashOf(challenge), purpose, attemptsMax],
  );
  return rows[0];
}

/** Takes a challenge out of the world: of all who answer it, one gets it. */
export async function spendChallenge(
  tx: IdentityTx,
  challenge: string,
  purpose: Purpose,
): Promise<Challenge | undefined> {
  const rows = await tx.sql<Challenge>(
    `DELETE FROM maestro.factor_challenges WHERE challenge_hash = $1 AND purpose = $2 AND expires_at > now()
      RETURNING user_id, session_id, tenant, provider_domain`,
    [hashOf(challenge), purpose],
  );
  return rows[0];
}
