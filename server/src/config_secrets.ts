import { hostOf, isLoopback } from './config.ts';
import type { SecurityReader } from './config_security.ts';
import { type SecretStore, SecretsError } from './ports/secrets.ts';
import { awsSecrets } from './ports/secrets_aws.ts';
import { type Environment, envSecrets, givenSecret, textOf } from './ports/secrets_env.ts';
import { type VaultLogin, vaultSecrets } from './ports/secrets_vault.ts';
import type { VariableName } from './variables.ts';

const kinds = ['env', 'vault', 'aws'] as const;

/** What Maestro was told of the store of secrets, without one in it. */
export type SecretStoreConfig = {
  readonly kind: (typeof kinds)[number];
  readonly refreshSeconds: number;
  readonly maxAgeSeconds: number;
};

export interface StoreReader extends SecurityReader {
  fileText(variable: VariableName, path: string): string | undefined;
}

/** Reads it; a fault is a sentence pushed to `faults`. `open` is called where there was none. */
export function readSecretStore(
  read: StoreReader,
  faults: string[],
): { config: SecretStoreConfig; open(env: Environment): SecretStore } {
  const value = read.text('MAESTRO_SECRETS') ?? 'env';
  const kind = kinds.find((known) => known === value);
  if (kind === undefined) {
    faults.push(`MAESTRO_SECRETS: expected one of ${kinds.join(', ')}, got ${JSON.stringify(value.slice(0, 80))}`);
  }
  const refreshSeconds = read.integer('MAESTRO_SECRETS_REFRESH_SECONDS', { least: 1, most: 86_400, otherwise: 60 });
  const maxAge = { least: 1, most: 2_592_000, otherwise: 86_400 };
  const maxAgeSeconds = read.integer('MAESTRO_SECRETS_MAX_AGE_SECONDS', maxAge);
  if (maxAgeSeconds < refreshSeconds) {
    faults.push('MAESTRO_SECRETS_MAX_AGE_SECONDS must be no less than MAESTRO_SECRETS_REFRESH_SECONDS');
  }
  refuseOthers(read, kind, faults);
  const openers = { env: () => envSecrets, vault: () => readVault(read, faults), aws: () => readAws(read, faults) };
  return { config: { kind: kind ?? 'env', refreshSeconds, maxAgeSeconds }, open: openers[kind ?? 'env']() };
}

/** Half a move from one store to another would go unnoticed. */
function refuseOthers(read: StoreReader, kind: string | undefined, faults: string[]): void {
  const signs: readonly (readonly [VariableName, string])[] = [
    ['MAESTRO_VAULT_ADDR', 'vault'],
    ['MAESTRO_AWS_SECRET_ID', 'aws'],
  ];
  for (const [name, meant] of signs) {
    if (kind !== undefined && kind !== meant && read.text(name) !== undefined) {
      faults.push(`${name} is set, but MAESTRO_SECRETS is ${kind}: set it to ${meant}, or take ${name} away`);
    }
  }
}

function needed(read: StoreReader, name: VariableName, because: string, faults: string[]): string {
  const value = read.text(name);
  if (value === undefined) faults.push(`${name} is needed where ${because}`);
  return value ?? '';
}

/** An address that secrets may be sent to and from: what is not on this machine needs TLS. */
export function address(name: VariableName, value: string, faults: string[]): string {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (value !== '' && (url === undefined || !['http:', 'https:'].includes(url.protocol))) {
    faults.push(`${name}: expected an address that begins https://`);
  } else if (url?.protocol === 'http:' && !isLoopback(hostOf(url))) {
    faults.push(`${name}: secrets would go over the network in clear; expected an address that begins https://`);
  }
  if (url && (url.username !== '' || url.password !== '' || url.search !== '')) {
    faults.push(`${name}: expected scheme, host, port and path only`);
  }
  return value.replace(/\/+$/, '');
}

function readVault(read: StoreReader, faults: string[]): (env: Environment) => SecretStore {
  const because = 'MAESTRO_SECRETS is vault';
  const caPath = read.text('MAESTRO_VAULT_CA');
  const options = {
    address: address('MAESTRO_VAULT_ADDR', needed(read, 'MAESTRO_VAULT_ADDR', because, faults), faults),
    ca: caPath === undefined ? undefined : read.fileText('MAESTRO_VAULT_CA', caPath),
    namespace: read.text('MAESTRO_VAULT_NAMESPACE'),
    mount: read.text('MAESTRO_VAULT_MOUNT') ?? 'secret',
    path: needed(read, 'MAESTRO_VAULT_PATH', because, faults),
  };
  const login = readLogin(read, faults);
  return (env) => vaultSecrets({ ...options, login: login(env) });
}

/** What signs in may change while Maestro runs, in its file: it is read when it is needed. */
function readLogin(read: StoreReader, faults: string[]): (env: Environment) => VaultLogin {
  const method = read.text('MAESTRO_VAULT_AUTH') ?? 'token';
  const because = `MAESTRO_VAULT_AUTH is ${method}`;
  const mount = read.text('MAESTRO_VAULT_AUTH_MOUNT') ?? method;
  const neededSecret = (name: VariableName): void => {
    const before = faults.length;
    if (read.secret(name) === undefined && faults.length === before) {
      faults.push(`${name} is needed where ${because}`);
    }
  };
  const anew = (env: Environment, name: VariableName): string => {
    const value = givenSecret(env, name);
    if (value === undefined) throw new SecretsError(`${name} is not set.`);
    return value;
  };
  switch (method) {
    case 'token':
      neededSecret('MAESTRO_VAULT_TOKEN');
      return (env) => ({ method, token: () => anew(env, 'MAESTRO_VAULT_TOKEN') });
    case 'approle': {
      const roleId = needed(read, 'MAESTRO_VAULT_ROLE_ID', because, faults);
      neededSecret('MAESTRO_VAULT_SECRET_ID');
      return (env) => ({ method, mount, roleId, secretId: () => anew(env, 'MAESTRO_VAULT_SECRET_ID') });
    }
    default: {
      if (method !== 'kubernetes') {
        faults.push(
          `MAESTRO_VAULT_AUTH: expected token, approle or kubernetes, got ${JSON.stringify(method.slice(0, 80))}`,
        );
        return () => ({ method: 'token', token: () => '' });
      }
      const role = needed(read, 'MAESTRO_VAULT_ROLE', because, faults);
      const file = read.text('MAESTRO_VAULT_JWT_FILE') ?? '/var/run/secrets/kubernetes.io/serviceaccount/token';
      return () => ({ method, mount, role, jwt: () => textOf(file, 'MAESTRO_VAULT_JWT_FILE').trim() });
    }
  }
}

function readAws(read: StoreReader, faults: string[]): () => SecretStore {
  const secretId = needed(read, 'MAESTRO_AWS_SECRET_ID', 'MAESTRO_SECRETS is aws', faults);
  const endpoint = read.text('MAESTRO_AWS_ENDPOINT');
  const options = {
    secretId,
    region: read.text('MAESTRO_AWS_REGION'),
    endpoint: endpoint === undefined ? undefined : address('MAESTRO_AWS_ENDPOINT', endpoint, faults),
  };
  return () => awsSecrets(options);
}
