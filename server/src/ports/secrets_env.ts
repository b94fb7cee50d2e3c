import { readFileSync } from 'node:fs';
import { formerSecrets, type SecretName, storedSecrets, type VariableName } from '../variables.ts';
import { type SecretStore, SecretsError } from './secrets.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** A secret as `NAME` or in the file of `NAME_FILE`, read anew; undefined where neither is set. Throws a SecretsError. */
export function givenSecret(env: Environment, name: VariableName): string | undefined {
  const direct = env[name]?.trim() || undefined;
  const path = env[`${name}_FILE`]?.trim();
  if (!path) return direct;
  if (direct !== undefined) throw new SecretsError(`${name} and ${name}_FILE are both set: give one`);
  const value = textOf(path, `${name}_FILE`).trim();
  if (value !== '') return value;
  // Of former ones there may be none: the file is there for those that come.
  if (formerSecrets.some((former) => former === name)) return undefined;
  throw new SecretsError(`${name}_FILE: ${path} is empty`);
}

/** The text of a file that `variable` names. Throws a SecretsError. */
export function textOf(path: string, variable: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new SecretsError(`${variable}: cannot read ${path} (${code})`, { cause: error });
  }
}

/** The environment, and the files it names: what is written into one is seen at the next `read`. */
export function envSecrets(env: Environment): SecretStore {
  return {
    name: 'the environment',
    async read() {
      const values = new Map<SecretName, string>();
      for (const name of storedSecrets) {
        const value = givenSecret(env, name);
        if (value !== undefined) values.set(name, value);
      }
      return { values, version: undefined };
    },
    close: () => undefined,
  };
}
