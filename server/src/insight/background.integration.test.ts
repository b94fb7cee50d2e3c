import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';
import type { TenantTx } from '../db/tenancy.ts';
import { type BackgroundOptions, type Job, startBackground } from './background.ts';
import { type Due, markDue } from './due.ts';
import { takeDue } from './due_queries.ts';
import { inThread } from './thread.ts';

let app: TestApp;
let tenantId: string;
const running: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app?.stop());
/** A tenant of the test's own. */
beforeEach(async () => {
  const json = { slug: `t-${randomUUID().slice(0, 8)}` };
  const made = await app.send('POST', '/api/v1/tenants', { as: app.operatorKey, json });
  ({ id: tenantId } = made.body as { id: string });
});
afterEach(async () => {
  for (const one of running.splice(0)) await one.close();
});

const db = () => app.ports.db;
const mark = (...what: Due[]) => db().inTenant(tenantId, async (tx) => markDue(tx, ...what));
const marks = () =>
  db().inTenant(tenantId, (tx) =>
    tx.sql<{ what: string; marks: number; failures: number; worker: string | null }>(
      'SELECT what, marks, failures, worker FROM maestro.insight_due WHERE tenant_id = $1 ORDER BY what',
      [tenantId],
    ),
  );
const counter = (tx: TenantTx) =>
  tx.sql(
    `INSERT INTO maestro.tenant_counters AS c (tenant_id, name, value) VALUES ($1, 'test', 1)
     ON CONFLICT (tenant_id, name) DO UPDATE SET value = c.value + 1`,
    [tx.tenantId],
  );
const written = async () => {
  const rows = await db().inTenant(tenantId, (tx) =>
    tx.sql<{ value: number }>(`SELECT value FROM maestro.tenant_counters WHERE tenant_id = $1 AND name = 'test'`, [
      tenantId,
    ]),
  );
  return rows[0]?.value ?? 0;
};
/** A job that counts in the database how often it was done to the end; `during` runs while it computes. */
const counting = (during: (signal: AbortSignal) => Promise<unknown> = async () => undefined): Job => ({
  what: 'impact',
  async run(_db, id, signal) {
    if (id === tenantId) await during(signal);
    return async (tx) => {
      await counter(tx);
    };
  },
});
function start(job: Job, options: Partial<BackgroundOptions> = {}) {
  const one = startBackground({ ports: app.ports, jobs: [job], debounceMs: 10, ...options });
  running.push(one);
  return one;
}
const until = (check: () => Promise<unknown>) => vi.waitFor(check, { timeout: 10_000, interval: 20 });

test('what a committed transaction marked is done, and its mark goes in the transaction of the result', async () => {
  start(counting());
  await mark('impact');
  await until(async () => expect([await written(), await marks()]).toEqual([1, []]));
});

test('a transaction that fails marks nothing', async () => {
  const failing = db().inTenant(tenantId, async (tx) => {
    markDue(tx, 'impact');
    throw new Error('no outcome');
  });
  await expect(failing).rejects.toThrow('no outcome');
  expect(await marks()).toEqual([]);
});

test('marks that a process left are done by the next one that starts, and those of other kinds are let be', async () => {
  await mark('impact', 'model');
  start(counting());
  await until(async () => expect(await written()).toBe(1));
  expect(await marks()).toMatchObject([{ what: 'model', marks: 1 }]);
});

test('a mark that comes while its work is under way is not lost: it is done again', async () => {
  let times = 0;
  start(counting(async () => (times++ === 0 ? mark('impact') : undefined)));
  await mark('impact');
  await until(async () => expect([await written(), await marks()]).toEqual([2, []]));
});

test('of two workers one does the work', async () => {
  let now = 0;
  let most = 0;
  const job = counting(async () => {
    most = Math.max(most, ++now);
    await new Promise((resolve) => setTimeout(resolve, 150));
    now -= 1;
  });
  start(job);
  start(job);
  await mark('impact');
  await until(async () => expect(await marks()).toEqual([]));
  expect([most, await written()]).toEqual([1, 1]);
});

test('work whose worker died is taken over once its lease ends, and no earlier', async () => {
  await mark('impact');
  const worker = randomUUID();
  const dead = { what: 'impact', worker, leaseMs: 700 } as const;
  const diedAt = performance.now();
  expect(await db().inTenant(tenantId, (tx) => takeDue(tx, dead))).toBe(1);
  start(counting());
  await until(async () => expect(await written()).toBe(1));
  expect(performance.now() - diedAt).toBeGreaterThan(690);
});

test('a worker that lives keeps its lease, however long the work takes', async () => {
  const job = counting(() => new Promise((resolve) => setTimeout(resolve, 900)));
  start(job, { leaseMs: 200 });
  await mark('impact');
  await until(async () => expect(await marks()).toMatchObject([{ worker: expect.any(String) }]));
  start(job, { leaseMs: 200 });
  await until(async () => expect(await marks()).toEqual([]));
  expect(await written()).toBe(1);
});

test('work that fails leaves nothing, is tried again, and keeps no other tenant waiting', async () => {
  let times = 0;
  const other = app.tenants.b.id;
  const job: Job = {
    what: 'impact',
    async run(_db, id) {
      if (id === tenantId && times++ < 2) throw new Error('it fails');
      return async (tx) => {
        await counter(tx);
      };
    },
  };
  start(job, { retryMs: 100 });
  await mark('impact');
  await until(async () => expect(times).toBeGreaterThan(0));
  await db().inTenant(other, async (tx) => markDue(tx, 'impact'));
  await until(async () => expect([await written(), await marks()]).toEqual([1, []]));
  expect(times).toBe(3);
  const [done] = await db().inTenant(other, (tx) =>
    tx.sql(`SELECT value FROM maestro.tenant_counters WHERE tenant_id = $1 AND name = 'test'`, [other]),
  );
  expect(done).toEqual({ value: 1 });
});

test('nothing is written for a tenant that was deleted meanwhile', async () => {
  let ended = false;
  const job = counting(async () => {
    await db().inTenant(tenantId, (tx) => tx.sql('DELETE FROM maestro.insight_due WHERE tenant_id = $1', [tenantId]));
    ended = true;
  });
  const one = start(job);
  await mark('impact');
  await until(async () => expect(ended).toBe(true));
  await one.close();
  expect([await written(), await marks()]).toEqual([0, []]);
});

test('closing ends a thread that computes, and its work is free for the next process at once', async () => {
  const endless = new URL('data:text/javascript,for (;;) {}');
  const one = start(counting((signal) => inThread(endless, {}, signal)));
  await mark('impact');
  await until(async () => expect(await marks()).toMatchObject([{ worker: expect.any(String) }]));
  await one.close();
  expect(await marks()).toMatchObject([{ what: 'impact', worker: null, failures: 0 }]);
  start(counting());
  await until(async () => expect([await written(), await marks()]).toEqual([1, []]));
});

test('a thread sees nothing of the environment, and what it throws is thrown', async () => {
  const { signal } = new AbortController();
  const told = new URL(
    `data:text/javascript,import { parentPort, workerData } from 'node:worker_threads';
     parentPort.postMessage({ path: process.env.PATH ?? null, twice: workerData * 2 });`,
  );
  expect(await inThread(told, 21, signal)).toEqual({ path: null, twice: 42 });
  const failing = new URL(`data:text/javascript,throw new Error('too much');`);
  await expect(inThread(failing, 0, signal)).rejects.toThrow('too much');
});
