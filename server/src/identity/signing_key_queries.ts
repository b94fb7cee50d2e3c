import type { IdentityTx } from '../db/tenancy.ts';

export interface SigningKeyRow {
  kid: string;
  /** JSON. */
  public_jwk: string;
  /** Of the current key only. */
  sealed_private: Buffer | null;
  created_at: Date;
  retired_at: Date | null;
  verify_until: Date | null;
}

export interface NewSigningKey {
  kid: string;
  /** JSON. */
  public_jwk: string;
  sealed_private: Buffer;
}

/** The keys that verify, the current one first. */
export async function verifyingKeys(tx: IdentityTx): Promise<SigningKeyRow[]> {
  return tx.sql<SigningKeyRow>(
    `SELECT kid, public_jwk, sealed_private, created_at, retired_at, verify_until FROM maestro.signing_keys
      WHERE verify_until IS NULL OR verify_until > now() ORDER BY retired_at DESC NULLS FIRST`,
    [],
    'verifying_keys',
  );
}

/** Whether tokens of the key hold. */
export async function keyHolds(tx: IdentityTx, kid: string): Promise<boolean> {
  const rows = await tx.sql(
    'SELECT 1 FROM maestro.signing_keys WHERE kid = $1 AND (verify_until IS NULL OR verify_until > now())',
    [kid],
    'key_holds',
  );
  return rows.length > 0;
}

/** The key that signs. */
export async function currentKeyId(tx: IdentityTx): Promise<string | undefined> {
  const [row] = await tx.sql<{ kid: string }>(
    'SELECT kid FROM maestro.signing_keys WHERE retired_at IS NULL',
    [],
    'current_key_id',
  );
  return row?.kid;
}

/** Makes a key the current one where there is none; nothing where there is, or where the key is known. */
export async function insertCurrentKey(tx: IdentityTx, key: NewSigningKey): Promise<boolean> {
  const rows = await tx.sql(
    `INSERT INTO maestro.signing_keys (kid, public_jwk, sealed_private) VALUES ($1, $2, $3)
     ON CONFLICT DO NOTHING RETURNING 1`,
    [key.kid, key.public_jwk, key.sealed_private],
  );
  return rows.length > 0;
}

/**
 * When the last token that a key of this moment signs can end: a refresh token ends with its session, and another
 * process may sign with the key for some moments more.
 */
const lastTokenEnds = `greatest(
  now() + greatest($1::int, (SELECT max(session_days) FROM maestro.tenants)) * interval '24 hours',
  (SELECT max(expires_at) FROM maestro.sessions WHERE ended_at IS NULL)) + interval '1 hour'`;

/** Takes a key in that verifies and does not sign; nothing where it is known. */
export async function insertRetiredKey(tx: IdentityTx, key: NewSigningKey, sessionDays: number): Promise<void> {
  await tx.sql(
    `INSERT INTO maestro.signing_keys (kid, public_jwk, retired_at, verify_until)
     SELECT $2, $3, now(), ${lastTokenEnds} ON CONFLICT DO NOTHING`,
    [sessionDays, key.kid, key.public_jwk],
  );
}

/**
 * Retires the current key and destroys its private part. `ageDays`: only where it is older. Of several processes that
 * do it at once, one gets true.
 */
export async function retireCurrentKey(tx: IdentityTx, sessionDays: number, ageDays: number | null): Promise<boolean> {
  const rows = await tx.sql(
    `UPDATE maestro.signing_keys SET retired_at = now(), sealed_private = NULL, verify_until = ${lastTokenEnds}
      WHERE retired_at IS NULL AND ($2::int IS NULL OR created_at <= now() - $2 * interval '24 hours') RETURNING 1`,
    [sessionDays, ageDays],
  );
  return rows.length > 0;
}

/** Withdraws every key there is: none of their tokens holds any more. Gives their ids. */
export async function withdrawKeys(tx: IdentityTx): Promise<string[]> {
  const rows = await tx.sql<{ kid: string }>('DELETE FROM maestro.signing_keys RETURNING kid');
  return rows.map(({ kid }) => kid);
}

export async function dropEndedKeys(tx: IdentityTx): Promise<void> {
  await tx.sql('DELETE FROM maestro.signing_keys WHERE verify_until <= now()');
}
