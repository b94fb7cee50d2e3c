import { hash, randomBytes } from 'node:crypto';
import { build, type IdentityTx } from '../db/tenancy.ts';
import type { Principals } from './caller.ts';

/** What a link of a mail is for. */
export type Purpose = 'invitation' | 'verification' | 'reset';

export const lifeMs: Readonly<Record<Purpose, number>> = {
  invitation: 7 * 86_400_000,
  verification: 86_400_000,
  reset: 30 * 60_000,
};

/** Mails an hour: of one purpose to one address, and by request of one network address. */
const mailsToOneMax = 5;
const mailsByAddressMax = 60;

const hashOf = (token: string): Buffer => hash('sha256', token, 'buffer');

interface InvitedPlace {
  readonly tenantId: string;
  readonly role: string;
  readonly boundTo: Principals;
  readonly keyId: string | undefined;
}

export interface NewToken {
  readonly purpose: Purpose;
  readonly email: string;
  readonly userId?: string | undefined;
  /** Where an invitation leads to, and whom and what it is bound to. */
  readonly place?: InvitedPlace | undefined;
  /** The user who asks, and the network address of the request. */
  readonly askedBy?: string | undefined;
  readonly address: string;
}

export interface IssuedToken {
  readonly id: string;
  /** For the mail, and kept nowhere. */
  readonly text: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

/** A token that is neither used, ended nor past its time. */
export interface LiveToken {
  token_id: string;
  email: string;
  user_id: string | null;
  tenant_id: string | null;
  tenant: string | null;
  role: string | null;
  bound_user_ids: string[];
  bound_account_ids: string[];
  key_id: string | null;
  expires_at: Date;
}

/** Serializes what happens to the tokens of one person or tenant, so that of two new ones the later ends the earlier. */
async function lockOwner(tx: IdentityTx, { userId, place }: NewToken): Promise<void> {
  if (place) await tx.sql('SELECT 1 FROM maestro.tenants WHERE tenant_id = $1 FOR NO KEY UPDATE', [place.tenantId]);
  else await tx.sql('SELECT 1 FROM maestro.users WHERE user_id = $1 FOR NO KEY UPDATE', [userId]);
}

/**
 * Makes a token and ends the older ones of the same purpose for the same person (and tenant). Undefined where too many
 * mails were asked for within an hour.
 */
export async function issueToken(tx: IdentityTx, token: NewToken): Promise<IssuedToken | undefined> {
  const { purpose, email, userId = null, place, askedBy = null, address } = token;
  await lockOwner(tx, token);
  const [asked] = await tx.sql<{ to_one: number; by_address: number }>(
    `SELECT count(*) FILTER (WHERE purpose = $1 AND (user_id = $2 OR lower(email) = lower($3))) AS to_one,
            count(*) FILTER (WHERE address = $4 AND purpose <> 'invitation') AS by_address
       FROM maestro.one_time_tokens
      WHERE created_at > now() - interval '1 hour'
        AND (user_id = $2 OR tenant_id = $5 OR (address = $4 AND purpose <> 'invitation'))`,
    [purpose, userId, email, address, place?.tenantId ?? null],
  );
  const byAddress = purpose === 'invitation' ? 0 : (asked?.by_address ?? 0);
  if ((asked?.to_one ?? 0) >= mailsToOneMax || byAddress >= mailsByAddressMax) return undefined;
  await tx.sql(
    `UPDATE maestro.one_time_tokens SET ended_at = now()
      WHERE purpose = $1 AND used_at IS NULL AND ended_at IS NULL AND tenant_id IS NOT DISTINCT FROM $2
        AND (user_id = $3 OR (tenant_id = $2 AND lower(email) = lower($4)))`,
    [purpose, place?.tenantId ?? null, userId, email],
  );
  await tx.sql("DELETE FROM maestro.one_time_tokens WHERE expires_at < now() - interval '30 days'");
  const text = randomBytes(32).toString('base64url');
  const row = await tx.first(
    build
      .insertInto('one_time_tokens')
      .values({
        token_hash: hashOf(text),
        purpose,
        email,
        user_id: userId,
        tenant_id: place?.tenantId ?? null,
        role: place?.role ?? null,
        bound_user_ids: [...(place?.boundTo.users ?? [])],
        bound_account_ids: [...(place?.boundTo.accounts ?? [])],
        key_id: place?.keyId ?? null,
        asked_by: askedBy,
        address,
        expires_at: new Date(Date.now() + lifeMs[purpose]),
      })
      .returning(['token_id', 'created_at', 'expires_at']),
  );
  return { id: row!.token_id, text, createdAt: row!.created_at, expiresAt: row!.expires_at };
}

const live = `t.used_at IS NULL AND t.ended_at IS NULL AND t.expires_at > now()
  AND (t.tenant_id IS NULL OR EXISTS (
    SELECT 1 FROM maestro.tenants n WHERE n.tenant_id = t.tenant_id AND n.is_active))
  AND (t.user_id IS NULL OR EXISTS (
    SELECT 1 FROM maestro.users u WHERE u.user_id = t.user_id AND u.is_active))`;

/** A live token of an active tenant and an active user, as far as it names them. */
export async function findLiveToken(tx: IdentityTx, purpose: Purpose, text: string): Promise<LiveToken | undefined> {
  const rows = await tx.sql<LiveToken>(
    `SELECT t.token_id, t.email, t.user_id, t.tenant_id, t.role, t.bound_user_ids,
            t.bound_account_ids, t.key_id, t.expires_at,
            (SELECT n.slug FROM maestro.tenants n WHERE n.tenant_id = t.tenant_id) AS tenant
       FROM maestro.one_time_tokens t WHERE t.token_hash = $1 AND t.purpose = $2 AND ${live}`,
    [hashOf(text), purpose],
  );
  return rows[0];
}

/** Uses a live token up. Of two at once one gets true. */
export async function spendToken(tx: IdentityTx, tokenId: string): Promise<boolean> {
  const spent = await tx.sql(
    `UPDATE maestro.one_time_tokens t SET used_at = now() WHERE t.token_id = $1 AND ${live} RETURNING 1`,
    [tokenId],
  );
  return spent.length > 0;
}

/** Ends the live tokens of a user that are for one of `purposes`. */
export async function endTokensOf(tx: IdentityTx, userId: string, purposes: readonly Purpose[]): Promise<void> {
  await tx.sql(
    `UPDATE maestro.one_time_tokens SET ended_at = now()
      WHERE user_id = $1 AND purpose = ANY ($2) AND used_at IS NULL AND ended_at IS NULL`,
    [userId, purposes],
  );
}
