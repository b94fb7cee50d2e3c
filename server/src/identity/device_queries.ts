import type { IdentityTx } from '../db/tenancy.ts';

/**
 * The addresses from which a user signed in with a device in the last 30 days, the newest first; none for an unknown
 * user, by the same statement.
 */
export async function signInAddresses(tx: IdentityTx, email: string, device: string): Promise<string[]> {
  const rows = await tx.sql<{ address: string }>(
    `SELECT s.address FROM maestro.users u JOIN maestro.sessions s ON s.user_id = u.user_id
      WHERE lower(u.email) = lower($1) AND s.device = $2 AND s.created_at > now() - interval '30 days'
      GROUP BY s.address ORDER BY max(s.created_at) DESC LIMIT 100`,
    [email, device],
    'sign_in_addresses',
  );
  return rows.map(({ address }) => address);
}
