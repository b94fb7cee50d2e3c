import { hash, randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestAnswer, type TestApp } from '../../test/app.ts';
import { withClient } from '../db/roles.ts';

let maestro: TestApp;
let cookieName: string;
let user: { id: string; email: string; password: string };

beforeAll(async () => {
  // A request that is injected comes in at no address by which its host could be known.
  maestro = await startTestApp({ allowedHosts: ['127.0.0.1'] });
  cookieName = `maestro-${new URL(maestro.url).port}`;
  const email = `${randomUUID()}@example.org`;
  const password = randomUUID();
  const json = { email, password, tenant: maestro.tenants.a.slug, role: 'data_scientist' };
  const made = await maestro.send('POST', '/api/v1/users', { as: maestro.operatorKey, json });
  user = { id: (made.body as { id: string }).id, email, password };
});
afterAll(() => maestro?.stop());

const samePage = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' };
const crossSite = { ...samePage, 'sec-fetch-site': 'cross-site' };
const visit = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };

const signIn = (headers: Record<string, string>, more: object = {}): Promise<TestAnswer> =>
  maestro.send('POST', '/api/v1/auth/login', {
    headers,
    json: { email: user.email, password: user.password, cookie: true, ...more },
  });

/** The `name=value` of a fresh browser session. */
async function cookieOf(headers: Record<string, string> = samePage): Promise<string> {
  const answer = await signIn(headers);
  expect(answer.status, answer.text).toBe(200);
  return answer.headers.getSetCookie()[0]!.split(';')[0]!;
}

const me = (headers: Record<string, string>) => maestro.send('GET', '/api/v1/auth/me', { headers });
const makeExperiment = (headers: Record<string, string>) =>
  maestro.send('POST', '/api/v1/experiments', { headers, json: { name: randomUUID() } });

describe('signing in with a browser', () => {
  test('sets one HttpOnly cookie named after the port, and no token is in the answer', async () => {
    const answer = await signIn(samePage);
    expect(answer.status).toBe(200);
    const [cookie, ...more] = answer.headers.getSetCookie();
    expect(more).toEqual([]);
    expect(cookie).toMatch(new RegExp(`^${cookieName}=[\\w-]{43}; Max-Age=\\d+; Path=/; HttpOnly; SameSite=Lax$`));
    expect(answer.headers.get('cache-control')).toContain('no-store');
    expect(answer.body).toEqual({ session: { id: expect.any(String), expires_at: expect.any(String) } });
    expect(answer.text).not.toMatch(/token|eyJ/);
  });

  test('opens both faces with the cookie alone', async () => {
    const headers = { ...samePage, cookie: await cookieOf() };
    expect((await me(headers)).body).toMatchObject({ kind: 'user', id: user.id });
    expect((await makeExperiment(headers)).status).toBe(201);
    const path = '/api/2.0/mlflow/experiments/get?experiment_id=0';
    expect((await maestro.send('GET', path, { headers })).status).toBe(200);
    const json = { name: randomUUID() };
    const made = await maestro.send('POST', '/ajax-api/2.0/mlflow/experiments/create', { headers, json });
    expect(made.status).toBe(200);
  });

  test('never adopts a cookie that came in, and ends the session that it was of', async () => {
    const planted = `${cookieName}=${randomBytes(32).toString('base64url')}`;
    const fresh = await cookieOf({ ...samePage, cookie: planted });
    expect(fresh).not.toBe(planted);
    expect((await me({ ...samePage, cookie: planted })).status).toBe(401);
    const again = await cookieOf({ ...samePage, cookie: fresh });
    expect(again).not.toBe(fresh);
    expect((await me({ ...samePage, cookie: fresh })).status).toBe(401);
    expect((await me({ ...samePage, cookie: again })).status).toBe(200);
  });

  test('anew, without leaving, replaces the cookie: the one of before holds no more', async () => {
    const former = { ...samePage, cookie: await cookieOf() };
    const again = (headers: Record<string, string>, password = user.password) =>
      maestro.send('POST', '/api/v1/auth/reauthenticate', { headers, json: { password } });
    const refused = await again(former, 'another password');
    expect([refused.status, refused.headers.getSetCookie()]).toEqual([401, []]);
    const answer = await again(former);
    expect(answer.status, answer.text).toBe(200);
    const [cookie = ''] = answer.headers.getSetCookie();
    expect(cookie).toMatch(/^[\w-]+=[\w-]{43}; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Lax$/);
    expect((await me(former)).status).toBe(401);
    expect((await me({ ...samePage, cookie: cookie.split(';')[0]! })).body).toMatchObject({ id: user.id });
  });

  test('keeps the secret hashed', async () => {
    const secret = (await cookieOf()).split('=')[1]!;
    const kept = await withClient(maestro.database.superuser, async (client) => {
      const { rows } = await client.query('SELECT cookie_hash, s::text AS all FROM maestro.sessions s');
      return rows as { cookie_hash: Buffer | null; all: string }[];
    });
    expect(kept.some(({ all }) => all.includes(secret))).toBe(false);
    expect(kept.some(({ cookie_hash: kept }) => kept?.equals(hash('sha256', secret, 'buffer')))).toBe(true);
  });

  test('by a page of another site, or by what says nothing of where it comes from, is refused', async () => {
    const refused = [
      crossSite,
      { ...samePage, 'sec-fetch-site': 'same-site' },
      { ...samePage, 'sec-fetch-site': 'none' },
      { origin: 'http://elsewhere.example' },
      { origin: 'null' },
      {},
    ];
    for (const headers of refused) {
      const answer = await signIn(headers as Record<string, string>);
      expect(answer.status, JSON.stringify(headers)).toBe(403);
      expect(answer.headers.getSetCookie()).toEqual([]);
    }
    expect((await signIn({ origin: maestro.url })).status).toBe(200);
  });

  test('without asking for a cookie gives tokens and no cookie, from anywhere', async () => {
    const answer = await signIn({}, { cookie: false });
    expect(answer.status).toBe(200);
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(answer.body).toHaveProperty('access_token');
  });
});

describe('over TLS', () => {
  let secure: TestApp;
  beforeAll(async () => {
    secure = await startTestApp({
      beside: maestro,
      trustProxy: ['127.0.0.1'],
      allowedHosts: ['maestro.example.org'],
    });
  });
  afterAll(() => secure?.stop());

  const proxied = { ...samePage, host: 'maestro.example.org', 'x-forwarded-proto': 'https' };
  const inject = (headers: Record<string, string>, url = '/api/v1/auth/login', method: 'GET' | 'POST' = 'POST') =>
    secure.app.inject({
      method,
      url,
      headers,
      ...(method === 'POST' ? { payload: { email: user.email, password: user.password, cookie: true } } : {}),
    });

  test('the cookie is bound to the host and to TLS by its name', async () => {
    const answer = await inject(proxied);
    expect(answer.statusCode, answer.body).toBe(200);
    const cookie = String(answer.headers['set-cookie']);
    expect(cookie).toMatch(/^__Host-maestro=[\w-]{43}; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Lax; Secure$/);
    const pair = cookie.split(';')[0]!;
    expect((await inject({ ...proxied, cookie: pair }, '/api/v1/auth/me', 'GET')).statusCode).toBe(200);
    // In the clear it is no cookie of ours, and so is one of another name over TLS.
    expect((await me({ ...samePage, cookie: pair })).status).toBe(401);
    const renamed = pair.replace('__Host-maestro', 'maestro-443');
    expect((await inject({ ...proxied, cookie: renamed }, '/api/v1/auth/me', 'GET')).statusCode).toBe(401);
  });

  test('a browser elsewhere gets no cookie over a network in clear', async () => {
    const answer = await inject({
      ...proxied,
      'x-forwarded-proto': 'http',
      'x-forwarded-for': '203.0.113.7',
    });
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ field: 'cookie', detail: expect.stringContaining('HTTPS') });
    expect(answer.headers['set-cookie']).toBeUndefined();
  });
});

describe('a request with a browser’s cookie', () => {
  test.each([
    ['from our own page', samePage, 201],
    ['with our Origin, of a browser that knows no Fetch Metadata', { origin: 'ours' }, 201],
    ['from a page of another site', crossSite, 403],
    ['from a page of a sister site', { ...samePage, 'sec-fetch-site': 'same-site' }, 403],
    ['from a page of another site, though with our Origin', { ...crossSite, origin: 'ours' }, 403],
    ['typed by its user, which no POST is', { ...visit, 'sec-fetch-site': 'none' }, 403],
    ['sent by a form of another site', visit, 403],
    ['with the Origin of another site', { origin: 'http://elsewhere.example' }, 403],
    ['with the Origin of another port', { origin: 'http://127.0.0.1:1' }, 403],
    ['with our Origin over another scheme', { origin: 'ours over TLS' }, 403],
    ['with no Origin to be known', { origin: 'null' }, 403],
    ['that says nothing of where it comes from', {}, 403],
  ])('that changes something, %s: %j gets %i', async (_what, given, status) => {
    const headers: Record<string, string> = { ...given, cookie: await cookieOf() };
    if (headers.origin === 'ours') headers.origin = maestro.url;
    if (headers.origin === 'ours over TLS') headers.origin = maestro.url.replace('http:', 'https:');
    expect((await makeExperiment(headers)).status).toBe(status);
    const made = await maestro.send('POST', '/api/2.0/mlflow/experiments/create', {
      headers,
      json: { name: randomUUID() },
    });
    expect(made.status).toBe(status === 201 ? 200 : status);
  });

  test.each([
    ['from our own page', samePage, 200],
    ['that its user typed', { ...visit, 'sec-fetch-site': 'none' }, 200],
    ['that its user followed a link to', visit, 200],
    ['of a program, or of a browser that knows no Fetch Metadata', {}, 200],
    ['from a script of another site', crossSite, 403],
    ['as an image of another site', { ...crossSite, 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }, 403],
    ['in a frame of another site', { ...visit, 'sec-fetch-dest': 'iframe' }, 403],
    ['with the Origin of another site', { origin: 'http://elsewhere.example' }, 403],
  ])('that reads, %s: %j gets %i', async (_what, given, status) => {
    // Not by fetch, which writes a Sec-Fetch-Mode of its own.
    const { host } = new URL(maestro.url);
    const headers = { ...(given as Record<string, string>), host, cookie: await cookieOf() };
    for (const url of ['/api/v1/auth/me', '/api/2.0/mlflow/experiments/get?experiment_id=0']) {
      expect((await maestro.app.inject({ url, headers })).statusCode).toBe(status);
    }
  });

  test('of a page that somebody else opened does nothing, and the session goes on', async () => {
    const headers = { ...samePage, cookie: await cookieOf() };
    expect((await makeExperiment({ ...headers, 'x-maestro-user': user.id })).status).toBe(201);
    for (const named of [randomUUID(), 'nobody', '']) {
      const answer = await makeExperiment({ ...headers, 'x-maestro-user': named });
      expect(answer.status, named).toBe(401);
      expect(answer.text).toContain('Somebody else has signed in');
    }
    expect((await makeExperiment(headers)).status).toBe(201);
  });

  test('and an Authorization header is by the header alone, whatever the cookie is', async () => {
    const cookie = await cookieOf();
    const as = maestro.tenants.a.keys.viewer;
    const both = await maestro.send('GET', '/api/v1/auth/me', { as, headers: { ...samePage, cookie } });
    expect(both.body).toMatchObject({ kind: 'service_account' });
    expect(
      (await maestro.send('GET', '/api/v1/auth/me', { as: 'mst_false', headers: { ...samePage, cookie } })).status,
    ).toBe(401);
    // A key that a page of another site sends is that page's own.
    expect((await maestro.send('GET', '/api/v1/auth/me', { as, headers: { ...crossSite, cookie } })).status).toBe(200);
  });

  test('of which there are two, or which cannot be ours, is refused; those of others are not looked at', async () => {
    const cookie = await cookieOf();
    const [name, secret] = cookie.split('=') as [string, string];
    const stranger = `${name}=${randomBytes(32).toString('base64url')}`;
    const bad = [
      `${cookie}; ${stranger}`,
      `${stranger}; ${cookie}`,
      `${cookie}; ${cookie}`,
      stranger,
      `${name}=`,
      `${name}=x`,
      `${name}="${secret}"`,
      `${cookie}x`,
      `${name}=${'a'.repeat(5000)}`,
      `${name}=%00${secret}`,
    ];
    for (const each of bad) expect((await me({ ...samePage, cookie: each })).status, each.slice(0, 90)).toBe(401);
    expect((await me({ ...samePage, cookie: `theme=dark; ${cookie};other=1` })).status).toBe(200);
    for (const other of ['theme=dark', `${name}0=${secret}`, `__Host-maestro=${secret}`, `x${cookie}`, ';;=;']) {
      expect((await me({ ...samePage, cookie: other })).status, other).toBe(401);
    }
  });

  test('after signing out is refused, and the browser is told to forget the cookie', async () => {
    const headers = { ...samePage, cookie: await cookieOf() };
    expect((await me(headers)).status).toBe(200);
    const answer = await maestro.send('POST', '/api/v1/auth/logout', { headers });
    expect(answer.status).toBe(204);
    expect(answer.headers.getSetCookie()).toEqual([`${cookieName}=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax`]);
    expect((await me(headers)).status).toBe(401);
  });

  test('cannot be signed out by a page of another site', async () => {
    const cookie = await cookieOf();
    expect((await maestro.send('POST', '/api/v1/auth/logout', { headers: { ...crossSite, cookie } })).status).toBe(403);
    expect((await me({ ...samePage, cookie })).status).toBe(200);
  });

  test('is a session among the user’s, marked as a browser’s', async () => {
    const headers = { ...samePage, cookie: await cookieOf(), 'user-agent': 'Firefox of a test' };
    const { items } = (await maestro.send('GET', '/api/v1/auth/sessions', { headers })).body as {
      items: { is_current: boolean; is_browser: boolean }[];
    };
    expect(items.filter(({ is_current }) => is_current)).toEqual([expect.objectContaining({ is_browser: true })]);
  });
});

test('no token counts that stands in a URL', async () => {
  const answer = await signIn({}, { cookie: false });
  const { access_token: token } = answer.body as { access_token: string };
  const key = maestro.tenants.a.keys.viewer;
  for (const query of [
    `access_token=${token}`,
    `token=${token}`,
    `authorization=Bearer%20${token}`,
    `api_key=${key}`,
  ]) {
    expect((await maestro.send('GET', `/api/2.0/mlflow/experiments/get?experiment_id=0&${query}`)).status).toBe(401);
    expect((await maestro.send('GET', `/api/v1/auth/me?${query}`)).status).toBe(401);
  }
});

test('a flood of false cookies is slowed as one of false keys is', async () => {
  const flooded = await startTestApp({ beside: maestro });
  try {
    const name = `maestro-${new URL(flooded.url).port}`;
    const tries = Array.from({ length: 300 }, () => {
      const cookie = `${name}=${randomBytes(32).toString('base64url')}`;
      return flooded.send('GET', '/api/v1/auth/me', { headers: { ...samePage, cookie } });
    });
    const statuses = (await Promise.all(tries)).map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
    expect(statuses.filter((status) => status === 401).length).toBeLessThan(280);
  } finally {
    await flooded.stop();
  }
});
