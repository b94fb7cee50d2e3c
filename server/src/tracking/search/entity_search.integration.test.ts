import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/postgres.ts';
import { type Database, openDatabase } from '../../db/tenancy.ts';
import { MaestroError } from '../../errors.ts';
import { type ExperimentSearch, searchExperiments } from './experiment_search.ts';
import { type LoggedModelSearch, searchLoggedModels } from './logged_model_search.ts';

const tenant = randomUUID();
const run = randomUUID();
let database: TestDatabase;
let db: Database;

beforeAll(async () => {
  database = await createTestDatabase();
  db = openDatabase(database.logins, 2, () => undefined);
  await db.inTenant(tenant, async (tx) => {
    // Experiments 1…20, created in pairs; every third has a tag, every fifth is deleted.
    await tx.sql(
      `INSERT INTO maestro.experiments (tenant_id, experiment_id, name, artifact_location, lifecycle_stage, creation_time,
         last_update_time)
       SELECT $1, i, 'e' || i, '', CASE WHEN i % 5 = 0 THEN 'deleted' ELSE 'active' END, i / 2, 100 - i
       FROM generate_series(1, 20) i ON CONFLICT DO NOTHING`,
      [tx.tenantId],
    );
    await tx.sql(
      `INSERT INTO maestro.experiment_tags SELECT $1, i, 'team', 'Red' FROM generate_series(3, 20, 3) i
       ON CONFLICT DO NOTHING`,
      [tx.tenantId],
    );
    // Models m1…m6: accuracy 0.1…0.5 on dataset train, m6 without; m3's is NaN; m2 was measured again on test.
    await tx.sql(
      `INSERT INTO maestro.logged_models (tenant_id, model_id, experiment_id, name, artifact_location, creation_time,
         last_update_time, status, model_type)
       SELECT $1, 'm' || i, 1, 'model ' || i, '', i / 2, i, 2, nullif('type' || i % 3, 'type0')
       FROM generate_series(1, 6) i ON CONFLICT DO NOTHING`,
      [tx.tenantId],
    );
    await tx.sql(
      `INSERT INTO maestro.logged_model_metrics (tenant_id, model_id, key, timestamp, step, run_id, value, dataset_name,
         dataset_digest, experiment_id)
       SELECT $1::uuid, 'm' || i, 'acc', 1, 0, $2::uuid, CASE WHEN i = 3 THEN 'NaN' ELSE i / 10.0::float8 END, 'train', 'd1', 1
       FROM generate_series(1, 5) i UNION ALL SELECT $1, 'm2', 'acc', 2, 0, $2, 0.9, 'test', 'd2', 1
       ON CONFLICT DO NOTHING`,
      [tx.tenantId, run],
    );
    await tx.sql(
      `INSERT INTO maestro.logged_model_params SELECT $1, 'm' || i, 'depth', i::text FROM generate_series(1, 3) i
       ON CONFLICT DO NOTHING`,
      [tx.tenantId],
    );
  });
});

afterAll(async () => {
  await db?.close();
  await database?.drop();
});

async function experiments(more: Partial<ExperimentSearch> = {}): Promise<number[]> {
  const found: number[] = [];
  const search = { filter: '', orderBy: [], view: 'ACTIVE_ONLY' as const, maxResults: 3, ...more };
  for (let pageToken: string | undefined; ; ) {
    const page = await db.inTenant(tenant, (tx) => searchExperiments(tx, { ...search, pageToken }));
    found.push(...page.experimentIds);
    if (page.nextPageToken === undefined) return found;
    pageToken = page.nextPageToken;
  }
}

async function models(more: Partial<LoggedModelSearch> = {}): Promise<string> {
  const found: string[] = [];
  const search = { experimentIds: [1], filter: '', datasets: [], orderBy: [], maxResults: 2, ...more };
  for (let pageToken: string | undefined; ; ) {
    const page = await db.inTenant(tenant, (tx) => searchLoggedModels(tx, { ...search, pageToken }));
    found.push(...page.modelIds);
    if (page.nextPageToken === undefined) return found.join(' ');
    pageToken = page.nextPageToken;
  }
}

describe('searching experiments', () => {
  test('gives the newest first, then the smaller id, to the last page', async () => {
    expect(await experiments()).toEqual([18, 19, 16, 17, 14, 12, 13, 11, 8, 9, 6, 7, 4, 2, 3, 1]);
    expect(await experiments({ view: 'DELETED_ONLY' })).toEqual([20, 15, 10, 5]);
    expect(await experiments({ view: 'ALL', maxResults: 20 })).toHaveLength(20);
  });

  test('goes by the order asked for, ties by the greater id', async () => {
    expect(await experiments({ orderBy: ['creation_time'] })).toEqual([
      1, 3, 2, 4, 7, 6, 9, 8, 11, 13, 12, 14, 17, 16, 19, 18,
    ]);
    expect((await experiments({ orderBy: ['name DESC', 'experiment_id'] })).slice(0, 3)).toEqual([9, 8, 7]);
    expect((await experiments({ orderBy: ['experiment_id', 'name'] })).slice(0, 3)).toEqual([1, 2, 3]);
  });

  test.each([
    ["tags.team = 'Red'", [18, 12, 9, 6, 3]],
    ["tags.team ILIKE 'r%' AND name LIKE 'e1_'", [18, 12]],
    ["tags.team LIKE 'r%'", []],
    ['tags.team IS NULL AND creation_time >= 8', [19, 16, 17]],
    ["experiment_id IN ('2', '4', '5')", [4, 2]],
    ["experiment_id != '1' AND last_update_time > 96", [2, 3]],
  ])('%s finds what it says', async (filter, expected) => {
    expect(await experiments({ filter })).toEqual(expected);
  });

  test.each(["experiment_id LIKE '1'", "experiment_id = 'one'", "attr.name = 'x'", 'name = x'])(
    '%s is refused',
    async (filter) => {
      await expect(experiments({ filter })).rejects.toThrow(MaestroError);
    },
  );
});

describe('searching logged models', () => {
  const by = (fieldName: string, ascending = true, datasetName = '', datasetDigest = '') => ({
    orderBy: [{ fieldName, ascending, datasetName, datasetDigest }],
  });

  test('gives the newest first, then the smaller id', async () => {
    expect(await models()).toBe('m6 m4 m5 m2 m3 m1');
  });

  test('orders by the last value of a metric, NaN as the greatest, and models without one last', async () => {
    expect(await models(by('metrics.acc'))).toBe('m1 m4 m5 m2 m3 m6');
    expect(await models(by('metrics.acc', false))).toBe('m3 m2 m5 m4 m1 m6');
    expect(await models(by('metrics.acc', true, 'train'))).toBe('m1 m2 m4 m5 m3 m6');
    expect(await models(by('metrics.acc', true, 'test', 'd2'))).toBe('m2 m6 m4 m5 m3 m1');
  });

  test('orders by an attribute, those that lack it last', async () => {
    expect(await models(by('model_type', false))).toBe('m5 m2 m4 m1 m6 m3');
    expect(await models(by('creation_timestamp'))).toBe('m1 m2 m3 m4 m5 m6');
  });

  test.each([
    ["params.depth = '2'", 'm2'],
    ['metrics.acc > 0.35', 'm4 m5 m2 m3'],
    ["name LIKE 'model %' AND creation_time < 1.5", 'm2 m3 m1'],
    ["status = 'READY' AND model_type = type1", 'm4 m1'],
    ["status = '2' AND model_id IN ('m1', 'm9')", 'm1'],
  ])('%s finds what it says', async (filter, expected) => {
    expect(await models({ filter })).toBe(expected);
  });

  test('leaves models that were measured on a dataset', async () => {
    expect(await models({ datasets: [{ name: 'test' }] })).toBe('m2');
    expect(await models({ datasets: [{ name: 'test', digest: 'other' }] })).toBe('');
    expect(await models({ datasets: [{ name: 'train', digest: 'd1' }], filter: 'metrics.acc > 0.35' })).toBe(
      'm4 m5 m3',
    );
  });

  test.each([
    [by('params.depth'), /Only metrics are supported/],
    [by('nothing'), /Invalid order by field name: nothing/],
    [{ datasets: [{ name: '' }] }, /`dataset_name` in the `datasets` clause/],
    [{ filter: "nothing = 'x'" }, /Invalid attribute key/],
  ])('%j is refused', async (more, message) => {
    await expect(models(more)).rejects.toThrow(message);
  });
});
