import { generateKeyPair, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import type { SecuritySecrets } from '../config_security.ts';

/** Names of the generated secrets in a data directory. The command line reads the operator key. */
export const secretNames = {
  signingKey: 'token-signing-key.pem',
  encryptionKey: 'encryption-key',
  passwordPepper: 'password-pepper',
  operatorKey: 'operator-key',
  /** There only until the first start has shown what it made. */
  firstStart: 'first-start',
} as const;

export const operatorKeyPrefix = 'mop_';

/** What signs tokens, seals personal fields, and lets the command line in. */
export interface IdentitySecrets {
  /** RSA private keys, PKCS #8 PEM: the first signs, all verify. */
  readonly signingKeys: readonly string[];
  /** 32 bytes, base64. */
  readonly encryptionKey: string;
  /** 32 bytes, base64. */
  readonly passwordPepper: string;
  readonly operatorKey: string;
}

async function generateSigningKey(): Promise<string> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** The secrets that were given, and the data directory's for the others; each is made at the first start. */
export async function readIdentitySecrets(
  dataDir: { secret(name: string, generate: () => string | Promise<string>): Promise<string> },
  given: Pick<SecuritySecrets, 'encryptionKey' | 'passwordPepper'>,
): Promise<IdentitySecrets> {
  const random = () => randomBytes(32).toString('base64');
  const signingKey = await dataDir.secret(secretNames.signingKey, generateSigningKey);
  const encryptionKey = given.encryptionKey ?? (await dataDir.secret(secretNames.encryptionKey, random));
  const passwordPepper = given.passwordPepper ?? (await dataDir.secret(secretNames.passwordPepper, random));
  const operatorKey = await dataDir.secret(
    secretNames.operatorKey,
    () => operatorKeyPrefix + randomBytes(32).toString('base64url'),
  );
  return { signingKeys: [signingKey], encryptionKey, passwordPepper, operatorKey: operatorKey.trim() };
}
