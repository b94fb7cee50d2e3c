import type { IdentityTx } from '../db/tenancy.ts';

export type SealingPurpose = 'sealing' | 'statements';

export interface SealingKeyRow {
  purpose: SealingPurpose;
  generation: number;
  key_id: string;
  sealed_key: Buffer;
}

/** The keys, of each purpose the newest last. */
export async function sealingKeys(tx: IdentityTx): Promise<SealingKeyRow[]> {
  return tx.sql<SealingKeyRow>(
    'SELECT purpose, generation, key_id, sealed_key FROM maestro.sealing_keys ORDER BY purpose, generation',
    [],
    'sealing_keys',
  );
}

/** As `sealingKeys`, and keeps others from changing them until the transaction ends. */
export async function lockSealingKeys(tx: IdentityTx): Promise<SealingKeyRow[]> {
  return tx.sql<SealingKeyRow>(
    `SELECT purpose, generation, key_id, sealed_key FROM maestro.sealing_keys
      ORDER BY purpose, generation FOR UPDATE`,
  );
}

/** Nothing where another process made that generation at the same moment. */
export async function insertSealingKey(tx: IdentityTx, key: SealingKeyRow): Promise<void> {
  await tx.sql(
    `INSERT INTO maestro.sealing_keys (purpose, generation, key_id, sealed_key) VALUES ($1, $2, $3, $4)
     ON CONFLICT DO NOTHING`,
    [key.purpose, key.generation, key.key_id, key.sealed_key],
  );
}

export async function updateSealedKey(tx: IdentityTx, keyId: string, sealedKey: Buffer): Promise<void> {
  await tx.sql('UPDATE maestro.sealing_keys SET sealed_key = $2 WHERE key_id = $1', [keyId, sealedKey]);
}
