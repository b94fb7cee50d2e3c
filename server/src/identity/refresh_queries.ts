import type { IdentityTx } from '../db/tenancy.ts';

/** A token's winner answers once nobody else has come with the token for this long. */
export const quietMs = 300;
/** And then at the latest: until here a token that is not settled has a winner under way. */
export const settleMsMax = 10_000;

/** What becomes of a use of a refresh token. */
export type Use =
  /** The first use. */
  | 'won'
  /** It arrived before the first one was answered. */
  | 'raced'
  | 'replayed'
  | 'unknown';

/**
 * Uses a refresh token of a session: of many at once one wins, and the others wait for it here. `arrivedAt` is when the
 * request arrived, as performance.now() has it.
 */
export async function useRefreshToken(
  tx: IdentityTx,
  tokenHash: Buffer,
  sessionId: string,
  arrivedAt: number,
): Promise<Use> {
  const won = await tx.sql(
    `UPDATE maestro.refresh_tokens SET used_at = now()
      WHERE token_hash = $1 AND session_id = $2 AND used_at IS NULL RETURNING 1`,
    [tokenHash, sessionId],
  );
  if (won.length > 0) return 'won';
  const contested = await tx.sql(
    `UPDATE maestro.refresh_tokens SET contested_at = now()
      WHERE token_hash = $1 AND session_id = $2 AND settled_at IS NULL
        AND used_at > now() - $3 * interval '1 millisecond' RETURNING 1`,
    [tokenHash, sessionId, settleMsMax],
  );
  if (contested.length > 0) return 'raced';
  const askedAt = performance.now();
  const [known] = await tx.sql<{ ms: number }>(
    `SELECT extract(epoch FROM clock_timestamp() - coalesce(settled_at, used_at))::float8 * 1000 AS ms
       FROM maestro.refresh_tokens WHERE token_hash = $1 AND session_id = $2`,
    [tokenHash, sessionId],
  );
  if (!known) return 'unknown';
  // The database says how long ago the token was settled, this process for how long the request has been here.
  return known.ms < askedAt - arrivedAt ? 'raced' : 'replayed';
}

/** Ends the time in which further uses are races. False while somebody came with the token just now. */
export async function settleRefreshToken(tx: IdentityTx, tokenHash: Buffer): Promise<boolean> {
  const settled = await tx.sql(
    `UPDATE maestro.refresh_tokens SET settled_at = now()
      WHERE token_hash = $1 AND (contested_at IS NULL OR contested_at < now() - $2 * interval '1 millisecond'
        OR used_at < now() - $3 * interval '1 millisecond') RETURNING 1`,
    [tokenHash, quietMs, settleMsMax],
  );
  return settled.length > 0;
}
