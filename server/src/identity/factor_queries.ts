import { build, type IdentityTx } from '../db/tenancy.ts';
import type { NewCredential } from './webauthn.ts';

export interface FactorRow {
  readonly factor_id: string;
  readonly kind: 'totp' | 'webauthn';
  readonly name: string;
  readonly created_at: Date;
  readonly last_used_at: Date | null;
  /** Of a WebAuthn credential. */
  readonly credential_id: string | null;
  readonly transports: string[] | null;
}

/** A user's confirmed factors, the oldest first. */
export function factorsOf(tx: IdentityTx, userId: string): Promise<FactorRow[]> {
  return tx.sql<FactorRow>(
    `SELECT factor_id, 'totp' AS kind, name, created_at, last_used_at, NULL AS credential_id, NULL AS transports
       FROM maestro.totp_factors WHERE user_id = $1 AND confirmed_at IS NOT NULL
     UNION ALL
     SELECT factor_id, 'webauthn', name, created_at, last_used_at, credential_id, transports
       FROM maestro.webauthn_credentials WHERE user_id = $1
     ORDER BY created_at, factor_id`,
    [userId],
  );
}

/** Gives one of a user's confirmed factors another name; nothing where the user has none of this id. */
export async function renameFactor(tx: IdentityTx, userId: string, factorId: string, name: string): Promise<void> {
  const values = [userId, factorId, name];
  await tx.sql(
    `UPDATE maestro.totp_factors SET name = $3
      WHERE user_id = $1 AND factor_id = $2 AND confirmed_at IS NOT NULL`,
    values,
  );
  await tx.sql('UPDATE maestro.webauthn_credentials SET name = $3 WHERE user_id = $1 AND factor_id = $2', values);
}

/** Two changes of one user's factors wait for each other, so that each sees what the other left. */
export async function lockUser(tx: IdentityTx, userId: string): Promise<void> {
  await tx.sql('SELECT 1 FROM maestro.users WHERE user_id = $1 FOR UPDATE', [userId]);
}

/** The slugs of the open tenants of a user that are closed to sessions without a factor. */
export async function tenantsRequiringFactor(tx: IdentityTx, userId: string): Promise<string[]> {
  const rows = await tx.sql<{ slug: string }>(
    `SELECT t.slug FROM maestro.memberships m JOIN maestro.tenants t ON t.tenant_id = m.tenant_id
      WHERE m.user_id = $1 AND t.is_active AND t.requires_factor ORDER BY t.slug`,
    [userId],
  );
  return rows.map(({ slug }) => slug);
}

/** Begins a TOTP factor, in the place of one that was begun and not confirmed. Undefined where one is confirmed. */
export async function beginTotp(
  tx: IdentityTx,
  factor: { userId: string; name: string; sealedSeed: Buffer },
): Promise<string | undefined> {
  const rows = await tx.sql<{ factor_id: string }>(
    `INSERT INTO maestro.totp_factors AS f (user_id, name, sealed_seed) VALUES ($1, $2, $3)
     ON CONFLICT (user_id) DO UPDATE
       SET factor_id = excluded.factor_id, name = excluded.name, sealed_seed = excluded.sealed_seed,
           created_at = excluded.created_at
       WHERE f.confirmed_at IS NULL
     RETURNING factor_id`,
    [factor.userId, factor.name, factor.sealedSeed],
  );
  return rows[0]?.factor_id;
}

/** A TOTP factor that was begun a short while ago and waits for its first code. */
export async function pendingTotp(
  tx: IdentityTx,
  userId: string,
): Promise<{ factor_id: string; sealed_seed: Buffer } | undefined> {
  const rows = await tx.sql<{ factor_id: string; sealed_seed: Buffer }>(
    `SELECT factor_id, sealed_seed FROM maestro.totp_factors
      WHERE user_id = $1 AND confirmed_at IS NULL AND created_at > now() - interval '15 minutes' FOR UPDATE`,
    [userId],
  );
  return rows[0];
}

/** `step`: whose code confirmed it, so that this code signs nobody in. */
export async function confirmTotp(tx: IdentityTx, factorId: string, step: number): Promise<void> {
  await tx.sql('UPDATE maestro.totp_factors SET confirmed_at = now(), last_step = $2 WHERE factor_id = $1', [
    factorId,
    step,
  ]);
}

export type TotpTry = { readonly sealedSeed: Buffer } | { readonly waitSeconds: number } | undefined;

const freeFailures = 5;

/** A quarter of an hour after the last free wrong code, twice as long after each further one, at most four hours. */
const waitsUntil = `failed_at + least(interval '15 minutes' * power(2, least(failures - ${freeFailures}, 8)), interval '4 hours')`;

/**
 * Takes a try at a user's TOTP code, counted as failed until it succeeds: the row's lock makes a burst of parallel tries
 * wait in line, and each sees what the one before left. Failures are forgotten a day after the last one.
 */
export async function tryTotp(tx: IdentityTx, userId: string): Promise<TotpTry> {
  const taken = await tx.sql<{ sealed_seed: Buffer }>(
    `UPDATE maestro.totp_factors
        SET failures = CASE WHEN failed_at < now() - interval '1 day' THEN 1 ELSE failures + 1 END, failed_at = now()
      WHERE user_id = $1 AND confirmed_at IS NOT NULL AND (failures < ${freeFailures} OR ${waitsUntil} <= now())
      RETURNING sealed_seed`,
    [userId],
  );
  if (taken[0]) return { sealedSeed: taken[0].sealed_seed };
  const waiting = await tx.sql<{ seconds: number }>(
    `SELECT greatest(1, ceil(extract(epoch FROM ${waitsUntil} - now())))::integer AS seconds
       FROM maestro.totp_factors WHERE user_id = $1 AND confirmed_at IS NOT NULL`,
    [userId],
  );
  return waiting[0] && { waitSeconds: waiting[0].seconds };
}

/** Takes a step's code, where neither it nor a later one was taken before; of two at once, one. */
export async function acceptTotpStep(tx: IdentityTx, userId: string, step: number): Promise<string | undefined> {
  const rows = await tx.sql<{ factor_id: string }>(
    `UPDATE maestro.totp_factors SET last_step = $2, failures = 0, failed_at = NULL, last_used_at = now()
      WHERE user_id = $1 AND confirmed_at IS NOT NULL AND last_step < $2 RETURNING factor_id`,
    [userId, step],
  );
  return rows[0]?.factor_id;
}

/** Keeps a credential. Undefined where there is one of its id, whoever has it. */
export async function insertCredential(
  tx: IdentityTx,
  userId: string,
  name: string,
  { credentialId, publicKey, counter, transports }: NewCredential,
): Promise<string | undefined> {
  const row = await tx.first(
    build
      .insertInto('webauthn_credentials')
      .values({ user_id: userId, name, credential_id: credentialId, public_key: publicKey, counter, transports })
      .onConflict((conflict) => conflict.doNothing())
      .returning('factor_id'),
  );
  return row?.factor_id;
}

export interface CredentialRow {
  readonly user_id: string;
  readonly public_key: Buffer;
}

/** A credential of an active user. */
export async function findCredential(tx: IdentityTx, credentialId: string): Promise<CredentialRow | undefined> {
  const rows = await tx.sql<CredentialRow>(
    `SELECT c.user_id, c.public_key FROM maestro.webauthn_credentials c JOIN maestro.users u ON u.user_id = c.user_id
      WHERE c.credential_id = $1 AND u.is_active`,
    [credentialId],
  );
  return rows[0];
}

/**
 * Stores the counter that an authenticator showed, where it has grown; authenticators without one always show 0.
 * Undefined where it has not: there is a copy of the key (WebAuthn Level 3, 6.1.1).
 */
export async function countUp(tx: IdentityTx, credentialId: string, counter: number): Promise<string | undefined> {
  const rows = await tx.sql<{ factor_id: string }>(
    `UPDATE maestro.webauthn_credentials SET counter = $2, last_used_at = now()
      WHERE credential_id = $1 AND (counter < $2 OR (counter = 0 AND $2 = 0)) RETURNING factor_id`,
    [credentialId, counter],
  );
  return rows[0]?.factor_id;
}

/** Ends all backup codes of a user and keeps these in their place. `pepper` names the one that they were hashed with. */
export async function replaceBackupCodes(
  tx: IdentityTx,
  userId: string,
  pepper: string,
  hashes: readonly Buffer[],
): Promise<void> {
  await tx.sql('DELETE FROM maestro.backup_codes WHERE user_id = $1', [userId]);
  const rows = hashes.map((code_hash) => ({ user_id: userId, code_hash, pepper }));
  await tx.all(build.insertInto('backup_codes').values(rows));
}

/** Uses a backup code up, by any of its hashes; of two at once, one does. Gives whether it was there. */
export async function spendBackupCode(tx: IdentityTx, userId: string, hashes: readonly Buffer[]): Promise<boolean> {
  const rows = await tx.sql(
    `UPDATE maestro.backup_codes SET used_at = now()
      WHERE user_id = $1 AND code_hash = ANY ($2::bytea[]) AND used_at IS NULL RETURNING 1`,
    [userId, hashes],
  );
  return rows.length > 0;
}

/** Where mail to a user goes. Empty, where there is no such user: nothing is sent there. */
export async function emailOf(tx: IdentityTx, userId: string): Promise<string> {
  const row = await tx.first(build.selectFrom('users').select('email').where('user_id', '=', userId));
  return row?.email ?? '';
}

export async function backupCodesLeft(tx: IdentityTx, userId: string): Promise<number> {
  const rows = await tx.sql<{ left: number }>(
    'SELECT count(*)::integer AS left FROM maestro.backup_codes WHERE user_id = $1 AND used_at IS NULL',
    [userId],
  );
  return rows[0]?.left ?? 0;
}

/** Removes one factor, or what was begun of one. Gives whether it was there. */
export async function removeFactor(tx: IdentityTx, userId: string, factorId: string): Promise<boolean> {
  const totp = await tx.sql('DELETE FROM maestro.totp_factors WHERE user_id = $1 AND factor_id = $2 RETURNING 1', [
    userId,
    factorId,
  ]);
  const credential = await tx.sql(
    'DELETE FROM maestro.webauthn_credentials WHERE user_id = $1 AND factor_id = $2 RETURNING 1',
    [userId, factorId],
  );
  return totp.length + credential.length > 0;
}

/** Removes all that a user has of factors. */
export async function removeAllFactors(tx: IdentityTx, userId: string): Promise<void> {
  await tx.all(build.deleteFrom('totp_factors').where('user_id', '=', userId));
  await tx.all(build.deleteFrom('webauthn_credentials').where('user_id', '=', userId));
  await tx.all(build.deleteFrom('backup_codes').where('user_id', '=', userId));
}

/** The caller has proved anew who it is. A session that is in a cookie gets another secret, of this hash. */
export async function renewSession(
  tx: IdentityTx,
  sessionId: string,
  withFactor: boolean,
  cookieHash: Buffer,
): Promise<{ authenticated_at: Date; expires_at: Date; in_cookie: boolean } | undefined> {
  const rows = await tx.sql<{ authenticated_at: Date; expires_at: Date; in_cookie: boolean }>(
    `UPDATE maestro.sessions
        SET authenticated_at = now(), with_factor = with_factor OR $2,
            cookie_hash = CASE WHEN cookie_hash IS NOT NULL THEN $3::bytea END
      WHERE session_id = $1 AND ended_at IS NULL
      RETURNING authenticated_at, expires_at, cookie_hash IS NOT NULL AS in_cookie`,
    [sessionId, withFactor, cookieHash],
  );
  return rows[0];
}

/** Whether the session counts as one with a factor from now on. */
export async function setWithFactor(tx: IdentityTx, sessionId: string, withFactor: boolean): Promise<void> {
  await tx.sql('UPDATE maestro.sessions SET with_factor = $2 WHERE session_id = $1', [sessionId, withFactor]);
}
