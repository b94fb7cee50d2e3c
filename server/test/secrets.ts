import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { type IdentitySecrets, newSecret, operatorKeyPrefix } from '../src/identity/secrets.ts';

let signingKey: string | undefined;

/** Made once in a process: it takes longer than all the rest of a test app. */
export function testSigningKey(): string {
  signingKey ??= generateKeyPairSync('rsa', { modulusLength: 2048 })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString();
  return signingKey;
}

/** Secrets of one deployment, generated. */
export const testSecrets = (): IdentitySecrets => ({
  encryptionKey: newSecret(),
  previousEncryptionKeys: [],
  passwordPepper: newSecret(),
  previousPeppers: [],
  keep: {},
  operatorKey: operatorKeyPrefix + randomBytes(24).toString('base64url'),
});
