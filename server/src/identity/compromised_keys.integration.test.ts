import { createPrivateKey, createPublicKey, randomUUID } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';
import { startTestRedis, type TestRedis } from '../../test/redis.ts';
import { testSigningKey } from '../../test/secrets.ts';
import { withClient } from '../db/roles.ts';
import { openTokens } from './tokens.ts';

const samePage = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' };

/** Of two Maestros on one database, `one` is told that the keys are in the wrong hands. */
describe.each(['with Redis', 'without Redis'])('keys of tokens that were withdrawn, in two processes %s,', (where) => {
  let redis: TestRedis | undefined;
  let one: TestApp;
  let two: TestApp;
  let person: { email: string; password: string };

  beforeAll(async () => {
    if (where === 'with Redis') redis = await startTestRedis();
    const shared = redis ? { redis: redis.url } : {};
    one = await startTestApp(shared);
    two = await startTestApp({ ...shared, beside: one });
    for (const { revocations } of [one, two]) {
      await vi.waitUntil(async () => (await revocations.read([])) !== undefined, { timeout: 10_000 });
    }
  });
  afterAll(async () => {
    await two?.stop();
    await one?.stop();
    await redis?.remove();
  });
  beforeEach(async () => {
    person = { email: `${randomUUID()}@example.org`, password: randomUUID() };
    const json = { ...person, tenant: one.tenants.a.slug, role: 'data_scientist' };
    const made = await one.send('POST', '/api/v1/users', { as: one.operatorKey, json });
    expect(made.status, made.text).toBe(201);
  });

  const signIn = async (app: TestApp) => {
    const answer = await app.send('POST', '/api/v1/auth/login', { json: person });
    expect(answer.status, answer.text).toBe(200);
    return answer.body as { access_token: string; refresh_token: string };
  };
  const me = async (app: TestApp, as: string) => (await app.send('GET', '/api/v1/auth/me', { as })).status;
  const refresh = async (app: TestApp, refresh_token: string) =>
    (await app.send('POST', '/api/v1/auth/refresh', { json: { refresh_token } })).status;
  const kidOf = (token: string) =>
    (JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString()) as { kid: string }).kid;
  const published = async (app: TestApp) =>
    ((await app.send('GET', '/.well-known/jwks.json')).body as { keys: { kid: string }[] }).keys.map(({ kid }) => kid);
  const withdraw = async () => {
    const json = { compromised: true };
    const answer = await one.send('POST', '/api/v1/signing-keys/rotate', { as: one.operatorKey, json });
    expect(answer.status, answer.text).toBe(200);
    return answer.body as { items: { kid: string; is_current: boolean }[] };
  };
  const sql = <Row>(text: string, values: unknown[] = []): Promise<Row[]> =>
    withClient(one.database.superuser, async (client) => (await client.query(text, values)).rows as Row[]);

  test('let nobody in whose session began since, with a token that the thief writes', async () => {
    // The first key is the one that test apps are given; this is the first test.
    const privateKey = createPrivateKey(testSigningKey());
    const id = await calculateJwkThumbprint(createPublicKey(privateKey).export({ format: 'jwk' }) as object);
    await withdraw();
    const { access_token } = await signIn(one);
    const { sub, sid } = JSON.parse(Buffer.from(access_token.split('.')[1]!, 'base64url').toString()) as {
      sub: string;
      sid: string;
    };
    const keys = { current: () => ({ id, privateKey }), find: async () => undefined };
    const thief = openTokens({ issuer: 'http://localhost', keys, accessSeconds: 900 });
    const forged = await thief.issueAccess({ userId: sub, sessionId: sid, tenantId: undefined });
    for (const app of [two, one]) {
      expect(await me(app, forged)).toBe(401);
      expect(await me(app, access_token)).toBe(200);
    }
  });

  test('let no token of theirs in on the next request, not even one that was cached', async () => {
    const { access_token, refresh_token } = await signIn(one);
    for (const app of [one, two, one, two]) expect(await me(app, access_token)).toBe(200);
    await withdraw();
    expect(await me(one, access_token)).toBe(401);
    // Without a Redis, processes hear of each other half a second later.
    if (redis) expect(await me(two, access_token)).toBe(401);
    else await vi.waitUntil(async () => (await me(two, access_token)) === 401, { timeout: 1_000 });
    expect([await refresh(two, refresh_token), await refresh(one, refresh_token)]).toEqual([401, 401]);
  });

  test('sign nothing any more: who signs in at any process has a token that every process takes', async () => {
    await signIn(two);
    const { items } = await withdraw();
    const { access_token, refresh_token } = await signIn(two);
    expect([kidOf(access_token)]).toEqual(items.map(({ kid }) => kid));
    for (const app of [one, two]) expect(await me(app, access_token)).toBe(200);
    expect(await refresh(one, refresh_token)).toBe(200);
  });

  test('are not published any more, and stand nowhere', async () => {
    const before = await published(one);
    const { items } = await withdraw();
    expect(items).toMatchObject([{ is_current: true }]);
    expect(await published(one)).toEqual([items[0]!.kid]);
    await vi.waitUntil(async () => (await published(two)).join() === items[0]!.kid, { timeout: 10_000 });
    const kept = await sql<{ kid: string }>('SELECT kid FROM maestro.signing_keys');
    expect(kept).toEqual([{ kid: items[0]!.kid }]);
    expect(before).not.toContain(items[0]!.kid);
  });

  test('end the sessions that have tokens; a browser’s cookie and an API key, which they never signed, go on', async () => {
    const { access_token } = await signIn(one);
    const login = await one.send('POST', '/api/v1/auth/login', {
      json: { ...person, cookie: true },
      headers: samePage,
    });
    const cookie = login.headers.getSetCookie()[0]!.split(';')[0]!;
    const byCookie = () => one.send('GET', '/api/v1/auth/sessions', { headers: { ...samePage, cookie } });
    expect(((await byCookie()).body as { items: unknown[] }).items).toHaveLength(2);
    await withdraw();
    const after = await byCookie();
    expect(after.status).toBe(200);
    expect((after.body as { items: unknown[] }).items).toMatchObject([{ is_current: true }]);
    expect(await me(two, one.tenants.a.keys.viewer)).toBe(200);
    expect(await me(one, access_token)).toBe(401);
  });

  test('are in the operators’ audit, with how many sessions ended', async () => {
    await signIn(one);
    const [before] = await sql<{ kid: string }>('SELECT kid FROM maestro.signing_keys');
    const { items } = await withdraw();
    const [event] = await sql<{ target: string; detail: object }>(
      "SELECT target, detail FROM maestro.operator_audit_events WHERE action = 'signing_key.rotate' ORDER BY seq DESC",
    );
    expect(event).toEqual({
      target: items[0]!.kid,
      detail: { compromised: true, withdrawn: [before?.kid], sessions_ended: 1 },
    });
  });

  test('are withdrawn once by two at the same moment', async () => {
    const before = await published(one);
    await Promise.all([withdraw(), withdraw(), withdraw()]);
    const kept = await sql<{ kid: string }>('SELECT kid FROM maestro.signing_keys');
    expect(kept).toHaveLength(1);
    expect(before).not.toContain(kept[0]?.kid);
    expect(await me(two, (await signIn(two)).access_token)).toBe(200);
  });
});
