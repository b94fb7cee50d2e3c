import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeCertificate } from '../../test/certificate.ts';
import { startTestVault, type TestVault } from '../../test/vault.ts';
import { refusalOf, secretText, testSecretStore } from './secrets.suite.ts';
import { readInTime, type SecretStore } from './secrets.ts';
import { type VaultLogin, type VaultOptions, vaultSecrets } from './secrets_vault.ts';

testSecretStore(
  'Vault',
  async () => {
    const vault = await startTestVault();
    const token = vault.makeToken();
    const store = vaultSecrets({
      address: vault.url,
      ca: undefined,
      namespace: undefined,
      mount: 'secret',
      path: 'maestro',
      login: { method: 'token', token: () => token },
    });
    return {
      store,
      put: async (values) => vault.put('maestro', values),
      fail: () => vault.stop(),
      close: async () => store.close(),
    };
  },
  { object: true },
);

let vault: TestVault;
let value: string;
const opened: SecretStore[] = [];

function open(login: VaultLogin, more: Partial<VaultOptions> = {}): SecretStore {
  const defaults = { address: vault.url, ca: undefined, namespace: undefined, mount: 'secret', path: 'ml/maestro' };
  const store = vaultSecrets({ ...defaults, login, ...more });
  opened.push(store);
  return store;
}

const byToken = (token: string, more?: Partial<VaultOptions>) => open({ method: 'token', token: () => token }, more);
const byAppRole = (secretId = vault.approle.secretId, roleId = vault.approle.roleId) =>
  open({ method: 'approle', mount: 'approle', roleId, secretId: () => secretId });
const byKubernetes = (jwt = vault.kubernetes.jwt) =>
  open({ method: 'kubernetes', mount: 'kubernetes', role: vault.kubernetes.role, jwt: () => jwt });

const secretOf = async (store: SecretStore) => (await readInTime(store)).values.get('MAESTRO_CAPTCHA_SECRET');
const callsOf = (path: string) => vault.calls.filter((call) => call.endsWith(path)).length;

/** Waits until Vault has been asked for `path` so often. */
async function asked(path: string, times: number): Promise<void> {
  while (callsOf(path) < times) await delay(20);
}

beforeEach(async () => {
  vault = await startTestVault();
  value = secretText();
  vault.put('ml/maestro', { MAESTRO_CAPTCHA_SECRET: value });
});
afterEach(async () => {
  for (const store of opened.splice(0)) store.close();
  await vault.stop();
});

describe('signing in to Vault', () => {
  test('by token, by AppRole and as a service account of Kubernetes gives the secret, with its version', async () => {
    vault.put('ml/maestro', { MAESTRO_CAPTCHA_SECRET: value });
    for (const store of [byToken(vault.makeToken()), byAppRole(), byKubernetes()]) {
      expect(await secretOf(store)).toBe(value);
      expect((await readInTime(store)).version).toBe('2');
    }
  });

  test('happens once for many readings', async () => {
    const store = byAppRole();
    for (let reading = 0; reading < 3; reading += 1) await readInTime(store);
    expect(callsOf('auth/approle/login')).toBe(1);
  });

  test.each([
    ['a wrong token', () => byToken('hvs.wrong'), 'see that the token is good and its policy may read'],
    [
      'a token without the right',
      () => byToken(vault.makeToken({ mayRead: false })),
      'may read secret/data/ml/maestro',
    ],
    ['a wrong SecretID', () => byAppRole('wrong'), 'see MAESTRO_VAULT_ROLE_ID and MAESTRO_VAULT_SECRET_ID'],
    ['a wrong RoleID', () => byAppRole(undefined, 'wrong'), 'see MAESTRO_VAULT_ROLE_ID and MAESTRO_VAULT_SECRET_ID'],
    ['a wrong service account', () => byKubernetes('wrong'), 'see MAESTRO_VAULT_ROLE and MAESTRO_VAULT_JWT_FILE'],
  ])('by %s is refused in one sentence that says what to look at', async (_what, openStore, sentence) => {
    const refusal = await refusalOf(openStore());
    expect(refusal).toContain(sentence);
    for (const secret of [vault.approle.secretId, vault.kubernetes.jwt, 'hvs.', value]) {
      expect(refusal).not.toContain(secret);
    }
  });
});

describe('the token', () => {
  test('is renewed at half its life, so that a SecretID that is good once lasts', async () => {
    vault.secretIdUses = 1;
    vault.tokensOfSignIns = { ttlSeconds: 1 };
    const store = byAppRole();
    await readInTime(store);
    await asked('auth/token/renew-self', 4);
    expect(await secretOf(store)).toBe(value);
    expect(callsOf('auth/approle/login')).toBe(1);
  });

  test('that was given is renewed as well', async () => {
    const store = byToken(vault.makeToken({ ttlSeconds: 1 }));
    await readInTime(store);
    await asked('auth/token/renew-self', 4);
    expect(await secretOf(store)).toBe(value);
  });

  test('that has ended is replaced by signing in anew', async () => {
    vault.tokensOfSignIns = { ttlSeconds: 1, maxTtlSeconds: 1 };
    const store = byKubernetes();
    await readInTime(store);
    await delay(1100);
    expect(await secretOf(store)).toBe(value);
    expect(callsOf('auth/kubernetes/login')).toBe(2);
  });

  test('that an agent has renewed in its file is taken from there', async () => {
    const tokens = [vault.makeToken(), vault.makeToken()] as const;
    let inFile: string = tokens[0];
    const store = open({ method: 'token', token: () => inFile });
    await readInTime(store);
    inFile = tokens[1];
    vault.revoke(tokens[0]);
    expect(await secretOf(store)).toBe(value);
  });

  test('without an end is never renewed', async () => {
    expect(await secretOf(byToken(vault.makeToken({ ttlSeconds: 0 })))).toBe(value);
    expect(callsOf('auth/token/renew-self')).toBe(0);
  });
});

describe('Vault', () => {
  test('that is sealed says so, and serves again once it is unsealed', async () => {
    const store = byAppRole();
    vault.sealed = true;
    expect(await refusalOf(store)).toBe(`Vault at ${vault.url} is sealed: it answers nothing until it is unsealed.`);
    vault.sealed = false;
    expect(await secretOf(store)).toBe(value);
  });

  test('that does not answer is given up', async () => {
    vault.hangs = true;
    const before = performance.now();
    expect(await refusalOf(byAppRole(), 300)).toBe(`Vault at ${vault.url} did not answer within 0.3 seconds.`);
    expect(performance.now() - before).toBeLessThan(2000);
  });

  test('without the path, with a deleted version, or with an engine of version 1 says which', async () => {
    const token = vault.makeToken();
    expect(await refusalOf(byToken(token, { path: 'none' }))).toContain(
      'has nothing at secret/none: see MAESTRO_VAULT',
    );
    expect(await refusalOf(byToken(token, { mount: 'kv' }))).toContain('which must be a KV version 2 engine');
    vault.remove('ml/maestro');
    expect(await refusalOf(byToken(token))).toContain('the latest version of secret/ml/maestro was deleted');
  });

  test('sends a standby’s callers to the active node', async () => {
    const standby = await startTestVault();
    standby.redirectTo = vault.url;
    expect(await secretOf(byToken(vault.makeToken(), { address: standby.url }))).toBe(value);
    await standby.stop();
  });
});

test('a namespace is asked in', async () => {
  await vault.stop();
  vault = await startTestVault({ namespace: 'admin/ml' });
  vault.put('ml/maestro', { MAESTRO_CAPTCHA_SECRET: value });
  const token = vault.makeToken();
  expect(await secretOf(byToken(token, { namespace: 'admin/ml' }))).toBe(value);
  expect(await refusalOf(byToken(token))).not.toBe('it was read');
});

test('a certificate is trusted by the authority that was given, and by no other', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'maestro-vault-'));
  const files = await makeCertificate(folder);
  const read = (path: string) => readFile(path, 'utf8');
  const [cert, key, ca] = [await read(files.cert), await read(files.key), await read(files.ca)];
  await vault.stop();
  vault = await startTestVault({ tls: { cert, key } });
  vault.put('ml/maestro', { MAESTRO_CAPTCHA_SECRET: value });
  const token = vault.makeToken();
  expect(await secretOf(byToken(token, { ca }))).toBe(value);
  expect(await refusalOf(byToken(token))).toContain('see MAESTRO_VAULT_CA');
  const downgraded = await startTestVault();
  vault.redirectTo = downgraded.url;
  expect(await refusalOf(byToken(token, { ca }))).not.toBe('it was read');
  expect(downgraded.calls, 'the token went over the network in clear').toEqual([]);
  await downgraded.stop();
  await rm(folder, { recursive: true });
});
