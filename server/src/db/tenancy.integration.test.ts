import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/postgres.ts';
import { build, type Database, openDatabase, type TenantTx } from './tenancy.ts';

const [a, b] = [randomUUID(), randomUUID()];
let database: TestDatabase;
let db: Database;

const insert = (tx: TenantTx, tenantId: string, name: string) =>
  tx.sql('INSERT INTO maestro.tenant_counters (tenant_id, name, value) VALUES ($1, $2, 1)', [tenantId, name]);

/** Names of the counters that a transaction sees, whatever tenant they are of. */
const seen = async (tenantId: string) =>
  (await db.inTenant(tenantId, (tx) => tx.sql<{ name: string }>('SELECT name FROM maestro.tenant_counters'))).map(
    ({ name }) => name,
  );

beforeAll(async () => {
  database = await createTestDatabase();
  // One connection: what a transaction leaves behind on it, the next one meets.
  db = openDatabase(database.logins, 1, () => undefined);
});

afterAll(async () => {
  await db?.close();
  await database?.drop();
});

describe('a tenant’s transaction', () => {
  test('sees its own rows and no others, also where a statement forgets the tenant', async () => {
    await db.inTenant(a, (tx) => insert(tx, a, 'of a'));
    await db.inTenant(b, (tx) => insert(tx, b, 'of b'));
    expect(await seen(a)).toEqual(['of a']);
    expect(await seen(b)).toEqual(['of b']);
  });

  test('cannot write a row of another tenant', async () => {
    await expect(db.inTenant(a, (tx) => insert(tx, b, 'smuggled'))).rejects.toThrow('row-level security');
    expect(await seen(b)).toEqual(['of b']);
  });

  test('sees none of the personal and global tables', async () => {
    await db.inIdentity((tx) =>
      tx.all(build.insertInto('users').values({ email: `${randomUUID()}@example.com`, name: 'Ada' })),
    );
    const users = 'SELECT user_id FROM maestro.users';
    expect(await db.inTenant(a, (tx) => tx.sql(users))).toEqual([]);
    expect(await db.inIdentity((tx) => tx.sql(users))).toHaveLength(1);
  });

  test('leaves nothing of its tenant on the connection', async () => {
    await seen(a);
    expect(await db.inIdentity((tx) => tx.sql('SELECT name FROM maestro.tenant_counters'))).toEqual([]);
  });

  test('is undone as a whole where its function throws, and runs no effect', async () => {
    let effects = 0;
    const failing = db.inTenant(a, async (tx) => {
      tx.onCommit(() => {
        effects += 1;
      });
      await insert(tx, a, 'half');
      throw new Error('thought better of it');
    });
    await expect(failing).rejects.toThrow('thought better of it');
    expect([await seen(a), effects]).toEqual([['of a'], 0]);
  });

  test('fails where its function swallows a failed statement: nothing is acknowledged that was not written', async () => {
    const swallowing = db.inTenant(a, async (tx) => {
      await insert(tx, a, 'lost');
      await tx.sql('SELECT 1 / 0').catch(() => undefined);
    });
    await expect(swallowing).rejects.toThrow();
    expect(await seen(a)).toEqual(['of a']);
  });

  test('runs its effects after the commit', async () => {
    const order: string[] = [];
    await db.inTenant(a, async (tx) => {
      tx.onCommit(() => void order.push('effect'));
      await tx.last('SELECT 1', [], 'one');
      order.push('last statement');
    });
    expect(order).toEqual(['last statement', 'effect']);
  });

  test('is refused without the id of a tenant', async () => {
    await expect(db.inTenant("' OR true --", (tx) => tx.sql('SELECT 1'))).rejects.toThrow('id of a tenant');
  });
});

test('going across tenants leaves its reason in the operators’ audit, also where it fails', async () => {
  const rows = await db.asSystem('counting for a test', (tx) => tx.sql('SELECT name FROM maestro.tenant_counters'));
  expect(rows).toHaveLength(2);
  await expect(db.asSystem('failing for a test', (tx) => tx.sql('SELECT 1 / 0'))).rejects.toThrow();
  const audited = await db.inIdentity((tx) =>
    tx.sql<{ reason: string }>(
      "SELECT detail ->> 'reason' AS reason FROM maestro.operator_audit_events ORDER BY created_at",
    ),
  );
  expect(audited.map(({ reason }) => reason)).toEqual(['counting for a test', 'failing for a test']);
});
