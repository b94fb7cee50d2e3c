import { type EmbeddingsConfig, readEmbeddings } from './config_embeddings.ts';
import { type ProviderSettings, readProviders } from './config_providers.ts';
import { defaultPolicy, type Policy } from './identity/policy.ts';
import type { VariableName } from './variables.ts';

/** What Maestro was told of sign-in and access, without a secret in it. */
export type SecurityConfig = {
  readonly policy: Policy;
  readonly captcha: { readonly verifyUrl: string; readonly siteKey: string } | undefined;
  readonly embeddings: EmbeddingsConfig | undefined;
  readonly mail: { readonly kind: 'outbox' } | { readonly kind: 'smtp'; readonly from: string };
  /** `name` or `name:port`, in lower case. */
  readonly allowedHosts: readonly string[];
  readonly corsOrigins: readonly string[];
  readonly tenantRequestsPerSecond: number | undefined;
  readonly auditDays: number | undefined;
  readonly exportMinutes: number;
};

export type SecuritySecrets = {
  /** 32 bytes, base64; undefined: the data directory's own. */
  readonly encryptionKey: string | undefined;
  readonly previousEncryptionKeys: readonly string[];
  readonly passwordPepper: string | undefined;
  readonly previousPeppers: readonly string[];
  readonly captchaSecret: string | undefined;
  readonly embeddingsKey: string | undefined;
  readonly smtpUrl: string | undefined;
  readonly identityProviders: readonly ProviderSettings[];
};

export interface SecurityReader {
  text(name: VariableName): string | undefined;
  secret(name: VariableName): string | undefined;
  integer(name: VariableName, range: { least: number; most: number; otherwise: number }): number;
  url(name: VariableName, protocols: readonly string[]): string | undefined;
}

/** Reads it; a fault is a sentence pushed to `faults`, which never quotes a secret. */
export function readSecurity(
  read: SecurityReader,
  faults: string[],
): { config: SecurityConfig; secrets: SecuritySecrets } {
  const smtpUrl = read.url('MAESTRO_SMTP_URL', ['smtp:', 'smtps:']);
  const captcha = readCaptcha(read, faults);
  const embeddings = readEmbeddings(read, faults);
  return {
    config: {
      policy: readPolicy(read),
      captcha: captcha?.config,
      embeddings: embeddings.config,
      mail: readMail(read, smtpUrl, faults),
      allowedHosts: readHosts(read, faults),
      corsOrigins: readOrigins(read, faults),
      tenantRequestsPerSecond: optional(read, 'MAESTRO_TENANT_REQUESTS_PER_SECOND', 1, 1_000_000),
      auditDays: optional(read, 'MAESTRO_AUDIT_DAYS', 30, 36_500),
      exportMinutes: read.integer('MAESTRO_EXPORT_MINUTES', { least: 1, most: 1440, otherwise: 60 }),
    },
    secrets: {
      encryptionKey: readKey(read, 'MAESTRO_ENCRYPTION_KEY', faults),
      previousEncryptionKeys: readKeys(read, 'MAESTRO_ENCRYPTION_KEY_PREVIOUS', faults),
      passwordPepper: readKey(read, 'MAESTRO_PASSWORD_PEPPER', faults),
      previousPeppers: readKeys(read, 'MAESTRO_PASSWORD_PEPPER_PREVIOUS', faults),
      captchaSecret: captcha?.secret,
      embeddingsKey: embeddings.key,
      smtpUrl,
      identityProviders: readProviders(read.secret('MAESTRO_IDENTITY_PROVIDERS'), faults),
    },
  };
}

const figures = {
  accessMinutes: ['MAESTRO_ACCESS_TOKEN_MINUTES', 1, 1440],
  sessionDays: ['MAESTRO_REFRESH_TOKEN_DAYS', 1, 365],
  sessionIdleMinutes: ['MAESTRO_SESSION_IDLE_MINUTES', 5, 525_600],
  freshSignInMinutes: ['MAESTRO_FRESH_SIGN_IN_MINUTES', 1, 60],
  signingKeyDays: ['MAESTRO_SIGNING_KEY_DAYS', 1, 3650],
  apiKeyDays: ['MAESTRO_API_KEY_DAYS', 1, 3650],
  bcryptRounds: ['MAESTRO_BCRYPT_ROUNDS', 10, 15],
  passwordLengthMin: ['MAESTRO_PASSWORD_LENGTH_MIN', 8, 64],
  passwordLengthMinWithFactor: ['MAESTRO_PASSWORD_LENGTH_MIN_WITH_FACTOR', 8, 64],
  freeFailures: ['MAESTRO_FREE_FAILURES', 1, 100],
  captchaAfterFailures: ['MAESTRO_CAPTCHA_AFTER_FAILURES', 1, 100],
  publicRequestsPerMinute: ['MAESTRO_PUBLIC_REQUESTS_PER_MINUTE', 10, 1_000_000],
  invitationsPerHour: ['MAESTRO_INVITATIONS_PER_HOUR', 1, 100_000],
} as const satisfies Record<keyof Policy, readonly [VariableName, number, number]>;

function readPolicy(read: SecurityReader): Policy {
  const entries = Object.entries(figures).map(([name, [variable, least, most]]) => {
    const otherwise = defaultPolicy[name as keyof Policy];
    return [name, read.integer(variable, { least, most, otherwise })];
  });
  return Object.fromEntries(entries) as Policy;
}

function optional(read: SecurityReader, name: VariableName, least: number, most: number): number | undefined {
  return read.text(name) === undefined ? undefined : read.integer(name, { least, most, otherwise: most });
}

const isKey = (text: string): boolean => /^[0-9A-Za-z+/]{43}=$/.test(text);

function readKey(read: SecurityReader, name: VariableName, faults: string[]): string | undefined {
  const value = read.secret(name);
  if (value === undefined) return undefined;
  if (!isKey(value)) faults.push(`${name}: expected 32 bytes in base64, as openssl rand -base64 32 prints them`);
  return value;
}

function readKeys(read: SecurityReader, name: VariableName, faults: string[]): readonly string[] {
  const keys = listOf(read.secret(name));
  if (!keys.every(isKey)) faults.push(`${name}: expected 32 bytes in base64 each, separated by commas or lines`);
  return keys;
}

function readMail(read: SecurityReader, smtpUrl: string | undefined, faults: string[]): SecurityConfig['mail'] {
  const from = read.text('MAESTRO_MAIL_FROM');
  if (smtpUrl === undefined) {
    if (from !== undefined) faults.push('MAESTRO_MAIL_FROM is set without MAESTRO_SMTP_URL: give both, or neither');
    return { kind: 'outbox' };
  }
  if (from === undefined) faults.push('MAESTRO_SMTP_URL is set without MAESTRO_MAIL_FROM: give both, or neither');
  return { kind: 'smtp', from: from ?? '' };
}

function readCaptcha(
  read: SecurityReader,
  faults: string[],
): { config: { verifyUrl: string; siteKey: string }; secret: string } | undefined {
  const verifyUrl = read.text('MAESTRO_CAPTCHA_VERIFY_URL');
  const siteKey = read.text('MAESTRO_CAPTCHA_SITE_KEY');
  const secret = read.secret('MAESTRO_CAPTCHA_SECRET');
  if (verifyUrl === undefined && siteKey === undefined && secret === undefined) return undefined;
  if (verifyUrl === undefined || siteKey === undefined || secret === undefined) {
    faults.push(
      'MAESTRO_CAPTCHA_VERIFY_URL, MAESTRO_CAPTCHA_SITE_KEY and MAESTRO_CAPTCHA_SECRET: give all three, or none',
    );
    return undefined;
  }
  const protocol = URL.canParse(verifyUrl) ? new URL(verifyUrl).protocol : '';
  if (!['http:', 'https:'].includes(protocol)) {
    faults.push(
      `MAESTRO_CAPTCHA_VERIFY_URL: expected an address that begins https://, got ${JSON.stringify(verifyUrl)}`,
    );
  }
  return { config: { verifyUrl, siteKey }, secret };
}

const listOf = (text: string | undefined): string[] => (text ?? '').split(/[\s,]+/).filter((part) => part !== '');

function readHosts(read: SecurityReader, faults: string[]): readonly string[] {
  const hosts = listOf(read.text('MAESTRO_ALLOWED_HOSTS')).map((host) => host.toLowerCase());
  for (const host of hosts) {
    if (!/^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/.test(host)) {
      faults.push(`MAESTRO_ALLOWED_HOSTS: expected names such as maestro or maestro:8443, got ${JSON.stringify(host)}`);
    }
  }
  return hosts;
}

function readOrigins(read: SecurityReader, faults: string[]): readonly string[] {
  const origins = listOf(read.text('MAESTRO_CORS_ORIGINS'));
  for (const origin of origins) {
    if (!URL.canParse(origin) || new URL(origin).origin !== origin) {
      faults.push(`MAESTRO_CORS_ORIGINS: expected origins such as https://example.com, got ${JSON.stringify(origin)}`);
    }
  }
  return origins;
}
