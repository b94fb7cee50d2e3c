import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/postgres.ts';
import { type Database, openDatabase } from '../db/tenancy.ts';
import { serveFiles } from '../files/files_app.fixture.ts';
import { openDiskBlobs } from '../ports/blobs_disk.ts';

const acme = randomUUID();
const umbrella = randomUUID();
const run = randomUUID().replaceAll('-', '');
const foreignRun = randomUUID().replaceAll('-', '');
const noRun = '0'.repeat(32);
const files = '/api/2.0/mlflow-artifacts/artifacts';
const root = `${files}/1/${run}/artifacts`;

let url: string;
let app: FastifyInstance;
let db: Database;
let database: TestDatabase;
let directory: string;

interface Answer {
  status: number;
  headers: IncomingMessage['headers'];
  body: string;
}

/** Sends a request with its path as written: nothing is folded or decoded on the way. */
function send(method: string, path: string, more: { body?: string | Buffer; headers?: Record<string, string> } = {}) {
  return new Promise<Answer>((resolve, reject) => {
    const headers = { authorization: 'Bearer scientist', ...more.headers };
    const sent = httpRequest(url, { method, path, headers }, (response) => {
      text(response).then(
        (body) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
        reject,
      );
    });
    sent.on('error', reject);
    sent.end(more.body);
  });
}

const put = (path: string, body: string, headers: Record<string, string> = {}) => send('PUT', path, { body, headers });
const json = async (path: string, headers: Record<string, string> = {}) =>
  JSON.parse((await send('GET', path, { headers })).body);

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'maestro-files-'));
  database = await createTestDatabase();
  db = openDatabase(database.logins, 4, () => undefined);
  for (const [tenant, id] of [
    [acme, run],
    [umbrella, foreignRun],
  ] as const) {
    await db.inTenant(tenant, async (tx) => {
      await tx.sql(
        `INSERT INTO maestro.experiments (tenant_id, experiment_id, name, artifact_location, creation_time, last_update_time)
         VALUES ($1, 1, 'e', 'mlflow-artifacts:/1', 0, 0)`,
        [tenant],
      );
      await tx.sql(`INSERT INTO maestro.runs (tenant_id, run_id, experiment_id, name) VALUES ($1, $2, 1, 'r')`, [
        tenant,
        id,
      ]);
      await tx.sql(
        `INSERT INTO maestro.logged_models
           (tenant_id, model_id, experiment_id, name, artifact_location, creation_time, last_update_time, status)
         VALUES ($1, $2, 1, 'm', $3, 0, 0, 1)`,
        [tenant, `m-${id}`, `mlflow-artifacts:/1/models/m-${id}/artifacts`],
      );
    });
  }
  const callers = {
    scientist: { tenantId: acme, slug: 'acme', role: 'data_scientist' },
    viewer: { tenantId: acme, slug: 'acme', role: 'viewer' },
    stranger: { tenantId: umbrella, slug: 'umbrella', role: 'tenant_admin' },
  } as const;
  ({ url, app } = await serveFiles(await openDiskBlobs(directory, { multipart: true }), callers, db.inTenant));
});

afterAll(async () => {
  await app.close();
  await db.close();
  await database.drop();
  await rm(directory, { recursive: true, force: true });
});

describe('files over HTTP', () => {
  it.each([
    ['notes.txt', 'hello', 'text/plain', 'text/plain; charset=utf-8'],
    ['deep/er/c.json', '{"a": 1}', 'application/json', 'text/plain; charset=utf-8'],
    ['page.html', '<script>1</script>', 'text/html', 'text/html; charset=utf-8'],
    ['model/MLmodel', 'flavors: {}', 'application/json', 'text/plain; charset=utf-8'],
    ['empty.bin', '', 'application/octet-stream', 'application/octet-stream'],
    ['gr%C3%B6%C3%9Fe%20%E9%9B%AA/%F0%9F%8E%BF.txt', 'ski', 'text/plain', 'text/plain; charset=utf-8'],
    ['a%2Bb%25c%26d.txt', 'odd', 'nonsense', 'text/plain; charset=utf-8'],
  ])('come back as they were sent, never to run in a browser: %s', async (path, body, sentAs, type) => {
    const sent = await put(`${root}/${path}`, body, sentAs === 'nonsense' ? {} : { 'content-type': sentAs });
    expect([sent.status, sent.body]).toEqual([200, '']);
    const got = await send('GET', `${root}/${path}`);
    expect([got.status, got.body]).toEqual([200, body]);
    expect(got.headers).toMatchObject({
      'content-type': type,
      'content-length': String(Buffer.byteLength(body)),
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'content-security-policy':
        "sandbox; default-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    });
    expect(got.headers['content-disposition']).toMatch(/^attachment; filename=/);
    const head = await send('HEAD', `${root}/${path}`);
    expect([head.status, head.body, head.headers['content-length']]).toEqual([
      200,
      '',
      String(Buffer.byteLength(body)),
    ]);
  });

  it('are listed from the root of the run, and from that of the service', async () => {
    await put(`${root}/list/x.txt`, '12345');
    await put(`${root}/list/empty`, '');
    await put(`${root}/list/sub/y`, '1');
    const list = `/api/2.0/mlflow/artifacts/list?run_id=${run}`;
    const uri = `mlflow-artifacts:/1/${run}/artifacts`;
    const expected = [
      { path: 'list/empty', is_dir: false },
      { path: 'list/sub', is_dir: true },
      { path: 'list/x.txt', is_dir: false, file_size: 5 },
    ];
    expect(await json(`${list}&path=list`)).toEqual({ root_uri: uri, files: expected });
    expect(await json(`${list}&path=list/&page_token=abc`)).toEqual({ root_uri: uri, files: expected });
    expect(await json(`${list}&path=list/x.txt`)).toEqual({ root_uri: uri });
    expect(await json(`${list}&path=none`)).toEqual({ root_uri: uri });
    expect(await json(`${files}?path=1/${run}/artifacts/list`)).toEqual({
      files: expected.map((file) => ({ ...file, path: file.path.slice('list/'.length) })),
    });
    expect(await json(`${files}?path=none`)).toEqual({});
    expect((await json(`/api/v1/runs/${run}/files?path=list`)).files).toHaveLength(3);
  });

  it('are sent in ranges, and not again to who has them', async () => {
    await put(`${root}/range.bin`, '0123456789');
    const range = (value: string, more = {}) =>
      send('GET', `${root}/range.bin`, { headers: { range: value, ...more } });
    expect(await range('bytes=2-4')).toMatchObject({ status: 206, body: '234' });
    expect((await range('bytes=-3')).headers['content-range']).toBe('bytes 7-9/10');
    const past = await range('bytes=10-');
    expect([past.status, past.headers['content-range']]).toEqual([416, 'bytes */10']);
    const { etag = '', 'last-modified': modified = '' } = (await send('GET', `${root}/range.bin`)).headers;
    expect(await range('bytes=2-4', { 'if-range': '"other"' })).toMatchObject({ status: 200, body: '0123456789' });
    expect(await range('bytes=2-4', { 'if-range': etag })).toMatchObject({ status: 206 });
    for (const headers of [{ 'if-none-match': etag }, { 'if-modified-since': modified }] as Record<string, string>[]) {
      expect(await send('GET', `${root}/range.bin`, { headers })).toMatchObject({ status: 304, body: '' });
    }
  });

  it.each([
    '../../../../etc/passwd',
    'a/../../../../etc/passwd',
    '%2e%2e/%2e%2e/etc/passwd',
    '..%2f..%2fetc%2fpasswd',
    '%252e%252e%252fetc%252fpasswd',
    '%25252e%25252e%25252fetc',
    '/etc/passwd',
    '%2fetc%2fpasswd',
    '..%5c..%5cetc',
    '..%255c..%255cetc',
    'C:%5cWindows',
    'C:/Windows',
    'file:///etc/passwd',
    'file%3A%2F%2F%2Fetc%2Fpasswd',
    'a%00b',
    'a%23/../../etc',
    'a/..',
    '%c0%ae%c0%ae/etc',
    '%ef%bc%8e%ef%bc%8e/etc',
  ])('are refused with 400 at a path that leads elsewhere, on every route: %s', async (path) => {
    const query = encodeURIComponent(path);
    const body = JSON.stringify({ path: 'x', num_parts: 1, upload_id: 'x', parts: [{ part_number: 1, etag: 'x' }] });
    const answers = await Promise.all([
      ...['GET', 'HEAD', 'PUT', 'DELETE'].map((method) => send(method, `${root}/${path}`)),
      send('GET', `${files}?path=${query}`),
      send('GET', `/api/2.0/mlflow-artifacts/presigned/${root}/${path}`),
      send('GET', `/api/2.0/mlflow/artifacts/list?run_id=${run}&path=${query}`),
      send('GET', `/get-artifact?run_id=${run}&path=${query}`),
      send('POST', `/ajax-api/2.0/mlflow/upload-artifact?run_uuid=${run}&path=${query}`, { body: 'x' }),
      send('GET', `/api/2.0/mlflow/logged-models/m-${run}/artifacts/directories?artifact_directory_path=${query}`),
      send('GET', `/ajax-api/2.0/mlflow/logged-models/m-${run}/artifacts/files?artifact_file_path=${query}`),
      ...['GET', 'PUT', 'DELETE'].map((method) => send(method, `/api/v1/runs/${run}/files/content?path=${query}`)),
      ...['create', 'complete', 'abort'].map((step) =>
        send('POST', `/api/2.0/mlflow-artifacts/mpu/${step}/${path}`, {
          body,
          headers: { 'content-type': 'application/json' },
        }),
      ),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 400));
  });

  it('are refused where a directory is, and below a file', async () => {
    await put(`${root}/kinds/file`, 'x');
    for (const path of ['kinds', 'kinds/', 'kinds/file/below', 'kinds/.', '']) {
      expect((await put(`${root}/${path}`, 'x')).status).toBe(400);
    }
    expect(await send('GET', `${root}/kinds`)).toMatchObject({ status: 400 });
    expect(await send('GET', `${root}/none`)).toMatchObject({ status: 404 });
  });

  it('of one tenant do not exist for another', async () => {
    await put(`${root}/mine.txt`, 'secret');
    const headers = { authorization: 'Bearer stranger' };
    const body = 'x';
    for (const [method, path] of [
      ['GET', `${root}/mine.txt`],
      ['GET', `/get-artifact?run_id=${run}&path=mine.txt`],
      ['GET', `/api/2.0/mlflow/artifacts/list?run_id=${run}`],
      ['GET', `/api/2.0/mlflow/logged-models/m-${run}/artifacts/directories`],
      ['POST', `/ajax-api/2.0/mlflow/upload-artifact?run_uuid=${run}&path=mine.txt`],
      ['GET', `/api/v1/runs/${run}/files`],
      ['GET', `/api/v1/runs/${run}/files/content?path=mine.txt`],
      ['PUT', `/api/v1/runs/${run}/files/content?path=mine.txt`],
      ['DELETE', `/api/v1/runs/${run}/files/content?path=mine.txt`],
    ] as const) {
      const answer = await send(method, path, { headers, ...(/PUT|POST/.test(method) ? { body } : {}) });
      expect([method, path, answer.status]).toEqual([method, path, 404]);
      const unknown = await send(method, path.replaceAll(run, noRun), {
        headers,
        ...(/PUT|POST/.test(method) ? { body } : {}),
      });
      expect(unknown.body.replaceAll(noRun, run)).toBe(answer.body);
    }
    expect(await json(`${files}?path=1/${run}`, headers)).toEqual({});
    expect((await send('DELETE', `${root}/mine.txt`, { headers })).status).toBe(200);
    expect((await send('GET', `${root}/mine.txt`)).body).toBe('secret');
  });

  it('are written and removed only by who may, and seen by nobody who is not signed in', async () => {
    await put(`${root}/role.txt`, 'x');
    const as = (caller: string) => ({ headers: { authorization: `Bearer ${caller}` } });
    expect((await send('GET', `${root}/role.txt`, as('viewer'))).status).toBe(200);
    for (const method of ['PUT', 'DELETE']) {
      expect((await send(method, `${root}/role.txt`, as('viewer'))).status).toBe(403);
      expect((await send(method, `${root}/role.txt`, as('nobody'))).status).toBe(401);
    }
    expect((await send('GET', `${root}/role.txt`, as('nobody'))).status).toBe(401);
    expect((await send('GET', `${root}/role.txt`)).body).toBe('x');
  });

  it('of which half arrived are nowhere when the client leaves', async () => {
    const before = await readdir(join(directory, acme, 'incoming'));
    const headers = { authorization: 'Bearer scientist', 'content-length': '1000000' };
    const sent = httpRequest(url, { method: 'PUT', path: `${root}/half.bin`, headers });
    sent.on('error', () => undefined);
    sent.write('x'.repeat(100_000));
    await expect
      .poll(async () => (await readdir(join(directory, acme, 'incoming'))).length)
      .toBeGreaterThan(before.length);
    expect((await send('GET', `${root}/half.bin`)).status).toBe(404);
    sent.destroy();
    await expect.poll(() => readdir(join(directory, acme, 'incoming'))).toEqual(before);
    expect((await send('GET', `${root}/half.bin`)).status).toBe(404);
  });

  it('may be sent after "100 Continue", in chunks, and beyond the limit of JSON bodies', async () => {
    const content = randomBytes(100_000).toString('hex');
    const answer = await new Promise<number | undefined>((resolve, reject) => {
      const headers = { authorization: 'Bearer scientist', expect: '100-continue', 'content-type': 'application/json' };
      const sent = httpRequest(url, { method: 'PUT', path: `${root}/large.json`, headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      sent.on('error', reject);
      sent.on('continue', () => sent.end(content));
      sent.flushHeaders();
    });
    expect(answer).toBe(200);
    expect((await send('GET', `${root}/large.json`)).body).toBe(content);
  });

  it('are removed, and removing again is no error', async () => {
    await put(`${root}/gone/a`, 'x');
    for (const path of ['gone/a', 'gone/a', 'gone']) {
      expect(await send('DELETE', `${root}/${path}`)).toMatchObject({ status: 200, body: '{}' });
    }
    expect((await send('GET', `${root}/gone/a`)).status).toBe(404);
    const audited = await db.inTenant(acme, (tx) =>
      tx.sql<{ target: string }>(
        `SELECT target FROM maestro.audit_events WHERE tenant_id = $1 AND action = 'file.delete'`,
        [acme],
      ),
    );
    expect(audited.map(({ target }) => target)).toContain(`file 1/${run}/artifacts/gone/a`);
  });
});

describe('uploads in parts', () => {
  const mpu = '/api/2.0/mlflow-artifacts/mpu';
  const post = (path: string, body: unknown) =>
    send('POST', path, { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
  const place = `1/${run}/artifacts/parts`;

  it('pass through the pipeline with the sign-in of who began them, and appear when complete', async () => {
    const create = await post(`${mpu}/create/${place}`, { path: '/home/me/big.bin', num_parts: 2 });
    const { upload_id, credentials } = JSON.parse(create.body);
    expect(create.headers['cache-control']).toBe('no-store');
    expect(credentials).toHaveLength(2);
    const parts = [];
    for (const { url: partUrl, part_number, headers } of credentials) {
      expect(partUrl).toMatch(url);
      expect(partUrl).not.toContain('scientist');
      expect((await fetch(partUrl, { method: 'PUT', body: 'x' })).status).toBe(401);
      const sent = await fetch(partUrl, { method: 'PUT', headers, body: `part ${part_number};` });
      parts.push({ part_number, etag: sent.headers.get('etag'), url: partUrl });
    }
    expect((await send('GET', `${files}/${place}/big.bin`)).status).toBe(404);
    const complete = await post(`${mpu}/complete/${place}`, { path: '/home/me/big.bin', upload_id, parts });
    expect(complete).toMatchObject({ status: 200, body: '{}' });
    expect((await send('GET', `${files}/${place}/big.bin`)).body).toBe('part 1;part 2;');
  });

  it('leave nothing when aborted', async () => {
    const { upload_id, credentials } = JSON.parse(
      (await post(`${mpu}/create/${place}`, { path: 'x', num_parts: 1 })).body,
    );
    expect(await post(`${mpu}/abort/${place}`, { path: 'x', upload_id })).toMatchObject({ status: 200 });
    const [{ url: partUrl, headers }] = credentials;
    expect((await fetch(partUrl, { method: 'PUT', headers, body: 'x' })).status).toBe(404);
  });

  it.each([0, -1, 10_001])('are refused with %d parts', async (num_parts) => {
    expect((await post(`${mpu}/create/${place}`, { path: 'x', num_parts })).status).toBe(400);
  });
});

describe('presigned URLs', () => {
  it('are refused in the words by which the client falls back to this server', async () => {
    const answer = await send('GET', `/api/2.0/mlflow-artifacts/presigned/1/${run}/artifacts/x`);
    expect([answer.status, JSON.parse(answer.body)]).toEqual([
      501,
      {
        error_code: 'NOT_IMPLEMENTED',
        message: 'Multipart download is not supported for the current artifact repository',
      },
    ]);
  });
});

describe('files of a logged model', () => {
  it('are listed and sent by the id of the model', async () => {
    await put(`${files}/1/models/m-${run}/artifacts/MLmodel`, 'flavors: {}');
    expect(await json(`/api/2.0/mlflow/logged-models/m-${run}/artifacts/directories`)).toEqual({
      root_uri: `mlflow-artifacts:/1/models/m-${run}/artifacts`,
      files: [{ path: 'MLmodel', is_dir: false, file_size: 11 }],
    });
    const sent = await send(
      'GET',
      `/ajax-api/2.0/mlflow/logged-models/m-${run}/artifacts/files?artifact_file_path=MLmodel`,
    );
    expect(sent.body).toBe('flavors: {}');
  });
});
