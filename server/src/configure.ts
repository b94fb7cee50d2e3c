import { type Config, ConfigError, type Environment, parseConfig, reader, type Secrets } from './config.ts';
import { readSecretStore } from './config_secrets.ts';
import { type HeldSecrets, readInTime, type SecretStore, SecretsError } from './ports/secrets.ts';

/** The configuration, and the store that its secrets came from. */
export interface Configured {
  readonly config: Config;
  readonly secrets: Secrets;
  readonly store: SecretStore;
  readonly held: HeldSecrets;
  /** What Maestro would start with if the store held this. Throws a SecretsError where it could not. */
  secretsOf(held: HeldSecrets): Secrets;
}

/**
 * Reads the configuration: first where the secrets are, then them, then the rest. Throws a ConfigError, or a
 * SecretsError where the store does not give them.
 */
export async function configure(env: Environment): Promise<Configured> {
  const faults: string[] = [];
  const { config: where, open } = readSecretStore(reader(env, faults), faults);
  // Where the secrets are in the environment, all faults of it are told together.
  if (where.kind === 'env') parseConfig(env);
  if (faults.length > 0) throw new ConfigError(faults);
  const store = open(env);
  const parse = (held: HeldSecrets) =>
    where.kind === 'env' ? parseConfig(env) : parseConfig(env, { from: store.name, values: held.values });
  const held = await readInTime(store);
  return {
    ...parse(held),
    store,
    held,
    secretsOf(next) {
      try {
        return parse(next).secrets;
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        throw new SecretsError(error.faults.map((fault) => `${fault}.`).join(' '), { cause: error });
      }
    },
  };
}
