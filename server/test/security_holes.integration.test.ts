import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from './app.ts';
import { rawHttp, statusOf } from './raw_http.ts';

// That every route that there is asks who calls it, and what for, is walked in route_walk.integration.test.ts; here are
// the routes of others that let people in, and what else those fell over.

const mlflow = '/api/2.0/mlflow';
let app: TestApp;
let as: string;
let runId: string;
beforeAll(async () => {
  app = await startTestApp();
  as = app.tenants.a.keys.ml_engineer;
  const made = await app.send('POST', '/api/v1/runs', { as, json: { experiment_id: 0 } });
  runId = (made.body as { run_id: string }).run_id;
});
afterAll(() => app?.stop());

const post = (path: string, json: unknown, who: string | undefined = as) => app.send('POST', path, { as: who, json });

describe('a route that others left open', () => {
  const paths = [
    ['traces', 'POST', '/api/3.0/mlflow/traces'],
    ['traces', 'GET', '/ajax-api/2.0/mlflow/get-trace-artifact?request_id=x'],
    ['traces over OTLP', 'POST', '/v1/traces'],
    ['jobs', 'POST', '/ajax-api/3.0/jobs'],
    ['jobs', 'POST', '/api/3.0/jobs/search'],
    ['GraphQL', 'POST', '/graphql'],
    ['webhooks', 'POST', '/api/2.0/mlflow/webhooks'],
    ['webhooks', 'POST', '/api/2.0/mlflow/webhooks/1/test'],
    ['the gateway', 'POST', '/ajax-api/2.0/mlflow/gateway-proxy'],
    ['the gateway', 'GET', '/ajax-api/2.0/mlflow/gateway-proxy?gateway_path=x'],
    ['the gateway', 'POST', '/gateway/x/mlflow/invocations'],
    ['the gateway', 'POST', '/api/3.0/mlflow/gateway/endpoints/create'],
    ['files of model versions', 'GET', '/model-versions/get-artifact?name=m&version=1&path=a'],
    ['the registry', 'POST', '/api/2.0/mlflow/registered-models/create'],
    ['scorers', 'POST', '/api/3.0/mlflow/scorers/register'],
    ['prompts', 'POST', '/ajax-api/3.0/mlflow/prompts/optimize'],
    ['the assistant', 'POST', '/ajax-api/3.0/mlflow/assistant/message'],
  ] as const;

  test.each(paths)('serves nobody who is not signed in: %s, %s %s', async (_what, method, path) => {
    for (const who of [undefined, 'mst_false']) {
      const answer = await app.send(method, path, {
        as: who,
        ...(method === 'POST' ? { json: { url: 'http://127.0.0.1:1' } } : {}),
      });
      expect([401, 404]).toContain(answer.status);
    }
  });

  test.each([
    ['/api/2.0/mlflow/experiments/get?experiment_id=0', '/ajax-api/2.0/mlflow/experiments/get?experiment_id=0'],
    ['/api/3.0/mlflow/experiments/get?experiment_id=0', '/ajax-api/3.0/mlflow/experiments/get?experiment_id=0'],
    ['/api/2.0/mlflow-artifacts/artifacts?path=', '/ajax-api/2.0/mlflow-artifacts/artifacts?path='],
  ])('under one prefix is as closed under its twin: %s, %s', async (path, twin) => {
    for (const url of [path, twin]) {
      expect((await app.send('GET', url)).status, url).toBe(401);
      expect((await app.send('GET', url, { as: 'mop_false' })).status, url).toBe(401);
      expect((await app.send('GET', url, { as })).status, url).toBe(200);
    }
  });

  test.each([
    '/api/v1//experiments',
    '//api/v1/experiments',
    '/API/v1/experiments',
    '/api/v1/experiments/.',
    '/api/v1/./experiments',
    '/health/../api/v1/experiments',
    '/api/v1/%65xperiments',
    '/api/v1/experiments;x=1',
    '/api/v1/experiments%00',
    '/api/v1/experiments%2f',
    '/api/v1/experiments/',
    '/api/2.0/mlflow/experiments/../experiments/search?max_results=1',
  ])('is not opened by another spelling of its path: %s', async (path) => {
    const { hostname, port } = new URL(app.url);
    const { request } = await import('node:http');
    const status = await new Promise<number | undefined>((resolve, reject) => {
      request({ hostname, port, path, method: 'GET' }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });
    expect([400, 401, 404]).toContain(status);
  });

  test.each([
    '/.git/config',
    '/.git/HEAD',
    '/.env',
    '/package.json',
    '/server/src/main.ts',
    '/api/v1/../../package.json',
    '/account.html',
    '/account/../../main.ts',
    '/data/secrets/operator-key',
    '/files/',
  ])('leads to no file or folder of the installation, also for who is signed in: %s', async (path) => {
    for (const who of [undefined, as, app.operatorKey]) {
      const sent = `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n`;
      const answer = await rawHttp(
        app.url,
        `${sent}${who === undefined ? '' : `Authorization: Bearer ${who}\r\n`}\r\n`,
      );
      expect(statusOf(answer)).toBe(404);
    }
  });

  test('is not opened by headers that say who one is, or where one goes', async () => {
    for (const headers of [
      { 'x-forwarded-user': app.admin.email },
      { 'x-remote-user': app.admin.email },
      { 'x-original-url': '/health' },
      { 'x-rewrite-url': '/health' },
      { 'x-forwarded-for': '127.0.0.1' },
      { 'x-mlflow-workspace': 'default' },
      { cookie: `session=${as}; access_token=${as}; token=${as}` },
    ]) {
      expect(
        (await app.send('GET', '/api/v1/experiments', { headers: headers as Record<string, string> })).status,
      ).toBe(401);
    }
  });
});

describe('a way in that nobody made', () => {
  test.each([
    ['admin', 'password1234'],
    ['admin', 'password'],
    ['admin', 'admin'],
    ['maestro', 'maestro'],
    ['mlflow', 'mlflow'],
    ['', ''],
  ])('does not exist: %s with %s', async (user, password) => {
    const basic = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
    expect((await app.send('GET', '/api/v1/experiments', { headers: { authorization: basic } })).status).toBe(401);
    const login = await post(
      '/api/v1/auth/login',
      { email: `${user || 'x'}@localhost`, password: password || 'x' },
      undefined,
    );
    expect(login.status).toBeGreaterThanOrEqual(400);
    expect(login.text).not.toContain('access_token');
  });

  test('is not given by the first start: its password and key are random, long, and others each time', async () => {
    const other = await startTestApp();
    try {
      expect(app.admin.password.length).toBeGreaterThanOrEqual(15);
      expect(other.admin.password).not.toBe(app.admin.password);
      expect(other.operatorKey).not.toBe(app.operatorKey);
    } finally {
      await other.stop();
    }
  });

  test.each([
    '/signup',
    '/api/2.0/mlflow/users/create',
    '/api/2.0/mlflow/users/create-ui',
    '/api/v1/auth/register',
    '/api/v1/users',
  ])('is not made by a stranger, nor by a form of another site: %s', async (path) => {
    const form = 'username=eve&password=a-long-enough-password&email=eve@example.org';
    for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data; boundary=x']) {
      const headers = { 'content-type': type, origin: 'https://evil.example' };
      const made = await app.send('POST', path, { body: form, headers });
      expect(made.status, made.text).toBeGreaterThanOrEqual(400);
    }
  });

  test.each(['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data; boundary=x', ''])(
    'is not a form: a body that a page of another site can send without asking (%s) is no message, on both faces',
    async (type) => {
      const body = JSON.stringify({ name: `by a form ${type}` });
      for (const path of ['/api/v1/experiments', `${mlflow}/experiments/create`]) {
        const answer = await app.send('POST', path, { as, body, headers: { 'content-type': type } });
        expect([400, 415], answer.text).toContain(answer.status);
      }
    },
  );
});

const nasty = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  'javascript:alert(1)',
  '</title><svg/onload=alert(1)>',
  '{{constructor.constructor("alert(1)")()}}',
];

describe('a text that somebody logged', () => {
  test.each(nasty)('is data in every answer that has it, and no answer is a page: %s', async (text) => {
    const note = [{ key: 'mlflow.note.content', value: text }];
    const made = await post(`${mlflow}/experiments/create`, { name: `x ${text}`, tags: note });
    expect(made.status, made.text).toBe(200);
    const { experiment_id } = made.body as { experiment_id: string };
    const run = await post(`${mlflow}/runs/create`, { experiment_id, run_name: text, tags: note });
    const id = (run.body as { run: { info: { run_id: string } } }).run.info.run_id;
    await post(`${mlflow}/runs/log-batch`, { run_id: id, params: [{ key: 'p', value: text }], tags: note });
    const answers = [
      await app.send('GET', `/api/v1/runs/${id}`, { as }),
      await app.send('GET', `/api/v1/experiments/${experiment_id}`, { as }),
      await app.send('GET', `${mlflow}/runs/get?run_id=${id}`, { as }),
      await app.send('GET', `${mlflow}/experiments/get?experiment_id=${experiment_id}`, { as }),
      await post(`${mlflow}/runs/search`, { experiment_ids: [experiment_id] }),
      await app.send('GET', '/api/docs'),
    ];
    for (const answer of answers.slice(0, -1)) {
      expect(answer.text).toContain(JSON.stringify(text).slice(1, -1));
      expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    }
    expect(answers.at(-1)?.text).not.toContain(text);
  });

  test.each(nasty)('is data in an error that repeats it: %s', async (text) => {
    const answers = [
      await app.send('GET', `/api/v1/runs/${encodeURIComponent(text)}`, { as }),
      await app.send('GET', `${mlflow}/runs/get?run_id=${encodeURIComponent(text)}`, { as }),
      await app.send('GET', `/${encodeURIComponent(text)}`),
      await app.send('GET', '/api/v1/experiments', { as, headers: { 'x-mlflow-workspace': text } }),
      await post(`${mlflow}/runs/log-param`, { [text]: text }),
    ];
    for (const { status, headers } of answers) {
      expect(status).toBeGreaterThanOrEqual(400);
      expect(headers.get('content-type')).toMatch(/^application\/(?:problem\+)?json/);
    }
  });

  test('sets no header: a name with line breaks neither splits an answer nor names a file', async () => {
    const name = 'a%0d%0aSet-Cookie:%20x=1';
    const put = await app.send('PUT', `/api/v1/runs/${runId}/files/content?path=${name}`, { as, body: 'x' });
    expect(put.status).toBe(400);
    const quoted = 'a%22;filename=%22evil.html';
    await app.send('PUT', `/api/v1/runs/${runId}/files/content?path=${quoted}`, { as, body: 'x' });
    const sent = await app.send('GET', `/api/v1/runs/${runId}/files/content?path=${quoted}`, { as });
    expect(sent.headers.get('set-cookie')).toBeNull();
    expect(sent.headers.get('content-disposition')).toMatch(/^attachment; filename="a\\"/);
  });
});

describe('a call that asks for too much', () => {
  const many = (count: number, of: (index: number) => unknown) =>
    Array.from({ length: count }, (_, index) => of(index));

  test.each([
    ['metrics', many(1001, (at) => ({ key: `m${at}`, value: 1, timestamp: 1 }))],
    ['params', many(101, (at) => ({ key: `p${at}`, value: 'x' }))],
    ['tags', many(101, (at) => ({ key: `t${at}`, value: 'x' }))],
  ])('in one batch is refused on both faces, and writes nothing: %s', async (what, entries) => {
    const theirs = await post(`${mlflow}/runs/log-batch`, { run_id: runId, [what]: entries });
    const ours = await post(`/api/v1/runs/${runId}/log`, { [what]: entries });
    expect([theirs.status, ours.status], ours.text).toEqual([400, 400]);
    const run = (await app.send('GET', `/api/v1/runs/${runId}`, { as })).body as Record<string, object>;
    for (const key of ['m0', 'p0', 't0']) expect(run[what] ?? {}).not.toHaveProperty(key);
  });

  test.each([
    ['GET', '/api/v1/experiments?limit=1000000'],
    ['GET', '/api/v1/experiments?limit=-1'],
    ['GET', '/api/v1/runs?experiment_ids=0&limit=1000000'],
    ['GET', '/api/v1/members?limit=1000000'],
    ['GET', `${mlflow}/experiments/search?max_results=1000000`],
    ['GET', '/ajax-api/2.0/mlflow/metrics/get-history-bulk-interval?run_ids=x&metric_key=m&max_results=1000000'],
  ])('in one page is refused: %s %s', async (method, path) => {
    expect((await app.send(method, path, { as: app.tenants.a.keys.tenant_admin })).status).toBe(400);
  });

  test('of runs in one page is refused: more than 50,000', async () => {
    expect((await post(`${mlflow}/runs/search`, { experiment_ids: ['0'], max_results: 50_001 })).status).toBe(400);
  });

  test('without saying how much gets a page, not all there is', async () => {
    for (let at = 0; at < 130; at += 26) {
      await Promise.all(many(26, () => post('/api/v1/runs', { experiment_id: 0 })));
    }
    const page = await app.send('GET', '/api/v1/runs?experiment_ids=0', { as });
    expect((page.body as { items: unknown[] }).items).toHaveLength(100);
  }, 60_000);

  test.each(['/api/v1/experiments', `${mlflow}/experiments/create`])(
    'of objects with a hundred thousand members is refused or passed over in bounded time: %s',
    async (path) => {
      const members = Object.fromEntries(many(100_000, (at) => [`k${at}`, at]) as [string, number][]);
      const before = performance.now();
      const answer = await post(path, { name: { ...members }, tags: members, ...members });
      expect(answer.status, answer.text.slice(0, 200)).toBe(400);
      expect(answer.text.length).toBeLessThan(50_000);
      expect(performance.now() - before).toBeLessThan(5_000);
    },
  );

  test.each([
    ['metrics', '/api/v1/runs/RUN/log'],
    ['metrics', `${mlflow}/runs/log-batch`],
    ['tags', '/api/v1/experiments'],
    ['experiment_ids', `${mlflow}/runs/search`],
  ])('of lists with a million elements is refused in bounded time: %s of %s', async (field, path) => {
    const before = performance.now();
    const json = { run_id: runId, name: 'n', [field]: many(1_000_000, () => 0) };
    expect(
      (await post(path.replace('RUN', runId), path.startsWith('/api/v1') ? { [field]: json[field] } : json)).status,
    ).toBe(400);
    expect(performance.now() - before).toBeLessThan(5_000);
  });

  test.each(['/api/v1/experiments', `${mlflow}/experiments/create`])(
    'of a body with a million members is refused before it is parsed, on both faces: %s',
    async (path) => {
      const inner = many(1_000_000, (at) => `"k${at}" : 0`).join();
      for (const body of [`{"name":"n",${inner}}`, `{"tags":[{${inner}}]}`]) {
        const answer = await app.send('POST', path, { as, body, headers: { 'content-type': 'application/json' } });
        expect([answer.status, answer.text.includes('members')], answer.text.slice(0, 200)).toEqual([400, true]);
      }
    },
  );

  test('holds JSON as a text of any number of members: a model’s description is one', async () => {
    const model_json = JSON.stringify(Object.fromEntries(many(300_000, (at) => [`k${at}`, 0]) as [string, number][]));
    const answer = await post(`${mlflow}/runs/log-model`, { run_id: runId, model_json });
    expect(answer.text).not.toContain('members');
  });

  test('of bytes is refused past 16 MiB, before they are read', async () => {
    const body = `{"name":"${'x'.repeat(17 * 1024 * 1024)}"}`;
    for (const path of ['/api/v1/experiments', `${mlflow}/experiments/create`]) {
      const answer = await app
        .send('POST', path, { as, body, headers: { 'content-type': 'application/json' } })
        .catch(() => undefined);
      // The connection may be closed while the rest is still being sent.
      if (answer) expect([400, 413]).toContain(answer.status);
    }
    expect((await app.send('GET', '/health')).status).toBe(200);
  }, 30_000);
});
