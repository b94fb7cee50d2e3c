import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';
import { withClient } from '../db/roles.ts';

/** Two processes on one database, without Redis. */
let one: TestApp;
let two: TestApp;
beforeAll(async () => {
  one = await startTestApp();
  two = await startTestApp({ beside: one });
});
afterAll(async () => {
  await two?.stop();
  await one?.stop();
});

interface Tokens {
  access_token: string;
  refresh_token: string;
  refresh_expires_in: number;
}
interface Person {
  id: string;
  email: string;
  password: string;
}
interface Shown {
  id: string;
  device: string;
  address: string;
  is_current: boolean;
  last_seen_at: string;
  expires_at: string;
}

const sql = <Row = Record<string, unknown>>(text: string, values: unknown[] = []): Promise<Row[]> =>
  withClient(one.database.superuser, async (client) => (await client.query(text, values)).rows as Row[]);

async function makeTenant(json: object = {}): Promise<string> {
  const slug = `t-${randomUUID()}`;
  const made = await one.send('POST', '/api/v1/tenants', { as: one.operatorKey, json: { slug, ...json } });
  expect(made.status, made.text).toBe(201);
  return slug;
}

async function makePerson(...tenants: string[]): Promise<Person> {
  const email = `${randomUUID()}@example.org`;
  const password = randomUUID();
  const [tenant = await makeTenant(), ...more] = tenants;
  const json = { email, password, tenant, role: 'viewer' };
  const made = await one.send('POST', '/api/v1/users', { as: one.operatorKey, json });
  expect(made.status, made.text).toBe(201);
  for (const other of more) {
    const key = await one.send('POST', `/api/v1/tenants/${other}/keys`, {
      as: one.operatorKey,
      json: { name: 'admin', role: 'tenant_admin' },
    });
    const { key: as } = key.body as { key: string };
    expect((await one.send('POST', '/api/v1/members', { as, json: { email, role: 'viewer' } })).status).toBe(201);
  }
  return { id: (made.body as { id: string }).id, email, password };
}

async function signIn({ email, password }: Person, headers: Record<string, string> = {}): Promise<Tokens> {
  const answer = await one.send('POST', '/api/v1/auth/login', { headers, json: { email, password } });
  expect(answer.status, answer.text).toBe(200);
  return answer.body as Tokens;
}

const me = (as: string, app = one) => app.send('GET', '/api/v1/auth/me', { as });
const refresh = (token: string, app = one) =>
  app.send('POST', '/api/v1/auth/refresh', { json: { refresh_token: token } });
const sessionsOf = async (as: string): Promise<Shown[]> =>
  ((await one.send('GET', '/api/v1/auth/sessions', { as })).body as { items: Shown[] }).items;
const bodyOf = (answer: { body: unknown }) => {
  const { request_id: _, ...rest } = answer.body as Record<string, unknown>;
  return rest;
};
const reasons = async (userId: string) =>
  (
    await sql<{ reason: string }>(
      `SELECT detail->>'reason' AS reason FROM maestro.operator_audit_events
        WHERE actor_id = $1 AND action = 'auth.refresh' ORDER BY created_at`,
      [userId],
    )
  ).map(({ reason }) => reason);

/** As if nobody had used the session for so long. */
async function idleFor(person: Person, minutes: number): Promise<void> {
  await sql("UPDATE maestro.sessions SET last_seen_at = now() - $2 * interval '1 minute' WHERE user_id = $1", [
    person.id,
    minutes,
  ]);
  for (const app of [one, two]) await app.ports.identity.changed({ kind: 'user', id: person.id });
}

describe('refreshing', () => {
  test('50 refreshes of one token at once, in two processes, leave one winner and one live chain', async () => {
    const person = await makePerson();
    const { refresh_token } = await signIn(person);
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, at) => refresh(refresh_token, at % 2 === 0 ? one : two)),
    );
    const won = answers.filter(({ status }) => status === 200);
    expect(won).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(49);
    const unspent = await sql(
      `SELECT 1 FROM maestro.refresh_tokens r JOIN maestro.sessions s USING (session_id)
        WHERE s.user_id = $1 AND s.ended_at IS NULL AND r.used_at IS NULL`,
      [person.id],
    );
    expect(unspent).toHaveLength(1);
    const next = won[0]!.body as Tokens;
    expect((await me(next.access_token)).status).toBe(200);
    expect((await refresh(next.refresh_token)).status).toBe(200);
    expect(new Set(await reasons(person.id))).toEqual(new Set(['used at the same moment']));
  });

  test.each([0, 1])(
    'a second use, at once after the answer to the first, ends the session (process %i)',
    async (at) => {
      const person = await makePerson();
      const { refresh_token, access_token } = await signIn(person);
      const next = (await refresh(refresh_token)).body as Tokens;
      const again = await refresh(refresh_token, [one, two][at]);
      expect(again.status).toBe(401);
      expect((await me(next.access_token)).status).toBe(401);
      expect((await me(access_token)).status).toBe(401);
      expect((await refresh(next.refresh_token)).status).toBe(401);
      expect((await reasons(person.id))[0]).toBe('used twice');
      const [{ end_reason } = { end_reason: '' }] = await sql<{ end_reason: string }>(
        'SELECT end_reason FROM maestro.sessions WHERE user_id = $1',
        [person.id],
      );
      expect(end_reason).toBe('a refresh token was used twice');
    },
  );

  test('a replay after 50 refreshes at once still ends the session', async () => {
    const { refresh_token } = await signIn(await makePerson());
    const answers = await Promise.all(Array.from({ length: 50 }, () => refresh(refresh_token)));
    const { access_token } = answers.find(({ status }) => status === 200)!.body as Tokens;
    expect((await me(access_token)).status).toBe(200);
    expect((await refresh(refresh_token)).status).toBe(401);
    expect((await me(access_token)).status).toBe(401);
  });

  test('every refusal has the same shape: forged, of another kind, spent, racing, ended, idle, oversize', async () => {
    const person = await makePerson();
    const [spent, racing, ended, idle] = [
      await signIn(person),
      await signIn(person),
      await signIn(person),
      await signIn(await makePerson()),
    ];
    await refresh(spent.refresh_token);
    const race = await Promise.all(Array.from({ length: 5 }, () => refresh(racing.refresh_token)));
    await one.send('POST', '/api/v1/auth/logout', { as: ended.access_token });
    await sql("UPDATE maestro.sessions SET last_seen_at = now() - interval '99 days' WHERE user_id <> $1", [person.id]);
    const refused = [
      ...(await Promise.all(
        [
          'nonsense',
          '',
          'x'.repeat(20_000),
          person.id,
          spent.access_token,
          `${spent.refresh_token}x`,
          spent.refresh_token,
          ended.refresh_token,
          idle.refresh_token,
        ].map((token) => refresh(token)),
      )),
      ...race.filter(({ status }) => status !== 200),
    ];
    expect(refused).toHaveLength(13);
    for (const answer of refused) {
      expect(answer.status).toBe(401);
      expect(bodyOf(answer)).toEqual(bodyOf(refused[0]!));
      expect([...answer.headers.keys()]).toEqual([...refused[0]!.headers.keys()]);
    }
  });

  test('keeps the absolute end of the session, however often', async () => {
    const person = await makePerson();
    let { refresh_token } = await signIn(person);
    const endOf = (token: string) =>
      JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()).exp as number;
    const end = endOf(refresh_token);
    for (let i = 0; i < 3; i++) {
      ({ refresh_token } = (await refresh(refresh_token)).body as Tokens);
      expect(endOf(refresh_token)).toBe(end);
    }
  });
});

describe('a session’s limits', () => {
  test('one that is not used for the policy’s time ends, for access and for refresh', async () => {
    const person = await makePerson();
    const tokens = await signIn(person);
    await idleFor(person, 4319);
    expect((await me(tokens.access_token)).status).toBe(200);
    await idleFor(person, 4321);
    expect((await me(tokens.access_token)).status).toBe(401);
    expect((await refresh(tokens.refresh_token)).status).toBe(401);
    expect(
      await sql('SELECT 1 FROM maestro.sessions WHERE user_id = $1 AND ended_at IS NULL', [person.id]),
    ).toHaveLength(1);
  });

  test('use is noted, and puts the idle end off', async () => {
    const person = await makePerson();
    const { access_token } = await signIn(person);
    await idleFor(person, 100);
    expect((await me(access_token)).status).toBe(200);
    await expect
      .poll(async () => Date.now() - Date.parse((await sessionsOf(access_token))[0]!.last_seen_at))
      .toBeLessThan(60_000);
  });

  test('the strictest of the user’s tenants decides, at once when it changes', async () => {
    const [lax, strict] = [await makeTenant({ session_idle_minutes: 10_000 }), await makeTenant()];
    const person = await makePerson(lax, strict);
    const { access_token } = await signIn(person);
    await idleFor(person, 30);
    expect((await me(access_token)).status).toBe(200);
    await idleFor(person, 30);
    const json = { session_idle_minutes: 15 };
    const changed = await one.send('PATCH', `/api/v1/tenants/${strict}`, { as: one.operatorKey, json });
    expect(changed.body).toMatchObject(json);
    expect((await me(access_token)).status).toBe(401);
  });

  test('a tenant’s own administrator sets them, in a session and no longer than the server has them', async () => {
    const [person, tenant] = [await makePerson(), await makeTenant()];
    const made = await one.send('POST', `/api/v1/tenants/${tenant}/keys`, {
      as: one.operatorKey,
      json: { name: 'machine', role: 'tenant_admin' },
    });
    const { key } = made.body as { key: string };
    expect(
      (await one.send('POST', '/api/v1/members', { as: key, json: { email: person.email, role: 'tenant_admin' } }))
        .status,
    ).toBe(201);
    const { access_token } = await signIn(person);
    const headers = { 'x-mlflow-workspace': tenant };
    const set = async (as: string, json: object) => {
      const answer = await one.send('PATCH', '/api/v1/tenant', { as, json, headers });
      return [answer.status, (answer.body as { field?: string }).field];
    };
    expect(await set(key, { session_days: 1 })).toEqual([403, undefined]);
    expect(await set(access_token, { session_days: 8 })).toEqual([400, 'session_days']);
    expect(await set(access_token, { session_idle_minutes: 4_321 })).toEqual([400, 'session_idle_minutes']);
    expect(await set(access_token, { session_days: 7, session_idle_minutes: 15 })).toEqual([200, undefined]);
    const shown = await one.send('GET', '/api/v1/tenant', { as: access_token, headers });
    expect(shown.body).toMatchObject({ session_days: 7, session_idle_minutes: 15 });
    await idleFor(person, 16);
    expect((await me(access_token)).status).toBe(401);
  });

  test('a tenant’s days end its members’ sessions, also those that were open when they were set', async () => {
    const tenant = await makeTenant({ session_days: 2 });
    const person = await makePerson(tenant);
    const { refresh_expires_in, access_token } = await signIn(person);
    expect(Math.abs(refresh_expires_in - 2 * 86_400)).toBeLessThan(60);
    await sql("UPDATE maestro.sessions SET created_at = now() - interval '25 hours' WHERE user_id = $1", [person.id]);
    expect((await me(access_token)).status).toBe(200);
    const set = (session_days: number | null) =>
      one.send('PATCH', `/api/v1/tenants/${tenant}`, { as: one.operatorKey, json: { session_days } });
    expect((await set(1)).status).toBe(200);
    expect((await me(access_token)).status).toBe(401);
    // Laxer again, it lives no longer than it was given at its sign-in.
    expect((await set(300)).status).toBe(200);
    expect(Date.parse((await sessionsOf((await signIn(person)).access_token)).at(-1)!.expires_at)).toBeLessThan(
      Date.now() + 49 * 3_600_000,
    );
    expect((await set(null)).body).toMatchObject({ session_days: null });
  });

  test.each([
    [{ session_days: 0 }, 'session_days'],
    [{ session_days: 366 }, 'session_days'],
    [{ session_days: 1.5 }, 'session_days'],
    [{ session_idle_minutes: 4 }, 'session_idle_minutes'],
    [{ session_idle_minutes: '5' }, 'session_idle_minutes'],
  ])('%j is refused, naming %s', async (json, field) => {
    const path = `/api/v1/tenants/${one.tenants.b.slug}`;
    const { status, text } = await one.send('PATCH', path, { as: one.operatorKey, json });
    expect(status).toBe(400);
    expect(text).toContain(field);
  });
});

describe('a user’s sessions', () => {
  test('are listed with device, address, times and the current one, the newest first, in pages', async () => {
    const person = await makePerson();
    await signIn(person, { 'user-agent': 'an older one' });
    const { access_token } = await signIn(person, { 'user-agent': 'the newer one' });
    await signIn(await makePerson());
    const items = await sessionsOf(access_token);
    expect(items).toMatchObject([
      { device: 'the newer one', address: '127.0.0.1', is_current: true, with_factor: false, is_browser: false },
      { device: 'an older one', is_current: false },
    ]);
    for (const time of ['created_at', 'last_seen_at', 'expires_at'] as const) {
      expect(Number.isNaN(Date.parse((items[0] as unknown as Record<string, string>)[time] ?? ''))).toBe(false);
    }
    const page = async (query: string) =>
      (await one.send('GET', `/api/v1/auth/sessions?limit=1${query}`, { as: access_token })).body as {
        items: Shown[];
        next_page_token: string;
      };
    const first = await page('');
    const second = await page(`&page_token=${first.next_page_token}`);
    expect([first.items[0]?.id, second.items[0]?.id]).toEqual(items.map(({ id }) => id));
    expect(second.next_page_token).toBeNull();
    const forged = Buffer.from(JSON.stringify(['no time', 'no id'])).toString('base64url');
    const bad = await one.send('GET', `/api/v1/auth/sessions?page_token=${forged}`, { as: access_token });
    expect(bad.body).toMatchObject({ status: 400, field: 'page_token' });
  });

  test('end one by one; another user’s is not there, as one that never was', async () => {
    const [person, stranger] = [await makePerson(), await makePerson()];
    const [kept, other] = [await signIn(person), await signIn(person)];
    const theirs = (await sessionsOf((await signIn(stranger)).access_token))[0]!.id;
    const end = (id: string) => one.send('DELETE', `/api/v1/auth/sessions/${id}`, { as: kept.access_token });
    const [foreign, absent] = [await end(theirs), await end(randomUUID())];
    expect([foreign.status, absent.status]).toEqual([404, 404]);
    expect(JSON.stringify(bodyOf(foreign)).replaceAll(theirs, '')).toBe(
      JSON.stringify(bodyOf(absent)).replace(/'[0-9a-f-]{36}'/, "''"),
    );
    const mine = (await sessionsOf(kept.access_token)).find(({ is_current }) => !is_current)!.id;
    expect((await end(mine)).status).toBe(204);
    expect((await me(other.access_token)).status).toBe(401);
    expect((await me(kept.access_token)).status).toBe(200);
    expect((await end(mine)).status).toBe(404);
  });

  test('all others end at once, and the one that asks stays', async () => {
    const person = await makePerson();
    const [kept, ...others] = [await signIn(person), await signIn(person), await signIn(person)];
    const json = { others_only: true };
    const answer = await one.send('POST', '/api/v1/auth/logout-all', { as: kept!.access_token, json });
    expect(answer.body).toEqual({ ended: 2 });
    for (const { access_token, refresh_token } of others) {
      expect((await me(access_token)).status).toBe(401);
      expect((await refresh(refresh_token)).status).toBe(401);
    }
    expect((await me(kept!.access_token)).status).toBe(200);
  });

  test('an operator sees and ends those of anyone, which is audited; nobody else does', async () => {
    const person = await makePerson();
    const { access_token } = await signIn(person);
    const path = `/api/v1/users/${person.id}/sessions`;
    for (const as of [access_token, one.tenants.a.keys.tenant_admin]) {
      for (const method of ['GET', 'DELETE']) expect((await one.send(method, path, { as })).status).toBe(403);
    }
    const listed = await one.send('GET', path, { as: one.operatorKey });
    expect(listed.body).toMatchObject({ items: [{ is_current: false }] });
    expect((await one.send('DELETE', path, { as: one.operatorKey })).body).toEqual({ ended: 1 });
    expect((await me(access_token)).status).toBe(401);
    const events = await sql(
      "SELECT 1 FROM maestro.operator_audit_events WHERE action = 'session.end_all' AND target = $1 AND outcome = 'success'",
      [person.id],
    );
    expect(events).toHaveLength(1);
    const absent = `/api/v1/users/${randomUUID()}/sessions`;
    expect((await one.send('GET', absent, { as: one.operatorKey })).status).toBe(404);
    expect((await one.send('DELETE', absent, { as: one.operatorKey })).status).toBe(404);
  });
});

test('without Redis, what one process revokes another on the same database refuses within half a second', async () => {
  const { access_token } = await signIn(await makePerson());
  expect((await me(access_token, two)).status).toBe(200);
  expect((await one.send('POST', '/api/v1/auth/logout', { as: access_token })).status).toBe(204);
  const began = performance.now();
  await expect.poll(async () => (await me(access_token, two)).status, { interval: 10, timeout: 5000 }).toBe(401);
  expect(performance.now() - began).toBeLessThan(1500);
});
