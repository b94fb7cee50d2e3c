import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';
import { leastMs } from '../../test/slowness.ts';
import { withClient } from '../db/roles.ts';
import type { Role } from './roles.ts';

interface Tokens {
  access_token: string;
  refresh_token: string;
  expires_in: number;
  refresh_expires_in: number;
}

let maestro: TestApp;
beforeAll(async () => {
  // What hashing costs is what some of these are about.
  maestro = await startTestApp({ policy: { bcryptRounds: 12 } });
});
afterAll(() => maestro.stop());

const rows = <Row extends Record<string, unknown>>(text: string, values: unknown[] = []) =>
  withClient(maestro.database.superuser, async (client) => (await client.query<Row>(text, values)).rows);

async function makeUser(more: { tenant?: string; role?: Role } = {}) {
  const email = `${randomUUID()}@example.com`;
  const made = await maestro.send('POST', '/api/v1/users', { as: maestro.operatorKey, json: { email, ...more } });
  expect(made.status).toBe(201);
  const { id, password } = made.body as { id: string; password: string };
  return { id, email, password };
}

const signIn = (email: string, password: string, more: { tenant?: string } = {}) =>
  maestro.send('POST', '/api/v1/auth/login', { json: { email, password, ...more } });

async function session(user: { email: string; password: string }): Promise<Tokens> {
  const answer = await signIn(user.email, user.password);
  expect(answer.status).toBe(200);
  return answer.body as Tokens;
}

const me = (as: string) => maestro.send('GET', '/api/v1/auth/me', { as });
const refresh = (token: string) => maestro.send('POST', '/api/v1/auth/refresh', { json: { refresh_token: token } });
const changeUser = (id: string, json: object) =>
  maestro.send('PATCH', `/api/v1/users/${id}`, { as: maestro.operatorKey, json });

/** A refusal without what differs by request. */
const refusalOf = ({ status, body }: { status: number; body: unknown }) => {
  const { request_id: _, ...problem } = body as Record<string, unknown>;
  return { status, problem };
};

describe('signing in', () => {
  test('a password gives a session of 7 days and an access token of 15 minutes that says who it is', async () => {
    const user = await makeUser({ tenant: 'tenant-a', role: 'viewer' });
    const tokens = await session(user);
    expect(tokens.expires_in).toBe(900);
    expect(Math.abs(tokens.refresh_expires_in - 7 * 86_400)).toBeLessThan(30);
    expect((await me(tokens.access_token)).body).toMatchObject({
      kind: 'user',
      id: user.id,
      is_operator: false,
      tenant: { tenant: { slug: 'tenant-a' }, role: 'viewer' },
    });
  });

  test('the letter case of an e-mail address does not matter', async () => {
    const user = await makeUser();
    expect((await signIn(user.email.toUpperCase(), user.password)).status).toBe(200);
  });

  test('an unknown user, a wrong password, an inactive user and one without a password get the same answer', async () => {
    const [wrong, inactive, without] = [await makeUser(), await makeUser(), await makeUser()];
    expect((await changeUser(inactive.id, { is_active: false })).status).toBe(200);
    await rows('UPDATE maestro.users SET password_hash = NULL WHERE user_id = $1', [without.id]);
    const answers = [
      await signIn(`${randomUUID()}@example.com`, 'whatever'),
      await signIn(wrong.email, 'wrong'),
      await signIn(inactive.email, inactive.password),
      await signIn(without.email, without.password),
    ].map(refusalOf);
    expect(answers[0]?.status).toBe(401);
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  });

  test('of a burst of tries for one user no more than the free ones get through', async () => {
    const user = await makeUser();
    const tries = [...Array.from({ length: 9 }, () => signIn(user.email, 'wrong')), signIn(user.email, user.password)];
    const statuses = (await Promise.all(tries)).map(({ status }) => status);
    // Which of them come first is up to the network; the right one may be among the five.
    expect(statuses.filter((status) => status !== 429).length).toBeLessThanOrEqual(6);
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(4);
  });

  test('a tenant that the user is not in does not exist', async () => {
    const user = await makeUser({ tenant: 'tenant-a' });
    const [other, absent] = [
      await signIn(user.email, user.password, { tenant: 'tenant-b' }),
      await signIn(user.email, user.password, { tenant: 'tenant-x' }),
    ];
    expect(other.status).toBe(404);
    expect(absent.status).toBe(404);
    expect((await signIn(user.email, user.password, { tenant: 'tenant-a' })).status).toBe(200);
  });

  test('successes and refusals stand in the operators’ audit, and no secret does', async () => {
    const user = await makeUser();
    const guess = `guess-${randomUUID()}`;
    await signIn(user.email, guess);
    const tokens = await session(user);
    await refresh(tokens.refresh_token);
    await refresh(tokens.refresh_token);
    const events = await rows(
      `SELECT action, outcome, detail->>'reason' AS reason FROM maestro.operator_audit_events
        WHERE actor_id = $1 ORDER BY created_at`,
      [user.id],
    );
    expect(events).toEqual([
      { action: 'auth.login', outcome: 'refused', reason: 'wrong password' },
      { action: 'auth.login', outcome: 'success', reason: null },
      { action: 'auth.refresh', outcome: 'refused', reason: 'used twice' },
    ]);
    const all = JSON.stringify(await rows('SELECT * FROM maestro.operator_audit_events'));
    for (const secret of [guess, user.password, tokens.refresh_token, tokens.access_token]) {
      expect(all).not.toContain(secret);
    }
  });

  test.each([
    [{ email: 'a@x.org' }, 'password'],
    [{ email: 'not an address', password: 'x' }, 'email'],
    [{ email: 'a@x.org', password: 'nul \0' }, 'password'],
    [{ email: 'a@x.org', password: 'half \ud800' }, 'password'],
    [{ email: 'a@x.org', password: 7 }, 'password'],
    [{ email: 'a@x.org', password: 'x', is_operator: true }, 'is_operator'],
    [{ email: 'a@x.org', password: 'x', tenant: 'Not A Slug' }, 'tenant'],
  ])('%j is refused, naming %s', async (json, field) => {
    const { status, text } = await maestro.send('POST', '/api/v1/auth/login', { json });
    expect(status).toBe(400);
    expect(text).toContain(field);
  });
});

describe('sessions', () => {
  test('a refresh token gives one new pair and keeps the session’s end', async () => {
    const first = await session(await makeUser());
    const second = (await refresh(first.refresh_token)).body as Tokens;
    expect(second.refresh_token).not.toBe(first.refresh_token);
    expect(second.refresh_expires_in).toBeLessThanOrEqual(first.refresh_expires_in);
    expect((await me(second.access_token)).status).toBe(200);
  });

  test('a refresh token used twice ends the whole session, its newest tokens included', async () => {
    const first = await session(await makeUser());
    const second = (await refresh(first.refresh_token)).body as Tokens;
    expect((await me(second.access_token)).status).toBe(200);
    expect((await refresh(first.refresh_token)).status).toBe(401);
    expect((await me(first.access_token)).status).toBe(401);
    expect((await me(second.access_token)).status).toBe(401);
    expect((await refresh(second.refresh_token)).status).toBe(401);
  });

  test('of many refreshes of one token at once, one wins at most', async () => {
    const { refresh_token } = await session(await makeUser());
    const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(refresh_token)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  test('every refusal of a refresh is the same', async () => {
    const [used, ended] = [await session(await makeUser()), await session(await makeUser())];
    await refresh(used.refresh_token);
    await maestro.send('POST', '/api/v1/auth/logout', { as: ended.access_token });
    const answers = [
      await refresh('nonsense'),
      await refresh(used.access_token),
      await refresh(used.refresh_token),
      await refresh(ended.refresh_token),
    ].map(refusalOf);
    expect(answers[0]?.status).toBe(401);
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  });

  test('after signing out neither token holds, and other sessions of the user do', async () => {
    const user = await makeUser();
    const [one, other] = [await session(user), await session(user)];
    expect((await me(one.access_token)).status).toBe(200);
    expect((await maestro.send('POST', '/api/v1/auth/logout', { as: one.access_token })).status).toBe(204);
    expect((await me(one.access_token)).status).toBe(401);
    expect((await refresh(one.refresh_token)).status).toBe(401);
    expect((await me(other.access_token)).status).toBe(200);
  });

  test('a refresh token does not open what an access token opens', async () => {
    const { refresh_token } = await session(await makeUser());
    expect((await me(refresh_token)).status).toBe(401);
  });

  test.each([{ is_active: false }, { password: 'a password that is another one' }])(
    'a user changed by %j is signed out everywhere at once',
    async (change) => {
      const user = await makeUser();
      const tokens = await session(user);
      expect((await me(tokens.access_token)).status).toBe(200);
      expect((await changeUser(user.id, change)).status).toBe(200);
      expect((await me(tokens.access_token)).status).toBe(401);
      expect((await refresh(tokens.refresh_token)).status).toBe(401);
    },
  );

  test('a session that has run out holds no more, though its token has not', async () => {
    const user = await makeUser();
    const tokens = await session(user);
    await rows("UPDATE maestro.sessions SET expires_at = now() - interval '1 second' WHERE user_id = $1", [user.id]);
    expect((await me(tokens.access_token)).status).toBe(401);
    expect((await refresh(tokens.refresh_token)).status).toBe(401);
  });

  test('neither passwords nor refresh tokens stand in the database', async () => {
    const user = await makeUser();
    const { refresh_token } = await session(user);
    const payload = JSON.parse(Buffer.from(refresh_token.split('.')[1]!, 'base64url').toString()) as { jti: string };
    const kept = JSON.stringify([
      await rows('SELECT * FROM maestro.users'),
      await rows("SELECT encode(token_hash, 'escape') AS token FROM maestro.refresh_tokens"),
      await rows('SELECT * FROM maestro.sessions'),
    ]);
    expect(kept).not.toContain(user.password);
    expect(kept).not.toContain(payload.jti);
  });

  test('a stale token does not keep its holder from signing in', async () => {
    const user = await makeUser();
    const answer = await maestro.send('POST', '/api/v1/auth/login', {
      as: 'stale',
      json: { email: user.email, password: user.password },
    });
    expect(answer.status).toBe(200);
  });
});

describe('credentials', () => {
  test.each([
    'Bearer',
    'Bearer ',
    'Bearer nonsense',
    'Bearer mst_nonsense',
    'Bearer mop_nonsense',
    'Basic',
    'Basic !!!',
    `Basic ${Buffer.from('no colon').toString('base64')}`,
    `Basic ${Buffer.from('admin@localhost:password').toString('base64')}`,
    'Digest username="x"',
    'nonsense',
  ])('%s gets the one refusal that all bad credentials get', async (authorization) => {
    const answer = await maestro.send('GET', '/api/v1/auth/me', { headers: { authorization } });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toContain('Bearer');
    expect((answer.body as { detail: string }).detail).toBe('The credentials do not hold.');
  });

  test('a key opens as Bearer and as Basic’s password under any user name', async () => {
    const key = maestro.tenants.a.keys.viewer;
    for (const authorization of [
      `Bearer ${key}`,
      `bearer ${key}`,
      `Basic ${Buffer.from(`anybody:${key}`).toString('base64')}`,
      `Basic ${Buffer.from(`:${key}`).toString('base64')}`,
    ]) {
      const answer = await maestro.send('GET', '/api/v1/auth/me', { headers: { authorization } });
      expect(answer.body).toMatchObject({ kind: 'service_account', tenant: { tenant: { slug: 'tenant-a' } } });
    }
  });

  test('neither the operator key nor an access token passes as Basic’s password', async () => {
    const { access_token } = await session(await makeUser());
    for (const secret of [maestro.operatorKey, access_token]) {
      const authorization = `Basic ${Buffer.from(`x:${secret}`).toString('base64')}`;
      expect((await maestro.send('GET', '/api/v1/auth/me', { headers: { authorization } })).status).toBe(401);
    }
  });

  test('the public keys that verify a token are readable by anyone', async () => {
    const answer = await maestro.send('GET', '/.well-known/jwks.json');
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ keys: [expect.objectContaining({ kty: 'RSA', alg: 'RS256', use: 'sig' })] });
  });

  test('a known credential costs under 5 µs', async () => {
    const { identity } = maestro.ports;
    const headers = { authorization: `Bearer ${maestro.tenants.a.keys.viewer}` };
    await identity.authenticate(headers, '');
    const calls = 50_000;
    const most = (5 * calls) / 1000;
    const run = async () => {
      for (let i = 0; i < calls; i++) await identity.authenticate(headers, '');
    };
    expect(await leastMs(most, run)).toBeLessThan(most);
  });
});
