import { randomBytes } from 'node:crypto';
import type { SecuritySecrets } from '../config_security.ts';
import type { DataDir } from '../data_dir.ts';

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

/** Writes a secret down, with those before it that are still needed, so that a crash on the way loses none of them. */
export type KeepSecret = (current: string, previous: readonly string[]) => Promise<void>;

/** What seals what the database keeps, and lets the command line in. */
export interface IdentitySecrets {
  /** 32 bytes, base64. */
  readonly encryptionKey: string;
  /** Those before it, with which something may still be sealed. */
  readonly previousEncryptionKeys: readonly string[];
  /** 32 bytes, base64. */
  readonly passwordPepper: string;
  /** Those before it, of which there may still be hashes. */
  readonly previousPeppers: readonly string[];
  readonly operatorKey: string;
  /** Of secrets that were not given but made: Maestro itself puts another in their place. */
  readonly keep: { readonly encryptionKey?: KeepSecret; readonly passwordPepper?: KeepSecret };
}

/** 32 random bytes, base64. */
export const newSecret = (): string => randomBytes(32).toString('base64');

/** Where those before a secret that was made are kept, one a line, as long as something needs them. */
export const previousName = (name: string): string => `${name}-previous`;

interface Line {
  readonly current: string;
  readonly previous: readonly string[];
  readonly keep?: KeepSecret;
}

type Secrets = Pick<DataDir, 'secret' | 'findSecret' | 'replaceSecret' | 'dropSecret'>;

/** The secret that was given, else the data directory's own; one that is made in its place is kept there. */
async function lineOf(
  dataDir: Secrets,
  name: string,
  given: string | undefined,
  previous: readonly string[],
): Promise<Line> {
  if (given !== undefined) return { current: given, previous };
  const current = (await dataDir.secret(name, newSecret)).trim();
  const older = ((await dataDir.findSecret(previousName(name))) ?? '').split('\n').filter((line) => line !== '');
  return {
    current,
    // A crash between the two files leaves the current one in both.
    previous: [...older.filter((text) => text !== current), ...previous],
    async keep(next, needed) {
      if (needed.length > 0) await dataDir.replaceSecret(previousName(name), `${needed.join('\n')}\n`);
      await dataDir.replaceSecret(name, next);
      if (needed.length === 0) await dataDir.dropSecret(previousName(name));
    },
  };
}

/** The secrets that were given, and the data directory's for the others; each is made at the first start. */
export async function readIdentitySecrets(
  dataDir: Secrets,
  given: Pick<SecuritySecrets, 'encryptionKey' | 'previousEncryptionKeys' | 'passwordPepper' | 'previousPeppers'>,
): Promise<IdentitySecrets> {
  const { encryptionKey, passwordPepper } = secretNames;
  const key = await lineOf(dataDir, encryptionKey, given.encryptionKey, given.previousEncryptionKeys);
  const pepper = await lineOf(dataDir, passwordPepper, given.passwordPepper, given.previousPeppers);
  const operatorKey = await dataDir.secret(
    secretNames.operatorKey,
    () => operatorKeyPrefix + randomBytes(32).toString('base64url'),
  );
  return {
    encryptionKey: key.current,
    previousEncryptionKeys: key.previous,
    passwordPepper: pepper.current,
    previousPeppers: pepper.previous,
    operatorKey: operatorKey.trim(),
    keep: {
      ...(key.keep ? { encryptionKey: key.keep } : {}),
      ...(pepper.keep ? { passwordPepper: pepper.keep } : {}),
    },
  };
}
