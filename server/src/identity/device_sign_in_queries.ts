import { hash, randomBytes, randomInt } from 'node:crypto';
import { build, type IdentityTx } from '../db/tenancy.ts';
import type { Proved } from './session_queries.ts';

export const lifeSeconds = 600;
/** How long a program waits between two questions, and how much longer each time it does not (RFC 8628, 3.5). */
export const intervalSeconds = 5;

/** Without vowels, so that no word comes of it (RFC 8628, 6.1); eight of them are 34 bits. */
const letters = 'BCDFGHJKLMNPQRSTVWXZ';
const lettersOfCode = 8;

/** A user code as people type it: in lower case, with blanks or hyphens anywhere, or without. */
const userCodeOf = (given: string): string => given.toUpperCase().replace(/[\s-]/g, '');

const hashOf = (code: string): Buffer => hash('sha256', code, 'buffer');

export interface NewSignIn {
  readonly clientName: string;
  /** The slug of the tenant to open the session in. */
  readonly tenant: string | undefined;
  readonly address: string;
}

/** Keeps a program's wish to be signed in; gives its codes, which are kept nowhere. */
export async function askForSignIn(
  tx: IdentityTx,
  { clientName, tenant, address }: NewSignIn,
): Promise<{ deviceCode: string; userCode: string }> {
  // Those that ran out leave with the next ones, a few at a time: no job is needed for it.
  await tx.sql(
    `DELETE FROM maestro.device_sign_ins WHERE device_code_hash IN (
       SELECT device_code_hash FROM maestro.device_sign_ins
        WHERE expires_at < now() - interval '10 minutes' LIMIT 20 FOR UPDATE SKIP LOCKED)`,
  );
  const deviceCode = randomBytes(32).toString('base64url');
  const code = Array.from({ length: lettersOfCode }, () => letters[randomInt(letters.length)]).join('');
  await tx.all(
    build.insertInto('device_sign_ins').values({
      device_code_hash: hashOf(deviceCode),
      user_code_hash: hashOf(code),
      client_name: clientName,
      tenant: tenant ?? null,
      address,
      interval_seconds: intervalSeconds,
      expires_at: new Date(Date.now() + lifeSeconds * 1000),
    }),
  );
  return { deviceCode, userCode: `${code.slice(0, lettersOfCode / 2)}-${code.slice(lettersOfCode / 2)}` };
}

/** A wish that nobody has answered yet. */
export interface OpenSignIn {
  client_name: string;
  tenant: string | null;
  address: string;
  created_at: Date;
  expires_at: Date;
}

const open = 'user_code_hash = $1 AND user_id IS NULL AND expires_at > now()';

export async function findOpenSignIn(tx: IdentityTx, userCode: string): Promise<OpenSignIn | undefined> {
  const rows = await tx.sql<OpenSignIn>(
    `SELECT client_name, tenant, address, created_at, expires_at FROM maestro.device_sign_ins WHERE ${open}`,
    [hashOf(userCodeOf(userCode))],
  );
  return rows[0];
}

/** Who approves, and how they proved who they are. */
export interface Approver extends Proved {
  /** The session that approves. */
  readonly sessionId: string;
  readonly authenticatedAt: Date;
  readonly withFactor: boolean;
}

/** An approval, for who asked. */
export interface Approval extends Omit<Approver, 'sessionId'> {
  readonly providerDomain: string | undefined;
}

export const approveSignIn = (tx: IdentityTx, userCode: string, approver: Approver): Promise<OpenSignIn[]> =>
  tx.sql<OpenSignIn>(
    `UPDATE maestro.device_sign_ins
        SET user_id = $2, is_approved = true, sign_in_epoch = $3, authenticated_at = $4, with_factor = $5,
            provider_domain = (SELECT provider_domain FROM maestro.sessions WHERE session_id = $6)
      WHERE ${open} RETURNING client_name, tenant, address, created_at, expires_at`,
    [
      hashOf(userCodeOf(userCode)),
      approver.user_id,
      approver.sign_in_epoch,
      approver.authenticatedAt,
      approver.withFactor,
      approver.sessionId,
    ],
  );

export const denySignIn = (tx: IdentityTx, userCode: string, userId: string): Promise<OpenSignIn[]> =>
  tx.sql<OpenSignIn>(
    `UPDATE maestro.device_sign_ins SET user_id = $2, is_approved = false
      WHERE ${open} RETURNING client_name, tenant, address, created_at, expires_at`,
    [hashOf(userCodeOf(userCode)), userId],
  );

/** What a program that asks is told. */
export type Answer =
  | 'authorization_pending'
  | 'slow_down'
  | 'expired_token'
  | 'access_denied'
  | { readonly approval: Approval; readonly clientName: string; readonly tenant: string | undefined };

interface AskedRow {
  client_name: string;
  tenant: string | null;
  user_id: string | null;
  is_approved: boolean | null;
  sign_in_epoch: number;
  authenticated_at: Date;
  with_factor: boolean;
  provider_domain: string | null;
  is_over: boolean;
  is_early: boolean;
}

/**
 * A program's question whether it may sign in. An approval is taken out of the world: of all who ask, one gets it.
 * Whoever asks earlier than told has to wait longer from then on.
 */
export async function takeAnswer(tx: IdentityTx, deviceCode: string): Promise<Answer> {
  const codeHash = hashOf(deviceCode);
  const [row] = await tx.sql<AskedRow>(
    `SELECT client_name, tenant, user_id, is_approved, sign_in_epoch, authenticated_at, with_factor,
            provider_domain, expires_at <= now() AS is_over,
            coalesce(asked_at > now() - make_interval(secs => interval_seconds), false) AS is_early
       FROM maestro.device_sign_ins WHERE device_code_hash = $1 FOR UPDATE`,
    [codeHash],
  );
  if (!row || row.is_over) return 'expired_token';
  if (row.user_id !== null && !row.is_approved) return 'access_denied';
  if (row.user_id === null) {
    await tx.sql(
      `UPDATE maestro.device_sign_ins SET asked_at = now(), interval_seconds = interval_seconds + $2
        WHERE device_code_hash = $1`,
      [codeHash, row.is_early ? intervalSeconds : 0],
    );
    return row.is_early ? 'slow_down' : 'authorization_pending';
  }
  await tx.sql('DELETE FROM maestro.device_sign_ins WHERE device_code_hash = $1', [codeHash]);
  const { user_id, sign_in_epoch, authenticated_at: authenticatedAt, with_factor: withFactor } = row;
  return {
    approval: {
      user_id,
      sign_in_epoch,
      authenticatedAt,
      withFactor,
      providerDomain: row.provider_domain ?? undefined,
    },
    clientName: row.client_name,
    tenant: row.tenant ?? undefined,
  };
}
