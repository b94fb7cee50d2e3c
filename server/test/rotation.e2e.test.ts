import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { alterPasswordText, createRoleText, withClient } from '../src/db/roles.ts';
import { newSecret } from '../src/identity/secrets.ts';
import { masterOf, sealerOf } from '../src/sealing.ts';
import { freePort } from './free_port.ts';
import {
  load,
  type Maestro,
  openRotationWorld,
  type RotationWorld,
  send,
  settings,
  shownBy,
} from './rotation_world.ts';

let world: RotationWorld;
let root: string;
let start: RotationWorld['start'];
let command: RotationWorld['command'];
let shared: RotationWorld['shared'];
beforeEach(async () => {
  world = await openRotationWorld();
  ({ root, start, command, shared } = world);
});
afterEach(() => world.close());

test('every secret of a Maestro on its own is replaced under load by one command each, and no request fails', async () => {
  const maestro = await start('own', settings);
  const shown = shownBy([maestro]);
  const secret = (name: string) => readFile(join(root, 'own/secrets', name), 'utf8');
  const names = ['encryption-key', 'password-pepper', 'postgres-superuser', 'postgres-server', 'postgres-system'];
  const before = await Promise.all(names.map(secret));
  const under = await load([maestro], shown);
  await under.goesOn();
  expect(await command('own', 'rotate', 'encryption-key', '--json')).toMatchObject({ pending: 0, older: [] });
  await under.goesOn();
  await command('own', 'rotate', 'pepper');
  await under.goesOn();
  expect(await command('own', 'rotate', 'pepper', '--drop-older', '--json')).toMatchObject({ older: [] });
  for (let times = 0; times < 2; times++) {
    await command('own', 'rotate', 'database-password');
    await under.goesOn();
  }
  await command('own', 'signing-key', 'rotate');
  await under.end();
  const after = await Promise.all(names.map(secret));
  for (const [at, text] of after.entries()) expect(text, names[at]).not.toBe(before[at]);
  const rows = await command('own', 'audit', 'search', '--operators', '--action', 'database_password.', '--json');
  expect(rows).toHaveLength(2);
  await maestro.process.stop();
  // What was written down is what holds.
  const again = await start('own', settings);
  expect((await send(again, shown.key, '/api/2.0/mlflow/experiments/get?experiment_id=0')).status).toBe(200);
  const signIn = (at: Maestro) =>
    send(at, '', '/api/v1/auth/login', { email: 'admin@localhost', password: shown.password });
  expect((await signIn(again)).status).toBe(200);
  // Nor does a Maestro that is killed lose a pepper that hashes need.
  await command('own', 'rotate', 'pepper');
  again.process.child.kill('SIGKILL');
  await again.process.ended;
  const last = await start('own', settings);
  expect((await signIn(last)).status).toBe(200);
  expect(await command('own', 'rotate', 'pepper', '--drop-older', '--json')).toMatchObject({ older: [] });
});

test('passwords of the database that were written down and not yet set, when Maestro was killed, are set at the next start', async () => {
  const maestro = await start('own', settings);
  const shown = shownBy([maestro]);
  maestro.process.child.kill('SIGKILL');
  await maestro.process.ended;
  for (const name of ['owner', 'server', 'system', 'superuser-next']) {
    await writeFile(join(root, 'own/secrets', `postgres-${name}`), randomBytes(24).toString('base64url'), {
      mode: 0o600,
    });
  }
  const again = await start('own', settings);
  expect((await send(again, shown.key, '/api/2.0/mlflow/experiments/get?experiment_id=0')).status).toBe(200);
  await command('own', 'rotate', 'database-password');
  expect((await send(again, shown.key, '/api/2.0/mlflow/experiments/get?experiment_id=0')).status).toBe(200);
  again.process.child.kill('SIGKILL');
  await again.process.ended;
  // Killed a moment later: set, and not yet the one that is written down.
  const superuser = join(root, 'own/secrets/postgres-superuser');
  const set = await readFile(superuser, 'utf8');
  await writeFile(`${superuser}-next`, set, { mode: 0o600 });
  await writeFile(superuser, randomBytes(24).toString('base64url'), { mode: 0o600 });
  const last = await start('own', settings);
  expect((await send(last, shown.key, '/api/2.0/mlflow/experiments/get?experiment_id=0')).status).toBe(200);
  expect(await readFile(superuser, 'utf8')).toBe(set);
});

test('the encryption key of two Maestros is replaced under load; one that is killed on the way leaves it to be gone on with', async () => {
  const { postgres, port, redisUrl } = await shared();
  const superuser = { ...postgres.superuser, port: Number(port) };
  const [old, made] = [newSecret(), newSecret()];
  const environment = {
    ...settings,
    MAESTRO_ENCRYPTION_KEY: old,
    MAESTRO_PASSWORD_PEPPER: newSecret(),
    MAESTRO_PUBLIC_URL: 'http://maestro.example.org',
    MAESTRO_ALLOWED_HOSTS: '127.0.0.1',
    DATABASE_URL: `postgres://postgres:secret@127.0.0.1:${port}/postgres`,
    REDIS_URL: redisUrl,
  };
  const first = await start('one', { ...environment, MAESTRO_PORT: String(await freePort()) });
  const shown = shownBy([first]);
  await first.process.stop();
  const sql = <Row>(query: string, values: unknown[] = []): Promise<Row[]> =>
    withClient(superuser, async (client) => (await client.query(query, values)).rows as Row[]);
  // Many texts to seal anew.
  const [row] = await sql<{ key_id: string; sealed_key: Buffer }>(
    "SELECT key_id, sealed_key FROM maestro.sealing_keys WHERE purpose = 'sealing'",
  );
  const key = sealerOf(masterOf(old).open(row!.sealed_key, `sealing key sealing ${row!.key_id}`));
  const persons = Array.from({ length: 30_000 }, (_, n) => `person-${n}`);
  const sealed = persons.map((person) => key.seal(randomBytes(32), `person ${person}`));
  await sql('INSERT INTO maestro.person_keys (person, sealed_key) SELECT * FROM unnest($1::text[], $2::bytea[])', [
    persons,
    sealed,
  ]);

  const both = { ...environment, MAESTRO_ENCRYPTION_KEY: made, MAESTRO_ENCRYPTION_KEY_PREVIOUS: old };
  const [one, two] = await Promise.all(
    ['one', 'two'].map(async (name) => start(name, { ...both, MAESTRO_PORT: String(await freePort()) })),
  );
  const under = await load([two!], shown);
  const broken = command('one', 'rotate', 'encryption-key').then(
    () => 'done',
    () => 'broken off',
  );
  const left = async () =>
    (
      await sql<{ left: number }>(
        "SELECT count(*)::integer AS left FROM maestro.person_keys WHERE encode(substring(sealed_key FROM 2 FOR 4), 'hex') = $1",
        [row!.key_id],
      )
    )[0]!.left;
  await vi.waitUntil(async () => (await left()) < persons.length - 1000, { timeout: 60_000, interval: 5 });
  one!.process.child.kill('SIGKILL');
  await one!.process.ended;
  expect(await broken).toBe('broken off');
  expect(await left()).toBeGreaterThan(0);
  await under.goesOn();
  expect(await command('two', 'rotate', 'encryption-key', '--json')).toMatchObject({
    key_id: masterOf(made).id,
    pending: 0,
    older: [{ key_id: masterOf(old).id, needed_by: 0 }],
  });
  await under.end();
  const [person] = await sql<{ sealed_key: Buffer }>('SELECT sealed_key FROM maestro.person_keys WHERE person = $1', [
    persons[7],
  ]);
  const [newest] = await sql<{ key_id: string; sealed_key: Buffer }>(
    "SELECT key_id, sealed_key FROM maestro.sealing_keys WHERE purpose = 'sealing' ORDER BY generation DESC LIMIT 1",
  );
  const anew = sealerOf(masterOf(made).open(newest!.sealed_key, `sealing key sealing ${newest!.key_id}`));
  expect(anew.open(person!.sealed_key, `person ${persons[7]}`)).toEqual(key.open(sealed[7]!, `person ${persons[7]}`));
  // The one before may go.
  const alone = { ...environment, MAESTRO_ENCRYPTION_KEY: made, MAESTRO_PORT: String(await freePort()) };
  const later = await start('one', alone);
  expect((await send(later, shown.key, '/api/2.0/mlflow/experiments/get?experiment_id=0')).status).toBe(200);
});

test('another password, or another login, of an external database is taken on SIGHUP under load by two Maestros', async () => {
  const { postgres, port, redisUrl } = await shared();
  const superuser = { ...postgres.superuser, port: Number(port) };
  const run = (query: string) => withClient(superuser, (client) => client.query(query));
  const first = { owner: newSecret(), system: newSecret(), server: newSecret() };
  await run(await createRoleText({ name: 'own', password: first.owner, bypassRls: false }));
  await run(await createRoleText({ name: 'sys', password: first.system, bypassRls: true }));
  await run(await createRoleText({ name: 'srv', password: first.server, bypassRls: false }));
  await run('GRANT CREATE ON DATABASE postgres TO own');
  const urlOf = (name: string, password: string) =>
    `postgres://${name}:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`;
  const file = join(root, 'database-url');
  const give = (name: string, password: string) => writeFile(file, urlOf(name, password), { mode: 0o600 });
  await give('srv', first.server);
  const environment = {
    ...settings,
    MAESTRO_ENCRYPTION_KEY: newSecret(),
    MAESTRO_PASSWORD_PEPPER: newSecret(),
    MAESTRO_PUBLIC_URL: 'http://maestro.example.org',
    MAESTRO_ALLOWED_HOSTS: '127.0.0.1',
    DATABASE_URL_FILE: file,
    MAESTRO_DATABASE_OWNER_URL: urlOf('own', first.owner),
    MAESTRO_DATABASE_SYSTEM_URL: urlOf('sys', first.system),
    REDIS_URL: redisUrl,
  };
  const maestros = (await Promise.all(
    ['one', 'two'].map(async (name) => start(name, { ...environment, MAESTRO_PORT: String(await freePort()) })),
  )) as [Maestro, Maestro];
  const tell = () => {
    for (const { process } of maestros) process.child.kill('SIGHUP');
  };
  const under = await load(maestros, shownBy(maestros));
  for (const name of ['srv', 'other_srv']) {
    await under.goesOn();
    const [{ now }] = (await run('SELECT now()::text AS now')).rows as [{ now: string }];
    const password = newSecret();
    const isKnown = name === 'srv';
    await run(
      await (isKnown ? alterPasswordText({ name, password }) : createRoleText({ name, password, bypassRls: false })),
    );
    await give(name, password);
    tell();
    await vi.waitFor(
      async () => {
        const old = `SELECT 1 FROM pg_stat_activity WHERE usename LIKE '%srv' AND backend_start < '${now}'`;
        expect((await run(old)).rows).toEqual([]);
      },
      { timeout: 20_000 },
    );
  }
  // A login that row-level security would not hold is not taken.
  await give('postgres', 'secret');
  tell();
  await vi.waitUntil(() => maestros.every(({ process }) => process.stderr().includes('stay as they were')), {
    timeout: 20_000,
  });
  await under.end();
  for (const { process } of maestros) {
    expect(process.stderr()).toContain('is a superuser');
    expect(process.stderr()).not.toContain(first.owner);
  }
});
