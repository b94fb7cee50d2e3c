import { randomBytes, randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';
import { type People, type Person, peopleOf } from '../../test/people.ts';
import { withClient } from '../db/roles.ts';
import { mintKey } from './key_text.ts';

interface Key {
  id: string;
  key: string;
  scopes: string[] | null;
  expires_at: string | null;
}

let maestro: TestApp;
let people: People;
let admin: Person;
let scientist: Person;

beforeAll(async () => {
  maestro = await startTestApp({ policy: { apiKeyDays: 30 } });
  people = peopleOf(maestro);
  await maestro.send('PATCH', '/api/v1/tenants/tenant-a', { as: maestro.operatorKey, json: { max_users: 1000 } });
  admin = await people.member('tenant_admin');
  scientist = await people.member('data_scientist');
});
afterAll(() => maestro?.stop());

const statusOf = async (as: string, path = '/experiments', method = 'GET', json?: unknown) =>
  (await people.native(as, method, path, json)).status;
const canWrite = (as: string) => statusOf(as, '/experiments', 'POST', { name: randomUUID() });
async function made(as: string, path: string, json: object = {}): Promise<Key> {
  const answer = await people.native(as, 'POST', path, { name: randomUUID(), ...json });
  expect(answer.status, answer.text).toBe(201);
  return answer.body as Key;
}
const daysLeft = ({ expires_at }: Key) => (Date.parse(expires_at ?? '') - Date.now()) / 86_400_000;
const rows = <Row extends Record<string, unknown>>(text: string, values: unknown[] = []) =>
  withClient(maestro.database.superuser, async (client) => (await client.query<Row>(text, values)).rows);

const mlflow = (header: string, path: string, json?: unknown) =>
  maestro.send(json === undefined ? 'GET' : 'POST', `/api/2.0/mlflow/${path}`, {
    headers: { authorization: header },
    ...(json === undefined ? {} : { json }),
  });

describe('the scopes of a key', () => {
  test('narrow what its holder may do, on both faces, as a bearer token and as Basic’s password', async () => {
    const { key, scopes } = await made(scientist.as, '/me/keys', { scopes: ['experiment:read'] });
    expect(scopes).toEqual(['experiment:read']);
    const basic = (name: string) => `Basic ${Buffer.from(`${name}:${key}`).toString('base64')}`;
    for (const header of [`Bearer ${key}`, basic('anyone'), basic('')]) {
      const native = (method: string, json?: unknown) =>
        maestro.send(method, '/api/v1/experiments', {
          headers: { authorization: header },
          ...(json === undefined ? {} : { json }),
        });
      expect((await native('GET')).status).toBe(200);
      expect((await native('POST', { name: randomUUID() })).status).toBe(403);
      expect((await mlflow(header, 'experiments/get?experiment_id=0')).status).toBe(200);
      const refused = await mlflow(header, 'experiments/create', { name: randomUUID() });
      expect([refused.status, (refused.body as { error_code: string }).error_code]).toEqual([403, 'PERMISSION_DENIED']);
    }
  });

  test('are no wider than their maker, nor than the account that holds the key', async () => {
    expect(await statusOf(scientist.as, '/me/keys', 'POST', { name: 'x', scopes: ['key:write'] })).toBe(403);
    const wide = { name: randomUUID(), role: 'viewer', scopes: ['run:write'] };
    const refused = await people.native(admin.as, 'POST', '/keys', wide);
    expect([refused.status, (refused.body as { field: string }).field]).toEqual([400, 'scopes']);
    // Nothing is left of what was refused.
    const accounts = await people.native(admin.as, 'GET', '/service-accounts?limit=1000');
    expect(accounts.text).not.toContain(wide.name);
  });

  test('are permissions that there are, at least one', async () => {
    for (const scopes of [['run:fly'], [], 'run:read', ['*']]) {
      const answer = await people.native(scientist.as, 'POST', '/me/keys', { name: 'x', scopes });
      expect([answer.status, String((answer.body as { field: string }).field)]).toEqual([
        400,
        expect.stringMatching(/^scopes/),
      ]);
    }
  });

  test('do not come back when the holder loses them: 403, until the holder has them again', async () => {
    const user = await people.member('data_scientist');
    const { key } = await made(user.as, '/me/keys', { scopes: ['experiment:write', 'experiment:read'] });
    expect(await canWrite(key)).toBe(201);
    await statusOf(admin.as, `/members/${user.id}`, 'PATCH', { role: 'viewer' });
    expect([await canWrite(key), await statusOf(key)]).toEqual([403, 200]);
    await statusOf(admin.as, `/members/${user.id}`, 'PATCH', { role: 'data_scientist' });
    expect(await canWrite(key)).toBe(201);
  });

  test('hold against what is granted to the holder on a single thing', async () => {
    const user = await people.member('viewer');
    const { experiment_id: id } = await people.asAdmin<{ experiment_id: number }>('POST', '/experiments', {
      name: randomUUID(),
    });
    const subject = { kind: 'user', id: user.id };
    const resource = { kind: 'experiment', id: String(id) };
    await people.asAdmin('POST', '/grants', { subject, resource, permissions: ['experiment:write'] });
    const rename = (as: string) => statusOf(as, `/experiments/${id}`, 'PATCH', { name: randomUUID() });
    const narrow = await made(user.as, '/me/keys', { scopes: ['experiment:read'] });
    const whole = await made(user.as, '/me/keys');
    expect([await rename(user.as), await rename(whole.key), await rename(narrow.key)]).toEqual([200, 200, 403]);
  });

  test('are told to who asks what the key may', async () => {
    const { key } = await made(scientist.as, '/me/keys', { scopes: ['experiment:read', 'tenant:read'] });
    const why = async (permission: string) => {
      const answer = await people.native(key, 'GET', `/access/why?permission=${permission}`);
      return answer.body as { permissions: { permission: string }[]; answer: { allowed: boolean; reason: string } };
    };
    expect((await why('experiment:read')).answer.allowed).toBe(true);
    const { answer, permissions } = await why('experiment:write');
    expect(answer).toMatchObject({ allowed: false, reason: expect.stringContaining('the scopes of this key') });
    expect(permissions.map(({ permission }) => permission)).toEqual(['experiment:read', 'tenant:read']);
  });

  test('go on to what the key makes: it makes nothing wider than itself', async () => {
    const clerk = await made(admin.as, '/keys', {
      role: 'tenant_admin',
      scopes: ['key:write', 'key:read', 'run:read'],
    });
    expect(await statusOf(clerk.key, '/keys', 'POST', { name: randomUUID(), role: 'tenant_admin' })).toBe(403);
    expect(await statusOf(clerk.key, '/service-accounts', 'POST', { name: randomUUID(), role: 'viewer' })).toBe(403);
    const more = { name: randomUUID(), role: 'viewer', scopes: ['run:read', 'experiment:read'] };
    expect(await statusOf(clerk.key, '/keys', 'POST', more)).toBe(403);
  });
});

describe('a key of a user’s own', () => {
  test('makes and rotates no keys for its user', async () => {
    const { id, key } = await made(admin.as, '/me/keys');
    for (const path of ['/me/keys', `/me/keys/${id}/rotate`, `/keys/${id}/rotate`]) {
      const json = path.endsWith('rotate') ? {} : { name: 'x' };
      expect(await statusOf(key, path, 'POST', json), path).toBe(403);
    }
  });

  test('changes neither password, address, name nor factors of its user, and neither sees nor ends a session', async () => {
    const email = `${randomUUID()}@example.org`;
    const password = randomBytes(16).toString('hex');
    const user = { email, password, tenant: 'tenant-a', role: 'tenant_admin' };
    expect(await statusOf(maestro.operatorKey, '/users', 'POST', user)).toBe(201);
    const signIn = () => maestro.send('POST', '/api/v1/auth/login', { json: { email, password } });
    const { access_token: session } = (await signIn()).body as { access_token: string };
    const { key } = await made(session, '/me/keys');
    const { items } = (await people.native(session, 'GET', '/auth/sessions')).body as { items: { id: string }[] };
    const refused: [string, string, unknown?][] = [
      ['POST', '/me/password', { current_password: password, new_password: randomBytes(16).toString('hex') }],
      ['POST', '/me/email', { email: `${randomUUID()}@example.org` }],
      ['PATCH', '/me/profile', { name: 'x' }],
      ['GET', '/me/factors'],
      ['POST', '/me/factors/totp', {}],
      ['POST', '/me/factors/backup-codes', {}],
      ['POST', '/me/factors/webauthn/options', {}],
      ['DELETE', `/me/factors/${randomUUID()}`],
      ['GET', '/auth/sessions'],
      ['DELETE', `/auth/sessions/${items[0]?.id}`],
      ['POST', '/auth/logout-all', {}],
      ['POST', '/auth/logout', {}],
    ];
    const answers = await Promise.all(
      refused.map(async ([method, path, json]) => {
        const { status, body } = await people.native(key, method, path, json);
        return { path, status, type: (body as { type?: string }).type ?? '' };
      }),
    );
    // Not for a fault in what was sent: for who sent it.
    expect(answers.filter(({ type }) => !/:(?:permission_denied|invalid_state)$/.test(type))).toEqual([]);
    expect([await statusOf(session), (await signIn()).status]).toEqual([200, 200]);
  });

  test('is given a new secret by nobody but its user: not by an administrator, not by the operator key', async () => {
    const { id } = await made(scientist.as, '/me/keys');
    expect(await statusOf(admin.as, `/keys/${id}/rotate`, 'POST', {})).toBe(403);
    expect(await statusOf(admin.as, `/me/keys/${id}/rotate`, 'POST', {})).toBe(404);
    expect(await statusOf(maestro.operatorKey, `/tenants/tenant-a/keys/${id}/rotate`, 'POST', {})).toBe(403);
  });
});

describe('the end of a key', () => {
  test('comes after the days that Maestro is set to, unless its maker says otherwise', async () => {
    expect(daysLeft(await made(scientist.as, '/me/keys'))).toBeCloseTo(30, 2);
    expect(daysLeft(await made(scientist.as, '/me/keys', { expires_in_days: 7 }))).toBeCloseTo(7, 2);
    expect(daysLeft(await made(admin.as, '/keys'))).toBeCloseTo(30, 2);
    const path = '/tenants/tenant-a/keys';
    expect(daysLeft(await made(maestro.operatorKey, path))).toBeCloseTo(30, 2);
  });

  test('never comes only where that is asked for in so many words', async () => {
    expect((await made(scientist.as, '/me/keys', { expires: 'never' })).expires_at).toBeNull();
    for (const json of [{ expires: 'never', expires_in_days: 1 }, { expires: null }, { expires_in_days: null }]) {
      expect(await statusOf(scientist.as, '/me/keys', 'POST', { name: 'x', ...json })).toBe(400);
    }
    for (const days of [0, -1, 3651, 1.5]) {
      expect(await statusOf(scientist.as, '/me/keys', 'POST', { name: 'x', expires_in_days: days })).toBe(400);
    }
  });

  test('is no later than that of the key that makes it', async () => {
    const machine = { role: 'tenant_admin' };
    const maker = await made(admin.as, '/keys', { ...machine, expires_in_days: 2 });
    const wish = { name: randomUUID(), role: 'viewer', scopes: ['experiment:read'] };
    for (const [json, field] of [
      [{ expires: 'never' }, 'expires'],
      [{ expires_in_days: 3 }, 'expires_in_days'],
    ] as const) {
      const refused = await people.native(maker.key, 'POST', '/keys', { ...wish, ...json });
      expect(refused.status, refused.text).toBe(403);
      expect(refused.text).toContain(`${field}: the key that makes this one ends on ${maker.expires_at}`);
    }
    expect((await made(maker.key, '/keys', wish)).expires_at).toBe(maker.expires_at);
    expect(daysLeft(await made(maker.key, '/keys', { ...wish, expires_in_days: 1 }))).toBeCloseTo(1, 2);
    const endless = await made(admin.as, '/keys', { ...machine, expires: 'never' });
    expect((await made(endless.key, '/keys', { ...wish, expires: 'never' })).expires_at).toBeNull();

    // Rotation is no way round it; its own place a key may take for as long again.
    const other = await made(admin.as, '/keys', { scopes: ['experiment:read'] });
    expect((await made(maker.key, `/keys/${other.id}/rotate`, { name: undefined })).expires_at).toBe(maker.expires_at);
    expect(daysLeft(await made(maker.key, `/keys/${maker.id}/rotate`, { name: undefined }))).toBeCloseTo(2, 2);
  });

  test('is no later than that of the key that made it, however often it rotates itself; a person lengthens it', async () => {
    const maker = await made(admin.as, '/keys', { role: 'tenant_admin', expires_in_days: 2 });
    const first = await made(maker.key, '/keys', { role: 'tenant_admin' });
    const second = await made(first.key, `/keys/${first.id}/rotate`, { name: undefined });
    const third = await made(second.key, `/keys/${second.id}/rotate`, { name: undefined });
    for (const key of [first, second, third]) expect(key.expires_at).toBe(maker.expires_at);
    await rows("UPDATE maestro.api_keys SET created_at = created_at - interval '1 day' WHERE key_id = $1", [third.id]);
    expect(daysLeft(await made(admin.as, `/keys/${third.id}/rotate`, { name: undefined }))).toBeCloseTo(3, 1);
  });

  test('comes when the key that made it is revoked, however often it has rotated itself; a person’s own keys stay', async () => {
    const maker = await made(admin.as, '/keys', { role: 'tenant_admin' });
    const first = await made(maker.key, '/keys', { role: 'tenant_admin' });
    const second = await made(first.key, `/keys/${first.id}/rotate`, { name: undefined });
    const third = await made(second.key, '/keys', { role: 'viewer' });
    const other = await made(admin.as, '/keys', { role: 'viewer' });
    const all = () => Promise.all([maker, first, second, third, other].map(({ key }) => statusOf(key)));
    expect(await all()).toEqual([200, 200, 200, 200, 200]);
    expect(await statusOf(admin.as, `/keys/${maker.id}`, 'DELETE')).toBe(204);
    expect(await all()).toEqual([401, 401, 401, 401, 200]);
    const [event] = await rows<{ detail: { made_by_it: string[] } }>(
      "SELECT detail FROM maestro.audit_events WHERE action = 'key.revoke' AND target = $1",
      [maker.id],
    );
    expect(event?.detail.made_by_it.toSorted()).toEqual([first, second, third].map(({ id }) => id).toSorted());
  });

  test('comes when the key is revoked that it rotated itself into, or out of, with what either made', async () => {
    const make = async () => {
      const maker = await made(admin.as, '/keys', { role: 'tenant_admin' });
      const child = await made(maker.key, '/keys', { role: 'viewer' });
      const next = await made(maker.key, `/keys/${maker.id}/rotate`, { name: undefined });
      return { maker, child, next, all: () => Promise.all([maker, child, next].map(({ key }) => statusOf(key))) };
    };
    const [older, newer, own] = [await make(), await make(), await make()];
    expect(await statusOf(admin.as, `/keys/${older.maker.id}`, 'DELETE')).toBe(204);
    expect(await older.all()).toEqual([401, 401, 401]);
    expect(await statusOf(admin.as, `/keys/${newer.next.id}`, 'DELETE')).toBe(204);
    expect(await newer.all()).toEqual([401, 401, 401]);
    // A program that has rotated its key ends the one before, and nothing else.
    expect(await statusOf(own.next.key, `/keys/${own.maker.id}`, 'DELETE')).toBe(204);
    expect(await own.all()).toEqual([401, 200, 200]);
  });

  test('is its last second: from then on it is refused, also where it is cached', async () => {
    const { id, key } = await made(scientist.as, '/me/keys');
    const [end] = await rows<{ at: Date }>(
      "UPDATE maestro.api_keys SET expires_at = now() + interval '2 seconds' WHERE key_id = $1 RETURNING expires_at AS at",
      [id],
    );
    expect(await statusOf(key)).toBe(200);
    let held = 0;
    await vi.waitFor(
      async () => {
        const status = await statusOf(key);
        if (status === 200) held = Date.now();
        expect(status).toBe(401);
      },
      { timeout: 5_000, interval: 20 },
    );
    expect(Date.now()).toBeGreaterThanOrEqual(end?.at.getTime() ?? Number.POSITIVE_INFINITY);
    // The last answer may have been on its way when the second ended.
    expect(held).toBeLessThan((end?.at.getTime() ?? 0) + 1_000);
  });
});

describe('what a key costs', () => {
  /** The statements that the server's connections run meanwhile. */
  async function statementsOf(run: () => Promise<unknown>): Promise<string[]> {
    const texts: string[] = [];
    const query = pg.Client.prototype.query as (...given: unknown[]) => unknown;
    const spy = vi.spyOn(pg.Client.prototype, 'query').mockImplementation(function (
      this: pg.Client,
      ...given: unknown[]
    ) {
      const [config] = given as [string | { text: string }];
      texts.push(typeof config === 'string' ? config : config.text);
      return query.apply(this, given);
    } as never);
    await run().finally(() => spy.mockRestore());
    return texts;
  }
  const authenticate = (key: string) =>
    maestro.ports.authenticate({ authorization: `Bearer ${key}` }, '127.0.0.1').catch(() => undefined);

  test('a wrong checksum is refused without a query', async () => {
    const text = mintKey(maestro.tenants.a.id).text;
    const last = text.at(-1) === '0' ? '1' : '0';
    expect(await statementsOf(() => authenticate(text.slice(0, -1) + last))).toEqual([]);
    expect((await statementsOf(() => authenticate(text))).length).toBeGreaterThan(0);
  });

  test('a key that is known costs no query, whatever binds it', async () => {
    const settings = { scopes: ['run:read'], allowed_addresses: ['127.0.0.0/8'] };
    const { key } = await made(admin.as, '/keys', settings);
    await authenticate(key);
    await maestro.ports.identity.close();
    expect(await statementsOf(() => authenticate(key))).toEqual([]);
  });

  test('a key of another process is looked up in one shard: by the tenant that it names', async () => {
    const { key } = await made(admin.as, '/keys');
    const texts = await statementsOf(() => authenticate(key));
    const overKeys = texts.filter((text) => text.includes('api_keys'));
    expect(overKeys.length).toBeGreaterThan(0);
    expect(overKeys.filter((text) => !/tenant_id = \$1/.test(text))).toEqual([]);
  });
});
