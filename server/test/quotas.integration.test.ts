import { randomUUID } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { startTestApp, type TestApp } from './app.ts';
import { startTestRedis, type TestRedis } from './redis.ts';

let app: TestApp;
let key: string;
let slug: string;
let tenantId: string;
let runId: string;

beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.stop());

const operator = (method: string, path: string, json?: unknown) =>
  app.send(method, `/api/v1${path}`, { as: app.operatorKey, ...(json === undefined ? {} : { json }) });

async function made<Body>(answer: Promise<{ status: number; body: unknown; text: string }>): Promise<Body> {
  const { status, body, text } = await answer;
  expect(status, text).toBeLessThan(300);
  return body as Body;
}

/** A tenant of the test's own, with a run. */
beforeEach(async () => {
  slug = `t-${randomUUID().slice(0, 8)}`;
  ({ id: tenantId } = await made<{ id: string }>(operator('POST', '/tenants', { slug })));
  ({ key } = await made<{ key: string }>(
    operator('POST', `/tenants/${slug}/keys`, { name: 'k', role: 'tenant_admin' }),
  ));
  const run = app.send('POST', '/api/v1/runs', { as: key, json: { experiment_id: 0 } });
  ({ run_id: runId } = await made<{ run_id: string }>(run));
});

const allow = (limits: Record<string, unknown>) => made(operator('PATCH', `/tenants/${slug}`, limits));
const put = (path: string, body: string | Uint8Array) =>
  app.send('PUT', `/api/v1/runs/${runId}/files/content?path=${path}`, { as: key, body });
const remove = (path: string) => app.send('DELETE', `/api/v1/runs/${runId}/files/content?path=${path}`, { as: key });
const bytes = (length: number) => new Uint8Array(length).fill(120);

interface Usage {
  users: { used: number; max: number };
  storage_bytes: { used: number; max: number | null };
  requests_per_second: { used: number; max: number | null };
}
const usage = () => made<Usage>(app.send('GET', '/api/v1/tenant/usage', { as: key }));
const used = async () => (await usage()).storage_bytes.used;
const stored = () => app.ports.blobs.measure(tenantId, async (size) => size);

/** Sends a body in chunks, whose length nobody knows; breaks off where `end` says so. */
function putChunks(path: string, chunks: Uint8Array[], end = true): Promise<number> {
  return new Promise((resolve, reject) => {
    const url = new URL(`/api/v1/runs/${runId}/files/content?path=${path}`, app.url);
    const request = httpRequest(url, { method: 'PUT', headers: { authorization: `Bearer ${key}` } });
    request.on('response', (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.on('error', (error) => (end ? reject(error) : resolve(0)));
    for (const chunk of chunks) request.write(chunk);
    if (end) request.end();
    else request.flushHeaders();
    if (!end) setImmediate(() => request.destroy());
  });
}

describe('the storage of a tenant', () => {
  test('takes no more than its limit from uploads at once, and all that fits', async () => {
    await allow({ max_storage_bytes: 10_000 });
    const answers = await Promise.all(Array.from({ length: 30 }, (_, i) => put(`f${i}`, bytes(1000))));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(10);
    for (const { status, body } of answers) {
      if (status !== 200) expect(body).toMatchObject({ status: 413, type: 'urn:maestro:error:too_large' });
    }
    expect(await used()).toBe(10_000);
    expect(await stored()).toBe(10_000);
  });

  test('takes no more from bodies whose length nobody knows before', async () => {
    await allow({ max_storage_bytes: 10_000 });
    const statuses = await Promise.all(
      Array.from({ length: 12 }, (_, i) => putChunks(`c${i}`, [bytes(500), bytes(500), bytes(500)]).catch(() => 413)),
    );
    expect(statuses.filter((status) => status === 200).length).toBeLessThanOrEqual(6);
    expect(await stored()).toBeLessThanOrEqual(10_000);
    await vi.waitUntil(async () => (await used()) === (await stored()));
    for (let i = 20; (await putChunks(`c${i}`, [bytes(500), bytes(500)])) === 200; i++) expect(i).toBeLessThan(40);
    expect(await stored()).toBeGreaterThan(9_000);
    expect(await used()).toBe(await stored());
  });

  test('is given back by overwriting, deleting a file and deleting a directory', async () => {
    await allow({ max_storage_bytes: 10_000 });
    await made(put('a/one', bytes(4000)));
    await made(put('a/one', bytes(3000)));
    expect(await used()).toBe(3000);
    await made(put('a/b/two', bytes(2000)));
    await made(put('three', bytes(1000)));
    expect(await used()).toBe(6000);
    await made(remove('three'));
    expect(await used()).toBe(5000);
    await made(remove('a'));
    expect(await used()).toBe(0);
  });

  test('is counted exactly however uploads, overwrites and deletions meet', async () => {
    await allow({ max_storage_bytes: 60_000 });
    const paths = ['x/a', 'x/b', 'x/y/c', 'd'];
    const pick = () => paths[Math.floor(Math.random() * paths.length)] as string;
    const acts = Array.from({ length: 200 }, (_, i) => async () => {
      if (i % 5 === 0) return remove(i % 10 === 0 ? 'x' : pick());
      return put(pick(), bytes(1 + Math.floor(Math.random() * 9000)));
    });
    const workers = Array.from({ length: 12 }, async () => {
      for (let act = acts.pop(); act; act = acts.pop()) expect([200, 404, 413, 503]).toContain((await act()).status);
    });
    await Promise.all(workers);
    expect(await used()).toBe(await stored());
    expect(await stored()).toBeLessThanOrEqual(60_000);
  }, 60_000);

  test('is given back when an upload breaks off', async () => {
    await allow({ max_storage_bytes: 40_000_000 });
    await putChunks('broken', [bytes(300_000)], false);
    await vi.waitUntil(async () => (await used()) === 0, { timeout: 5000 });
    expect(await stored()).toBe(0);
  });

  test('counts parts of uploads, and gives them back when they are joined, replaced or dropped', async () => {
    await allow({ max_storage_bytes: 10_000 });
    const files = '/api/2.0/mlflow-artifacts';
    const send = (method: string, path: string, json?: unknown) =>
      app.send(method, path, { as: key, ...(json === undefined ? {} : { json }) });
    const begin = async () =>
      (await made<{ upload_id: string }>(send('POST', `${files}/mpu/create/d`, { path: 'f', num_parts: 2 }))).upload_id;
    const part = (id: string, number: number, length: number) =>
      app.send('PUT', `${files}/mpu/parts/${id}/${number}`, { as: key, body: bytes(length) });
    const etag = ({ headers }: { headers: Headers }) => headers.get('etag') ?? '';

    const id = await begin();
    await part(id, 1, 4000);
    const one = await part(id, 1, 3000);
    const two = await part(id, 2, 2000);
    const unused = await part(id, 3, 1000);
    expect([one.status, two.status, unused.status]).toEqual([200, 200, 200]);
    expect(await used()).toBe(6000);
    expect((await part(id, 4, 5000)).status).toBe(400);
    const parts = [one, two].map((answer, index) => ({ part_number: index + 1, etag: etag(answer), url: '' }));
    await made(send('POST', `${files}/mpu/complete/d`, { path: 'f', upload_id: id, parts }));
    expect(await used()).toBe(5000);
    expect(await stored()).toBe(5000);
    // Again, over the file that is there now.
    await made(send('POST', `${files}/mpu/complete/d`, { path: 'f', upload_id: id, parts }));
    expect(await used()).toBe(5000);

    const dropped = await begin();
    expect((await part(dropped, 1, 5000)).status).toBe(200);
    expect((await part(dropped, 2, 1)).status).toBe(400);
    await made(send('POST', `${files}/mpu/abort/d`, { path: 'f', upload_id: dropped }));
    expect(await used()).toBe(5000);
    expect(await stored()).toBe(5000);
  });

  test('refuses on the MLflow face too, in its words, and keeps what is there', async () => {
    await allow({ max_storage_bytes: 1000 });
    await made(put('kept', bytes(900)));
    const url = `/api/2.0/mlflow-artifacts/artifacts/0/${runId}/artifacts/kept`;
    const refused = await app.send('PUT', url, { as: key, body: bytes(200) });
    expect(refused.status).toBe(400);
    expect(refused.body).toMatchObject({ error_code: 'INVALID_PARAMETER_VALUE' });
    expect(refused.text).toContain('1000 bytes');
    expect((await app.send('GET', url, { as: key })).text).toHaveLength(900);
  });

  test('has a limit that, changed, is in force with the next request; a lower one refuses only what is new', async () => {
    await made(put('a', bytes(2000)));
    await allow({ max_storage_bytes: 1000 });
    expect((await put('b', bytes(1))).status).toBe(413);
    expect((await usage()).storage_bytes).toEqual({ used: 2000, max: 1000 });
    await allow({ max_storage_bytes: null });
    expect((await put('b', bytes(5000))).status).toBe(200);
    expect((await usage()).storage_bytes).toEqual({ used: 7000, max: null });
  });

  test('that is full does not concern another tenant', async () => {
    await allow({ max_storage_bytes: 0 });
    expect((await put('a', bytes(1))).status).toBe(413);
    const other = app.tenants.a.keys.ml_engineer;
    const run = await made<{ run_id: string }>(
      app.send('POST', '/api/v1/runs', { as: other, json: { experiment_id: 0 } }),
    );
    const url = `/api/v1/runs/${run.run_id}/files/content?path=a`;
    expect((await app.send('PUT', url, { as: other, body: bytes(1) })).status).toBe(200);
  });

  test('counted too much by a crash is mended by an operator’s recount, which is audited', async () => {
    await made(put('a', bytes(2000)));
    await app.ports.db.inTenant(tenantId, (tx) =>
      tx.sql(`UPDATE maestro.tenant_counters SET value = 9999 WHERE tenant_id = $1 AND name = 'storage_bytes'`, [
        tenantId,
      ]),
    );
    expect((await operator('POST', `/tenants/${slug}/recount-storage`)).body).toEqual({ storage_bytes: 2000 });
    expect(await used()).toBe(2000);
    const [event] = await app.ports.db.inTenant(tenantId, (tx) =>
      tx.sql(
        `SELECT action, outcome FROM maestro.audit_events WHERE tenant_id = $1 AND action = 'tenant.recount_storage'`,
        [tenantId],
      ),
    );
    expect(event).toEqual({ action: 'tenant.recount_storage', outcome: 'success' });
  });
});

test('no more members get in at once than the tenant may have', async () => {
  await allow({ max_users: 3 });
  const emails = Array.from({ length: 10 }, () => `${randomUUID()}@example.org`);
  for (const email of emails) await made(operator('POST', '/users', { email }));
  const answers = await Promise.all(
    emails.map((email) => app.send('POST', '/api/v1/members', { as: key, json: { email, role: 'viewer' } })),
  );
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(3);
  expect((await usage()).users).toEqual({ used: 3, max: 3 });
});

describe('the requests of a tenant', () => {
  /** How many of some requests at once are let in; of a second that begins with them. */
  const letIn = async (count: number, path: string) => {
    const answers = await Promise.all(Array.from({ length: count }, () => app.send('GET', path, { as: key })));
    return { passed: answers.filter(({ status }) => status === 200).length, answers };
  };

  test.each(['/api/v1/experiments/0', '/api/2.0/mlflow/experiments/get?experiment_id=0'])(
    'beyond its limit of a second get 429 with Retry-After and RateLimit: %s',
    async (path) => {
      await allow({ requests_per_second: 5 });
      const { passed, answers } = await letIn(60, path);
      // The burst may lie in more than one second.
      expect(passed).toBeGreaterThanOrEqual(5);
      expect(passed).toBeLessThanOrEqual(15);
      const refused = answers.find(({ status }) => status === 429);
      expect(refused?.headers.get('retry-after')).toBe('1');
      expect(refused?.headers.get('ratelimit-policy')).toBe('"tenant";q=5;w=1');
      expect(refused?.headers.get('ratelimit')).toBe('"tenant";r=0;t=1');
      await vi.waitUntil(async () => (await app.send('GET', path, { as: key })).status === 200, {
        interval: 100,
        timeout: 3000,
      });
    },
  );

  test('say in each answer how many are left, and nothing where there is no limit', async () => {
    const get = (path: string) => app.send('GET', path, { as: key });
    const paths = [
      '/api/v1/experiments/0',
      '/api/2.0/mlflow/experiments/get?experiment_id=0',
      '/api/v1/experiments/77',
    ];
    for (const path of paths) expect((await get(path)).headers.get('ratelimit')).toBeNull();
    await allow({ requests_per_second: 500 });
    const left = [];
    for (const path of paths) {
      const { headers } = await get(path);
      expect(headers.get('ratelimit-policy')).toBe('"tenant";q=500;w=1');
      const [, remaining] = /^"tenant";r=(\d+);t=1$/.exec(headers.get('ratelimit') ?? '') ?? [];
      left.push(Number(remaining));
    }
    for (const remaining of left) expect(remaining).toBeLessThan(500);
    expect(Math.min(...left)).toBeGreaterThan(490);
  });

  test('concern neither another tenant nor health nor signing in', async () => {
    await allow({ requests_per_second: 1 });
    await letIn(20, '/api/v1/experiments/0');
    const other = app.tenants.b.keys.viewer;
    for (let i = 0; i < 5; i++) {
      expect((await app.send('GET', '/api/v1/experiments/0', { as: other })).status).toBe(200);
      expect((await app.send('GET', '/health')).status).toBe(200);
      expect((await app.send('GET', '/api/v1/auth/me', { as: key })).status).toBe(200);
    }
    const { email, password } = app.admin;
    expect((await app.send('POST', '/api/v1/auth/login', { json: { email, password } })).status).toBe(200);
  });

  test('are counted only for who may enter it', async () => {
    await allow({ requests_per_second: 1 });
    const { viewer } = app.tenants.b.keys;
    for (let i = 0; i < 10; i++) {
      const headers = { 'x-mlflow-workspace': slug };
      expect((await app.send('GET', '/api/v1/experiments/0', { as: viewer, headers })).status).toBe(404);
    }
    expect((await app.send('GET', '/api/v1/experiments/0', { as: key })).status).toBe(200);
  });

  test('have a limit that, changed, is in force with the next request', async () => {
    await allow({ requests_per_second: 1 });
    expect((await letIn(10, '/api/v1/experiments/0')).passed).toBeLessThan(10);
    await allow({ requests_per_second: null });
    expect((await letIn(10, '/api/v1/experiments/0')).passed).toBe(10);
    expect((await usage()).requests_per_second.max).toBeNull();
  });
});

test('a server’s limit of requests holds for every tenant without one of its own', async () => {
  const limited = await startTestApp({ requestsPerSecond: 3 });
  try {
    const { viewer } = limited.tenants.a.keys;
    const calls = Array.from({ length: 40 }, () => limited.send('GET', '/api/v1/experiments/0', { as: viewer }));
    const passed = (await Promise.all(calls)).filter(({ status }) => status === 200).length;
    expect(passed).toBeGreaterThanOrEqual(3);
    expect(passed).toBeLessThanOrEqual(9);
  } finally {
    await limited.stop();
  }
});

describe.each(['in one process', 'in two processes with Redis'])('a flood of some seconds, %s', (where) => {
  let redis: TestRedis | undefined;
  const apps: TestApp[] = [];
  beforeAll(async () => {
    if (where.includes('Redis')) redis = await startTestRedis();
    const options = { requestsPerSecond: 20, ...(redis ? { redis: redis.url } : {}) };
    apps.push(await startTestApp(options));
    if (redis) apps.push(await startTestApp({ ...options, beside: apps[0]! }));
  });
  afterAll(async () => {
    for (const one of apps.reverse()) await one.stop();
    await redis?.remove();
  });

  test('gets the limit of each second and at most that of one more, and never stands still', async () => {
    const as = apps[0]!.tenants.a.keys.viewer;
    const lasts = 3_000;
    const begun = performance.now();
    const passed: number[] = [];
    const others = new Set<string>();
    const flood = Array.from({ length: 8 }, async (_, n) => {
      while (performance.now() - begun < lasts) {
        const { status, headers } = await apps[n % apps.length]!.send('GET', '/api/v1/experiments/0', { as });
        if (status === 200) passed.push(performance.now() - begun);
        else others.add(`${status} ${headers.get('retry-after')} ${headers.get('ratelimit')}`);
      }
    });
    await Promise.all(flood);
    const seconds = (performance.now() - begun) / 1000;
    expect(passed.length).toBeLessThanOrEqual(20 * (Math.floor(seconds) + 1));
    expect(passed.length).toBeGreaterThanOrEqual(40);
    expect([...others]).toEqual(['429 1 "tenant";r=0;t=1']);
  });
});

test.each([
  [{ max_storage_bytes: -1 }, 'max_storage_bytes'],
  [{ max_storage_bytes: 1.5 }, 'max_storage_bytes'],
  [{ requests_per_second: 0 }, 'requests_per_second'],
  [{ requests_per_second: '5' }, 'requests_per_second'],
])('%j is no limit, and the field is named', async (limits, field) => {
  const refused = await operator('PATCH', `/tenants/${slug}`, limits);
  expect(refused.status).toBe(400);
  expect(refused.text).toContain(field);
});
