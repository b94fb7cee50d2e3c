import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { alterPasswordText, createRoleText, withClient } from '../src/db/roles.ts';
import { pepperName } from '../src/identity/passwords.ts';
import { newSecret } from '../src/identity/secrets.ts';
import { masterOf } from '../src/sealing.ts';
import { freePort } from './free_port.ts';
import { startTestAws } from './moto.ts';
import { load, type Maestro, type RotationWorld, send, settings, shownBy } from './rotation_world.ts';
import { startTestVault } from './vault.ts';

type Given = Readonly<Record<string, string>>;

/** Where the secrets of two Maestros are kept. */
interface Store {
  readonly environmentOf: (name: string) => Record<string, string>;
  put(given: Given): Promise<void>;
  /** Only what one of them is given, where each has its own. */
  putTo?(name: string, given: Given): Promise<void>;
}

const names = ['one', 'two'] as const;
const formers = ['MAESTRO_ENCRYPTION_KEY_PREVIOUS', 'MAESTRO_PASSWORD_PEPPER_PREVIOUS'];

export async function files(world: RotationWorld, first: Given): Promise<Store> {
  const pathOf = (name: string, variable: string) => join(world.root, `secrets-${name}`, variable);
  /** The former ones first, each as a whole. */
  async function putTo(name: string, given: Given): Promise<void> {
    const values = { ...Object.fromEntries(formers.map((former) => [former, ''])), ...given };
    for (const [variable, value] of Object.entries(values)) {
      const path = pathOf(name, variable);
      await writeFile(`${path}.new`, value, { mode: 0o600 });
      await rename(`${path}.new`, path);
    }
  }
  const put = async (given: Given) => {
    for (const name of names) await putTo(name, given);
  };
  for (const name of names) await mkdir(join(world.root, `secrets-${name}`));
  await put(first);
  const variables = [...Object.keys(first), ...formers];
  return {
    environmentOf: (name) =>
      Object.fromEntries(variables.map((variable) => [`${variable}_FILE`, pathOf(name, variable)])),
    put,
    putTo,
  };
}

export async function vault(world: RotationWorld, first: Given): Promise<Store> {
  const server = await startTestVault();
  world.onClose(() => server.stop());
  server.put('maestro', first);
  return {
    environmentOf: () => ({
      MAESTRO_SECRETS: 'vault',
      MAESTRO_VAULT_ADDR: server.url,
      MAESTRO_VAULT_PATH: 'maestro',
      MAESTRO_VAULT_AUTH: 'approle',
      MAESTRO_VAULT_ROLE_ID: server.approle.roleId,
      MAESTRO_VAULT_SECRET_ID: server.approle.secretId,
    }),
    put: async (given) => server.put('maestro', given),
  };
}

export async function aws(world: RotationWorld, first: Given): Promise<Store> {
  const server = await startTestAws();
  world.onClose(() => server.stop());
  const put = (given: Given) => server.put('maestro', JSON.stringify(given));
  await put(first);
  return {
    environmentOf: () => ({
      ...server.credentials,
      MAESTRO_SECRETS: 'aws',
      MAESTRO_AWS_SECRET_ID: 'maestro',
      MAESTRO_AWS_REGION: server.region,
      MAESTRO_AWS_ENDPOINT: server.url,
    }),
    put,
  };
}

type OpenStore = (world: RotationWorld, first: Given) => Promise<Store>;

/** Two Maestros on one PostgreSQL, with logins and keys that are given to them. */
export async function startTwo(world: RotationWorld, open: OpenStore, withRedis = true) {
  const { postgres, port, redisUrl } = await world.shared();
  const superuser = { ...postgres.superuser, port: Number(port) };
  const sql = (query: string) => withClient(superuser, (client) => client.query(query));
  const passwords = { own: newSecret(), sys: newSecret(), srv: newSecret() };
  for (const [name, password] of Object.entries(passwords)) {
    await sql(await createRoleText({ name, password, bypassRls: name === 'sys' }));
  }
  await sql('GRANT CREATE ON DATABASE postgres TO own');
  const urlOf = (name: string, password: string) =>
    `postgres://${name}:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`;
  const given: Given = {
    MAESTRO_ENCRYPTION_KEY: newSecret(),
    MAESTRO_PASSWORD_PEPPER: newSecret(),
    DATABASE_URL: urlOf('srv', passwords.srv),
    MAESTRO_DATABASE_OWNER_URL: urlOf('own', passwords.own),
    MAESTRO_DATABASE_SYSTEM_URL: urlOf('sys', passwords.sys),
  };
  const store = await open(world, given);
  const startOne = async (name: string) =>
    world.start(name, {
      ...settings,
      ...store.environmentOf(name),
      // What they take up, they take up when they are told to.
      MAESTRO_SECRETS_REFRESH_SECONDS: '3600',
      MAESTRO_PUBLIC_URL: 'http://maestro.example.org',
      MAESTRO_ALLOWED_HOSTS: '127.0.0.1',
      MAESTRO_PORT: String(await freePort()),
      ...(withRedis ? { REDIS_URL: redisUrl } : {}),
    });
  const maestros = (await Promise.all(names.map(startOne))) as [Maestro, Maestro];
  return { given, store, maestros, startOne, sql, urlOf };
}

export const nameOf = {
  key: (text: string | undefined) => masterOf(text!).id,
  pepper: (text?: string) => pepperName(text!),
};

/** Replaces every secret that two Maestros are given by a store, under load, by one command each: no request fails. */
export async function replaceAll(world: RotationWorld, open: OpenStore): Promise<void> {
  const { given: first, store, maestros, startOne, sql, urlOf } = await startTwo(world, open);
  const shown = shownBy(maestros);
  const under = await load(maestros, shown);
  await under.goesOn();
  let given = first;
  const put = (changes: Given): Promise<void> => {
    given = { ...given, ...changes };
    return store.put(given);
  };
  /** What is no longer among the former ones may go from the store as well. */
  const drop = (name: string): Promise<void> => {
    const { [name]: _dropped, ...left } = given;
    given = left;
    return store.put(given);
  };

  const [oldKey, oldPepper] = [first.MAESTRO_ENCRYPTION_KEY!, first.MAESTRO_PASSWORD_PEPPER!];
  // Without the one before, nothing in the database could be read: it is not taken.
  await store.put({ ...given, MAESTRO_ENCRYPTION_KEY: newSecret() });
  expect(await world.refused('one', 'rotate', 'encryption-key')).toContain(`encryption key ${nameOf.key(oldKey)}`);
  const readiness = () => Promise.all(maestros.map(async ({ url }) => (await fetch(`${url}/ready`)).text()));
  expect(await readiness()).toEqual(Array(2).fill('Degraded: secrets cannot be read.'));
  await store.put({ ...given, MAESTRO_PASSWORD_PEPPER: newSecret() });
  expect(await world.refused('two', 'rotate', 'pepper')).toContain(`pepper ${nameOf.pepper(oldPepper)}`);
  await under.goesOn();

  await put({ MAESTRO_ENCRYPTION_KEY_PREVIOUS: oldKey, MAESTRO_ENCRYPTION_KEY: newSecret() });
  expect(await world.command('one', 'rotate', 'encryption-key', '--json')).toMatchObject({
    key_id: nameOf.key(given.MAESTRO_ENCRYPTION_KEY),
    is_own: false,
    pending: 0,
    older: [{ key_id: nameOf.key(oldKey), needed_by: 0 }],
  });
  await under.goesOn();
  expect(await readiness()).toEqual(['OK', 'OK']);
  expect(await world.command('two', 'rotate', 'encryption-key', '--status', '--json')).toMatchObject({
    key_id: nameOf.key(given.MAESTRO_ENCRYPTION_KEY),
    pending: 0,
  });

  await put({ MAESTRO_PASSWORD_PEPPER_PREVIOUS: oldPepper, MAESTRO_PASSWORD_PEPPER: newSecret() });
  expect(await world.command('two', 'rotate', 'pepper', '--json')).toMatchObject({
    pepper: nameOf.pepper(given.MAESTRO_PASSWORD_PEPPER),
    is_own: false,
  });
  await under.goesOn();
  // Everybody has signed in since.
  expect(await world.command('one', 'rotate', 'pepper', '--status', '--json')).toMatchObject({
    pepper: nameOf.pepper(given.MAESTRO_PASSWORD_PEPPER),
    older: [{ pepper: nameOf.pepper(oldPepper), passwords: 0, backup_codes: 0 }],
  });
  await drop('MAESTRO_PASSWORD_PEPPER_PREVIOUS');
  await drop('MAESTRO_ENCRYPTION_KEY_PREVIOUS');

  await world.command('one', 'signing-key', 'rotate');
  await under.goesOn();

  const { rows } = await sql('SELECT now()::text AS now');
  const password = newSecret();
  await sql(await alterPasswordText({ name: 'srv', password }));
  await put({ DATABASE_URL: urlOf('srv', password) });
  await world.command('two', 'rotate', 'database-password');
  await vi.waitFor(
    async () => {
      const old = `SELECT 1 FROM pg_stat_activity WHERE usename = 'srv' AND backend_start < '${rows[0].now}'`;
      expect((await sql(old)).rows).toEqual([]);
    },
    { timeout: 20_000 },
  );
  for (const name of names) {
    expect(await world.command(name, 'rotate', 'pepper', '--status', '--json')).toMatchObject({ older: [] });
    expect(await world.command(name, 'rotate', 'encryption-key', '--status', '--json')).toMatchObject({ older: [] });
  }
  await under.end();
  for (const { process } of maestros) {
    for (const secret of [...Object.values(first), ...Object.values(given)]) {
      expect(process.stdout() + process.stderr()).not.toContain(secret);
    }
  }
  // A start has what is given by now, and nothing of before.
  await maestros[0].process.stop();
  const again = await startOne('one');
  const login = { email: 'admin@localhost', password: shown.password };
  expect((await send(again, '', '/api/v1/auth/login', login)).status).toBe(200);
}
