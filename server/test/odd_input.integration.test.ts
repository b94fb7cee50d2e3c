import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withClient } from '../src/db/roles.ts';
import { startTestApp, type TestApp } from './app.ts';

const mlflow = '/api/2.0/mlflow';
const files = '/api/2.0/mlflow-artifacts/artifacts';

let maestro: TestApp;
let key: string;
let runId: string;
beforeAll(async () => {
  maestro = await startTestApp();
  key = maestro.tenants.a.keys.ml_engineer;
  const made = await maestro.send('POST', `${mlflow}/runs/create`, { as: key, json: { experiment_id: '0' } });
  runId = (made.body as { run: { info: { run_id: string } } }).run.info.run_id;
});
afterAll(() => maestro.stop());

const post = (path: string, body: string) =>
  maestro.send('POST', path, { as: key, body, headers: { 'content-type': 'application/json' } });
const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

describe('JSON that is nested deeper than the stack', () => {
  test.each([
    ['/runs/log-parameter', `{"run_id":"r","key":${nested(100_000)}}`],
    ['/runs/log-batch', `{"run_id":"r","metrics":[${nested(100_000)}]}`],
    ['/runs/update', `{"run_id":"r","status":${nested(100_000)}}`],
    ['/runs/log-model', `{"run_id":"0","model_json":${JSON.stringify(nested(100_000))}}`],
    ['/runs/create', nested(100_000)],
  ])('is refused by %s', async (path, body) => {
    expect((await post(mlflow + path, body.replaceAll('"r"', `"${runId}"`))).status).toBeGreaterThanOrEqual(400);
    expect((await post(mlflow + path, body)).status).toBeLessThan(500);
  });

  test('is refused by /api/v1', async () => {
    expect((await post('/api/v1/runs', `{"experiment_id":0,"tags":${nested(100_000)}}`)).status).toBe(400);
  });
});

describe('names that every JavaScript object has', () => {
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];

  test.each(names)('%s is a key of metrics, params and tags like any other', async (name) => {
    const entry = { metrics: [{ key: name, value: 1.5, timestamp: 1 }], params: [{ key: name, value: 'p' }] };
    const json = { run_id: runId, ...entry, tags: [{ key: name, value: 't' }] };
    expect((await maestro.send('POST', `${mlflow}/runs/log-batch`, { as: key, json })).status).toBe(200);
    const run = (await maestro.send('GET', `/api/v1/runs/${runId}`, { as: key })).text;
    for (const part of [`"${name}":1.5`, `"${name}":"p"`, `"${name}":"t"`]) expect(run).toContain(part);
  });

  test.each(names)('%s is no value of a metric', async (name) => {
    const json = { run_id: runId, key: 'm', value: name, timestamp: 1 };
    const refused = await maestro.send('POST', `${mlflow}/runs/log-metric`, { as: key, json });
    expect(refused.body).toMatchObject({ error_code: 'INVALID_PARAMETER_VALUE' });
    expect(refused.text).toContain("parameter 'value'");
  });

  test.each(names.flatMap((name) => [name, `x.${name}`]))('a file called %s is sent', async (name) => {
    await maestro.send('PUT', `${files}/odd/${name}`, { as: key, body: 'content' });
    const sent = await maestro.send('GET', `${files}/odd/${name}`, { as: key });
    expect([sent.status, sent.text]).toEqual([200, 'content']);
    expect(sent.headers.get('content-type')).toBe('application/octet-stream');
  });
});

describe('a search', () => {
  const search = (json: object) => maestro.send('POST', `${mlflow}/logged-models/search`, { as: key, json });

  test('with a page token that was tampered with is refused or answered, and never fails', async () => {
    for (const name of ['a', 'b', 'c']) {
      await maestro.send('POST', `${mlflow}/logged-models`, { as: key, json: { experiment_id: '0', name } });
    }
    const query = { experiment_ids: ['0'], max_results: 1, order_by: [{ field_name: 'metrics.m' }] };
    const { next_page_token: token } = (await search(query)).body as { next_page_token: string };
    const place = JSON.parse(Buffer.from(token, 'base64url').toString()) as unknown[];
    for (const at of place.keys()) {
      for (const value of [2 ** 31, -(2 ** 40), 1.5, 1e300, null, 'x', '\u0000', [], {}]) {
        const page_token = Buffer.from(JSON.stringify(place.with(at, value))).toString('base64url');
        expect((await search({ ...query, page_token })).status).toBeLessThan(500);
      }
    }
  });

  test('on more datasets than a statement has parameters is refused', async () => {
    const datasets = Array.from({ length: 40_000 }, (_, index) => ({ dataset_name: `d${index}`, dataset_digest: 'x' }));
    expect((await search({ experiment_ids: ['0'], datasets })).status).toBe(400);
  });

  test('with a filter of megabytes is refused', async () => {
    const json = { experiment_ids: ['0'], filter: `run_id IN (${Array(50_000).fill(`'${runId}'`).join(',')})` };
    const refused = await maestro.send('POST', `${mlflow}/runs/search`, { as: key, json });
    expect([refused.status, refused.text]).toEqual([400, expect.stringContaining('A filter holds at most')]);
  });
});

test('an error repeats no more than the beginning of what was sent', async () => {
  const long = 'x'.repeat(5_000_000);
  for (const body of [{ key: { a: long } }, { key: `\u0001${long}` }, { key: 'k', [long]: '\u0000' }]) {
    const sent = { as: key, json: { run_id: runId, value: 'v', ...body } };
    for (const path of [`${mlflow}/runs/log-parameter`, `/api/v1/runs/${runId}/log`]) {
      expect((await maestro.send('POST', path, sent)).text.length).toBeLessThan(50_000);
    }
  }
});

/** The status that answers the headers of a request whose body never comes. */
function answerToHeaders(method: string, path: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = request(maestro.url + path, { method, headers }, (response) => {
      resolve(response.statusCode);
      sent.destroy();
    });
    sent.on('error', reject);
    sent.flushHeaders();
  });
}

describe('a large body', () => {
  const json = { 'content-type': 'application/json' };

  test.each(['/api/v1/runs', `${mlflow}/runs/log-batch`, '/api/2.0/mlflow-artifacts/mpu/create/a', '/no/such/path'])(
    'of nobody is refused by %s before it comes',
    async (path) => {
      expect(await answerToHeaders('POST', path, { ...json, 'content-length': '10000000' })).toBe(401);
      expect(await answerToHeaders('POST', path, { ...json, 'transfer-encoding': 'chunked' })).toBe(401);
      const wrong = { ...json, authorization: 'Bearer mst_x', 'content-length': '10000000' };
      expect(await answerToHeaders('POST', path, wrong)).toBe(401);
    },
  );

  test.each(['login', 'refresh'])('is refused by %s before it comes', async (name) => {
    const path = `/api/v1/auth/${name}`;
    expect(await answerToHeaders('POST', path, { ...json, 'content-length': '100000' })).toBe(413);
  });
});

test('an attempt to enter a tenant that the caller is not in is audited', async () => {
  const headers = { 'x-mlflow-workspace': maestro.tenants.b.slug };
  expect((await maestro.send('GET', '/api/v1/experiments', { as: key, headers })).status).toBe(404);
  const events = await withClient(
    maestro.database.superuser,
    async (client) =>
      (
        await client.query(
          "SELECT action, target, outcome FROM maestro.operator_audit_events WHERE outcome = 'refused'",
        )
      ).rows,
  );
  expect(events).toContainEqual({ action: 'experiment.list', target: maestro.tenants.b.slug, outcome: 'refused' });
});
