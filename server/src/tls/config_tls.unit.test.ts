import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeCertificate } from '../../test/certificate.ts';
import { ConfigError, type Environment, parseConfig } from '../config.ts';

/** What production asks of secrets is told elsewhere. */
const development = { MAESTRO_ENV: 'development' };
const configOf = (env: Environment) => parseConfig({ ...development, ...env }).config;

function faultsOf(env: Environment): readonly string[] {
  try {
    parseConfig({ ...development, ...env });
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

const publicUrl = 'https://maestro.example.com';

describe('self-signed', () => {
  test('is for loopback, the public name, the name listened on and the given ones, each once', () => {
    const { tls, listen } = configOf({
      MAESTRO_TLS: 'self-signed',
      MAESTRO_HOST: '192.0.2.7',
      MAESTRO_PUBLIC_URL: publicUrl,
      MAESTRO_TLS_NAMES: 'Maestro.Internal, 10.0.0.5 localhost',
      MAESTRO_TLS_KEY_TYPE: 'rsa',
    });
    const names = ['localhost', '127.0.0.1', '::1', '192.0.2.7', 'maestro.example.com', 'maestro.internal', '10.0.0.5'];
    expect(tls).toEqual({ kind: 'self-signed', names, keyType: 'rsa' });
    expect(listen).toMatchObject({ port: 8443, tls: true });
  });

  test('names that are none, and other faults, are told', () => {
    const faults = faultsOf({
      MAESTRO_TLS: 'self-signed',
      MAESTRO_TLS_NAMES: 'a/b,*.example.com',
      MAESTRO_TLS_KEY_TYPE: 'dsa',
      MAESTRO_ACME_EMAIL: 'ops@example.com',
    });
    expect(faults).toEqual([
      'MAESTRO_ACME_EMAIL is set, and MAESTRO_TLS is not acme',
      expect.stringMatching(/^MAESTRO_TLS_NAMES: .*"a\/b"$/),
      expect.stringMatching(/^MAESTRO_TLS_NAMES: .*"\*\.example\.com"$/),
      expect.stringMatching(/^MAESTRO_TLS_KEY_TYPE: .*"dsa"$/),
    ]);
    expect(faultsOf({ MAESTRO_TLS: 'on' })).toEqual([
      'MAESTRO_TLS: expected one of off, self-signed, files, acme, got "on"',
    ]);
    expect(faultsOf({ MAESTRO_TLS: 'files' })[0]).toContain('give MAESTRO_TLS_CERT and MAESTRO_TLS_KEY');
    expect(faultsOf({ MAESTRO_TLS: 'off', MAESTRO_TLS_CERT: 'x' })[0]).toContain('MAESTRO_TLS is off');
  });
});

describe('acme', () => {
  const acme = { MAESTRO_TLS: 'acme', MAESTRO_PUBLIC_URL: publicUrl, MAESTRO_ACME_AGREE_TOS: 'yes' };
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'maestro-config-'));
    await makeCertificate(folder);
    writeFileSync(join(folder, 'none'), 'no certificate');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('is for the public name, from Let’s Encrypt, with plain HTTP on 8080', () => {
    const config = configOf(acme);
    expect(config.tls).toEqual({
      kind: 'acme',
      names: ['maestro.example.com'],
      keyType: 'ec',
      directory: 'https://acme-v02.api.letsencrypt.org/directory',
      email: undefined,
      ca: undefined,
    });
    expect(config.httpPort).toBe(8080);
  });

  test('wants a public https:// address, consent to the terms, and names that an authority can vouch for', () => {
    const missing = faultsOf({ MAESTRO_TLS: 'acme' }).join('\n');
    expect(missing).toContain('MAESTRO_PUBLIC_URL');
    expect(missing).toContain('MAESTRO_ACME_AGREE_TOS: set it to yes');
    expect(faultsOf({ ...acme, MAESTRO_ACME_AGREE_TOS: 'true' })).toHaveLength(1);
    for (const name of ['localhost', '10.0.0.5', 'maestro']) {
      expect(faultsOf({ ...acme, MAESTRO_TLS_NAMES: name })[0], name).toContain(
        `no public authority vouches for "${name}"`,
      );
    }
    expect(faultsOf({ ...acme, MAESTRO_HTTP_PORT: 'off' })).toHaveLength(1);
    expect(faultsOf({ ...acme, MAESTRO_ACME_DIRECTORY: 'http://ca.internal/directory' })).toHaveLength(1);
    expect(faultsOf({ ...acme, MAESTRO_ACME_EMAIL: 'nobody' })).toHaveLength(1);
  });

  test('who vouches for an authority of one’s own is read from a file of certificates', () => {
    const { tls } = configOf({ ...acme, MAESTRO_ACME_CA: join(folder, 'tls.ca.crt') });
    expect(tls).toMatchObject({ ca: expect.stringContaining('BEGIN CERTIFICATE') });
    expect(faultsOf({ ...acme, MAESTRO_ACME_CA: join(folder, 'none') })[0]).toContain('holds no PEM certificate');
    expect(faultsOf({ ...acme, MAESTRO_ACME_CA: join(folder, 'missing') })[0]).toContain('ENOENT');
  });
});

describe('plain HTTP', () => {
  const tls = { MAESTRO_TLS: 'self-signed' };
  test('leads to HTTPS on 8080 where strangers come by a known name, and is closed on loopback unless asked for', () => {
    expect(configOf(tls).httpPort).toBeUndefined();
    expect(configOf({ ...tls, MAESTRO_HTTP_PORT: '8081' }).httpPort).toBe(8081);
    const reachable = { ...tls, MAESTRO_HOST: '0.0.0.0' };
    expect(configOf(reachable).httpPort).toBeUndefined();
    expect(configOf({ ...reachable, MAESTRO_PUBLIC_URL: publicUrl }).httpPort).toBe(8080);
    expect(
      configOf({ ...reachable, MAESTRO_PUBLIC_URL: publicUrl, MAESTRO_HTTP_PORT: 'off' }).httpPort,
    ).toBeUndefined();
  });

  test('needs an https:// address to send people to, a port of its own, and TLS', () => {
    expect(faultsOf({ ...tls, MAESTRO_HOST: '0.0.0.0', MAESTRO_HTTP_PORT: '80' })).toHaveLength(1);
    expect(faultsOf({ ...tls, MAESTRO_PUBLIC_URL: 'http://m.example.com', MAESTRO_HTTP_PORT: '80' })).toHaveLength(1);
    expect(faultsOf({ ...tls, MAESTRO_HTTP_PORT: '8443' })).toHaveLength(1);
    expect(faultsOf({ MAESTRO_HTTP_PORT: '80' })).toHaveLength(1);
    expect(faultsOf({ ...tls, MAESTRO_HTTP_PORT: 'x' })).toHaveLength(1);
  });
});

test('who vouches for Redis is named for a Redis of rediss:// alone', () => {
  const [fault] = faultsOf({ MAESTRO_REDIS_CA: '/nowhere', REDIS_URL: 'rediss://redis' });
  expect(fault).toContain('MAESTRO_REDIS_CA: cannot read /nowhere (ENOENT)');
  const folder = mkdtempSync(join(tmpdir(), 'maestro-config-'));
  try {
    const path = join(folder, 'ca.crt');
    writeFileSync(path, rootCertificates[0] as string);
    expect(faultsOf({ MAESTRO_REDIS_CA: path, REDIS_URL: 'redis://redis' })).toHaveLength(1);
    expect(configOf({ MAESTRO_REDIS_CA: path, REDIS_URL: 'rediss://redis' }).ephemeral).toEqual({
      kind: 'redis',
      ca: rootCertificates[0],
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a switch that turns all verification off stops the start', () => {
  expect(faultsOf({ NODE_TLS_REJECT_UNAUTHORIZED: '0' })[0]).toContain('NODE_TLS_REJECT_UNAUTHORIZED');
});
