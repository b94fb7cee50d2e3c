import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { startTestVault, type TestVault } from '../../test/vault.ts';
import { secretText } from './secrets.suite.ts';
import { type HeldSecrets, readInTime, SecretsError } from './secrets.ts';
import { vaultSecrets } from './secrets_vault.ts';
import { type SecretWatch, watchSecrets } from './secrets_watch.ts';

let vault: TestVault;
let watch: SecretWatch;
let logged: string;
let tooOld: string[];
const first = { MAESTRO_CAPTCHA_SECRET: secretText(), MAESTRO_PASSWORD_PEPPER: secretText() };

async function start(more: { refreshSeconds?: number; maxAgeSeconds?: number; check?: (held: HeldSecrets) => void }) {
  const token = vault.makeToken();
  const login = { method: 'token', token: () => token } as const;
  const store = vaultSecrets({
    address: vault.url,
    ca: undefined,
    namespace: undefined,
    mount: 'secret',
    path: 'maestro',
    login,
  });
  const write = (line: string): void => {
    logged += line;
  };
  const log = pino({ level: 'info' }, { write });
  watch = watchSecrets({
    store,
    held: await readInTime(store),
    refreshSeconds: 3600,
    maxAgeSeconds: 86_400,
    check: () => undefined,
    log,
    onTooOld: (reason) => tooOld.push(reason),
    ...more,
  });
}

beforeEach(async () => {
  logged = '';
  tooOld = [];
  vault = await startTestVault();
  vault.put('maestro', first);
});
afterEach(async () => {
  await watch.close();
  await vault.stop();
});

describe('a secret that changes', () => {
  test('is handed to whoever asked for it, once, and to nobody else', async () => {
    await start({});
    const heard: string[] = [];
    const others: string[] = [];
    watch.onChange('MAESTRO_PASSWORD_PEPPER', (value) => void heard.push(value));
    watch.onChange('MAESTRO_CAPTCHA_SECRET', (value) => void others.push(value));
    const MAESTRO_PASSWORD_PEPPER = secretText();
    vault.put('maestro', { ...first, MAESTRO_PASSWORD_PEPPER });
    await watch.refresh();
    await watch.refresh();
    expect(heard).toEqual([MAESTRO_PASSWORD_PEPPER]);
    expect(others).toEqual([]);
    expect(logged).toContain('"secret":"MAESTRO_PASSWORD_PEPPER","version":"2"');
    expect(logged).not.toContain(MAESTRO_PASSWORD_PEPPER);
  });

  test('is seen without being asked for, every so many seconds', async () => {
    await start({ refreshSeconds: 1 });
    for (const MAESTRO_PASSWORD_PEPPER of [secretText(), secretText()]) {
      const heard = new Promise<string>((resolve) => watch.onChange('MAESTRO_PASSWORD_PEPPER', resolve));
      vault.put('maestro', { ...first, MAESTRO_PASSWORD_PEPPER });
      expect(await heard).toBe(MAESTRO_PASSWORD_PEPPER);
    }
  });

  test('comes again where it could not be taken over, and meanwhile alarms without quoting it', async () => {
    await start({});
    const heard: string[] = [];
    watch.onChange('MAESTRO_PASSWORD_PEPPER', async (value) => {
      heard.push(value);
      if (heard.length === 1) throw new Error(`not ${value}`);
    });
    const MAESTRO_PASSWORD_PEPPER = secretText();
    vault.put('maestro', { ...first, MAESTRO_PASSWORD_PEPPER });
    await watch.refresh();
    expect(watch.state().failures).toBe(1);
    await watch.refresh();
    expect(watch.state().failures).toBe(0);
    expect(heard).toEqual([MAESTRO_PASSWORD_PEPPER, MAESTRO_PASSWORD_PEPPER]);
    expect(logged).not.toContain(MAESTRO_PASSWORD_PEPPER);
  });

  test('that nobody takes over while Maestro runs is said to wait for the next start', async () => {
    await start({});
    vault.put('maestro', { ...first, MAESTRO_PASSWORD_PEPPER: secretText() });
    await watch.refresh();
    expect(logged).toContain('it is used from the next start on');
  });

  test('before anybody asked for it is told at the next reading', async () => {
    await start({});
    const MAESTRO_PASSWORD_PEPPER = secretText();
    vault.put('maestro', { ...first, MAESTRO_PASSWORD_PEPPER });
    await watch.refresh();
    const heard: string[] = [];
    watch.onChange('MAESTRO_PASSWORD_PEPPER', (value) => void heard.push(value));
    await watch.refresh();
    expect(heard).toEqual([MAESTRO_PASSWORD_PEPPER]);
  });

  test('is taken although another one is refused, and whoever refuses it is heard', async () => {
    await start({});
    const heard: string[] = [];
    watch.onChange('MAESTRO_CAPTCHA_SECRET', () => {
      throw new SecretsError('It opens nothing.');
    });
    watch.onChange('MAESTRO_PASSWORD_PEPPER', (value) => void heard.push(value));
    const next = { MAESTRO_CAPTCHA_SECRET: secretText(), MAESTRO_PASSWORD_PEPPER: secretText() };
    vault.put('maestro', next);
    await watch.refresh();
    expect(heard).toEqual([next.MAESTRO_PASSWORD_PEPPER]);
    expect(watch.state().fault).toBe('The change of MAESTRO_CAPTCHA_SECRET could not be taken over: It opens nothing.');
  });

  test('and was among former ones may go, and be none', async () => {
    await start({});
    const heard: string[] = [];
    watch.onChange('MAESTRO_PASSWORD_PEPPER_PREVIOUS', (value) => void heard.push(value));
    const former = secretText();
    for (const MAESTRO_PASSWORD_PEPPER_PREVIOUS of [former, '']) {
      vault.put('maestro', { ...first, MAESTRO_PASSWORD_PEPPER_PREVIOUS });
      await watch.refresh();
    }
    vault.put('maestro', first);
    await watch.refresh();
    expect([heard, watch.state().failures]).toEqual([[former, ''], 0]);
  });

  test('after a reading that is under way is seen by whoever asks meanwhile', async () => {
    await start({});
    const heard: string[] = [];
    const held = Promise.withResolvers<void>();
    watch.onChange('MAESTRO_PASSWORD_PEPPER', (value) => {
      heard.push(value);
      return held.promise;
    });
    const [one, other] = [secretText(), secretText()];
    vault.put('maestro', { ...first, MAESTRO_PASSWORD_PEPPER: one });
    void watch.refresh();
    await vi.waitUntil(() => heard.length > 0);
    vault.put('maestro', { ...first, MAESTRO_PASSWORD_PEPPER: other });
    const asked = watch.refresh();
    held.resolve();
    await asked;
    expect(heard).toEqual([one, other]);
  });

  test('is not told any more to whoever ended that', async () => {
    await start({});
    const heard: string[] = [];
    watch.onChange('MAESTRO_PASSWORD_PEPPER', (value) => void heard.push(value))();
    vault.put('maestro', { ...first, MAESTRO_PASSWORD_PEPPER: secretText() });
    await watch.refresh();
    expect(heard).toEqual([]);
  });
});

describe('while the store fails', () => {
  test('an alarm is logged and counted, and ends with the next good reading', async () => {
    await start({});
    vault.sealed = true;
    await watch.refresh();
    await watch.refresh();
    expect(watch.state().failures).toBe(2);
    expect(logged).toContain('"level":50');
    expect(logged).toContain('is sealed');
    vault.sealed = false;
    await watch.refresh();
    expect(watch.state().failures).toBe(0);
    expect(watch.state().ageSeconds).toBeLessThan(5);
    expect(tooOld).toEqual([]);
  });

  test('the last good secrets hold for so long and no longer', async () => {
    await start({ maxAgeSeconds: 1 });
    vault.sealed = true;
    await watch.refresh();
    expect(tooOld).toEqual([]);
    await delay(1100);
    await watch.refresh();
    expect(tooOld).toEqual([
      expect.stringMatching(/^the secrets could not be read for 1 seconds \(Vault at .* sealed/),
    ]);
  });

  test.each([
    ['half of them', { MAESTRO_CAPTCHA_SECRET: secretText() }, 'MAESTRO_PASSWORD_PEPPER no more'],
    ['what Maestro could not start with', { ...first, MAESTRO_CAPTCHA_SECRET: 'bad' }, 'MAESTRO_CAPTCHA_SECRET: bad.'],
  ])('%s are no new secrets', async (_what, next, reason) => {
    await start({
      check({ values }) {
        if (values.get('MAESTRO_CAPTCHA_SECRET') === 'bad') throw new SecretsError('MAESTRO_CAPTCHA_SECRET: bad.');
      },
    });
    const heard: string[] = [];
    watch.onChange('MAESTRO_CAPTCHA_SECRET', (value) => void heard.push(value));
    vault.put('maestro', next);
    await watch.refresh();
    expect(heard).toEqual([]);
    expect(logged).toContain(reason);
  });
});
