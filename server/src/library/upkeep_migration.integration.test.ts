import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rewind } from '../../test/before_migration.ts';
import { createTestDatabase, type TestDatabase } from '../../test/postgres.ts';
import { migrateUp } from '../db/migrate.ts';
import { withClient } from '../db/roles.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await rewind(database, '0028_library_upkeep.sql');
});
afterAll(async () => {
  await database?.drop();
});

test('what was deprecated before it was found apart is found apart, in every tenant, and nothing else is', async () => {
  const tenants = [randomUUID(), randomUUID()];
  const kinds = await withClient(database.superuser, async (client) => {
    for (const tenant of tenants) {
      for (const name of ['active', 'deprecated']) {
        const artifact = await client.query(
          `INSERT INTO maestro.artifacts (tenant_id, name, type, is_active, created_by) VALUES ($1, $2, 'schema', $3, 'x')
           RETURNING artifact_id`,
          [tenant, name, name === 'active'],
        );
        await client.query(
          `INSERT INTO maestro.search_terms (tenant_id, kind, term, weight, subject_id) VALUES ($1, 'artifact', $2, 1, $3)`,
          [tenant, name, artifact.rows[0].artifact_id],
        );
      }
    }
    await withClient(database.logins.owner, (owner) => migrateUp(owner));
    return (await client.query('SELECT DISTINCT term, kind FROM maestro.search_terms ORDER BY term')).rows;
  });
  expect(kinds).toEqual([
    { term: 'active', kind: 'artifact' },
    { term: 'deprecated', kind: 'deprecated_artifact' },
  ]);
});
