import { build, type IdentityTx } from '../db/tenancy.ts';

export interface InvitationRow {
  token_id: string;
  email: string;
  role: string;
  asked_by: string | null;
  created_at: Date;
  expires_at: Date;
}

/** Live invitations into a tenant by e-mail address, of which each has one at most. */
export async function liveInvitations(
  tx: IdentityTx,
  tenantId: string,
  after: string | undefined,
  limit: number,
): Promise<InvitationRow[]> {
  return tx.sql<InvitationRow>(
    `SELECT token_id, email, role, asked_by, created_at, expires_at
       FROM maestro.one_time_tokens
      WHERE tenant_id = $1 AND purpose = 'invitation' AND used_at IS NULL AND ended_at IS NULL AND expires_at > now()
        AND ($2::text IS NULL OR lower(email) > lower($2))
      ORDER BY lower(email) LIMIT $3`,
    [tenantId, after ?? null, limit],
  );
}

/** Ends a live invitation of a tenant; false where there is none. */
export async function withdrawInvitation(tx: IdentityTx, tenantId: string, tokenId: string): Promise<boolean> {
  const ended = await tx.sql(
    `UPDATE maestro.one_time_tokens SET ended_at = now()
      WHERE tenant_id = $1 AND token_id = $2 AND purpose = 'invitation' AND used_at IS NULL AND ended_at IS NULL
        AND expires_at > now() RETURNING 1`,
    [tenantId, tokenId],
  );
  return ended.length > 0;
}

/** A user who comes by an invitation, and so reads the mail of its address. */
export async function insertInvited(
  tx: IdentityTx,
  user: { email: string; name: string; password_hash: string },
): Promise<string> {
  const row = await tx.first(
    build
      .insertInto('users')
      .values({ ...user, email_verified_at: new Date() })
      .returning('user_id'),
  );
  return row!.user_id;
}

/** Gives a user that an operator made without a password its first one; false where it has one by now. */
export async function completeInvited(
  tx: IdentityTx,
  userId: string,
  user: { name: string | undefined; password_hash: string },
): Promise<boolean> {
  const completed = await tx.sql(
    `UPDATE maestro.users
        SET password_hash = $2, name = coalesce($3, name), email_verified_at = now(), updated_at = now()
      WHERE user_id = $1 AND password_hash IS NULL AND is_active RETURNING 1`,
    [userId, user.password_hash, user.name ?? null],
  );
  return completed.length > 0;
}
