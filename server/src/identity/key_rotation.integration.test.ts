import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';
import { untilWaiting } from '../../test/lock_waits.ts';
import { type People, type Person, peopleOf } from '../../test/people.ts';
import { withClient } from '../db/roles.ts';

interface Key {
  id: string;
  key: string;
  name: string;
  owner: { kind: string; id: string };
  scopes: string[] | null;
  allowed_addresses: string[] | null;
  created_at: string;
  expires_at: string | null;
  last_used_at: string | null;
  last_used_address: string | null;
  replaced_by: string | null;
}

let maestro: TestApp;
/** Over the same kind of app, behind a proxy on loopback. */
let proxied: TestApp;
let people: People;
let admin: Person;
let scientist: Person;

beforeAll(async () => {
  [maestro, proxied] = await Promise.all([startTestApp(), startTestApp({ trustProxy: ['127.0.0.1'] })]);
  people = peopleOf(maestro);
  admin = await people.member('tenant_admin');
  scientist = await people.member('data_scientist');
});
afterAll(async () => {
  await maestro?.stop();
  await proxied?.stop();
});

const statusOf = async (as: string, path = '/experiments', method = 'GET', json?: unknown) =>
  (await people.native(as, method, path, json)).status;
async function made(as: string, path: string, json: object = {}): Promise<Key> {
  const answer = await people.native(as, 'POST', path, { name: randomUUID(), ...json });
  expect(answer.status, answer.text).toBe(201);
  return answer.body as Key;
}
async function rotated(as: string, path: string, json: object = {}): Promise<Key> {
  const answer = await people.native(as, 'POST', `${path}/rotate`, json);
  expect(answer.status, answer.text).toBe(201);
  return answer.body as Key;
}
async function seen(id: string): Promise<Key | undefined> {
  const { items } = (await people.native(admin.as, 'GET', '/keys?limit=1000')).body as { items: Key[] };
  return items.find((key) => key.id === id);
}
const lifeOf = ({ created_at, expires_at }: Key) => Date.parse(expires_at ?? '') - Date.parse(created_at);
const hoursLeft = (key: Key | undefined) => (Date.parse(key?.expires_at ?? '') - Date.now()) / 3_600_000;

describe('a rotated key', () => {
  test('has a new secret and the same settings, and both hold until the overlap is over', async () => {
    const settings = { scopes: ['experiment:read'], allowed_addresses: ['127.0.0.0/8', '::1'], expires_in_days: 10 };
    const old = await made(admin.as, '/keys', { role: 'viewer', ...settings });
    const next = await rotated(admin.as, `/keys/${old.id}`, { overlap_hours: 2 });
    expect(next.key).not.toBe(old.key);
    expect(next).toMatchObject({ name: old.name, owner: old.owner, scopes: old.scopes });
    expect(next.allowed_addresses).toEqual(settings.allowed_addresses);
    expect(Math.abs(lifeOf(next) - lifeOf(old))).toBeLessThan(5_000);
    expect([await statusOf(old.key), await statusOf(next.key)]).toEqual([200, 200]);
    expect(await seen(old.id)).toMatchObject({ replaced_by: next.id });
    expect(hoursLeft(await seen(old.id))).toBeCloseTo(2, 1);
  });

  test('ends by itself when the overlap is over, though it was cached', async () => {
    const old = await made(admin.as, '/keys');
    const next = await rotated(admin.as, `/keys/${old.id}`, { overlap_hours: 1 });
    await withClient(maestro.database.superuser, (client) =>
      client.query("UPDATE maestro.api_keys SET expires_at = now() + interval '1 second' WHERE key_id = $1", [old.id]),
    );
    await maestro.ports.identity.changed({ kind: 'key', id: old.id });
    expect(await statusOf(old.key)).toBe(200);
    await vi.waitFor(async () => expect(await statusOf(old.key)).toBe(401), { timeout: 5_000, interval: 50 });
    expect(await statusOf(next.key)).toBe(200);
  });

  test('ends at once with an overlap of 0', async () => {
    const old = await made(scientist.as, '/me/keys');
    expect(await statusOf(old.key)).toBe(200);
    const next = await rotated(scientist.as, `/me/keys/${old.id}`, { overlap_hours: 0 });
    expect([await statusOf(old.key), await statusOf(next.key)]).toEqual([401, 200]);
  });

  test('lives no longer for its overlap than it would have', async () => {
    const old = await made(admin.as, '/keys', { expires_in_days: 1 });
    await rotated(admin.as, `/keys/${old.id}`, { overlap_hours: 168 });
    expect(hoursLeft(await seen(old.id))).toBeCloseTo(24, 1);
  });

  test('without an end gets an end, and the one in its place has none', async () => {
    const old = await made(admin.as, '/keys', { expires: 'never' });
    const next = await rotated(admin.as, `/keys/${old.id}`);
    expect(next.expires_at).toBeNull();
    expect(hoursLeft(await seen(old.id))).toBeCloseTo(24, 1);
  });

  test('overlaps for a week at most', async () => {
    const { id } = await made(admin.as, '/keys');
    for (const overlap_hours of [169, -1, 1.5, null]) {
      expect(await statusOf(admin.as, `/keys/${id}/rotate`, 'POST', { overlap_hours })).toBe(400);
    }
  });

  test('is rotated once: of two at the same moment one wins', async () => {
    const { id } = await made(admin.as, '/keys');
    const answers = await withClient(maestro.database.superuser, async (client) => {
      await client.query('BEGIN');
      await client.query('SELECT 1 FROM maestro.api_keys WHERE key_id = $1 FOR UPDATE', [id]);
      // By the operator key, whose calls do not take turns as a tenant's may.
      const path = `/tenants/tenant-a/keys/${id}/rotate`;
      const rotations = [1, 2].map(() => statusOf(maestro.operatorKey, path, 'POST', {}));
      // Both have begun, and wait for the row.
      await untilWaiting(client, 2);
      await client.query('COMMIT');
      return Promise.all(rotations);
    });
    expect(answers.toSorted()).toEqual([201, 400]);
  });

  test('is neither one that is revoked nor one that has ended nor one of a closed account', async () => {
    const [revoked, ended, closed] = [
      await made(admin.as, '/keys'),
      await made(admin.as, '/keys'),
      await made(admin.as, '/keys'),
    ];
    await statusOf(admin.as, `/keys/${revoked.id}`, 'DELETE');
    await withClient(maestro.database.superuser, (client) =>
      client.query('UPDATE maestro.api_keys SET expires_at = now() WHERE key_id = $1', [ended.id]),
    );
    await statusOf(admin.as, `/service-accounts/${closed.owner.id}`, 'PATCH', { is_active: false });
    for (const { id } of [revoked, ended, closed]) {
      expect(await statusOf(admin.as, `/keys/${id}/rotate`, 'POST', {})).toBe(400);
    }
  });

  test('gives nobody more than they hold, and is bound to who rotated it', async () => {
    await people.asAdmin('POST', '/roles', {
      name: 'rotator',
      permissions: ['key:write', 'key:read', 'experiment:read'],
    });
    const rotator = await people.member('rotator');
    const strong = await made(admin.as, '/keys', { role: 'tenant_admin' });
    expect(await statusOf(rotator.as, `/keys/${strong.id}/rotate`, 'POST', {})).toBe(403);
    expect((await seen(strong.id))?.replaced_by).toBeNull();
    const weak = await made(admin.as, '/keys', { role: 'tenant_admin', scopes: ['experiment:read'] });
    const next = await rotated(rotator.as, `/keys/${weak.id}`);
    expect(await statusOf(next.key)).toBe(200);
    expect(await statusOf(admin.as, `/members/${rotator.id}`, 'DELETE')).toBe(204);
    expect([await statusOf(next.key), await statusOf(weak.key)]).toEqual([401, 200]);
  });

  test('of another tenant, or of another user, does not exist', async () => {
    const { id } = await made(admin.as, '/keys');
    const mine = await made(scientist.as, '/me/keys');
    expect(await statusOf(maestro.tenants.b.keys.tenant_admin, `/keys/${id}/rotate`, 'POST', {})).toBe(404);
    expect(await statusOf(maestro.operatorKey, `/tenants/tenant-b/keys/${id}/rotate`, 'POST', {})).toBe(404);
    expect(await statusOf(admin.as, `/me/keys/${mine.id}/rotate`, 'POST', {})).toBe(404);
  });

  test('is audited with the key in its place, and without a secret', async () => {
    const old = await made(admin.as, '/keys');
    const next = await rotated(admin.as, `/keys/${old.id}`);
    const events = await withClient(maestro.database.superuser, async (client) => {
      const text = `SELECT outcome, detail FROM maestro.audit_events
        WHERE tenant_id = $1 AND action = 'key.rotate' AND target = $2`;
      return (await client.query(text, [maestro.tenants.a.id, next.id])).rows;
    });
    expect(events).toEqual([{ outcome: 'success', detail: expect.objectContaining({ replaces: old.id }) }]);
    expect(JSON.stringify(events)).not.toContain(next.key.slice(30));
  });
});

describe('the addresses of a key', () => {
  /** Sends from an address of this machine's own. */
  const statusFrom = (
    address: string,
    key: string,
    headers: Record<string, string> = {},
    path = '/api/v1/experiments',
  ) =>
    new Promise<number>((resolve, reject) => {
      const sent = request(
        maestro.url + path,
        { localAddress: address, headers: { authorization: `Bearer ${key}`, ...headers } },
        (answer) => {
          answer.resume();
          resolve(answer.statusCode ?? 0);
        },
      );
      sent.on('error', reject).end();
    });

  test('are the only ones that it works from, on both faces, before it is cached and after', async () => {
    const { key } = await made(admin.as, '/keys', { role: 'viewer', allowed_addresses: ['127.0.0.2'] });
    const paths = ['/api/v1/experiments', '/api/2.0/mlflow/experiments/get?experiment_id=0'];
    for (const path of paths) {
      for (const [address, status] of [
        ['127.0.0.1', 401],
        ['127.0.0.2', 200],
        ['127.0.0.1', 401],
        ['127.0.0.2', 200],
        ['127.0.0.3', 401],
      ] as const) {
        expect(await statusFrom(address, key, {}, path), `${address} ${path}`).toBe(status);
      }
    }
  });

  test('are refused with the answer that a wrong key gets', async () => {
    const { key } = await made(admin.as, '/keys', { allowed_addresses: ['10.0.0.0/8'] });
    const [elsewhere, wrong] = await Promise.all([
      people.native(key, 'GET', '/experiments'),
      people.native('mst_nonsense', 'GET', '/experiments'),
    ]);
    const bodyOf = ({ body }: { body: unknown }) => ({ ...(body as object), request_id: '' });
    expect([elsewhere.status, bodyOf(elsewhere)]).toEqual([wrong.status, bodyOf(wrong)]);
  });

  test.each(['x-forwarded-for', 'forwarded', 'x-real-ip', 'cf-connecting-ip', 'true-client-ip'])(
    'are not got round by the header %s of who is no proxy',
    async (header) => {
      const { key } = await made(admin.as, '/keys', { allowed_addresses: ['10.0.0.0/8'] });
      const value = header === 'forwarded' ? 'for=10.1.2.3' : '10.1.2.3';
      expect(await statusFrom('127.0.0.1', key, { [header]: value })).toBe(401);
    },
  );

  test('are what a declared proxy says, and not what its client says before it', async () => {
    const json = { name: randomUUID(), allowed_addresses: ['10.0.0.0/8'] };
    const as = proxied.tenants.a.keys.tenant_admin;
    const { key } = (await proxied.send('POST', '/api/v1/keys', { as, json })).body as Key;
    const from = async (forwarded: string) =>
      (await proxied.send('GET', '/api/v1/experiments', { as: key, headers: { 'x-forwarded-for': forwarded } })).status;
    expect(await from('10.1.2.3')).toBe(200);
    expect(await from('192.0.2.1')).toBe(401);
    // The last address is the proxy's word; whatever stands before it came from the client.
    expect(await from('10.1.2.3, 192.0.2.1')).toBe(401);
    expect(await from('192.0.2.1, ::ffff:10.1.2.3')).toBe(200);
    // Some proxies write the port of their client, too.
    expect(await from('192.0.2.1, 10.1.2.3:50123')).toBe(200);
    expect(await from('10.1.2.3, 192.0.2.1:50123')).toBe(401);
  });

  test('are ranges and addresses, and anything else is refused by name', async () => {
    for (const range of [
      '10.0.0.0/33',
      'example.com',
      '',
      '10.0.0.1, 10.0.0.2',
      '::ffff:10.0.0.0/104',
      'fe80::1%eth0',
    ]) {
      const json = { name: 'x', allowed_addresses: ['10.0.0.0/8', range] };
      const answer = await people.native(scientist.as, 'POST', '/me/keys', json);
      expect([answer.status, (answer.body as { field: string }).field], range).toEqual([
        400,
        expect.stringMatching(/^allowed_addresses/),
      ]);
    }
    expect(await statusOf(scientist.as, '/me/keys', 'POST', { name: 'x', allowed_addresses: [] })).toBe(400);
  });

  test('go on to what the key makes and rotates', async () => {
    const list = { allowed_addresses: ['127.0.0.0/8'] };
    const clerk = await made(admin.as, '/keys', { role: 'tenant_admin', ...list });
    expect((await made(clerk.key, '/keys')).allowed_addresses).toEqual(list.allowed_addresses);
    const narrow = { allowed_addresses: ['127.0.0.1'] };
    expect(await made(clerk.key, '/keys', narrow)).toMatchObject(narrow);
    const wide = { name: randomUUID(), allowed_addresses: ['0.0.0.0/0'] };
    expect(await statusOf(clerk.key, '/keys', 'POST', wide)).toBe(403);
    const free = await made(admin.as, '/keys');
    expect((await rotated(clerk.key, `/keys/${free.id}`)).allowed_addresses).toEqual(list.allowed_addresses);
  });

  test('are noted with the last use, and only of uses that were let in', async () => {
    const { id, key } = await made(admin.as, '/keys', { allowed_addresses: ['127.0.0.2'] });
    expect(await statusFrom('127.0.0.1', key)).toBe(401);
    await maestro.ports.identity.close();
    expect(await seen(id)).toMatchObject({ last_used_at: null, last_used_address: null });
    expect(await statusFrom('127.0.0.2', key)).toBe(200);
    await maestro.ports.identity.close();
    expect(await seen(id)).toMatchObject({ last_used_at: expect.any(String), last_used_address: '127.0.0.2' });
  });
});
