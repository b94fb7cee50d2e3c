import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ConfigError, type Environment, parseConfig } from './config.ts';

let dataDir: string;

beforeAll(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'maestro-production-'));
  mkdirSync(join(dataDir, 'secrets'));
});
afterAll(() => rmSync(dataDir, { recursive: true }));

const key = () => randomBytes(32).toString('base64');
const password = () => randomBytes(16).toString('hex');
const good = () => ({
  MAESTRO_DATA_DIR: dataDir,
  MAESTRO_ENCRYPTION_KEY: key(),
  MAESTRO_PASSWORD_PEPPER: key(),
  DATABASE_URL: `postgres://maestro:${password()}@db.example.com/maestro`,
});

function faultsOf(env: Environment): readonly string[] {
  try {
    parseConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

describe('development or production', () => {
  test('is production where the database is elsewhere or others can reach the server, unless it is said', () => {
    const of = (env: Environment) => parseConfig({ ...good(), DATABASE_URL: undefined, ...env }).config.environment;
    expect(of({})).toBe('development');
    expect(of({ DATABASE_URL: good().DATABASE_URL })).toBe('production');
    expect(of({ MAESTRO_HOST: '0.0.0.0', MAESTRO_TRUSTED_PROXY: '10.0.0.0/8' })).toBe('production');
    expect(of({ MAESTRO_ENV: 'production' })).toBe('production');
    expect(of({ MAESTRO_ENV: 'development', DATABASE_URL: good().DATABASE_URL })).toBe('development');
    expect(faultsOf({ ...good(), MAESTRO_ENV: 'staging' })[0]).toContain('MAESTRO_ENV: expected development or');
  });

  test('development asks nothing of its secrets', () => {
    const weak = { DATABASE_URL: 'postgres://postgres:postgres@localhost/postgres', MAESTRO_ENV: 'development' };
    expect(faultsOf({ MAESTRO_DATA_DIR: dataDir, ...weak })).toEqual([]);
  });
});

describe('production', () => {
  test('starts with secrets that were made for it, on an external database and on the embedded one', () => {
    expect(faultsOf(good())).toEqual([]);
    expect(faultsOf({ ...good(), DATABASE_URL: undefined, MAESTRO_ENV: 'production' })).toEqual([]);
  });

  test('makes no secret of its own, and says where one comes from', () => {
    const faults = faultsOf({ ...good(), MAESTRO_ENCRYPTION_KEY: undefined, MAESTRO_PASSWORD_PEPPER: '' });
    expect(faults).toHaveLength(2);
    for (const fault of faults) expect(fault).toContain('maestro secrets generate');
  });

  test('refuses a secret that development made and left beside the data, and says what to do with it', () => {
    const file = join(dataDir, 'secrets', 'encryption-key');
    const developed = key();
    writeFileSync(file, developed);
    const absent = faultsOf({ ...good(), MAESTRO_ENCRYPTION_KEY: undefined });
    expect(absent).toEqual([expect.stringContaining(`give the text of ${file}`)]);
    const same = faultsOf({ ...good(), MAESTRO_ENCRYPTION_KEY: developed });
    expect(same).toEqual([expect.stringContaining('remove that file')]);
    expect([...absent, ...same].join()).not.toContain(developed);
    rmSync(file);
    expect(faultsOf({ ...good(), MAESTRO_ENCRYPTION_KEY: developed })).toEqual([]);
  });

  test('refuses former secrets that development left beside the data: passwords and seals may need them', () => {
    for (const [file, name] of [
      ['encryption-key-previous', 'MAESTRO_ENCRYPTION_KEY_PREVIOUS'],
      ['password-pepper-previous', 'MAESTRO_PASSWORD_PEPPER_PREVIOUS'],
    ] as const) {
      const path = join(dataDir, 'secrets', file);
      const developed = [key(), key()].join('\n');
      writeFileSync(path, `${developed}\n`);
      for (const given of [undefined, developed]) {
        const faults = faultsOf({ ...good(), [name]: given });
        expect(faults).toEqual([`${name}: give the text of ${path}, and then remove that file`]);
      }
      rmSync(path);
      expect(faultsOf({ ...good(), [name]: developed })).toEqual([]);
    }
  });

  test.each([
    ['a text', Buffer.from('0123456789abcdefghijklmnopqrstuv')],
    ['one byte, repeated', Buffer.alloc(32, 0xa7)],
    ['few different bytes', Buffer.from(Array.from({ length: 32 }, (_, index) => 200 + (index % 9)))],
    ['a count', Buffer.from(Array.from({ length: 32 }, (_, index) => 3 * index))],
  ])('refuses a key that is %s', (_what, bytes) => {
    const weak = bytes.toString('base64');
    expect(faultsOf({ ...good(), MAESTRO_ENCRYPTION_KEY: weak })).toEqual([
      'MAESTRO_ENCRYPTION_KEY: these are not 32 random bytes',
    ]);
  });

  test('refuses one secret in two places, also inside URLs', () => {
    const one = key();
    expect(faultsOf({ ...good(), MAESTRO_ENCRYPTION_KEY: one, MAESTRO_PASSWORD_PEPPER: one })).toEqual([
      'MAESTRO_PASSWORD_PEPPER holds the same secret as MAESTRO_ENCRYPTION_KEY: give each its own',
    ]);
    // While another takes its place, the one so far is among the former ones already.
    const { MAESTRO_ENCRYPTION_KEY: current } = good();
    expect(faultsOf({ ...good(), MAESTRO_ENCRYPTION_KEY: current, MAESTRO_ENCRYPTION_KEY_PREVIOUS: current })).toEqual(
      [],
    );
    const shared = password();
    const urls = {
      DATABASE_URL: `postgres://maestro:${shared}@db.example.com/maestro`,
      REDIS_URL: `rediss://:${shared}@redis.example.com`,
    };
    expect(faultsOf({ ...good(), ...urls })).toEqual([
      'REDIS_URL holds the same secret as DATABASE_URL: give each its own',
    ]);
  });

  test.each([
    ['postgres://postgres:postgres@db.example.com/maestro', 'a default that everybody knows'],
    ['postgres://maestro:changeme@db.example.com/maestro', 'a default that everybody knows'],
    ['postgres://ml-team-owner:ml-team-owner@db.example.com/maestro', 'a default that everybody knows'],
    ['postgres://maestro:8c2fa91@db.example.com/maestro', 'shorter than 12 characters'],
    ['postgres://maestro_server:secret@db.example.com:5432/maestro', 'the value of the example'],
  ])('refuses the database of %s', (DATABASE_URL, why) => {
    expect(faultsOf({ ...good(), DATABASE_URL })).toEqual([expect.stringContaining(why)]);
  });

  test('takes a database whose login has no password, and a Redis at the address of the example', () => {
    expect(faultsOf({ ...good(), REDIS_URL: 'redis://localhost:6379' })).toEqual([]);
    expect(faultsOf({ ...good(), DATABASE_URL: 'postgres://maestro@db.example.com/maestro' })).toEqual([]);
  });
});
