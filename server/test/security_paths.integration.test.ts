import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from './app.ts';

// What climbs out of a file's path is walked route by route in mlflow/files.integration.test.ts; here are the other ways.

const mlflow = '/api/2.0/mlflow';
let app: TestApp;
let as: string;
let runId: string;
let bait: Server;
let baitUrl: string;
const bites: string[] = [];

beforeAll(async () => {
  app = await startTestApp();
  as = app.tenants.a.keys.ml_engineer;
  const made = await app.send('POST', '/api/v1/runs', { as, json: { experiment_id: 0 } });
  runId = (made.body as { run_id: string }).run_id;
  bait = createServer((request, response) => {
    bites.push(String(request.url));
    response.end('the inside');
  });
  await new Promise<void>((resolve) => bait.listen(0, '127.0.0.1', resolve));
  baitUrl = `http://127.0.0.1:${(bait.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await app?.stop();
  await new Promise((resolve) => bait?.close(resolve));
});

const post = (path: string, json: unknown) => app.send('POST', path, { as, json });
let count = 0;
const name = () => `experiment ${count++}`;

describe('an artifact_location', () => {
  test.each([
    '/etc',
    'etc/passwd',
    './files',
    'file:///etc',
    'FILE:/etc',
    'file:etc',
    'C:\\Windows',
    '\\\\host\\share',
    'runs:/abc/files',
    'mlflow-artifacts:/../../etc',
    'mlflow-artifacts:/a/%2e%2e/%2e%2e/etc',
    'mlflow-artifacts:/a/%252e%252e/etc',
    'mlflow-artifacts:/a/%25252e%25252e/etc',
    'mlflow-artifacts:/a\\..\\..\\etc',
    'mlflow-artifacts:/a\u0000b',
    's3://bucket/../other',
    'http://host/a/?x=../../etc',
    'mlflow-artifacts:/a#/../../etc',
    'mlflow-artifacts:/a;/../../etc',
  ])('that names files of a machine, or climbs, is refused on both faces: %j', async (artifact_location) => {
    const ours = await post('/api/v1/experiments', { name: name(), artifact_location });
    const theirs = await post(`${mlflow}/experiments/create`, { name: name(), artifact_location });
    expect([ours.status, theirs.status], ours.text).toEqual([400, 400]);
  });

  test.each(['http', 'https', 's3', 'gs', 'abfss', 'ftp', 'dbfs', 'hdfs', 'gopher'])(
    'of another store is never fetched by the server, whatever is asked of its files: %s',
    async (scheme) => {
      const made = await post('/api/v1/experiments', {
        name: name(),
        artifact_location: `${baitUrl.replace('http:', `${scheme}:`)}/inside`,
      });
      expect(made.status, made.text).toBe(201);
      const { experiment_id } = made.body as { experiment_id: number };
      const { run_id: id } = (await post('/api/v1/runs', { experiment_id })).body as { run_id: string };
      const answers = [
        await app.send('GET', `/api/v1/runs/${id}/files`, { as }),
        await app.send('GET', `/api/v1/runs/${id}/files/content?path=a`, { as }),
        await app.send('PUT', `/api/v1/runs/${id}/files/content?path=a`, { as, body: 'x' }),
        await app.send('DELETE', `/api/v1/runs/${id}/files/content?path=a`, { as }),
        await app.send('GET', `${mlflow}/artifacts/list?run_id=${id}`, { as }),
        await app.send('GET', `/get-artifact?run_id=${id}&path=a`, { as }),
        await app.send('POST', `/ajax-api/2.0/mlflow/upload-artifact?run_uuid=${id}&path=a`, { as, body: 'x' }),
        await post(`${mlflow}/artifacts/presigned-download-url`, { run_id: id, path: 'a' }),
      ];
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 400));
      expect(answers.some(({ text }) => text.includes('the inside'))).toBe(false);
      expect(bites).toEqual([]);
    },
  );
});

describe('what a run says of its sources', () => {
  test('is text: a source, a dataset and a tag that name files or addresses are never read', async () => {
    const source = ['file:///etc/passwd', '/etc/passwd', `${baitUrl}/inside`, '../../../../etc/passwd'];
    for (const text of source) {
      const dataset = { name: 'd', digest: 'x', source_type: 'local', source: text };
      const logged = await post(`${mlflow}/runs/log-inputs`, { run_id: runId, datasets: [{ dataset }] });
      expect(logged.status, logged.text).toBe(200);
      await post(`${mlflow}/runs/set-tag`, { run_id: runId, key: 'mlflow.source.name', value: text });
      const seen = await app.send('GET', `/api/v1/runs/${runId}`, { as });
      expect(seen.text).not.toMatch(/root:.*:0:0|the inside/);
    }
    expect(bites).toEqual([]);
  });

  test('never opens a model version: there is no route that takes a source of one', async () => {
    for (const source of ['file:///etc', 'runs:/../../etc', `${baitUrl}/inside`]) {
      const made = await post(`${mlflow}/model-versions/create`, { name: 'm', source });
      expect([made.status, bites]).toEqual([404, []]);
    }
  });
});

describe('an address in a message', () => {
  test.each([
    ['/api/2.0/mlflow/webhooks', 'url'],
    ['/api/2.0/mlflow/webhooks/1/test', 'url'],
    ['/api/v1/webhooks', 'url'],
    ['/ajax-api/2.0/mlflow/gateway-proxy', 'gateway_path'],
    ['/api/3.0/mlflow/gateway/endpoints/create', 'base_url'],
    ['/api/v1/gateway/endpoints', 'base_url'],
    ['/api/2.0/mlflow/model-versions/create', 'source'],
    ['/api/v1/experiments', 'callback_url'],
    ['/api/2.0/mlflow/experiments/create', 'callback_url'],
  ])('is called by nobody, whoever sends it: %s, %s', async (path, field) => {
    for (const who of [as, app.tenants.a.keys.tenant_admin, app.operatorKey]) {
      await app.send('POST', path, { as: who, json: { name: name(), [field]: `${baitUrl}/inside`, events: [] } });
    }
    await app.ports.identity.behind.idle();
    expect(bites).toEqual([]);
  });
});

describe('a path of a file', () => {
  test('that was decoded once, twice or nine times is the same file: no reader sees another one', async () => {
    const path = 'a b/ü.txt';
    const put = (given: string, body: string) =>
      app.send('PUT', `/api/v1/runs/${runId}/files/content?path=${encodeURIComponent(given)}`, { as, body });
    let encoded = path;
    for (let times = 0; times < 8; times += 1) {
      expect((await put(encoded, String(times))).status).toBeLessThan(300);
      expect((await app.send('GET', `/get-artifact?run_id=${runId}&path=a%20b/%C3%BC.txt`, { as })).text).toBe(
        String(times),
      );
      encoded = encodeURIComponent(encoded);
    }
  });

  test('that is encoded again and again is refused rather than followed', async () => {
    let path = '../x';
    for (let times = 0; times < 14; times += 1) path = encodeURIComponent(path).replaceAll('.', '%2e');
    const answer = await app.send('GET', `/get-artifact?run_id=${runId}&path=${path}`, { as });
    expect(answer.status).toBe(400);
  });

  test.each([
    ['upload_id', `/api/2.0/mlflow-artifacts/mpu/parts/${encodeURIComponent('../../x')}/1`],
    ['upload_id', `/api/2.0/mlflow-artifacts/mpu/parts/${encodeURIComponent('/etc/x')}/1`],
    ['number', `/api/2.0/mlflow-artifacts/mpu/parts/${'0'.repeat(32)}/..`],
    ['number', `/api/2.0/mlflow-artifacts/mpu/parts/${'0'.repeat(32)}/${encodeURIComponent('../1')}`],
  ])('is not reached by the %s of an upload in parts: %s', async (_part, path) => {
    const { status } = await app.send('PUT', path, { as, body: 'x' });
    expect([400, 404]).toContain(status);
  });

  test.each(['x.zip', 'x.tar', 'x.tar.gz', 'model.pkl', 'model/python_model.pkl'])(
    'that ends in an archive’s or a pickle’s name is bytes: nothing is unpacked, loaded or looked into: %s',
    async (path) => {
      const left = join(tmpdir(), `maestro-was-here-${randomUUID()}`);
      // A pickle that would run a command, and a tar whose member climbs.
      const body = path.endsWith('pkl')
        ? `cos\nsystem\n(S'touch ${left}'\ntR.`
        : `../../../..${left}${'\u0000'.repeat(600)}`;
      const url = `/api/v1/runs/${runId}/files/content?path=${path}`;
      expect((await app.send('PUT', url, { as, body })).status).toBeLessThan(300);
      const listed = await app.send('GET', `/api/v1/runs/${runId}/files?path=${path}`, { as });
      expect(listed.text).not.toContain('maestro-was-here');
      expect((await app.send('GET', url, { as })).text).toBe(body);
      expect(existsSync(left)).toBe(false);
    },
  );

  test('of one tenant is in no other tenant’s tree, by whatever prefix it is asked for', async () => {
    const url = `/api/v1/runs/${runId}/files/content?path=mine.txt`;
    await app.send('PUT', url, { as, body: 'a secret of tenant a' });
    const { id, slug } = app.tenants.a;
    const other = app.tenants.b.keys.tenant_admin;
    for (const path of [
      `0/${runId}/artifacts/mine.txt`,
      `${id}/0/${runId}/artifacts/mine.txt`,
      `${slug}/0/${runId}/artifacts/mine.txt`,
      `files/${id}/0/${runId}/artifacts/mine.txt`,
    ]) {
      const sent = await app.send('GET', `/api/2.0/mlflow-artifacts/artifacts/${path}`, { as: other });
      expect([sent.status, sent.text.includes('secret')], path).toEqual([404, false]);
    }
  });
});
