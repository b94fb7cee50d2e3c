import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from './app.ts';
import { dribble, rawHttp, statusOf } from './raw_http.ts';

let app: TestApp;
let as: string;
beforeAll(async () => {
  app = await startTestApp({ allowedHosts: ['maestro.example'], corsOrigins: ['https://notebooks.example'] });
  as = app.tenants.a.keys.ml_engineer;
});
afterAll(() => app?.stop());

const both = ['/api/v1/experiments', '/api/2.0/mlflow/experiments/get?experiment_id=0'];
const get = (path: string, head = '') =>
  rawHttp(app.url, `GET ${path} HTTP/1.1\r\n${head}Authorization: Bearer ${as}\r\nConnection: close\r\n\r\n`);
const post = (path: string, head: string, body: string) =>
  rawHttp(app.url, `POST ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${as}\r\n${head}\r\n${body}`);

describe('every answer', () => {
  const answers: [string, string, string][] = [
    ['a success', 'GET', '/api/v1/experiments'],
    ['a success of the MLflow face', 'GET', '/api/2.0/mlflow/experiments/get?experiment_id=0'],
    ['a missing endpoint', 'GET', '/nowhere'],
    ['a wrong method', 'DELETE', '/health'],
    ['a URL that does not decode', 'GET', '/api/v1/experiments/%zz'],
    ['a refusal', 'POST', '/api/v1/tenants'],
    ['a sign-in', 'POST', '/api/v1/auth/login'],
  ];
  test.each(answers)('says to browsers what they may not do with it: %s', async (_what, method, path) => {
    const { headers } = await app.send(method, path, { as, ...(method === 'POST' ? { json: {} } : {}) });
    expect(headers.get('content-security-policy')).toBe(
      "default-src 'none';object-src 'none';base-uri 'none';form-action 'none';frame-ancestors 'none'",
    );
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(headers.get('permissions-policy')).toContain('camera=()');
    expect(headers.get('cache-control')).toBe('no-store');
    for (const name of ['server', 'x-powered-by', 'access-control-allow-origin']) expect(headers.get(name)).toBeNull();
  });

  test('over plain HTTP says no HSTS, which would lock in the other ports of a developer’s machine', async () => {
    expect((await app.send('GET', '/health')).headers.get('strict-transport-security')).toBeNull();
  });

  test('of the public keys may be kept, and nothing else of the API', async () => {
    const { headers } = await app.send('GET', '/.well-known/jwks.json');
    expect(headers.get('cache-control')).toBe('public, max-age=300');
  });

  test('to bytes that are no HTTP is an error without a word of what is inside', async () => {
    const answer = await rawHttp(app.url, 'nonsense\r\n\r\n');
    expect(statusOf(answer)).toBe(400);
    expect(answer).not.toMatch(/HPE_|node|stack/i);
    expect(answer.toLowerCase()).toContain('x-content-type-options: nosniff');
  });
});

describe('the name that a request gives', () => {
  test.each(both)('under which a page of another site could reach us (DNS rebinding) is refused: %s', async (path) => {
    for (const host of ['evil.example', `evil.example:${new URL(app.url).port}`, 'localhost.evil.example']) {
      const answer = await get(path, `Host: ${host}\r\n`);
      expect(statusOf(answer)).toBe(403);
      expect(answer).toContain('MAESTRO_ALLOWED_HOSTS');
    }
  });

  test.each(both)('is known with and without a port, by address and as localhost: %s', async (path) => {
    for (const host of ['maestro.example', 'maestro.example:8443', 'localhost:1', '127.0.0.1', '[::1]:5000']) {
      expect(statusOf(await get(path, `Host: ${host}\r\n`)), host).toBe(200);
    }
  });

  test('does not matter to health probes', async () => {
    for (const path of ['/health', '/ready', '/version']) {
      expect(statusOf(await get(path, 'Host: 10-0-0-7.pods.cluster.local:8080\r\n')), path).toBe(200);
    }
  });

  test('must be there, and once', async () => {
    expect(statusOf(await get('/api/v1/experiments'))).toBe(400);
    expect(statusOf(await get('/api/v1/experiments', 'Host: localhost\r\nHost: evil.example\r\n'))).toBe(400);
  });

  test('is not taken from X-Forwarded-Host of whoever is no declared proxy', async () => {
    const answer = await get('/api/v1/experiments', 'Host: evil.example\r\nX-Forwarded-Host: localhost\r\n');
    expect(statusOf(answer)).toBe(403);
  });

  test('in an absolute request target reaches nothing', async () => {
    for (const target of ['http://evil.example/api/v1/experiments', 'http://localhost/api/v1/experiments', '*']) {
      expect(statusOf(await get(target, 'Host: localhost\r\n')), target).toBe(400);
    }
  });

  test('is not taken for ours because it is an address, unless the connection came in there', async () => {
    for (const host of ['192.0.2.7', '169.254.169.254', '[2001:db8::1]:8080', '0.0.0.0']) {
      expect(statusOf(await get('/api/v1/experiments', `Host: ${host}\r\n`)), host).toBe(403);
    }
  });

  test('is asked for by HTTP/1.0 too', async () => {
    const old = (head: string) =>
      rawHttp(app.url, `GET /api/v1/experiments HTTP/1.0\r\n${head}Authorization: Bearer ${as}\r\n\r\n`);
    expect(statusOf(await old(''))).toBe(400);
    expect(statusOf(await old('Host: evil.example\r\n'))).toBe(403);
    expect(statusOf(await old('Host: localhost\r\n'))).toBe(200);
  });

  test('is where a client is sent with the parts of a file only where it is ours', async () => {
    const path = '/api/2.0/mlflow-artifacts/mpu/create/1';
    const body = JSON.stringify({ path: 'a.bin', num_parts: 1 });
    const head = `POST ${path} HTTP/1.1\r\nAuthorization: Bearer ${as}\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: ${body.length}\r\n`;
    const sent = (host: string) =>
      rawHttp(app.url, `${head}Host: ${host}\r\nX-Forwarded-Host: evil.example\r\n\r\n${body}`);
    expect(await sent('evil.example')).not.toContain('mpu/parts');
    expect(await sent('maestro.example:81')).toContain('http://maestro.example:81/api/2.0/mlflow-artifacts/mpu/parts/');
  });
});

describe('a page of another site', () => {
  test.each(both)('reads nothing, with or without a preflight: %s', async (path) => {
    const headers = { origin: 'https://evil.example' };
    const read = await app.send('GET', path, { as, headers });
    expect(read.headers.get('access-control-allow-origin')).toBeNull();
    const asked = { ...headers, 'access-control-request-method': 'POST' };
    const preflight = await app.send('OPTIONS', path, { headers: asked });
    expect(preflight.headers.get('access-control-allow-origin')).toBeNull();
    expect(preflight.status).toBeGreaterThanOrEqual(400);
  });

  test.each(both)('that an administrator named may call with a token, and never with cookies: %s', async (path) => {
    const headers = { origin: 'https://notebooks.example' };
    const read = await app.send('GET', path, { as, headers });
    expect(read.status).toBe(200);
    expect(read.headers.get('access-control-allow-origin')).toBe(headers.origin);
    expect(read.headers.get('access-control-allow-credentials')).toBeNull();
    expect(read.headers.get('vary')).toContain('Origin');
    const preflight = await app.send('OPTIONS', path, {
      headers: { ...headers, 'access-control-request-method': 'POST' },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-headers')).toContain('Authorization');
  });

  test.each([
    'null',
    'https://notebooks.example.evil.example',
    'http://notebooks.example',
    'https://notebooks.example:1',
  ])('called %s is none that was named', async (origin) => {
    const { headers } = await app.send('GET', both[0] as string, { as, headers: { origin } });
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('a request', () => {
  const json = 'Content-Type: application/json\r\n';

  test('with two lengths, or a length and chunks, is refused: a proxy could read it as two', async () => {
    const two = await post('/api/v1/runs', `${json}Content-Length: 2\r\nContent-Length: 30\r\n`, '{}');
    expect(statusOf(two)).toBe(400);
    const mixed = await post(
      '/api/v1/runs',
      `${json}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n`,
      '2\r\n{}\r\n0\r\n\r\n',
    );
    expect(statusOf(mixed)).toBe(400);
  });

  test('with a space before a header’s colon, or bare line feeds, is refused', async () => {
    expect(statusOf(await get('/health', 'Host : localhost\r\n'))).toBe(400);
    const bare = await rawHttp(app.url, 'GET /health HTTP/1.1\nHost: localhost\n\n');
    expect(statusOf(bare) ?? 400).toBe(400);
  });

  test.each(['gzip', 'br', 'deflate, gzip'])(
    'with a body packed by %s is refused before it is unpacked',
    async (encoding) => {
      const head = `${json}Content-Encoding: ${encoding}\r\nContent-Length: 2\r\nConnection: close\r\n`;
      expect(statusOf(await post('/api/v1/runs', head, '{}'))).toBe(415);
      expect(statusOf(await post('/api/2.0/mlflow/runs/create', head, '{}'))).toBeGreaterThanOrEqual(400);
    },
  );

  test.each(['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override'])(
    'is not turned into another by %s',
    async (name) => {
      const { experiment_id: id } = (
        await app.send('POST', '/api/v1/experiments', { as, json: { name: `kept ${name}` } })
      ).body as { experiment_id: number };
      await app.send('GET', `/api/v1/experiments/${id}`, { as, headers: { [name]: 'DELETE' } });
      const kept = await app.send('GET', `/api/v1/experiments/${id}`, { as });
      expect(kept.body).toMatchObject({ lifecycle_stage: 'active' });
    },
  );

  test.each(['TRACE', 'CONNECT', 'PROPFIND', 'FOO'])('by %s does nothing and repeats nothing', async (method) => {
    const answer = await rawHttp(
      app.url,
      `${method} /api/v1/experiments HTTP/1.1\r\nHost: localhost\r\nX-Canary: bird\r\nConnection: close\r\n\r\n`,
    );
    expect(statusOf(answer) ?? 400).toBeGreaterThanOrEqual(400);
    expect(answer).not.toContain('bird');
  });

  test('with headers longer than 16 KiB is refused, in bounded memory', async () => {
    expect(statusOf(await get('/health', `Host: localhost\r\nX-Long: ${'x'.repeat(20_000)}\r\n`))).toBe(431);
  });

  test('with a path of megabytes is refused', async () => {
    expect(statusOf(await get(`/${'a'.repeat(100_000)}`, 'Host: localhost\r\n'))).toBe(431);
  });

  test('whose token stands in its URL is nobody’s', async () => {
    for (const name of ['access_token', 'token', 'api_key', 'key']) {
      expect((await app.send('GET', `/api/v1/experiments?${name}=${as}`)).status).toBe(401);
    }
  });
});

describe('behind a declared proxy that ends TLS', () => {
  let behind: TestApp;
  beforeAll(async () => {
    behind = await startTestApp({ trustProxy: ['127.0.0.1'], publicUrl: 'https://maestro.example.com/ml' });
  });
  afterAll(() => behind?.stop());
  const proxied = { 'x-forwarded-proto': 'https' };

  test('every answer over TLS tells browsers to stay there, for a year; errors do too', async () => {
    const hsts = 'max-age=31536000; includeSubDomains';
    for (const path of ['/health', '/api/v1/experiments', '/api/2.0/mlflow/runs/get', '/nowhere']) {
      const over = await behind.send('GET', path, { headers: proxied });
      expect(over.headers.get('strict-transport-security'), path).toBe(hsts);
      expect((await behind.send('GET', path)).headers.get('strict-transport-security'), path).toBeNull();
      const strangers = await app.send('GET', path, { headers: proxied });
      expect(strangers.headers.get('strict-transport-security'), path).toBeNull();
    }
  });

  test('the name that the proxy forwards must be ours as well', async () => {
    const ask = (host: string) =>
      rawHttp(
        behind.url,
        `GET /api/v1/experiments HTTP/1.1\r\nHost: inside\r\nX-Forwarded-Host: ${host}\r\nConnection: close\r\n\r\n`,
      );
    expect(statusOf(await ask('maestro.example.com'))).toBe(401);
    expect(statusOf(await ask('evil.example'))).toBe(403);
  });

  test('a client is sent to the public address with the parts of a file, whatever name it used', async () => {
    const made = await behind.send('POST', '/api/2.0/mlflow-artifacts/mpu/create/1', {
      as: behind.tenants.a.keys.ml_engineer,
      json: { path: 'a.bin', num_parts: 1 },
    });
    const [{ url } = { url: '' }] = (made.body as { credentials: { url: string }[] }).credentials;
    expect(url).toMatch(/^https:\/\/maestro\.example\.com\/ml\/api\/2\.0\/mlflow-artifacts\/mpu\/parts\//);
  });

  test('tokens name the issuer that Maestro was told, not the name that a request gave', async () => {
    const { email, password } = behind.admin;
    const json = JSON.stringify({ email, password });
    const answer = await rawHttp(
      behind.url,
      `POST /api/v1/auth/login HTTP/1.1\r\nHost: 127.0.0.1:1\r\nContent-Type: application/json\r\nContent-Length: ${json.length}\r\nConnection: close\r\n\r\n${json}`,
    );
    const [, payload = ''] = /"access_token":"[^.]+\.([^.]+)\./.exec(answer) ?? [];
    expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toMatchObject({
      iss: 'https://maestro.example.com/ml',
    });
  });
});

describe('a client that is slow', () => {
  let slow: TestApp;
  let auth: string;
  let runId: string;
  beforeAll(async () => {
    slow = await startTestApp({ times: { head: 500, body: 500, silence: 2500 } });
    auth = `Host: localhost\r\nAuthorization: Bearer ${slow.tenants.a.keys.ml_engineer}\r\n`;
    const made = await slow.send('POST', '/api/v1/runs', {
      as: slow.tenants.a.keys.ml_engineer,
      json: { experiment_id: 0 },
    });
    runId = (made.body as { run_id: string }).run_id;
  });
  afterAll(() => slow?.stop());

  test('with the head of a request is answered 408 and put out', async () => {
    const answer = await dribble(slow.url, 'GET /health HTTP/1.1\r\n', 'X-A: b\r\n', 600);
    expect(statusOf(answer)).toBe(408);
  }, 20_000);

  test.each(['/api/v1/experiments', '/api/2.0/mlflow/experiments/create', '/api/v1/auth/login'])(
    'with the body of a message is answered 408 and put out, and nothing is done: %s',
    async (path) => {
      const head = `POST ${path} HTTP/1.1\r\n${auth}Content-Type: application/json\r\nContent-Length: 4000\r\n\r\n{`;
      const answer = await dribble(slow.url, head, ' ', 600);
      expect(statusOf(answer)).toBe(408);
      expect(answer).toContain('nosniff');
    },
    20_000,
  );

  const uploads = () => [
    `/api/v1/runs/${runId}/files/content?path=native.txt`,
    '/api/2.0/mlflow-artifacts/artifacts/1/slow.txt',
  ];

  test('with a file may take its time, as long as it moves', async () => {
    for (const path of uploads()) {
      const head = `PUT ${path} HTTP/1.1\r\n${auth}Connection: close\r\nContent-Length: 20\r\n\r\n`;
      expect(statusOf(await dribble(slow.url, head, 'x', 20)), path).toBe(200);
    }
  }, 20_000);

  test('with a file and then silent is put out', async () => {
    for (const path of uploads()) {
      const head = `PUT ${path} HTTP/1.1\r\n${auth}Content-Length: 20\r\n\r\n`;
      const before = performance.now();
      expect(statusOf(await rawHttp(slow.url, [head, 'xx'], 15_000)) ?? 408).toBeGreaterThanOrEqual(400);
      expect(performance.now() - before).toBeLessThan(10_000);
    }
  }, 40_000);

  test('does not keep the others waiting', async () => {
    const head = `POST /api/v1/experiments HTTP/1.1\r\n${auth}Content-Type: application/json\r\nContent-Length: 4000\r\n\r\n{`;
    const crowd = Array.from({ length: 200 }, () => dribble(slow.url, head, ' ', 5));
    expect((await slow.send('GET', '/health')).status).toBe(200);
    await Promise.all(crowd);
    expect((await slow.send('GET', '/health')).status).toBe(200);
  }, 20_000);
});

test('connections that do nothing end, heads take 20 seconds at most, and there are no more at once than memory holds', () => {
  const { server } = app.app;
  expect(server.headersTimeout).toBe(20_000);
  expect(server.timeout).toBe(300_000);
  expect(server.keepAliveTimeout).toBeLessThanOrEqual(75_000);
  expect(server.maxConnections).toBe(10_000);
  // A file of 5 GB over a slow link takes hours: no end is set to a request as a whole.
  expect(server.requestTimeout).toBe(0);
});
