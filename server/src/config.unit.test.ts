import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeCertificate } from '../test/certificate.ts';
import { ConfigError, type Environment, isLoopback, parseConfig } from './config.ts';
import { variables } from './variables.ts';

function faultsOf(env: Environment): readonly string[] {
  try {
    parseConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

describe('parseConfig', () => {
  test('serves on loopback with the embedded database when nothing is set', () => {
    const { config, secrets } = parseConfig({ PATH: '/bin', MAESTRO_PORT: '' });
    expect(config.listen).toEqual({ host: 'localhost', port: 8080, tls: false });
    expect(config.database).toEqual({ kind: 'embedded' });
    expect(config.ephemeral).toEqual({ kind: 'memory' });
    expect(config.dataDir).toBe(join(process.cwd(), 'data'));
    expect(secrets).toMatchObject({ database: { kind: 'embedded' }, redisUrl: undefined, tls: undefined });
  });

  test('reports every fault at once', () => {
    const faults = faultsOf({
      MAESTRO_PORT: '70000',
      MAESTRO_PUBLIC_URL: 'maestro.example.com',
      MAESTRO_TRUSTED_PROXY: '10.0.0.0/33, proxy',
      MAESTRO_TLS_CERT: '/nowhere/cert.pem',
      MAESTRO_DB_POOL_SIZE: '1.5',
      MAESTRO_LOG_LEVEL: 'loud',
      MAESTRO_DATABASE_OWNER_URL: 'postgres://owner@db/maestro',
      REDIS_URL: 'http://redis',
      MAESTRO_PROT: '80',
    });
    for (const name of [
      'MAESTRO_PORT:',
      'MAESTRO_PUBLIC_URL:',
      '10.0.0.0/33',
      '"proxy"',
      'cannot read /nowhere/cert.pem (ENOENT)',
      'MAESTRO_TLS_CERT is set without MAESTRO_TLS_KEY',
      'MAESTRO_DB_POOL_SIZE:',
      'MAESTRO_LOG_LEVEL:',
      'MAESTRO_DATABASE_OWNER_URL is set without DATABASE_URL',
      'REDIS_URL:',
      'MAESTRO_PROT is not a variable of Maestro: did you mean MAESTRO_PORT?',
    ]) {
      expect(
        faults.filter((fault) => fault.includes(name)),
        name,
      ).toHaveLength(1);
    }
    expect(faults).toHaveLength(11);
  });

  test('an unknown variable is answered with the nearest one only when there is one', () => {
    expect(faultsOf({ MAESTRO_DATADIR: 'x' })[0]).toContain('did you mean MAESTRO_DATA_DIR?');
    expect(faultsOf({ MAESTRO_SOMETHING_ELSE_ENTIRELY: 'x' })[0]).not.toContain('did you mean');
  });

  test('a fault never quotes a secret', () => {
    const faults = faultsOf({ DATABASE_URL: 'mysql://maestro:hunter2@db/maestro', REDIS_URL: 'hunter2' });
    expect(faults).toHaveLength(2);
    expect(faults.join()).not.toContain('hunter2');
  });

  test('the configuration is frozen and free of secrets', () => {
    const { config, secrets } = parseConfig({
      DATABASE_URL: 'postgres://maestro:hunter2@db/maestro',
      REDIS_URL: 'redis://:hunter2@redis',
    });
    expect(JSON.stringify(config)).not.toContain('hunter2');
    expect(config.database).toEqual({ kind: 'external', logins: 'made' });
    expect(secrets.database).toEqual({ kind: 'made', url: 'postgres://maestro:hunter2@db/maestro' });
    expect(Object.isFrozen(config)).toBe(true);
    expect(Object.isFrozen(config.listen)).toBe(true);
  });

  test('an owner login needs a system login, and the other way round', () => {
    const url = 'postgres://maestro@db/maestro';
    expect(faultsOf({ DATABASE_URL: url, MAESTRO_DATABASE_OWNER_URL: url })).toHaveLength(1);
    expect(faultsOf({ DATABASE_URL: url, MAESTRO_DATABASE_SYSTEM_URL: url })).toHaveLength(1);
    const all = { DATABASE_URL: url, MAESTRO_DATABASE_OWNER_URL: url, MAESTRO_DATABASE_SYSTEM_URL: url };
    expect(parseConfig(all).config.database).toEqual({ kind: 'external', logins: 'given' });
  });

  test('the embedded database has room for 40 connections, an external one for 200', () => {
    expect(faultsOf({ MAESTRO_DB_POOL_SIZE: '41' })).toHaveLength(1);
    expect(faultsOf({ MAESTRO_DB_POOL_SIZE: '200', DATABASE_URL: 'postgres://db/maestro' })).toEqual([]);
  });

  test('the public address keeps its path and loses its trailing slash', () => {
    const { config } = parseConfig({ MAESTRO_PUBLIC_URL: 'https://ml.example.com/maestro/' });
    expect(config.publicUrl).toBe('https://ml.example.com/maestro');
  });
});

describe('listening beyond loopback', () => {
  test.each(['0.0.0.0', '::', '192.0.2.7', 'maestro.example.com', '::ffff:192.0.2.7'])(
    '%s without TLS or a trusted proxy is refused, with the reason',
    (host) => {
      const [fault] = faultsOf({ MAESTRO_HOST: host });
      expect(fault).toContain('passwords and keys over the network in clear');
      expect(fault).toContain('MAESTRO_TRUSTED_PROXY');
      expect(faultsOf({ MAESTRO_HOST: host, MAESTRO_TRUSTED_PROXY: '10.0.0.0/8' })).toEqual([]);
    },
  );

  test('loopback is localhost, 127.0.0.0/8 and ::1', () => {
    for (const host of ['localhost', 'LOCALHOST', '127.0.0.1', '127.1.2.3', '::1']) expect(isLoopback(host)).toBe(true);
    for (const host of ['128.0.0.1', '0.0.0.0', '::', 'localhost.example.com']) expect(isLoopback(host)).toBe(false);
  });

  test('trusting every address as a proxy is refused', () => {
    expect(faultsOf({ MAESTRO_TRUSTED_PROXY: '0.0.0.0/0' })[0]).toContain('anybody');
  });
});

describe('files', () => {
  let folder: string;
  const path = (name: string) => join(folder, name);

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'maestro-config-'));
    await makeCertificate(folder);
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    writeFileSync(path('other.key'), privateKey.export({ format: 'pem', type: 'pkcs8' }));
    writeFileSync(path('url'), 'postgres://maestro:from-file@db/maestro\n');
    writeFileSync(path('empty'), '\n');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('a certificate and its key make any address fit to listen on', () => {
    const env = { MAESTRO_HOST: '0.0.0.0', MAESTRO_TLS_CERT: path('tls.crt'), MAESTRO_TLS_KEY: path('tls.key') };
    const { config, secrets } = parseConfig(env);
    expect(config.listen.tls).toBe(true);
    expect(secrets.tls?.key).toContain('PRIVATE KEY');
  });

  test('a key that belongs to another certificate is refused, and so is a file that is no PEM', () => {
    expect(faultsOf({ MAESTRO_TLS_CERT: path('tls.crt'), MAESTRO_TLS_KEY: path('other.key') })).toEqual([
      'MAESTRO_TLS_KEY: the private key does not belong to the certificate in MAESTRO_TLS_CERT',
    ]);
    expect(faultsOf({ MAESTRO_TLS_CERT: path('url'), MAESTRO_TLS_KEY: path('url') })).toHaveLength(2);
  });

  test('older peppers are a list, from a variable or a file, and one that is no key is named by no text of it', () => {
    const [one, two] = [randomBytes(32), randomBytes(32)].map((bytes) => bytes.toString('base64')) as [string, string];
    const given = (env: Environment) => parseConfig(env).secrets.security.previousPeppers;
    expect(given({})).toEqual([]);
    expect(given({ MAESTRO_PASSWORD_PEPPER_PREVIOUS: `${one}, ${two}` })).toEqual([one, two]);
    writeFileSync(path('peppers'), `${one}\n${two}\n`);
    expect(given({ MAESTRO_PASSWORD_PEPPER_PREVIOUS_FILE: path('peppers') })).toEqual([one, two]);
    const faults = faultsOf({ MAESTRO_PASSWORD_PEPPER_PREVIOUS: `${one},not-a-pepper` });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(/^MAESTRO_PASSWORD_PEPPER_PREVIOUS: expected 32 bytes/);
    for (const secret of [one, 'not-a-pepper']) expect(faults[0]).not.toContain(secret);
  });

  test('a secret may be given as a file, but not twice', () => {
    const { secrets } = parseConfig({ DATABASE_URL_FILE: path('url') });
    expect(secrets.database).toEqual({ kind: 'made', url: 'postgres://maestro:from-file@db/maestro' });
    expect(faultsOf({ DATABASE_URL_FILE: path('url'), DATABASE_URL: 'postgres://db/maestro' })).toHaveLength(1);
    expect(faultsOf({ DATABASE_URL_FILE: path('empty') })).toHaveLength(1);
    expect(faultsOf({ DATABASE_URL_FILE: path('missing') })).toHaveLength(1);
  });
});

test('.env.example names every variable with its description, and nothing else', () => {
  const text = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8');
  const described = text
    .split('\n\n')
    .slice(1)
    .map((block) => {
      const lines = block.trim().split('\n');
      const [name, ...example] = lines.at(-1)!.slice(1).split('=');
      const description = lines.slice(0, -1).map((line) => line.slice(2));
      return { name, description: description.join(' '), example: example.join('=') };
    });
  expect(described).toEqual(
    variables.map((variable) => ({
      name: variable.name,
      description: `${variable.description}${'secret' in variable ? ' (secret)' : ''}`,
      example: variable.example,
    })),
  );
});
