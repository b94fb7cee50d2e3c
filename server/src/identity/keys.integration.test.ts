import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';
import { withClient } from '../db/roles.ts';
import { mintKey } from './key_text.ts';

interface Key {
  id: string;
  key: string;
  name: string;
  prefix: string;
  owner: { kind: string; id: string; name?: string; role?: string };
  revoked_at: string | null;
}
interface KeyPage {
  items: Key[];
  next_page_token: string | null;
}

let maestro: TestApp;
/** A member of tenant-a with the role viewer. */
let user: { id: string; email: string; session: string };

beforeAll(async () => {
  maestro = await startTestApp();
  const email = 'viewer@example.com';
  const json = { email, tenant: 'tenant-a', role: 'viewer' };
  const made = await maestro.send('POST', '/api/v1/users', { as: maestro.operatorKey, json });
  const { id, password } = made.body as { id: string; password: string };
  const login = await maestro.send('POST', '/api/v1/auth/login', { json: { email, password } });
  user = { id, email, session: (login.body as { access_token: string }).access_token };
});
afterAll(() => maestro.stop());

const rows = <Row extends Record<string, unknown>>(text: string, values: unknown[] = []) =>
  withClient(maestro.database.superuser, async (client) => (await client.query<Row>(text, values)).rows);
const me = async (as: string) => (await maestro.send('GET', '/api/v1/auth/me', { as })).status;
const asOperator = (method: string, path: string, json?: object) =>
  maestro.send(method, path, { as: maestro.operatorKey, ...(json ? { json } : {}) });

async function accountKey(json: object = {}, tenant = 'tenant-a'): Promise<Key> {
  const made = await asOperator('POST', `/api/v1/tenants/${tenant}/keys`, { name: randomUUID(), ...json });
  expect(made.status).toBe(201);
  return made.body as Key;
}

async function ownKey(json: object = {}): Promise<Key> {
  const made = await maestro.send('POST', '/api/v1/me/keys', { as: user.session, json: { name: 'mine', ...json } });
  expect(made.status).toBe(201);
  return made.body as Key;
}

describe('a key is refused on the next request', () => {
  test('once it is revoked', async () => {
    const { id, key } = await accountKey();
    expect(await me(key)).toBe(200);
    const revoked = await maestro.send('DELETE', `/api/v1/keys/${id}`, { as: maestro.tenants.a.keys.tenant_admin });
    expect(revoked.status).toBe(204);
    expect(await me(key)).toBe(401);
  });

  test('once its tenant is closed, and holds again when the tenant is opened', async () => {
    const { key } = await accountKey({}, 'tenant-b');
    expect(await me(key)).toBe(200);
    expect((await asOperator('PATCH', '/api/v1/tenants/tenant-b', { is_active: false })).status).toBe(200);
    expect(await me(key)).toBe(401);
    expect((await asOperator('PATCH', '/api/v1/tenants/tenant-b', { is_active: true })).status).toBe(200);
    expect(await me(key)).toBe(200);
  });

  test('once its user is deactivated', async () => {
    const { key } = await ownKey();
    expect(await me(key)).toBe(200);
    await asOperator('PATCH', `/api/v1/users/${user.id}`, { is_active: false });
    expect(await me(key)).toBe(401);
    await asOperator('PATCH', `/api/v1/users/${user.id}`, { is_active: true });
    expect(await me(key)).toBe(200);
    // Reactivation opens no session again.
    expect(await me(user.session)).toBe(401);
    const password = 'a password of mine';
    await asOperator('PATCH', `/api/v1/users/${user.id}`, { password });
    const login = await maestro.send('POST', '/api/v1/auth/login', { json: { email: user.email, password } });
    user = { ...user, session: (login.body as { access_token: string }).access_token };
  });

  test('once its user has no place in the tenant any more, and does not come back with its user', async () => {
    const { key } = await ownKey();
    const admin = maestro.tenants.a.keys.tenant_admin;
    expect(await me(key)).toBe(200);
    expect((await maestro.send('DELETE', `/api/v1/members/${user.id}`, { as: admin })).status).toBe(204);
    expect(await me(key)).toBe(401);
    const json = { email: user.email, role: 'viewer' };
    expect((await maestro.send('POST', '/api/v1/members', { as: admin, json })).status).toBe(201);
    expect(await me(key)).toBe(401);
  });

  test('once it has run out, though it was cached', async () => {
    const { id, key } = await accountKey({ expires_in_days: 1 });
    await rows("UPDATE maestro.api_keys SET expires_at = now() + interval '1 second' WHERE key_id = $1", [id]);
    expect(await me(key)).toBe(200);
    await vi.waitFor(async () => expect(await me(key)).toBe(401), { timeout: 5_000, interval: 100 });
  });

  test('where its service account is not active', async () => {
    const { key, owner } = await accountKey();
    await rows('UPDATE maestro.service_accounts SET is_active = false WHERE service_account_id = $1', [owner.id]);
    expect(await me(key)).toBe(401);
  });

  test('where its text is right but names another tenant', async () => {
    expect(await me(mintKey(maestro.tenants.a.id).text)).toBe(401);
    expect(await me(mintKey(randomUUID()).text)).toBe(401);
  });
});

test('a changed role counts from the next request on, for keys and sessions', async () => {
  const admin = maestro.tenants.a.keys.tenant_admin;
  const { key } = await ownKey();
  const may = async (as: string) => (await maestro.send('GET', '/api/v1/members', { as })).status;
  const become = (role: string) =>
    maestro.send('PATCH', `/api/v1/members/${user.id}`, { as: admin, json: { role } }).then(({ status }) => status);
  const another = { email: 'admin@example.com', tenant: 'tenant-a', role: 'tenant_admin' };
  expect((await asOperator('POST', '/api/v1/users', another)).status).toBe(201);
  expect([await may(key), await may(user.session)]).toEqual([403, 403]);
  expect(await become('tenant_admin')).toBe(200);
  expect([await may(key), await may(user.session)]).toEqual([200, 200]);
  expect(await become('viewer')).toBe(200);
  expect([await may(key), await may(user.session)]).toEqual([403, 403]);
});

test('a key is shown once, and only its hash is kept', async () => {
  const { id, key } = await accountKey();
  const kept = await rows("SELECT *, encode(secret_hash, 'hex') AS hash FROM maestro.api_keys WHERE key_id = $1", [id]);
  expect(JSON.stringify(kept)).not.toContain(key.slice(30));
  const list = await maestro.send('GET', '/api/v1/keys', { as: maestro.tenants.a.keys.tenant_admin });
  expect(list.text).toContain(id);
  expect(list.text).not.toContain(key.slice(30));
});

test('the use of a key is noted, at most once a minute', async () => {
  const { id, key } = await accountKey();
  const lastUse = async () =>
    (await rows<{ at: Date | null }>('SELECT last_used_at AS at FROM maestro.api_keys WHERE key_id = $1', [id]))[0]?.at;
  expect(await lastUse()).toBeNull();
  await me(key);
  await maestro.ports.identity.close();
  const first = await lastUse();
  expect(first).toBeInstanceOf(Date);
  maestro.ports.identity.changed({ kind: 'key', id });
  await me(key);
  await maestro.ports.identity.close();
  expect(await lastUse()).toEqual(first);
});

test('keys of one name belong to one service account, whose role the first one chose', async () => {
  const name = randomUUID();
  const first = await accountKey({ name, role: 'data_scientist' });
  const second = await accountKey({ name });
  expect(first.owner).toMatchObject({ kind: 'service_account', name, role: 'data_scientist' });
  expect(second.owner).toEqual(first.owner);
  const other = await asOperator('POST', '/api/v1/tenants/tenant-a/keys', { name, role: 'viewer' });
  expect(other.status).toBe(409);
  expect((await accountKey()).owner.role).toBe('ml_engineer');
});

test('a list of keys gives each once, the newest first, page by page', async () => {
  const as = maestro.tenants.b.keys.tenant_admin;
  for (let i = 0; i < 7; i++) await accountKey({}, 'tenant-b');
  const all = (await maestro.send('GET', '/api/v1/keys', { as })).body as KeyPage;
  const paged: Key[] = [];
  let token: string | null = null;
  do {
    const search: string = token === null ? '' : `&page_token=${token}`;
    const page = (await maestro.send('GET', `/api/v1/keys?limit=3${search}`, { as })).body as KeyPage;
    expect(page.items.length).toBeLessThanOrEqual(3);
    paged.push(...page.items);
    token = page.next_page_token;
  } while (token !== null);
  expect(paged.map(({ id }) => id)).toEqual(all.items.map(({ id }) => id));
  for (const bad of ['x', Buffer.from('["a","b"]').toString('base64url'), Buffer.from('[1,2]').toString('base64url')]) {
    expect((await maestro.send('GET', `/api/v1/keys?page_token=${bad}`, { as })).status).toBe(400);
  }
});

describe('keys of one’s own', () => {
  test('a user sees and revokes their own keys, and nobody else’s exist', async () => {
    const [mine, other] = [await ownKey(), await accountKey()];
    const list = (await maestro.send('GET', '/api/v1/me/keys', { as: user.session })).body as KeyPage;
    expect(list.items.map(({ id }) => id)).toContain(mine.id);
    expect(list.items.every(({ owner }) => owner.id === user.id)).toBe(true);
    expect((await maestro.send('DELETE', `/api/v1/me/keys/${other.id}`, { as: user.session })).status).toBe(404);
    expect((await maestro.send('DELETE', `/api/v1/me/keys/${mine.id}`, { as: user.session })).status).toBe(204);
    expect(await me(mine.key)).toBe(401);
    expect(await me(other.key)).toBe(200);
  });

  test('a key makes no further key', async () => {
    const { key } = await ownKey();
    expect((await maestro.send('POST', '/api/v1/me/keys', { as: key, json: { name: 'x' } })).status).toBe(403);
  });
});

describe('who may', () => {
  test('a key of another tenant does not exist, for its administrator and by its id', async () => {
    const { id, key } = await accountKey();
    const as = maestro.tenants.b.keys.tenant_admin;
    expect((await maestro.send('DELETE', `/api/v1/keys/${id}`, { as })).status).toBe(404);
    const headers = { 'x-mlflow-workspace': 'tenant-a' };
    expect((await maestro.send('GET', '/api/v1/keys', { as, headers })).status).toBe(404);
    expect(
      (await maestro.send('DELETE', `/api/v1/tenants/tenant-b/keys/${id}`, { as: maestro.operatorKey })).status,
    ).toBe(404);
    expect(await me(key)).toBe(200);
  });

  test.each(['viewer', 'data_scientist', 'ml_engineer'] as const)('a %s neither makes nor sees keys', async (role) => {
    const as = maestro.tenants.a.keys[role];
    expect((await maestro.send('POST', '/api/v1/keys', { as, json: { name: 'x' } })).status).toBe(403);
    expect((await maestro.send('GET', '/api/v1/keys', { as })).status).toBe(403);
  });

  test('an operator who is a user does not get into a tenant by a key', async () => {
    const { email, password } = maestro.admin;
    const login = await maestro.send('POST', '/api/v1/auth/login', { json: { email, password } });
    const as = (login.body as { access_token: string }).access_token;
    const made = await maestro.send('POST', '/api/v1/tenants/tenant-a/keys', { as, json: { name: 'way in' } });
    expect(made.status).toBe(403);
  });

  test('the operator key is nobody inside a tenant', async () => {
    expect((await asOperator('GET', '/api/v1/keys')).status).toBe(403);
    expect((await asOperator('POST', '/api/v1/me/keys', { name: 'x' })).status).toBe(403);
  });

  test('a key that the operator key makes is audited for operators and in the tenant', async () => {
    const { id } = await accountKey();
    const inTenant = await rows(
      "SELECT actor_kind, outcome FROM maestro.audit_events WHERE tenant_id = $1 AND action = 'key.create' AND target = $2",
      [maestro.tenants.a.id, id],
    );
    expect(inTenant).toEqual([{ actor_kind: 'operator_key', outcome: 'success' }]);
    const forOperators = await rows(
      "SELECT 1 FROM maestro.operator_audit_events WHERE action = 'key.create' AND target = $1",
      [maestro.tenants.a.id],
    );
    expect(forOperators.length).toBeGreaterThan(0);
  });
});
