import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rewind } from '../../test/before_migration.ts';
import { createTestDatabase, type TestDatabase } from '../../test/postgres.ts';
import { migrateDown, migrateUp, migrationsDirectory } from '../db/migrate.ts';
import { withClient } from '../db/roles.ts';

const file = '0029_impact.sql';
let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await rewind(database, file);
});
afterAll(async () => {
  await database?.drop();
});

test('projects that ended before teach, too, in every tenant that has any; the way back forgets the impact', async () => {
  const [scored, imported, ongoing] = [randomUUID(), randomUUID(), randomUUID()];
  const asked = <Row>(text: string, values: unknown[] = []) =>
    withClient(database.superuser, async (client) => (await client.query(text, values)).rows as Row[]);
  await asked(
    `INSERT INTO maestro.projects (tenant_id, name, created_by, success_score, metadata)
     VALUES ($1, 'a', 'u', 70, '{}'), ($1, 'b', 'u', 80, '{}'), ($2, 'a', 'u', NULL, '{"duration_days": 5}'),
            ($3, 'a', 'u', NULL, '{}')`,
    [scored, imported, ongoing],
  );
  await withClient(database.logins.owner, (owner) => migrateUp(owner));
  const due = await asked<{ tenant_id: string; what: string }>(
    'SELECT tenant_id, what FROM maestro.insight_due ORDER BY tenant_id, what',
  );
  expect(due).toEqual(
    [scored, imported].sort().flatMap((tenant_id) => ['impact', 'model'].map((what) => ({ tenant_id, what }))),
  );
  await asked(
    `INSERT INTO maestro.artifacts (tenant_id, name, type, created_by, avg_impact_score, impact_projects)
     VALUES ($1, 'a', 'schema', 'u', 3, 2)`,
    [scored],
  );
  await asked(`INSERT INTO maestro.tenant_counters (tenant_id, name, value) VALUES ($1, 'insight_model', 7)`, [scored]);
  const later = (await readdir(migrationsDirectory)).filter((name) => name.endsWith('.sql') && name >= file);
  await withClient(database.logins.owner, (owner) => migrateDown(owner, migrationsDirectory, later.length));
  expect(await asked('SELECT avg_impact_score, impact_projects FROM maestro.artifacts')).toEqual([
    { avg_impact_score: null, impact_projects: 0 },
  ]);
  expect(await asked('SELECT name FROM maestro.tenant_counters')).toEqual([]);
});
