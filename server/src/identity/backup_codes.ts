import { createHmac, hkdfSync, randomInt } from 'node:crypto';

export const backupCodeCount = 10;

/** Crockford's base32: no letter is taken for a digit. */
const letters = '0123456789abcdefghjkmnpqrstvwxyz';

/** Three groups of four: 60 bits. */
export function newBackupCode(): string {
  const group = (): string => Array.from({ length: 4 }, () => letters[randomInt(letters.length)]).join('');
  return `${group()}-${group()}-${group()}`;
}

/** What a person types of a code, as it was shown: any case, with or without hyphens, O for 0, I and L for 1. */
const normal = (typed: string): string =>
  typed.toLowerCase().replace(/[\s-]/g, '').replaceAll('o', '0').replace(/[il]/g, '1');

/** Hashes backup codes for the database: the first as new ones are kept, then as codes of older peppers are. */
export type BackupCodeHashes = (userId: string, code: string) => readonly [Buffer, ...Buffer[]];

/**
 * 60 random bits need no slow hash: guessing on line is hopeless, and off line the key is missing, which stands beside
 * the database and not in it. The key is derived from the pepper for this purpose alone.
 */
export function openBackupCodes(pepper: string, previousPeppers: readonly string[] = []): BackupCodeHashes {
  const keyOf = (secret: string): Buffer =>
    Buffer.from(hkdfSync('sha256', Buffer.from(secret, 'base64'), '', 'maestro backup codes v1', 32));
  const [current, older] = [keyOf(pepper), previousPeppers.map(keyOf)];
  return (userId, code) => {
    const hash = (key: Buffer): Buffer =>
      createHmac('sha256', key)
        .update(`${userId} ${normal(code)}`)
        .digest();
    return [hash(current), ...older.map(hash)];
  };
}
