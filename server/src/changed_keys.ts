import type { Logger } from 'pino';
import type { Application } from './application.ts';
import type { SecuritySecrets } from './config_security.ts';
import type { HeldSecrets } from './ports/secrets.ts';
import type { SecretWatch } from './ports/secrets_watch.ts';
import type { SecretName } from './variables.ts';

type Keys = Pick<SecuritySecrets, 'encryptionKey' | 'previousEncryptionKeys' | 'passwordPepper' | 'previousPeppers'>;

export interface ChangedKeysOptions {
  /** What Maestro started with. */
  readonly secrets: Keys;
  /** What it would start with if the store of secrets held this. */
  readonly read: (held: HeldSecrets) => Keys;
  readonly secretWatch: SecretWatch;
  readonly application: Pick<Application, 'useKeys'>;
  readonly log: Logger;
}

/** A key, and those that it took the place of; undefined where it is not given. */
type Line = { readonly current: string; readonly previous: readonly string[] } | undefined;

const encryptionKeysOf = ({ encryptionKey: current, previousEncryptionKeys: previous }: Keys): Line =>
  current === undefined ? undefined : { current, previous };

const peppersOf = ({ passwordPepper: current, previousPeppers: previous }: Keys): Line =>
  current === undefined ? undefined : { current, previous };

/**
 * Takes encryption keys and peppers that have changed where they are kept, in files or in a store. What something in
 * the database could not be read with is not taken: the log says why, an alarm stays, and what was there goes on. One
 * that Maestro made itself gives way to one that is given at a start alone.
 */
export function takeChangedKeys({ secrets, read, secretWatch, application, log }: ChangedKeysOptions): void {
  function follow(
    names: readonly SecretName[],
    lineOf: (keys: Keys) => Line,
    use: (line: NonNullable<Line>) => Promise<void>,
  ) {
    let taken = JSON.stringify(lineOf(secrets));
    if (lineOf(secrets) === undefined) return;
    const take = async (held: HeldSecrets): Promise<void> => {
      const line = lineOf(read(held));
      if (line === undefined || JSON.stringify(line) === taken) return;
      await use(line);
      taken = JSON.stringify(line);
    };
    for (const name of names) {
      secretWatch.onChange(name, (_value, held) =>
        take(held).catch((error: unknown) => {
          log.error({ err: error, secret: name }, 'a key stays as it was');
          throw error;
        }),
      );
    }
  }
  const { encryptionKey, pepper } = application.useKeys;
  follow(['MAESTRO_ENCRYPTION_KEY', 'MAESTRO_ENCRYPTION_KEY_PREVIOUS'], encryptionKeysOf, encryptionKey);
  follow(['MAESTRO_PASSWORD_PEPPER', 'MAESTRO_PASSWORD_PEPPER_PREVIOUS'], peppersOf, pepper);
}
