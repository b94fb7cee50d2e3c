import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rewind } from '../../test/before_migration.ts';
import { codeCellTables } from '../../test/code_cells.ts';
import { createTestDatabase, type TestDatabase } from '../../test/postgres.ts';
import { migrateDown, migrateUp, migrationStatus, migrationsDirectory } from '../db/migrate.ts';
import { withClient } from '../db/roles.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await rewind(database, '0032_code_cells.sql');
});
afterAll(async () => {
  await database?.drop();
});

test('the code of a database from before is counted, and measurements by week, too; and the way back leaves what there was', async () => {
  const [tenant, project, ada, bob, gone] = [
    randomUUID(),
    randomUUID(),
    randomUUID(),
    randomUUID(),
    randomUUID(),
  ].sort();
  await withClient(database.superuser, async (client) => {
    const insert = (text: string) => client.query(`INSERT INTO maestro.${text}`, [tenant, project]);
    await insert(`projects (tenant_id, project_id, name, created_by) VALUES ($1, $2, 'p', 'u')`);
    await insert(`code_people (tenant_id, project_id, person_id, name, email, is_left_out) VALUES
      ($1, $2, '${ada}', 'a', '', false), ($1, $2, '${bob}', 'b', '', false), ($1, $2, '${gone}', '', '', true)`);
    // A Saturday night of hers, of which it is Sunday in UTC; a merge; and one of who is left out.
    await insert(`code_commits (tenant_id, project_id, repository, sha, person_id, authored_at, authored_offset, committed_at,
        landed_at, additions, deletions, files, is_merge) VALUES
      ($1, $2, 'r', '1111111', '${ada}', '2026-01-04T03:00Z', -300, '2026-01-04T03:00Z', '2026-01-04T03:00Z', 5, 2, 1, false),
      ($1, $2, 'r', '2222222', '${ada}', '2026-01-04T12:00Z', 0, '2026-01-04T12:00Z', '2026-01-04T12:00Z', 0, 0, 0, true),
      ($1, $2, 'r', '3333333', '${gone}', '2026-01-04T03:00Z', 0, '2026-01-04T03:00Z', '2026-01-04T03:00Z', 1, 1, 1, false)`);
    await insert(`code_changes (tenant_id, project_id, repository, change_key, person_id, opened_at, first_review_at, merged_at,
        updated_at) VALUES ($1, $2, 'r', '1', '${ada}', '2026-01-31T22:00Z', '2026-02-01T00:00Z', '2026-02-01T02:00Z', now())`);
    await insert(`code_reviews (tenant_id, project_id, repository, change_key, review_key, person_id, at, state)
      VALUES ($1, $2, 'r', '1', '1', '${bob}', '2026-02-01T00:00Z', 'approved')`);
    await insert(`ci_runs (tenant_id, project_id, repository, run_key, workflow, status, started_at, finished_at, tests)
      VALUES ($1, $2, 'r', '1', 'w', 'success', '2026-01-04T00:00Z', '2026-01-04T00:01Z', 7)`);
    await insert(`deployments (tenant_id, project_id, repository, deployment_key, environment, status, at) VALUES
      ($1, $2, 'r', '1', 'production', 'success', '2026-01-03T00:00Z'),
      ($1, $2, 'r', '2', 'production', 'success', '2026-01-05T03:00Z')`);
    await insert(`code_file_people (tenant_id, project_id, repository, path, person_id, changes, first_at, last_at)
      VALUES ($1, $2, 'r', 'f', '${ada}', 1, '1970-01-03T00:00Z', '1970-01-05T00:00Z'),
             ($1, $2, 'r', 'f', '${gone}', 1, '1970-01-03T00:00Z', '1970-01-05T00:00Z')`);
    await insert(`process_metric_cells (tenant_id, project_id, metric_type, period, start, bucket, count, sum, min, max) VALUES
      ($1, $2, 'hours', 'day', '2026-01-05', 7, 1, 2, 2, 2), ($1, $2, 'hours', 'day', '2026-01-11', 7, 2, 5, 2, 3)`);
  });
  await withClient(database.logins.owner, (owner) => migrateUp(owner));
  const rows = (text: string) =>
    withClient(database.superuser, async (client) => (await client.query(text, [tenant])).rows);
  expect(
    await rows(`SELECT start::text, count::int, sum, min, max FROM maestro.process_metric_cells
                 WHERE tenant_id = $1 AND period = 'week'`),
  ).toEqual([{ start: '2026-01-05', count: 3, sum: 7, min: 2, max: 3 }]);
  expect(
    await rows(
      `SELECT day::text, commits, builds_succeeded AS builds, tests::int FROM maestro.code_days WHERE tenant_id = $1`,
    ),
  ).toEqual([{ day: '2026-01-04', commits: 1, builds: 1, tests: 7 }]);
  expect(
    await rows(`SELECT period, start::text, commits, merges, additions::int, at_night, at_weekend, authored_days, opened, merged,
                       reviewed FROM maestro.code_person_cells WHERE tenant_id = $1 AND person_id = '${ada}' ORDER BY 1, 2`),
  ).toEqual(
    [
      ['day', '2026-01-04', 1, 1, 5, 1, 1, [20_456], 0, 0, 0],
      ['day', '2026-01-31', 0, 0, 0, 0, 0, [], 1, 0, 0],
      ['day', '2026-02-01', 0, 0, 0, 0, 0, [], 0, 1, 1],
      ['month', '2026-01-01', 1, 1, 5, 1, 1, [20_456], 1, 0, 0],
      ['month', '2026-02-01', 0, 0, 0, 0, 0, [], 0, 1, 1],
      ['year', '2026-01-01', 1, 1, 5, 1, 1, [20_456], 1, 1, 1],
    ].map(
      ([period, start, commits, merges, additions, at_night, at_weekend, authored_days, opened, merged, reviewed]) => ({
        ...{ period, start, commits, merges, additions, at_night, at_weekend, authored_days, opened, merged, reviewed },
      }),
    ),
  );
  expect(
    await rows(`SELECT series, environment, period, start::text, count::int, sum FROM maestro.code_cells
                 WHERE tenant_id = $1 AND period IN ('week', 'month') ORDER BY 1, 3, 4`),
  ).toEqual([
    { series: 'build', environment: '', period: 'month', start: '2026-01-01', count: 1, sum: 60 },
    { series: 'build', environment: '', period: 'week', start: '2025-12-29', count: 1, sum: 60 },
    { series: 'lead', environment: 'production', period: 'month', start: '2026-01-01', count: 1, sum: 24 },
    { series: 'merge', environment: '', period: 'month', start: '2026-02-01', count: 1, sum: 4 },
    { series: 'review', environment: '', period: 'month', start: '2026-01-01', count: 1, sum: 2 },
  ]);
  expect(
    await rows(`SELECT DISTINCT reviewer_id, author_id FROM maestro.code_review_ties WHERE tenant_id = $1`),
  ).toEqual([{ reviewer_id: bob, author_id: ada }]);
  expect(
    await rows(`SELECT people::text[], first_days, last_days FROM maestro.code_files WHERE tenant_id = $1`),
  ).toEqual([{ people: [ada], first_days: [2], last_days: [4] }]);
  await withClient(database.logins.owner, async (owner) => {
    const { applied } = await migrationStatus(owner);
    const count = applied.length - applied.findIndex((name) => name.startsWith('0032_'));
    await migrateDown(owner, migrationsDirectory, count);
  });
  const left = await rows(`SELECT count(*)::int AS count FROM maestro.process_metric_cells WHERE tenant_id = $1`);
  expect(left).toEqual([{ count: 2 }]);
  const tables = await rows(`SELECT tablename FROM pg_tables WHERE schemaname = 'maestro' AND $1 <> ''`);
  expect(tables.filter(({ tablename }) => codeCellTables.includes(tablename))).toEqual([]);
});
