import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/postgres.ts';
import { type Database, openDatabase, type TenantTx } from '../db/tenancy.ts';
import type { Entry, Point } from './entry.ts';
import { type Place, readPoints, samplePoints, thinPoints } from './history/queries.ts';
import { createRecorder, type Recorder } from './recorder.ts';

const tenant = randomUUID();
let database: TestDatabase;
let db: Database;
let recorder: Recorder;

const newId = () => randomUUID().replaceAll('-', '');

async function newRun(): Promise<string> {
  const runId = newId();
  await recorder.createRun(tenant, { runId, experimentId: 1, name: 'r', userId: '', startTime: 0, tags: [] });
  return runId;
}

const entry = (runId: string, more: Partial<Entry>): Entry => ({
  runId,
  points: [],
  params: [],
  tags: [],
  modelPoints: [],
  ...more,
});

const point = (step: number, value: number, timestamp = step, key = 'loss'): Point => ({ key, value, timestamp, step });

/** Every point of a series, read in pages of `limit`. */
async function readAll(runId: string, limit: number, key = 'loss'): Promise<[number, number, number][]> {
  const all: [number, number, number][] = [];
  for (let after: Place | undefined; ; ) {
    const page = await db.inTenant(tenant, (tx) => readPoints(tx, { runId, key }, limit, after));
    if (!page) throw new Error('no such run');
    const { timestamps, steps, values } = page.points;
    for (const [index, value] of values.entries()) {
      all.push([timestamps[index] as number, steps[index] as number, value]);
    }
    if (!page.hasMore) return all;
    const [timestamp, step, value] = all.at(-1) as [number, number, number];
    after = { timestamp, step, value };
  }
}

async function latest(runId: string): Promise<{ value: number; is_nan: boolean; step: number } | undefined> {
  const rows = await db.inTenant(tenant, (tx) =>
    tx.sql<{ value: number; is_nan: boolean; step: number }>(
      "SELECT value, is_nan, step FROM maestro.latest_metrics WHERE tenant_id = $1 AND run_id = $2 AND key = 'loss'",
      [tenant, runId],
    ),
  );
  return rows[0];
}

const merge = (runId: string) =>
  db.inTenant(tenant, (tx) => tx.sql('SELECT maestro.merge_series($1, $2, $3)', [tenant, runId, 'loss']));

beforeAll(async () => {
  database = await createTestDatabase();
  db = openDatabase(database.logins, 8, () => undefined);
  recorder = createRecorder(db, pino({ level: 'silent' }));
  await db.inTenant(tenant, (tx) =>
    tx.sql("INSERT INTO maestro.experiments VALUES ($1, 1, 'e', 'mlflow-artifacts:/1', 'active', 0, 0)", [tenant]),
  );
});

afterAll(async () => {
  await recorder?.close();
  await db?.close();
  await database?.drop();
});

const rank = (value: number) => (Number.isNaN(value) ? 0 : value);

/** What the store should hold: the distinct points in order. */
function model(points: readonly Point[]): [number, number, number][] {
  const distinct = new Map(
    points.map(({ timestamp, step, value }) => [`${timestamp} ${step} ${value}`, [timestamp, step, value] as const]),
  );
  return [...distinct.values()]
    .map(([timestamp, step, value]): [number, number, number] => [timestamp, step, value])
    .sort(
      (a, b) =>
        a[0] - b[0] ||
        a[1] - b[1] ||
        rank(a[2]) - rank(b[2]) ||
        Number(Number.isNaN(b[2])) - Number(Number.isNaN(a[2])),
    );
}

describe('the metric store', () => {
  test('holds what a simple model holds, however it was written, merged and paged', async () => {
    const anyPoint = fc.record({
      key: fc.constant('loss'),
      value: fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constant(Number.NaN), fc.constant(0.1)),
      timestamp: fc.integer({ min: 0, max: 6 }),
      step: fc.integer({ min: -2, max: 4 }),
    });
    // Integers only: -0 and 0 are one point to PostgreSQL and two to the model.
    const batch = fc.array(anyPoint, { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof({ weight: 4, arbitrary: batch }, { weight: 1, arbitrary: fc.constant('merge' as const) }), {
          minLength: 1,
          maxLength: 12,
        }),
        fc.integer({ min: 1, max: 9 }),
        async (steps, pageSize) => {
          const runId = await newRun();
          const written: Point[] = [];
          for (const step of steps) {
            if (step === 'merge') await merge(runId);
            else {
              written.push(...step);
              await recorder.record(tenant, entry(runId, { points: step }));
            }
          }
          expect(await readAll(runId, pageSize)).toEqual(model(written));
          const newest = written.reduce<Point | undefined>(
            (best, next) =>
              best &&
              (best.step - next.step || best.timestamp - next.timestamp || rank(best.value) - rank(next.value)) >= 0
                ? best
                : next,
            undefined,
          );
          const stored = await latest(runId);
          expect([stored?.step, stored?.value]).toEqual(
            newest ? [newest.step, rank(newest.value)] : [undefined, undefined],
          );
        },
      ),
      { numRuns: 60 },
    );
  });

  test('a write tried again changes nothing', async () => {
    const runId = await newRun();
    const points = Array.from({ length: 10 }, (_, step) => point(step, step / 10));
    for (let times = 0; times < 3; times += 1) await recorder.record(tenant, entry(runId, { points }));
    expect(await readAll(runId, 100)).toHaveLength(10);
  });

  test('a history longer than one read comes in order, and whole', async () => {
    const runId = await newRun();
    const order = Array.from({ length: 150 }, (_, index) => (index * 67) % 150);
    for (const step of order) await recorder.record(tenant, entry(runId, { points: [point(step, step)] }));
    const steps = (await readAll(runId, 40)).map(([, step]) => step);
    expect(steps).toEqual(Array.from({ length: 150 }, (_, step) => step));
  });

  test('many small writes are merged into few chunks, and no point is lost', async () => {
    const runId = await newRun();
    for (let step = 0; step < 200; step += 1)
      await recorder.record(tenant, entry(runId, { points: [point(step, step)] }));
    await recorder.close();
    const rows = await db.inTenant(tenant, (tx) =>
      tx.sql<{ count: number }>('SELECT count(*) FROM maestro.metric_chunks WHERE tenant_id = $1 AND run_id = $2', [
        tenant,
        runId,
      ]),
    );
    expect(rows[0]?.count).toBeLessThan(64);
    expect(await readAll(runId, 1000)).toHaveLength(200);
  });

  test('a history that is merged while it is read is whole', async () => {
    const runId = await newRun();
    // Backwards, so that no point is the newest and nothing is merged by itself.
    for (let step = 149; step >= 0; step -= 1) {
      await recorder.record(tenant, entry(runId, { points: [point(step, step)] }));
    }
    const page = await db.inTenant(tenant, (tx) => {
      let merged = false;
      const sql = async (...statement: Parameters<TenantTx['sql']>) => {
        const rows = await tx.sql(...statement);
        if (!merged) {
          merged = true;
          await merge(runId);
        }
        return rows;
      };
      return readPoints(Object.create(tx, { sql: { value: sql } }) as TenantTx, { runId, key: 'loss' }, 1000);
    });
    expect(page?.points.steps).toEqual(Array.from({ length: 150 }, (_, step) => step));
  });

  test('a history whose points all have one timestamp is read in bounded pieces', async () => {
    const runId = await newRun();
    for (let batch = 299; batch >= 0; batch -= 1) {
      const points = Array.from({ length: 10 }, (_, index) => point(batch * 10 + index, 0.5, 7));
      await recorder.record(tenant, entry(runId, { points }));
    }
    const reads = await db.inTenant(tenant, async (tx) => {
      let count = 0;
      const sql = (...statement: Parameters<TenantTx['sql']>) => {
        count += 1;
        return tx.sql(...statement);
      };
      await readPoints(Object.create(tx, { sql: { value: sql } }) as TenantTx, { runId, key: 'loss' }, 100);
      return count;
    });
    expect(reads).toBe(1);
    expect((await readAll(runId, 700)).map(([, step]) => step)).toEqual(
      Array.from({ length: 3000 }, (_, step) => step),
    );
  });

  test('infinities are stored as the greatest doubles', async () => {
    const runId = await newRun();
    const points = [point(1, Number.POSITIVE_INFINITY), point(2, Number.NEGATIVE_INFINITY)];
    await recorder.record(tenant, entry(runId, { points }));
    expect((await readAll(runId, 10)).map(([, , value]) => value)).toEqual([Number.MAX_VALUE, -Number.MAX_VALUE]);
  });

  test('a sample keeps the first and the last point, and one point is the last', async () => {
    const runId = await newRun();
    const points = Array.from({ length: 100 }, (_, step) => point(step, step));
    await recorder.record(tenant, entry(runId, { points }));
    const sampled = async (max: number) =>
      (await db.inTenant(tenant, (tx) => samplePoints(tx, { runId, key: 'loss' }, max))).map(({ step }) => step);
    expect(await sampled(1)).toEqual([99]);
    expect(await sampled(2)).toEqual([0, 99]);
    const ten = await sampled(10);
    expect([ten.length, ten[0], ten.at(-1)]).toEqual([10, 0, 99]);
    expect(await sampled(1000)).toHaveLength(100);
  });

  test('thinning keeps a lone spike', async () => {
    const runId = await newRun();
    const points = Array.from({ length: 1000 }, (_, step) => point(step, step === 497 ? 1e6 : step === 503 ? -1e6 : 1));
    await recorder.record(tenant, entry(runId, { points }));
    const thinned = await db.inTenant(tenant, (tx) =>
      thinPoints(tx, { runId, key: 'loss' }, 10, { start: null, end: null }),
    );
    const values = thinned.points.map(({ value }) => value);
    expect(thinned.total).toBe(1000);
    expect(values.length).toBeLessThanOrEqual(40);
    expect(values).toEqual(expect.arrayContaining([1e6, -1e6]));
  });
});

describe('a group of log calls', () => {
  test('one bad call fails alone, and the others of its moment are written', async () => {
    const [good, deleted] = [await newRun(), await newRun()];
    await db.inTenant(tenant, (tx) =>
      tx.sql("UPDATE maestro.runs SET lifecycle_stage = 'deleted' WHERE tenant_id = $1 AND run_id = $2", [
        tenant,
        deleted,
      ]),
    );
    await recorder.record(tenant, entry(good, { params: [{ key: 'lr', value: '1' }] }));
    const absent = newId();
    const outcomes = await Promise.allSettled([
      recorder.record(tenant, entry(good, { points: [point(1, 1)] })),
      recorder.record(tenant, entry(absent, { points: [point(1, 1)] })),
      recorder.record(tenant, entry(deleted, { points: [point(1, 1)] })),
      recorder.record(tenant, entry(good, { params: [{ key: 'lr', value: '2' }], points: [point(2, 2)] })),
      recorder.record(
        tenant,
        entry(good, {
          points: [point(3, 3)],
          modelPoints: [{ ...point(3, 3), modelId: 'm-none', datasetName: '', datasetDigest: '' }],
        }),
      ),
      recorder.record(tenant, entry(good, { points: [point(4, 4)] })),
    ]);
    expect(
      outcomes.map((outcome) => (outcome.status === 'rejected' ? String(outcome.reason.message) : 'written')),
    ).toEqual([
      'written',
      `Run with id=${absent} not found`,
      `The run ${deleted} must be in the 'active' state. Current state is deleted.`,
      expect.stringMatching(/Changing param values is not allowed.*'lr'.*'1'/),
      "Logged model with ID 'm-none' not found.",
      'written',
    ]);
    expect((await readAll(good, 10)).map(([, step]) => step)).toEqual([1, 4]);
  });

  test('of two values of one param sent at once, one is kept and the other refused', async () => {
    const runId = await newRun();
    const outcomes = await Promise.allSettled(
      Array.from({ length: 8 }, (_, index) =>
        recorder.record(tenant, entry(runId, { params: [{ key: 'p', value: String(index % 2) }] })),
      ),
    );
    const kept = await db.inTenant(tenant, (tx) =>
      tx.sql<{ value: string }>('SELECT value FROM maestro.params WHERE tenant_id = $1 AND run_id = $2', [
        tenant,
        runId,
      ]),
    );
    expect(kept).toHaveLength(1);
    expect(outcomes.map(({ status }) => status)).toEqual(
      Array.from({ length: 8 }, (_, index) => (String(index % 2) === kept[0]?.value ? 'fulfilled' : 'rejected')),
    );
  });

  test('two processes that write the same series and params at once neither deadlock nor lose a point', async () => {
    const other = openDatabase(database.logins, 8, () => undefined);
    const second = createRecorder(other, pino({ level: 'silent' }));
    const runs = await Promise.all(Array.from({ length: 4 }, newRun));
    const write = (by: Recorder, seed: number) =>
      Promise.all(
        Array.from({ length: 60 }, (_, index) =>
          by.record(
            tenant,
            entry(runs[(index * 7 + seed) % 4] as string, {
              points: Array.from({ length: 5 }, (_, key) => point(index, seed, index, `m${(key + seed) % 5}`)),
              params: [{ key: `p${index % 3}`, value: 'same' }],
              tags: [{ key: `t${(index + seed) % 3}`, value: String(seed) }],
            }),
          ),
        ),
      );
    await Promise.all([write(recorder, 1), write(second, 2)]);
    let points = 0;
    for (const runId of runs)
      for (let key = 0; key < 5; key += 1) points += (await readAll(runId, 1000, `m${key}`)).length;
    expect(points).toBe(2 * 60 * 5);
    await second.close();
    await other.close();
  });

  test('another tenant finds no such run', async () => {
    const runId = await newRun();
    const stranger = randomUUID();
    await expect(recorder.record(stranger, entry(runId, { points: [point(1, 1)] }))).rejects.toThrow('not found');
    expect(await db.inTenant(stranger, (tx) => readPoints(tx, { runId, key: 'loss' }, 10))).toBeUndefined();
  });
});
