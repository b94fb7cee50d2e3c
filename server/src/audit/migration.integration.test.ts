import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rewind } from '../../test/before_migration.ts';
import { createTestDatabase, type TestDatabase } from '../../test/postgres.ts';
import { migrateUp } from '../db/migrate.ts';
import { grantRights, withClient } from '../db/roles.ts';
import { openDatabase } from '../db/tenancy.ts';
import { openStatements } from '../identity/statements.ts';
import { operatorLog, tenantLog } from './log_queries.ts';
import { verifyLog } from './verify.ts';

const tenantId = '11111111-1111-4111-8111-111111111111';
let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await rewind(database, '0011_audit.sql');
});
afterAll(async () => {
  await database?.drop();
});

test('the rows of a database from before the chain are chained as they were, and the chain verifies', async () => {
  await withClient(database.superuser, async (client) => {
    const row = `'user', gen_random_uuid()::text, 'key.create', 'ünïcode ' || n, 'success', 'r', '192.0.2.1',
                 jsonb_build_object('b', 1.50, 'a', 'two'), now() - n * interval '1 second'`;
    const columns = 'actor_kind, actor_id, action, target, outcome, request_id, address, detail, created_at';
    await client.query(
      `INSERT INTO maestro.audit_events (tenant_id, ${columns}) SELECT $1, ${row} FROM generate_series(1, 30) n`,
      [tenantId],
    );
    await client.query(
      `INSERT INTO maestro.operator_audit_events (${columns}) SELECT ${row} FROM generate_series(1, 20) n`,
    );
  });
  await withClient(database.logins.owner, async (owner) => {
    await migrateUp(owner);
    await grantRights(owner, { serverRole: 'maestro_server', systemRole: 'maestro_system' });
  });
  const db = openDatabase(database.logins, 2, () => undefined);
  try {
    const statements = openStatements(randomBytes(32));
    expect(await verifyLog(tenantLog(db, tenantId), statements)).toMatchObject({
      fault: undefined,
      checked: 30,
      first: 1,
    });
    expect(await verifyLog(operatorLog(db), statements)).toMatchObject({ fault: undefined, checked: 20, first: 1 });
    const kept = await db.inTenant(tenantId, (tx) =>
      tx.sql<{ target: string; address: string; detail: unknown }>(
        'SELECT target, address, detail FROM maestro.audit_events WHERE tenant_id = $1 ORDER BY seq DESC LIMIT 1',
        [tenantId],
      ),
    );
    expect(kept).toEqual([{ target: 'ünïcode 1', address: '192.0.2.1', detail: { a: 'two', b: 1.5 } }]);
  } finally {
    await db.close();
  }
});
