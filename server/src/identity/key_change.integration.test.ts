import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';
import { type People, type Person, peopleOf } from '../../test/people.ts';
import { withClient } from '../db/roles.ts';

interface Key {
  id: string;
  key: string;
  name: string;
  scopes: string[] | null;
  allowed_addresses: string[] | null;
  expires_at: string | null;
}

let maestro: TestApp;
let people: People;
let admin: Person;

beforeAll(async () => {
  maestro = await startTestApp();
  people = peopleOf(maestro);
  await maestro.send('PATCH', '/api/v1/tenants/tenant-a', { as: maestro.operatorKey, json: { max_users: 1000 } });
  admin = await people.member('tenant_admin');
});
afterAll(() => maestro?.stop());

async function made(as: string, path: string, json: object = {}): Promise<Key> {
  const answer = await people.native(as, 'POST', path, { name: randomUUID(), ...json });
  expect(answer.status, answer.text).toBe(201);
  return answer.body as Key;
}
const change = (as: string, { id }: { id: string }, json: object, path = '/keys') =>
  people.native(as, 'PATCH', `${path}/${id}`, json);
/** Of a call from 127.0.0.1. */
const use = async ({ key }: Key) => (await people.native(key, 'GET', '/experiments')).status;
const elsewhere = { allowed_addresses: ['10.0.0.0/8'] };
const here = { allowed_addresses: ['127.0.0.0/8'] };

describe('a key that is changed', () => {
  test('keeps its secret, its scopes and its end, and works from its new addresses at the next request', async () => {
    const key = await made(admin.as, '/keys', { role: 'viewer', scopes: ['experiment:read'] });
    expect(await use(key)).toBe(200);
    const { key: secret, ...before } = key;
    const closed = await change(admin.as, key, { name: 'nightly', ...elsewhere });
    // When a use is noted is left to what happens behind the answers.
    const used = { last_used_at: undefined, last_used_address: undefined };
    expect({ ...(closed.body as Key), ...used }).toEqual({ ...before, ...elsewhere, name: 'nightly', ...used });
    expect(closed.text).not.toContain(secret);
    expect(await use(key)).toBe(401);
    expect((await change(admin.as, key, { allowed_addresses: null })).status).toBe(200);
    expect(await use(key)).toBe(200);
  });

  test.each([
    [{}, 'name'],
    [{ name: '' }, 'name'],
    [{ allowed_addresses: [] }, 'allowed_addresses'],
    [{ allowed_addresses: ['home'] }, 'allowed_addresses'],
    [{ scopes: ['run:write'] }, 'scopes'],
    [{ expires_in_days: 3650 }, 'expires_in_days'],
    [{ expires: 'never' }, 'expires'],
  ])('by %j is refused: a name and addresses are all that changes', async (json, field) => {
    const key = await made(admin.as, '/keys', { scopes: ['experiment:read'] });
    const refused = await change(admin.as, key, json);
    expect(refused.status).toBe(400);
    expect(refused.text).toContain(field);
  });

  test('and is revoked or of another tenant is as it was', async () => {
    const key = await made(admin.as, '/keys');
    expect((await change(maestro.tenants.b.keys.tenant_admin, key, { name: 'x' })).status).toBe(404);
    await people.native(admin.as, 'DELETE', `/keys/${key.id}`);
    expect((await change(admin.as, key, { allowed_addresses: null })).status).toBe(400);
  });

  test('stands in the audit as it was and as it is, its names sealed', async () => {
    const key = await made(admin.as, '/keys', elsewhere);
    await change(admin.as, key, { name: 'by another name', ...here });
    const own = await made(admin.as, '/me/keys', elsewhere);
    await change(admin.as, own, { name: 'by another name', ...here }, '/me/keys');
    const detailOf = async (id: string) =>
      withClient(maestro.database.superuser, async (client) => {
        const text = `SELECT detail FROM maestro.audit_events WHERE target = $1 AND action LIKE '%key.update'`;
        return (await client.query<{ detail: object }>(text, [id])).rows.map(({ detail }) => detail);
      });
    const addresses = {
      allowed_addresses: here.allowed_addresses,
      allowed_addresses_before: elsewhere.allowed_addresses,
    };
    expect(await detailOf(key.id)).toEqual([addresses]);
    expect(JSON.stringify(await detailOf(own.id))).not.toMatch(/another name|127\.0\.0/);
    const log = (await people.native(admin.as, 'GET', '/audit?limit=50')).body as { items: object[] };
    expect(log.items).toContainEqual(
      expect.objectContaining({
        action: 'own_key.update',
        target: own.id,
        personal: expect.objectContaining({ name: 'by another name', name_before: own.name }),
      }),
    );
  });
});

describe('a key of a user', () => {
  test('is changed by its user’s session: not by itself, nor another key, nor an administrator, nor another user', async () => {
    const owner = await people.member('viewer');
    const key = await made(owner.as, '/me/keys', here);
    expect((await change(owner.as, key, { name: 'mine', ...here }, '/me/keys')).body).toMatchObject({ name: 'mine' });
    const wide = { allowed_addresses: null };
    expect((await change(key.key, key, wide, '/me/keys')).status).toBe(403);
    expect((await change(admin.as, key, wide)).status).toBe(403);
    expect((await change(admin.as, key, wide, '/me/keys')).status).toBe(404);
    expect((await change(maestro.operatorKey, key, wide, '/tenants/tenant-a/keys')).status).toBe(403);
    expect((await change(owner.as, key, wide, '/me/keys')).body).toMatchObject(wide);
  });
});

describe('a key of a service account', () => {
  test('is changed by nobody who may less than it', async () => {
    const role = `r${randomUUID().slice(0, 8)}`;
    const clerks = { name: role, inherits: ['viewer'], permissions: ['key:write', 'key:read'] };
    await people.asAdmin('POST', '/roles', clerks);
    const clerk = await people.member(role);
    const scoped = await made(admin.as, '/me/keys', { scopes: ['key:write', 'experiment:read'] });
    const [strong, weak] = [await made(admin.as, '/keys'), await made(admin.as, '/keys', { role: 'viewer' })];
    for (const json of [{ name: 'x' }, elsewhere, { allowed_addresses: null }]) {
      expect((await change(clerk.as, strong, json)).status).toBe(403);
      expect((await change(scoped.key, weak, json)).status).toBe(403);
    }
    expect(await use(strong)).toBe(200);
    expect((await change(clerk.as, weak, here)).status).toBe(200);
  });

  test('is opened to no addresses beyond those of the key that changes it, neither another one nor itself', async () => {
    const clerk = await made(admin.as, '/keys', { role: 'tenant_admin', ...here });
    const other = await made(admin.as, '/keys', { role: 'viewer', allowed_addresses: ['127.0.0.1'] });
    for (const key of [clerk, other]) {
      for (const allowed_addresses of [null, ['0.0.0.0/0'], ['127.0.0.1', '10.0.0.1'], ['::/0']]) {
        expect((await change(clerk.key, key, { allowed_addresses })).status).toBe(403);
      }
    }
    expect((await change(clerk.key, other, here)).status).toBe(200);
    expect((await change(clerk.key, clerk, { allowed_addresses: ['127.0.0.1'] })).status).toBe(200);
  });

  test('that works from more addresses than before ends with whoever opened it, and with whoever made it', async () => {
    const makers = [await people.member('tenant_admin'), await people.member('tenant_admin')];
    const opener = await people.member('tenant_admin');
    const keys: Key[] = [];
    for (const { as } of makers) keys.push(await made(as, '/keys', { role: 'viewer', ...elsewhere }));
    for (const key of keys) {
      expect((await change(opener.as, key, here)).status).toBe(200);
      expect(await use(key)).toBe(200);
    }
    await people.asAdmin('DELETE', `/members/${makers[0]?.id}`);
    expect(await Promise.all(keys.map(use))).toEqual([401, 200]);
    await people.asAdmin('DELETE', `/members/${opener.id}`);
    expect(await Promise.all(keys.map(use))).toEqual([401, 401]);
  });

  test('that was only named, or narrowed, is bound to nobody more', async () => {
    const key = await made(admin.as, '/keys', { role: 'viewer', ...here });
    const helper = await people.member('tenant_admin');
    expect((await change(helper.as, key, { name: 'n', allowed_addresses: ['127.0.0.1'] })).status).toBe(200);
    expect((await change(helper.as, key, { name: 'm' })).status).toBe(200);
    await people.asAdmin('DELETE', `/members/${helper.id}`);
    expect(await use(key)).toBe(200);
  });

  test('is changed from the server’s machine too', async () => {
    const key = await made(admin.as, '/keys', elsewhere);
    const changed = await change(maestro.operatorKey, key, here, '/tenants/tenant-a/keys');
    expect(changed.body).toMatchObject({ id: key.id, ...here });
    expect(await use(key)).toBe(200);
  });
});
