import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../server/test/app.ts';
import { type BadLine, startBadLine } from './bad_line.fixture.ts';
import { createMaestro, type Maestro } from './maestro.ts';
import type { MaestroError } from './problem.ts';

let app: TestApp;
let line: BadLine;
let maestro: Maestro;
beforeAll(async () => {
  app = await startTestApp();
  line = await startBadLine(app.url);
  maestro = createMaestro({ url: line.url, credentials: { apiKey: app.tenants.a.keys.ml_engineer } });
});
afterAll(async () => {
  await line?.stop();
  await app?.stop();
});

const refusalOf = (call: Promise<unknown>): Promise<MaestroError> =>
  call.then(
    () => expect.unreachable('it was not refused'),
    (error: unknown) => error as MaestroError,
  );
const asked = (options: object = {}) => maestro.GET('/experiments', { params: { query: { limit: 1 } }, ...options });

describe('a call that may be repeated', () => {
  test.each([
    { name: 'whose connection breaks before the server hears of it', trouble: { cut: 'before' } },
    { name: 'whose connection breaks before the answer', trouble: { cut: 'after' } },
    { name: 'whose answer breaks off', trouble: { cut: 20 } },
    { name: 'that a proxy has nobody to give to', trouble: { status: 503 } },
    { name: 'whose answer does not reach the proxy', trouble: { status: 502 } },
  ] as const)('$name is made again', async ({ trouble }) => {
    line.meet(trouble, trouble);
    expect((await asked()).data.items).toHaveLength(1);
    expect(line.seen).toHaveLength(3);
  });

  test('is made again no earlier than Retry-After says, in seconds or as a date', async () => {
    const began = Date.now();
    line.meet({ status: 503, retryAfter: '1' }, { status: 429, retryAfter: new Date(began + 3000).toUTCString() });
    await asked();
    expect(Date.now() - began).toBeGreaterThanOrEqual(2000 - 50);
    expect(line.seen).toHaveLength(3);
  });

  test('is a search, also by POST, and one that says so', async () => {
    line.meet({ cut: 'after' });
    await maestro.POST('/runs/search', { body: { experiment_ids: [0] } });
    expect(line.seen).toHaveLength(2);
    const { data: run } = await maestro.POST('/runs', { body: { experiment_id: 0 } });
    line.meet({ cut: 'after' });
    const params = { path: { run_id: run.run_id } };
    await maestro.PATCH('/runs/{run_id}', { params, body: { name: 'again' }, repeatable: true });
    expect(line.seen).toHaveLength(2);
  });

  test('ends with the last refusal where it passes too late', async () => {
    line.meet(...Array.from({ length: 9 }, () => ({ status: 503 })));
    const refusal = await refusalOf(asked({ retries: 1 }));
    expect(refusal).toMatchObject({ name: 'MaestroError', status: 503, code: 'unknown' });
    expect(line.seen).toHaveLength(2);
    line.meet({ cut: 'before' });
    await expect(asked({ retries: 0 })).rejects.toThrow(TypeError);
    expect(line.seen).toHaveLength(1);
  });

  test('is given up where it would have to wait for long, and tells how long', async () => {
    line.meet({ status: 503, retryAfter: '3600' });
    expect(await refusalOf(asked())).toMatchObject({ status: 503, retryAfterSeconds: 3600 });
    expect(line.seen).toHaveLength(1);
  });

  test('is given up at once where its signal says so, also between two attempts', async () => {
    line.meet({ status: 503, retryAfter: '30' });
    const began = Date.now();
    await expect(asked({ signal: AbortSignal.timeout(300) })).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(Date.now() - began).toBeLessThan(5000);
    expect(line.seen).toHaveLength(1);
  });

  test('is not made again where what is wrong is in the call', async () => {
    line.meet();
    const missing = maestro.GET('/runs/{run_id}', { params: { path: { run_id: '0'.repeat(32) } } });
    expect(await refusalOf(missing)).toMatchObject({ status: 404, code: 'not_found', retryAfterSeconds: undefined });
    expect(line.seen).toHaveLength(1);
  });
});

describe('a call that makes something', () => {
  const make = (name: string) => maestro.POST('/experiments', { body: { name } });

  test('is made once, whatever becomes of its answer', async () => {
    for (const trouble of [{ cut: 'after' }, { status: 503 }, { status: 503, retryAfter: '0' }] as const) {
      line.meet(trouble);
      await expect(make(randomUUID())).rejects.toThrow();
      expect(line.seen).toHaveLength(1);
    }
  });

  test('is made again where it was refused for its number: it was not carried out', async () => {
    line.meet({ status: 429, retryAfter: '0' });
    const name = randomUUID();
    expect((await make(name)).data.name).toBe(name);
    expect(line.seen).toHaveLength(2);
  });
});

test('what the server refuses for the tenant’s number is waited for', async () => {
  const allowed = { as: app.operatorKey, json: { requests_per_second: 3 } };
  expect((await app.send('PATCH', '/api/v1/tenants/tenant-b', allowed)).status).toBe(200);
  line.meet();
  const other = createMaestro({ url: line.url, credentials: { apiKey: app.tenants.b.keys.viewer } });
  await Promise.all(Array.from({ length: 6 }, () => other.GET('/experiments')));
  expect(line.seen.length).toBeGreaterThan(6);
});
