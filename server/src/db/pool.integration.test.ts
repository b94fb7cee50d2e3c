import { randomBytes, randomUUID } from 'node:crypto';
import type { ClientConfig } from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/postgres.ts';
import { openLoginPool } from './pool.ts';
import { alterPasswordText, createRoleText, withClient } from './roles.ts';

let database: TestDatabase;
const roles: string[] = [];
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await withClient(database.superuser, async (client) => {
    for (const role of roles)
      await client.query(`REVOKE ALL ON DATABASE ${database.name} FROM ${role}; DROP ROLE ${role}`);
  });
  await database.drop();
});

const newPassword = (): string => randomBytes(24).toString('base64url');
const asSuperuser = (text: string) => withClient(database.superuser, (client) => client.query(text));

/** A login of a role of its own, and the pool over it. */
async function openPool() {
  const name = `pool_${randomUUID().replaceAll('-', '')}`;
  const login: ClientConfig = { ...database.superuser, user: name, password: newPassword() };
  roles.push(name);
  await asSuperuser(await createRoleText({ name, password: String(login.password), bypassRls: false }));
  await asSuperuser(`GRANT CONNECT ON DATABASE ${database.name} TO ${name}`);
  return { name, login, pool: openLoginPool(login, { max: 4 }, () => undefined) };
}

test('another password fails nothing that is under way or waits, and connections of the one before end', async () => {
  const { name, login, pool } = await openPool();
  const failures: unknown[] = [];
  let [done, isStopped] = [0, false];
  const working = Array.from({ length: 8 }, async () => {
    while (!isStopped) {
      await pool.query('SELECT pg_sleep(0.005)').catch((error: unknown) => failures.push(error));
      done++;
    }
  });
  const held = await pool.connect();
  const { rows } = await held.query('SELECT now()::text AS before');
  const { before } = rows[0] as { before: string };
  for (let change = 0; change < 3; change++) {
    const password = newPassword();
    await asSuperuser(await alterPasswordText({ name, password }));
    const upTo = done + 20;
    pool.use({ ...login, password });
    await vi.waitUntil(() => done > upTo, { timeout: 10_000 });
  }
  expect((await held.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  pool.giveBack(held);
  isStopped = true;
  await Promise.all(working);
  await vi.waitFor(async () => {
    const old = await asSuperuser(
      `SELECT 1 FROM pg_stat_activity WHERE usename = '${name}' AND backend_start < '${before}'`,
    );
    expect(old.rows).toEqual([]);
  });
  expect(failures).toEqual([]);
  await pool.end();
});

test('a login that PostgreSQL refuses is asked for again until another one is there', async () => {
  const { name, login, pool } = await openPool();
  const password = newPassword();
  await asSuperuser(await alterPasswordText({ name, password }));
  const waiting = pool.query('SELECT 1');
  await vi.waitUntil(() => pool.state().total === 0);
  pool.use({ ...login, password });
  await waiting;
  await pool.end();
});

test('who waits for a connection too long is told to try again, and the next one gets the one that came free', async () => {
  const pool = openLoginPool(database.superuser, { max: 1, connectionTimeoutMillis: 200 }, () => undefined);
  const held = await pool.connect();
  await expect(pool.connect()).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('in use'),
  });
  const waiting = pool.query('SELECT 1');
  pool.giveBack(held);
  await waiting;
  await pool.end();
});

test('another role takes over with its own connections', async () => {
  const [one, other] = [await openPool(), await openPool()];
  await one.pool.query('SELECT 1');
  one.pool.use(other.login);
  const client = await one.pool.connect();
  expect((await client.query('SELECT current_user::text AS name')).rows).toEqual([{ name: other.name }]);
  one.pool.giveBack(client);
  await one.pool.end();
  await other.pool.end();
});
