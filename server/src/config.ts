import { BlockList, isIP } from 'node:net';
import { resolve } from 'node:path';
import { checkProduction } from './config_production.ts';
import { readSecretStore, type SecretStoreConfig } from './config_secrets.ts';
import { readSecurity, type SecurityConfig, type SecuritySecrets } from './config_security.ts';
import { networkIn } from './identity/address_list.ts';
import { nearestName } from './nearest_name.ts';
import { SecretsError } from './ports/secrets.ts';
import { givenSecret, textOf } from './ports/secrets_env.ts';
import { readAuthorities, readHttpPort, readTls, type TlsConfig } from './tls/config_tls.ts';
import { clientVariables, type SecretName, type Variable, type VariableName, variables } from './variables.ts';

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** What Maestro was told, without a secret in it: it may be logged. */
export type Config = {
  readonly environment: 'development' | 'production';
  readonly secretStore: SecretStoreConfig;
  readonly listen: { readonly host: string; readonly port: number; readonly tls: boolean };
  readonly tls: TlsConfig;
  /** The port, at the same host, of plain HTTP that leads to HTTPS; undefined for none. */
  readonly httpPort: number | undefined;
  /** Without a trailing slash; undefined: follows from the address listened on. */
  readonly publicUrl: string | undefined;
  /** Addresses and CIDR ranges. */
  readonly trustedProxies: readonly string[];
  /** Absolute. */
  readonly dataDir: string;
  readonly database:
    | { readonly kind: 'embedded' }
    /** `given`: a login for each duty; `made`: one login, which makes the others. */
    | { readonly kind: 'external'; readonly logins: 'given' | 'made' };
  readonly databasePoolSize: number;
  /** `ca`: PEM text of who vouches for a Redis of `rediss://`; undefined: the public authorities. */
  readonly ephemeral: { readonly kind: 'memory' } | { readonly kind: 'redis'; readonly ca: string | undefined };
  readonly security: SecurityConfig;
  readonly logLevel: LogLevel;
};

export type DatabaseSecrets =
  | { readonly kind: 'embedded' }
  | { readonly kind: 'made'; readonly url: string }
  | { readonly kind: 'given'; readonly serverUrl: string; readonly ownerUrl: string; readonly systemUrl: string };

/** What must never be logged, apart from `Config`. */
export type Secrets = {
  readonly database: DatabaseSecrets;
  readonly redisUrl: string | undefined;
  readonly security: SecuritySecrets;
};

/** Every fault of the configuration, one sentence each. */
export class ConfigError extends Error {
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(`The configuration has ${faults.length === 1 ? 'a fault' : `${faults.length} faults`}:\n${bullets(faults)}`);
    this.name = 'ConfigError';
    this.faults = faults;
  }
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** What a store of secrets gave. */
export type StoredSecrets = {
  /** For people. */
  readonly from: string;
  readonly values: ReadonlyMap<SecretName, string>;
};

/**
 * Reads the whole configuration from environment variables, the files they name, and what a store of secrets gave.
 * An empty variable counts as not set. Throws one ConfigError that lists every fault; never quotes a secret.
 */
export function parseConfig(
  env: Environment,
  stored?: StoredSecrets,
): { readonly config: Config; readonly secrets: Secrets } {
  const faults: string[] = [];
  const read = reader(env, faults, stored);
  faults.push(...unknownVariables(env));
  if (env.NODE_TLS_REJECT_UNAUTHORIZED === '0') {
    faults.push('NODE_TLS_REJECT_UNAUTHORIZED is 0: nothing that Maestro connects to would be verified; take it away');
  }

  const host = read.text('MAESTRO_HOST') ?? 'localhost';
  const publicUrl = readPublicUrl(read, faults);
  const trustedProxies = readTrustedProxies(read, faults);
  const where = { host, publicUrl, isLoopback };
  const tls = readTls(read, where, faults);
  const port = read.integer('MAESTRO_PORT', { least: 0, most: 65_535, otherwise: tls.kind === 'off' ? 8080 : 8443 });
  const httpPort = readHttpPort(read, { ...where, tls, port }, faults);
  if (!isLoopback(host) && tls.kind === 'off' && read.text('MAESTRO_TRUSTED_PROXY') === undefined) {
    faults.push(
      `MAESTRO_HOST: listening on ${host} would send passwords and keys over the network in clear. Set MAESTRO_TLS, or name the proxy that ends TLS in MAESTRO_TRUSTED_PROXY, or listen on localhost`,
    );
  }

  const database = readDatabase(read, faults);
  const redisUrl = read.url('REDIS_URL', ['redis:', 'rediss:']);
  const redisCa = readAuthorities(read, 'MAESTRO_REDIS_CA', faults);
  if (redisCa !== undefined && !redisUrl?.startsWith('rediss:')) {
    faults.push('MAESTRO_REDIS_CA is set, and REDIS_URL does not begin rediss://');
  }
  const security = readSecurity(read, faults);
  const dataDir = resolve(read.text('MAESTRO_DATA_DIR') ?? 'data');
  const environment = readEnvironment(read, faults, database.kind !== 'embedded' || !isLoopback(host));
  if (environment === 'production') checkProduction(read, dataDir, faults);
  const config: Config = {
    environment,
    secretStore: readSecretStore(read, faults).config,
    listen: { host, port, tls: tls.kind !== 'off' },
    tls,
    httpPort,
    publicUrl,
    trustedProxies,
    dataDir,
    database: database.kind === 'embedded' ? { kind: 'embedded' } : { kind: 'external', logins: database.kind },
    databasePoolSize: read.integer('MAESTRO_DB_POOL_SIZE', {
      least: 2,
      most: database.kind === 'embedded' ? 40 : 200,
      otherwise: 16,
    }),
    ephemeral: redisUrl === undefined ? { kind: 'memory' } : { kind: 'redis', ca: redisCa },
    security: security.config,
    logLevel: readLogLevel(read, faults),
  };
  if (faults.length > 0) throw new ConfigError(faults);
  return { config: freezeDeep(config), secrets: freezeDeep({ database, redisUrl, security: security.secrets }) };
}

/** True where only this machine can connect to `host`. A name other than localhost counts as reachable. */
export function isLoopback(host: string): boolean {
  if (host.toLowerCase() === 'localhost') return true;
  const family = isIP(host);
  if (family === 0) return false;
  return loopback.check(host, family === 4 ? 'ipv4' : 'ipv6');
}

/** The host of an address as `isLoopback` takes it: one of IPv6 without its brackets. */
export const hostOf = ({ hostname }: Pick<URL, 'hostname'>): string => hostname.replace(/^\[(.*)\]$/, '$1');

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

type Reader = ReturnType<typeof reader>;

/** Reads variables one by one; a fault is a sentence pushed to `faults`, once. */
export function reader(env: Environment, faults: string[], stored?: StoredSecrets) {
  const secrets = new Map<VariableName, string | undefined>();

  /** What `take` gives; a fault where it throws a SecretsError. */
  function orFault<T>(take: () => T): T | undefined {
    try {
      return take();
    } catch (error) {
      if (!(error instanceof SecretsError)) throw error;
      faults.push(error.message);
      return undefined;
    }
  }

  const fileText = (variable: VariableName, path: string): string | undefined => orFault(() => textOf(path, variable));

  function text(name: VariableName): string | undefined {
    const value = env[name]?.trim();
    return value === '' ? undefined : value;
  }

  function secret(name: VariableName): string | undefined {
    if (!secrets.has(name)) {
      const given = orFault(() => givenSecret(env, name));
      const kept = stored?.values.get(name as SecretName);
      if (given !== undefined && kept !== undefined) {
        faults.push(`${name} is given both in the environment and in ${stored?.from}: give it once`);
      }
      secrets.set(name, given ?? kept);
    }
    return secrets.get(name);
  }

  function integer(name: VariableName, range: { least: number; most: number; otherwise: number }): number {
    const value = text(name);
    if (value === undefined) return range.otherwise;
    const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
    if (number >= range.least && number <= range.most) return number;
    faults.push(`${name}: expected a whole number from ${range.least} to ${range.most}, got ${quote(value)}`);
    return range.otherwise;
  }

  /** A URL with a secret in it: never quoted in a fault. */
  function url(name: VariableName, protocols: readonly string[]): string | undefined {
    const value = secret(name);
    if (value === undefined) return undefined;
    const wanted = protocols.map((protocol) => `${protocol}//`).join(' or ');
    if (!URL.canParse(value)) faults.push(`${name}: not a URL; expected ${wanted}…`);
    else if (!protocols.includes(new URL(value).protocol)) faults.push(`${name}: expected a URL that begins ${wanted}`);
    return value;
  }

  return { text, secret, integer, url, fileText };
}

function readEnvironment(read: Reader, faults: string[], isReached: boolean): Config['environment'] {
  const value = read.text('MAESTRO_ENV') ?? (isReached ? 'production' : 'development');
  if (value === 'development' || value === 'production') return value;
  faults.push(`MAESTRO_ENV: expected development or production, got ${quote(value)}`);
  return 'production';
}

function readPublicUrl(read: Reader, faults: string[]): string | undefined {
  const value = read.text('MAESTRO_PUBLIC_URL');
  if (value === undefined) return undefined;
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    faults.push(`MAESTRO_PUBLIC_URL: expected an address such as https://maestro.example.com, got ${quote(value)}`);
    return undefined;
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    faults.push('MAESTRO_PUBLIC_URL: expected scheme, host, port and path only');
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

function readTrustedProxies(read: Reader, faults: string[]): readonly string[] {
  const ranges = (read.text('MAESTRO_TRUSTED_PROXY') ?? '').split(/[\s,]+/).filter((range) => range !== '');
  for (const range of ranges) {
    const network = networkIn(range);
    if (!network) {
      faults.push(`MAESTRO_TRUSTED_PROXY: expected an address or a range such as 10.0.0.0/8, got ${quote(range)}`);
    } else if (network.bits === 0) {
      faults.push(`MAESTRO_TRUSTED_PROXY: ${range} would believe anybody's X-Forwarded-* headers; name the proxies`);
    }
  }
  return ranges;
}

function readDatabase(read: Reader, faults: string[]): DatabaseSecrets {
  const protocols = ['postgres:', 'postgresql:'];
  const serverUrl = read.url('DATABASE_URL', protocols);
  const ownerUrl = read.url('MAESTRO_DATABASE_OWNER_URL', protocols);
  const systemUrl = read.url('MAESTRO_DATABASE_SYSTEM_URL', protocols);
  if (serverUrl === undefined) {
    const names = [ownerUrl && 'MAESTRO_DATABASE_OWNER_URL', systemUrl && 'MAESTRO_DATABASE_SYSTEM_URL'];
    for (const name of names) if (name) faults.push(`${name} is set without DATABASE_URL: give all three, or none`);
    return { kind: 'embedded' };
  }
  if (ownerUrl === undefined && systemUrl === undefined) return { kind: 'made', url: serverUrl };
  if (ownerUrl === undefined) {
    faults.push('MAESTRO_DATABASE_SYSTEM_URL is set without MAESTRO_DATABASE_OWNER_URL: give both, or neither');
  }
  if (systemUrl === undefined) {
    faults.push('MAESTRO_DATABASE_OWNER_URL is set without MAESTRO_DATABASE_SYSTEM_URL: give both, or neither');
  }
  return { kind: 'given', serverUrl, ownerUrl: ownerUrl ?? '', systemUrl: systemUrl ?? '' };
}

function readLogLevel(read: Reader, faults: string[]): LogLevel {
  const value = read.text('MAESTRO_LOG_LEVEL') ?? 'info';
  const level = logLevels.find((known) => known === value);
  if (level === undefined) {
    faults.push(`MAESTRO_LOG_LEVEL: expected one of ${logLevels.join(', ')}, got ${quote(value)}`);
  }
  return level ?? 'info';
}

function unknownVariables(env: Environment): string[] {
  const known = variables.flatMap((variable: Variable) =>
    variable.secret ? [variable.name, `${variable.name}_FILE`] : [variable.name],
  );
  return Object.keys(env)
    .filter((name) => name.startsWith('MAESTRO_') && !known.includes(name) && !clientVariables.includes(name))
    .sort()
    .map((name) => {
      const near = nearestName(name, known);
      const hint = near === undefined ? 'see .env.example for what there is' : `did you mean ${near}?`;
      return `${name} is not a variable of Maestro: ${hint}`;
    });
}

function bullets(lines: readonly string[]): string {
  return lines.map((line) => `  - ${line}`).join('\n');
}

function quote(value: string): string {
  return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
}

function freezeDeep<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) freezeDeep(inner);
  }
  return value;
}
