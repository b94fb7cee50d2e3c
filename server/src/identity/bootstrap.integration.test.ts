import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/postgres.ts';
import { testSecrets } from '../../test/secrets.ts';
import { withClient } from '../db/roles.ts';
import { type Database, openDatabase } from '../db/tenancy.ts';
import { bootstrap, type FirstStartKeeper } from './bootstrap.ts';
import { openPasswords } from './passwords.ts';
import { defaultTenantId } from './tenants.ts';

let database: TestDatabase;
let db: Database;
const passwords = openPasswords({ pepper: testSecrets().passwordPepper, rounds: 4 });

beforeEach(async () => {
  database = await createTestDatabase();
  db = openDatabase(database.logins, 8, () => undefined);
});
afterEach(async () => {
  await db.close();
  await database.drop();
});

const count = (table: string) =>
  withClient(database.superuser, async (client) => {
    const { rows } = await client.query<{ n: string }>(`SELECT count(*) AS n FROM maestro.${table}`);
    return Number(rows[0]?.n);
  });

const made = async () => ({
  tenants: await count('tenants'),
  users: await count('users'),
  memberships: await count('memberships'),
  keys: await count('api_keys'),
  experiments: await count('experiments'),
  counters: await count('tenant_counters'),
});
const one = { tenants: 1, users: 1, memberships: 1, keys: 1, experiments: 1, counters: 1 };

test('an empty database gets one tenant, one administrator and one key; a second start changes nothing', async () => {
  const first = await bootstrap(db, { passwords });
  expect(first).toEqual({
    tenant: 'default',
    email: 'admin@localhost',
    password: expect.stringMatching(/^[A-Za-z2-9-]{29}$/),
    apiKey: expect.stringMatching(/^mst_/),
    apiKeyEnds: expect.any(Date),
  });
  expect(await made()).toEqual(one);
  expect(await bootstrap(db, { passwords })).toBeUndefined();
  expect(await made()).toEqual(one);
});

test('the first key ends when a key does unless its maker says otherwise, and the date is told', async () => {
  const first = await bootstrap(db, { passwords, policy: { apiKeyDays: 3 } });
  const days = ((first?.apiKeyEnds?.getTime() ?? 0) - Date.now()) / 86_400_000;
  expect(days).toBeGreaterThan(2.99);
  expect(days).toBeLessThanOrEqual(3);
});

/** A keeper that outlives the process, as a data directory does. */
function openKeeper(): FirstStartKeeper {
  let text: string | undefined;
  return {
    keep: async (generate) => {
      text ??= generate();
      return text;
    },
    kept: async () => text,
    forget: async () => {
      text = undefined;
    },
  };
}

test('what was made and never shown is given again by the next start, until it is forgotten', async () => {
  const keeper = openKeeper();
  const first = await bootstrap(db, { passwords, keeper });
  expect(await bootstrap(db, { passwords, keeper })).toEqual(first);
  expect(await made()).toEqual(one);
  await keeper.forget();
  expect(await bootstrap(db, { passwords, keeper })).toBeUndefined();
}, 60_000);

test('a process that was not the first forgets what it would have made, also when it was killed before', async () => {
  const first = openKeeper();
  const second = openKeeper();
  await second.keep(() =>
    JSON.stringify({ userId: randomUUID(), keyId: randomUUID(), password: 'x', apiKey: 'mst_x' }),
  );
  expect(await bootstrap(db, { passwords, keeper: first })).toBeDefined();
  expect(await bootstrap(db, { passwords, keeper: second })).toBeUndefined();
  expect(await second.kept()).toBeUndefined();
  expect(await made()).toEqual(one);
}, 60_000);

test('of several processes that start at once one makes all of it, and its password and key are those that hold', async () => {
  const outcomes = await Promise.all(Array.from({ length: 5 }, () => bootstrap(db, { passwords })));
  const winners = outcomes.filter((outcome) => outcome !== undefined);
  expect(winners).toHaveLength(1);
  expect(await made()).toEqual(one);
  const [user] = await withClient(
    database.superuser,
    async (client) => (await client.query<{ password_hash: string }>('SELECT password_hash FROM maestro.users')).rows,
  );
  expect(await passwords.verify(winners[0]?.password ?? '', user?.password_hash)).toBe(true);
}, 60_000);

test('a first start that broke off before the tenant appeared is made good by the next', async () => {
  let fail = true;
  const breaking: Database = {
    ...db,
    inIdentity: (run) =>
      db.inIdentity(async (tx) => {
        const result = await run(tx);
        if (fail && result === true) throw new Error('the power went');
        return result;
      }),
  };
  const keeper = openKeeper();
  await expect(bootstrap(breaking, { passwords, keeper })).rejects.toThrow('the power went');
  fail = false;
  const first = await bootstrap(breaking, { passwords, keeper });
  expect(first?.tenant).toBe('default');
  expect(await made()).toEqual(one);
  const owners = await withClient(
    database.superuser,
    async (client) =>
      (await client.query('SELECT k.tenant_id FROM maestro.api_keys k JOIN maestro.users u ON u.user_id = k.user_id'))
        .rows,
  );
  expect(owners).toEqual([{ tenant_id: defaultTenantId }]);
}, 60_000);
