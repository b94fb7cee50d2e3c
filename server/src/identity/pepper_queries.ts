import type { IdentityTx } from '../db/tenancy.ts';

export interface PepperCount {
  /** The name of a pepper; null: codes from before it was noted. */
  pepper: string | null;
  passwords: number;
  /** Those that are not used up. */
  backup_codes: number;
}

/** How many hashes need each pepper. */
export async function countByPepper(tx: IdentityTx): Promise<PepperCount[]> {
  return tx.sql<PepperCount>(
    `SELECT pepper, sum(passwords)::integer AS passwords, sum(codes)::integer AS backup_codes FROM (
       SELECT split_part(password_hash, ':', 2) AS pepper, count(*) AS passwords, 0 AS codes FROM maestro.users
        WHERE starts_with(password_hash, 'm1:') GROUP BY 1
       UNION ALL
       SELECT pepper, 0, count(*) FROM maestro.backup_codes WHERE used_at IS NULL GROUP BY 1
     ) AS counted GROUP BY pepper ORDER BY pepper`,
  );
}

/** Notes the pepper of the codes whose is not noted. */
export async function namePepperOfCodes(tx: IdentityTx, pepper: string): Promise<void> {
  await tx.sql('UPDATE maestro.backup_codes SET pepper = $1 WHERE pepper IS NULL', [pepper]);
}
