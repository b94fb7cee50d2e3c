import { nearestName } from '../nearest_name.ts';
import { formerSecrets, type SecretName, storedSecrets, type Variable, variables } from '../variables.ts';

/** What a store holds at one moment. */
export interface HeldSecrets {
  readonly values: ReadonlyMap<SecretName, string>;
  /** Which edition this is, where the store counts them: for the log. */
  readonly version: string | undefined;
}

/** Where secrets are kept: the environment and its files, Vault, AWS Secrets Manager. */
export interface SecretStore {
  /** For people: `Vault at https://vault.example.com:8200`. */
  readonly name: string;
  /** Asks anew. Throws a SecretsError. */
  read(signal: AbortSignal): Promise<HeldSecrets>;
  close(): void;
}

/** Why secrets cannot be had: one sentence, without a secret in it. */
export class SecretsError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SecretsError';
  }
}

/** Longer than any store takes that answers at all. */
const readMsMax = 10_000;

/** What the store holds now; a SecretsError where it does not say within 10 seconds. */
export function readInTime(store: SecretStore, msMax = readMsMax): Promise<HeldSecrets> {
  const signal = AbortSignal.timeout(msMax);
  const late = new Promise<never>((_, reject) => {
    const refuse = () => reject(new SecretsError(`${store.name} did not answer within ${msMax / 1000} seconds.`));
    signal.addEventListener('abort', refuse, { once: true });
  });
  return Promise.race([store.read(signal), late]);
}

/**
 * The secrets in an object of a store. As in the environment, names of others are passed over, and a `MAESTRO_` name
 * that is none of ours is refused: a misspelt secret would otherwise be made anew in silence. `where` is for people.
 */
export function secretsIn(object: unknown, where: string): ReadonlyMap<SecretName, string> {
  if (typeof object !== 'object' || object === null || Array.isArray(object)) {
    throw new SecretsError(`${where} must be an object whose keys are names such as MAESTRO_ENCRYPTION_KEY.`);
  }
  const values = new Map<SecretName, string>();
  for (const [name, value] of Object.entries(object)) {
    const secret = storedSecrets.find((stored) => stored === name);
    if (secret === undefined) {
      if (!name.startsWith('MAESTRO_')) continue;
      throw new SecretsError(`${where} holds ${JSON.stringify(name)}, ${whyNotOurs(name)}.`);
    }
    if (value === '' && formerSecrets.includes(secret)) continue;
    if (typeof value !== 'string' || value.trim() === '') {
      throw new SecretsError(`${where}: ${name} must be a text that is not empty.`);
    }
    values.set(secret, value.trim());
  }
  return values;
}

function whyNotOurs(name: string): string {
  const variable: Variable | undefined = variables.find((known) => known.name === name);
  if (variable?.notStored) return 'which no store holds: give it in the environment';
  if (variable) return 'which is no secret: give it in the environment';
  const near = nearestName(name, storedSecrets);
  return `which is not a secret of Maestro${near === undefined ? '' : `: did you mean ${near}?`}`;
}
