import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type MaestroProcess, startMaestro } from './maestro.ts';
import { startTestAws } from './moto.ts';
import { startTestVault, type TestVault } from './vault.ts';

let root: string;
let vault: TestVault;
let stored: Record<string, string>;
const started: MaestroProcess[] = [];

function start(environment: Record<string, string>): MaestroProcess {
  const maestro = startMaestro({ MAESTRO_DATA_DIR: join(root, 'data'), ...environment }, root);
  started.push(maestro);
  return maestro;
}

/** A Maestro whose secrets are in Vault. */
function startOnVault(environment: Record<string, string> = {}): MaestroProcess {
  return start({
    MAESTRO_SECRETS: 'vault',
    MAESTRO_VAULT_ADDR: vault.url,
    MAESTRO_VAULT_PATH: 'maestro',
    MAESTRO_VAULT_AUTH: 'approle',
    MAESTRO_VAULT_ROLE_ID: vault.approle.roleId,
    MAESTRO_VAULT_SECRET_ID: vault.approle.secretId,
    ...environment,
  });
}

/** What a Maestro that does not start says: nothing of a secret. */
async function refusalOf(maestro: MaestroProcess): Promise<string> {
  expect((await maestro.ended).code).toBe(1);
  const said = maestro.stdout() + maestro.stderr();
  for (const secret of [...Object.values(stored), vault.approle.secretId]) expect(said).not.toContain(secret);
  return said.trim();
}

const operatorKey = () => readFile(join(root, 'data', 'secrets', 'operator-key'), 'utf8');

/** One gauge of `/metrics`. */
async function gauge(url: string, name: string): Promise<number> {
  const headers = { authorization: `Bearer ${await operatorKey()}` };
  const text = await (await fetch(`${url}/metrics`, { headers })).text();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
}

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'maestro-stores-'));
  vault = await startTestVault();
  stored = {
    MAESTRO_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    MAESTRO_PASSWORD_PEPPER: randomBytes(32).toString('base64'),
  };
  vault.put('maestro', stored);
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((maestro) => maestro.stop()));
  await vault.stop();
  await rm(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
});

describe('a start', () => {
  test('with the secrets of Vault makes none, in production', async () => {
    const maestro = startOnVault({ MAESTRO_ENV: 'production' });
    const url = await maestro.ready;
    expect(await (await fetch(`${url}/ready`)).text()).toBe('OK');
    for (const name of ['encryption-key', 'password-pepper']) {
      await expect(readFile(join(root, 'data', 'secrets', name)), name).rejects.toThrow('ENOENT');
    }
  });

  test('with the secrets of AWS Secrets Manager', async () => {
    const aws = await startTestAws();
    try {
      await aws.put('maestro', JSON.stringify(stored));
      const environment = {
        ...aws.credentials,
        MAESTRO_SECRETS: 'aws',
        MAESTRO_AWS_SECRET_ID: 'maestro',
        MAESTRO_AWS_REGION: aws.region,
        MAESTRO_AWS_ENDPOINT: aws.url,
        MAESTRO_ENV: 'production',
      };
      expect((await fetch(`${await start(environment).ready}/ready`)).status).toBe(200);
      const refusal = await refusalOf(
        start({ ...environment, MAESTRO_DATA_DIR: join(root, 'other'), MAESTRO_AWS_SECRET_ID: 'none' }),
      );
      expect(refusal).toContain('it has no such secret');
    } finally {
      await aws.stop();
    }
  });

  test('against a sealed, an unreachable or a wrong Vault ends with 1 and one sentence', async () => {
    vault.sealed = true;
    expect(await refusalOf(startOnVault())).toBe(
      `Maestro did not start. Vault at ${vault.url} is sealed: it answers nothing until it is unsealed.`,
    );
    vault.sealed = false;
    const wrong = startOnVault({ MAESTRO_VAULT_SECRET_ID: 'wrong' });
    expect(await refusalOf(wrong)).toMatch(/^Maestro did not start\. .* refuses the sign-in by AppRole .*$/);
    expect(await refusalOf(startOnVault({ MAESTRO_VAULT_PATH: 'none' }))).toMatch(/^.* has nothing at secret\/none.*$/);
    vault.put('maestro', { ...stored, MAESTRO_ENCRYPTION_KEY: 7 });
    expect(await refusalOf(startOnVault())).toMatch(/^.*MAESTRO_ENCRYPTION_KEY must be a text.*$/);
    await vault.stop();
    expect(await refusalOf(startOnVault())).toMatch(/^.* cannot be reached \(ECONNREFUSED\)\.$/);
    vault = await startTestVault();
  });

  test('against a Vault that hangs ends within the time it has', async () => {
    vault.hangs = true;
    const before = performance.now();
    expect(await refusalOf(startOnVault())).toContain('did not answer within 10 seconds.');
    expect(performance.now() - before).toBeLessThan(15_000);
  });

  test('with a secret both in the store and in the environment is refused, and names it', async () => {
    const maestro = startOnVault({ MAESTRO_ENCRYPTION_KEY: randomBytes(32).toString('base64') });
    expect(await refusalOf(maestro)).toContain(
      `MAESTRO_ENCRYPTION_KEY is given both in the environment and in Vault at ${vault.url}: give it once`,
    );
  });

  test('with half of what a store needs is refused, and names the other half', async () => {
    const refusal = await refusalOf(
      start({
        MAESTRO_SECRETS: 'vault',
        MAESTRO_VAULT_ADDR: 'http://vault.example.com:8200',
        MAESTRO_VAULT_AUTH: 'ldap',
      }),
    );
    expect(refusal).toContain('MAESTRO_VAULT_PATH is needed where MAESTRO_SECRETS is vault');
    expect(refusal).toContain('MAESTRO_VAULT_ADDR: secrets would go over the network in clear');
    expect(refusal).toContain('MAESTRO_VAULT_AUTH: expected token, approle or kubernetes');
    expect(await refusalOf(start({ MAESTRO_VAULT_ADDR: vault.url }))).toContain('but MAESTRO_SECRETS is env');
  });
});

describe('while Maestro runs', () => {
  test('a store that fails degrades it, serves on, alarms, and is well again by itself', async () => {
    const maestro = startOnVault({ MAESTRO_SECRETS_REFRESH_SECONDS: '1' });
    const url = await maestro.ready;
    vault.sealed = true;
    while ((await gauge(url, 'maestro_secrets_failures')) === 0) await delay(50);
    const ready = await fetch(`${url}/ready`);
    expect([ready.status, await ready.text()]).toEqual([200, 'Degraded: secrets cannot be read.']);
    expect(maestro.stderr()).toContain('the secrets cannot be read');
    vault.sealed = false;
    while ((await gauge(url, 'maestro_secrets_failures')) > 0) await delay(50);
    expect(await gauge(url, 'maestro_secrets_age_seconds')).toBeLessThan(10);
    expect(await (await fetch(`${url}/ready`)).text()).toBe('OK');
  });

  test('the last good secrets hold for as long as was said; then it stops, and says why', async () => {
    const bounds = { MAESTRO_SECRETS_REFRESH_SECONDS: '1', MAESTRO_SECRETS_MAX_AGE_SECONDS: '2' };
    const maestro = startOnVault(bounds);
    await maestro.ready;
    vault.sealed = true;
    expect((await maestro.ended).code).toBe(1);
    expect(maestro.stderr()).toMatch(/^Maestro stops: the secrets could not be read for \d seconds \(.* is sealed/m);
  });

  test('a file that is written anew is read anew', async () => {
    const file = join(root, 'captcha');
    await writeFile(file, randomBytes(16).toString('hex'));
    const maestro = start({
      MAESTRO_CAPTCHA_VERIFY_URL: 'http://127.0.0.1:9/verify',
      MAESTRO_CAPTCHA_SITE_KEY: 'site',
      MAESTRO_CAPTCHA_SECRET_FILE: file,
      MAESTRO_SECRETS_REFRESH_SECONDS: '1',
    });
    await maestro.ready;
    await writeFile(file, randomBytes(16).toString('hex'));
    while (!maestro.stderr().includes('"secret":"MAESTRO_CAPTCHA_SECRET"')) await delay(50);
  });
});
