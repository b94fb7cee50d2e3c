import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rewind } from '../../test/before_migration.ts';
import { createTestDatabase, type TestDatabase } from '../../test/postgres.ts';
import { migrateUp } from '../db/migrate.ts';
import { withClient } from '../db/roles.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await rewind(database, '0010_machines.sql');
});
afterAll(async () => {
  await database?.drop();
});

test('accounts and keys of a database from before are bound to who made them, and those of the operator key to nobody', async () => {
  const [tenant, user, leader, bot, free, child, grandchild] = Array.from({ length: 7 }, () => randomUUID());
  await withClient(database.superuser, async (client) => {
    const accounts: [string | undefined, string][] = [
      [bot, 'bot'],
      [free, 'free'],
      [child, 'child'],
      [grandchild, 'grandchild'],
    ];
    for (const [id, name] of accounts) {
      const text =
        "INSERT INTO maestro.service_accounts (tenant_id, service_account_id, name, role) VALUES ($1, $2, $3, 'viewer')";
      await client.query(text, [tenant, id, name]);
    }
    const keys: [
      name: string,
      account: string | undefined,
      holder: string | undefined,
      maker: string | undefined,
      age: number,
    ][] = [
      ['first of bot', bot, undefined, user, 3],
      ['second of bot', bot, undefined, leader, 2],
      ['of free', free, undefined, 'operator_key', 3],
      ['of child', child, undefined, bot, 1],
      ['of grandchild', grandchild, undefined, child, 1],
      ['own', undefined, user, user, 1],
    ];
    for (const [name, account, holder, maker, age] of keys) {
      await client.query(
        `INSERT INTO maestro.api_keys (tenant_id, name, prefix, secret_hash, service_account_id, user_id, created_by, created_at)
         VALUES ($1, $2, 'mst_', $3, $4, $5, $6, now() - $7 * interval '1 day')`,
        [tenant, name, randomBytes(32), account, holder, maker, age],
      );
    }
  });
  await withClient(database.logins.owner, (owner) => migrateUp(owner));
  const read = (text: string) =>
    withClient(database.superuser, async (client) => (await client.query(text, [tenant])).rows);
  const bound = 'name, bound_user_ids AS users, bound_account_ids AS accounts';
  expect(
    await read(`SELECT ${bound}, created_by FROM maestro.service_accounts WHERE tenant_id = $1 ORDER BY name`),
  ).toEqual([
    { name: 'bot', users: [user], accounts: [], created_by: user },
    { name: 'child', users: [user], accounts: [bot], created_by: bot },
    { name: 'free', users: [], accounts: [], created_by: 'operator_key' },
    { name: 'grandchild', users: [user], accounts: [bot, child].toSorted(), created_by: child },
  ]);
  expect(await read(`SELECT ${bound} FROM maestro.api_keys WHERE tenant_id = $1 ORDER BY name`)).toEqual([
    { name: 'first of bot', users: [user], accounts: [] },
    { name: 'of child', users: [user], accounts: [bot] },
    { name: 'of free', users: [], accounts: [] },
    { name: 'of grandchild', users: [user], accounts: [child, bot] },
    { name: 'own', users: [], accounts: [] },
    { name: 'second of bot', users: [leader], accounts: [] },
  ]);
  const forced = await read(
    `SELECT relname FROM pg_class WHERE relname IN ('api_keys', 'service_accounts') AND relforcerowsecurity AND $1::text <> ''
      ORDER BY relname`,
  );
  expect(forced.map(({ relname }) => relname)).toEqual(['api_keys', 'service_accounts']);
});
