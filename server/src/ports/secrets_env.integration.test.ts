import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { refusalOf, secretText, testSecretStore } from './secrets.suite.ts';
import { readInTime } from './secrets.ts';
import { envSecrets } from './secrets_env.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'maestro-secrets-'));
});
afterAll(() => rm(folder, { recursive: true }));

testSecretStore(
  'the environment, with its files,',
  async () => {
    const environment: Record<string, string> = {};
    return {
      store: envSecrets(environment),
      async put(values) {
        for (const name of Object.keys(environment)) delete environment[name];
        for (const [name, value] of Object.entries(values)) {
          await writeFile(join(folder, name), String(value));
          environment[`${name}_FILE`] = join(folder, name);
        }
      },
      async fail() {
        for (const path of Object.values(environment)) await rm(path);
      },
      close: async () => undefined,
    };
  },
  { object: false },
);

test('a secret stands in the environment itself or in a file, and not in both', async () => {
  const value = secretText();
  const direct = { MAESTRO_CAPTCHA_SECRET: value };
  expect((await readInTime(envSecrets(direct))).values.get('MAESTRO_CAPTCHA_SECRET')).toBe(value);
  await mkdir(join(folder, 'both'));
  await writeFile(join(folder, 'both', 'captcha'), value);
  const both = { ...direct, MAESTRO_CAPTCHA_SECRET_FILE: join(folder, 'both', 'captcha') };
  expect(await refusalOf(envSecrets(both))).toBe(
    'MAESTRO_CAPTCHA_SECRET and MAESTRO_CAPTCHA_SECRET_FILE are both set: give one',
  );
});

test('a file of former secrets may be empty, and none else may', async () => {
  const path = join(folder, 'empty');
  await writeFile(path, '\n');
  const former = await readInTime(envSecrets({ MAESTRO_PASSWORD_PEPPER_PREVIOUS_FILE: path }));
  expect([...former.values.keys()]).toEqual([]);
  expect(await refusalOf(envSecrets({ MAESTRO_PASSWORD_PEPPER_FILE: path }))).toBe(
    `MAESTRO_PASSWORD_PEPPER_FILE: ${path} is empty`,
  );
});
