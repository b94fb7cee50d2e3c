import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rewind } from '../../test/before_migration.ts';
import { createTestDatabase, type TestDatabase } from '../../test/postgres.ts';
import { migrateUp } from '../db/migrate.ts';
import { withClient } from '../db/roles.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await rewind(database, '0026_scale.sql');
});
afterAll(async () => {
  await database?.drop();
});

test('measurements of a database from before are counted by month and year, too', async () => {
  const [tenant, project] = [randomUUID(), randomUUID()];
  await withClient(database.superuser, async (client) => {
    await client.query(
      `INSERT INTO maestro.projects (tenant_id, project_id, name, created_by) VALUES ($1, $2, 'p', 'u')`,
      [tenant, project],
    );
    await client.query(
      `INSERT INTO maestro.process_metric_days VALUES ($1, $2, 'hours', '2025-12-31', 7, 2, 5, 2, 3),
         ($1, $2, 'hours', '2026-01-01', 7, 1, 2.5, 2.5, 2.5), ($1, $2, 'hours', '2026-01-02', 7, 1, 1, 1, 1)`,
      [tenant, project],
    );
  });
  await withClient(database.logins.owner, (owner) => migrateUp(owner));
  const rows = await withClient(database.superuser, async (client) => {
    const text = `SELECT period, start::text, count::int, sum, min, max FROM maestro.process_metric_cells
      WHERE tenant_id = $1 AND period IN ('month', 'year') ORDER BY period, start`;
    return (await client.query(text, [tenant])).rows;
  });
  expect(rows).toEqual([
    { period: 'month', start: '2025-12-01', count: 2, sum: 5, min: 2, max: 3 },
    { period: 'month', start: '2026-01-01', count: 2, sum: 3.5, min: 1, max: 2.5 },
    { period: 'year', start: '2025-01-01', count: 2, sum: 5, min: 2, max: 3 },
    { period: 'year', start: '2026-01-01', count: 2, sum: 3.5, min: 1, max: 2.5 },
  ]);
});
