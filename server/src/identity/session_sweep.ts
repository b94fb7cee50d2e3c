import type { IdentityTx } from '../db/tenancy.ts';

/** Rows that one transaction takes at most, and sessions among them. */
const rowsMax = 1000;
const sessionsMax = 100;

/** A refresh token that has expired is refused before anybody looks for its row; a day is more than clocks differ. */
const takeExpiredTokens = `DELETE FROM maestro.refresh_tokens WHERE token_hash IN (
    SELECT token_hash FROM maestro.refresh_tokens WHERE expires_at < now() - interval '1 day'
     ORDER BY expires_at LIMIT ${rowsMax} FOR UPDATE SKIP LOCKED)
  RETURNING 1`;

/**
 * Access tokens of a session outlive it by a day at most, and are refused with its row or without. For 30 days the row
 * tells a known device at sign-in (see `signInAddresses`). `least` passes over a null.
 */
const findOver = `SELECT session_id FROM maestro.sessions
   WHERE least(expires_at, ended_at) < now() - interval '30 days'
   ORDER BY least(expires_at, ended_at) LIMIT ${sessionsMax} FOR UPDATE SKIP LOCKED`;

const takeTokensOf = `DELETE FROM maestro.refresh_tokens WHERE token_hash IN (
    SELECT token_hash FROM maestro.refresh_tokens WHERE session_id = ANY ($1::uuid[]) LIMIT $2)
  RETURNING 1`;

/**
 * Removes a batch of refresh tokens that have expired and of sessions that are long over. A spent token stays while it
 * has not expired and its session lives: a second use of it must be known for one. Several processes may do it at once.
 * True where there may be more.
 */
export async function sweepSessions(tx: IdentityTx): Promise<boolean> {
  const expired = await tx.sql(takeExpiredTokens);
  if (expired.length === rowsMax) return true;
  const over = (await tx.sql<{ session_id: string }>(findOver)).map(({ session_id }) => session_id);
  if (over.length === 0) return false;
  const room = rowsMax - expired.length;
  const tokens = await tx.sql(takeTokensOf, [over, room]);
  if (tokens.length === room) return true;
  await tx.sql('DELETE FROM maestro.sessions WHERE session_id = ANY ($1::uuid[])', [over]);
  return over.length === sessionsMax;
}
