import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SecretName } from '../variables.ts';
import { readInTime, type SecretStore, SecretsError } from './secrets.ts';

export interface OpenStore {
  readonly store: SecretStore;
  /** Keeps exactly these from now on. */
  put(values: Readonly<Record<string, unknown>>): Promise<void>;
  /** It cannot be read from now on. */
  fail(): Promise<void>;
  close(): Promise<void>;
}

export const secretText = (): string => randomBytes(24).toString('base64url');

/** Why the store cannot be read: the whole of what people are told. */
export async function refusalOf(store: SecretStore, msMax?: number): Promise<string> {
  try {
    await readInTime(store, msMax);
  } catch (error) {
    if (error instanceof SecretsError) return error.message;
    throw error;
  }
  return 'it was read';
}

/** What every adapter of the port guarantees. `object`: it keeps one object, in which anything may stand. */
export function testSecretStore(what: string, open: () => Promise<OpenStore>, { object }: { object: boolean }): void {
  describe(`${what} as a store of secrets`, () => {
    let opened: OpenStore;
    const valuesNow = async () => Object.fromEntries((await readInTime(opened.store)).values);

    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened.close());

    test('gives what it holds, and nothing for what it does not hold', async () => {
      const held = { REDIS_URL: `redis://:${secretText()}@redis`, MAESTRO_CAPTCHA_SECRET: secretText() };
      await opened.put(held);
      expect(await valuesNow()).toEqual(held);
    });

    test('takes no part in the blanks around a value', async () => {
      const value = secretText();
      await opened.put({ MAESTRO_CAPTCHA_SECRET: ` ${value}\n` });
      expect(await valuesNow()).toEqual({ MAESTRO_CAPTCHA_SECRET: value });
    });

    test('gives at each reading what it holds then', async () => {
      const name: SecretName = 'MAESTRO_PASSWORD_PEPPER';
      for (const value of [secretText(), secretText()]) {
        await opened.put({ [name]: value });
        expect(await valuesNow()).toEqual({ [name]: value });
      }
    });

    test('refuses an empty secret, naming it', async () => {
      await opened.put({ MAESTRO_ENCRYPTION_KEY: ' ' });
      expect(await refusalOf(opened.store)).toContain('MAESTRO_ENCRYPTION_KEY');
    });

    if (object) {
      test('refuses a misspelt name, and says which was meant', async () => {
        const value = secretText();
        await opened.put({ MAESTRO_ENCRYPTON_KEY: value });
        const refusal = await refusalOf(opened.store);
        expect(refusal).toContain('did you mean MAESTRO_ENCRYPTION_KEY?');
        expect(refusal).not.toContain(value);
      });

      test('refuses a setting that is no secret, and a secret that opens the store', async () => {
        await opened.put({ MAESTRO_PORT: '8080' });
        expect(await refusalOf(opened.store)).toContain(
          'MAESTRO_PORT", which is no secret: give it in the environment',
        );
        await opened.put({ MAESTRO_VAULT_TOKEN: secretText() });
        expect(await refusalOf(opened.store)).toContain('which no store holds');
      });

      test('refuses a value that is no text, naming it', async () => {
        await opened.put({ MAESTRO_ENCRYPTION_KEY: 7 });
        expect(await refusalOf(opened.store)).toContain('MAESTRO_ENCRYPTION_KEY must be a text');
      });

      test('passes over the names of others', async () => {
        const value = secretText();
        await opened.put({ MAESTRO_CAPTCHA_SECRET: value, GRAFANA_PASSWORD: secretText() });
        expect(await valuesNow()).toEqual({ MAESTRO_CAPTCHA_SECRET: value });
      });
    }

    test('says in one sentence that it cannot be read, without a secret', async () => {
      const value = secretText();
      await opened.put({ MAESTRO_CAPTCHA_SECRET: value });
      await opened.fail();
      const refusal = await refusalOf(opened.store);
      expect(refusal).toMatch(/cannot (?:be )?(?:read|reached|asked)/);
      expect(refusal).not.toContain('\n');
      expect(refusal).not.toContain(value);
    });
  });
}
