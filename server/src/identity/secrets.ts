import { randomBytes } from 'node:crypto';
import type { SecuritySecrets } from '../config_security.ts';

/** Names of the generated secrets in a data directory. The command line reads the operator key. */
export const secretNames = {
  /** There only until it has been taken into the database, where the keys of tokens are. */
  formerSigningKey: 'token-signing-key.pem',
  encryptionKey: 'encryption-key',
  passwordPepper: 'password-pepper',
  operatorKey: 'operator-key',
  /** There only until the first start has shown what it made. */
  firstStart: 'first-start',
} as const;

export const operatorKeyPrefix = 'mop_';

/** What seals what the database keeps, and lets the command line in. */
export interface IdentitySecrets {
  /** 32 bytes, base64. */
  readonly encryptionKey: string;
  /** 32 bytes, base64. */
  readonly passwordPepper: string;
  /** Those before it, of which there may still be hashes. */
  readonly previousPeppers: readonly string[];
  readonly operatorKey: string;
}

/** The secrets that were given, and the data directory's for the others; each is made at the first start. */
export async function readIdentitySecrets(
  dataDir: { secret(name: string, generate: () => string | Promise<string>): Promise<string> },
  given: Pick<SecuritySecrets, 'encryptionKey' | 'passwordPepper' | 'previousPeppers'>,
): Promise<IdentitySecrets> {
  const random = () => randomBytes(32).toString('base64');
  const encryptionKey = given.encryptionKey ?? (await dataDir.secret(secretNames.encryptionKey, random));
  const passwordPepper = given.passwordPepper ?? (await dataDir.secret(secretNames.passwordPepper, random));
  const operatorKey = await dataDir.secret(
    secretNames.operatorKey,
    () => operatorKeyPrefix + randomBytes(32).toString('base64url'),
  );
  const { previousPeppers } = given;
  return { encryptionKey, passwordPepper, previousPeppers, operatorKey: operatorKey.trim() };
}
