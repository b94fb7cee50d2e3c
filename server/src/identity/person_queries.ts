import { build, type IdentityTx } from '../db/tenancy.ts';
import type { PasswordOwner } from './password_policy.ts';
import { membershipsOf, type SignInRow } from './queries.ts';

export interface Account extends SignInRow {
  name: string;
  email_verified_at: Date | null;
  created_at: Date;
  updated_at: Date;
}

export async function findPerson(tx: IdentityTx, userId: string): Promise<Account | undefined> {
  return tx.first(
    build
      .selectFrom('users')
      .select([
        'user_id',
        'email',
        'name',
        'password_hash',
        'is_active',
        'sign_in_epoch',
        'email_verified_at',
        'created_at',
        'updated_at',
      ])
      .where('user_id', '=', userId),
  );
}

/**
 * Sets a password's hash where it still is `from`: false where another call was there first, which `from` then does
 * not undo.
 */
export async function replaceHash(tx: IdentityTx, userId: string, from: string | null, to: string): Promise<boolean> {
  const replaced = await tx.sql(
    `UPDATE maestro.users SET password_hash = $3
      WHERE user_id = $1 AND password_hash IS NOT DISTINCT FROM $2 RETURNING 1`,
    [userId, from, to],
  );
  return replaced.length > 0;
}

/** What the policy needs to know of a user. */
export async function passwordOwnerOf(
  tx: IdentityTx,
  user: { user_id: string; email: string },
): Promise<PasswordOwner> {
  const places = await membershipsOf(tx, user.user_id);
  // A short password is enough only where no tenant lets it in alone.
  const mustUseFactor = places.length > 0 && places.every(({ requiresFactor }) => requiresFactor);
  return { email: user.email, tenants: places.map(({ tenant }) => tenant.slug), mustUseFactor };
}
