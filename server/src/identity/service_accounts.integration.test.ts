import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';
import { type People, type Person, peopleOf } from '../../test/people.ts';
import { withClient } from '../db/roles.ts';

interface Account {
  id: string;
  name: string;
  role: string;
  is_active: boolean;
  created_by: string;
  bound_to: { users: string[]; service_accounts: string[] };
  is_orphaned?: boolean;
}
interface Key {
  id: string;
  key: string;
}

let maestro: TestApp;
let people: People;
/** An administrator who stays, and one who makes what the tests look at. */
let steady: Person;
let maker: Person;

beforeAll(async () => {
  maestro = await startTestApp();
  people = peopleOf(maestro);
  const limits = { max_users: 1000 };
  await maestro.send('PATCH', '/api/v1/tenants/tenant-a', { as: maestro.operatorKey, json: limits });
  steady = await people.member('tenant_admin');
});
afterAll(() => maestro?.stop());
beforeEach(async () => {
  maker = await people.member('tenant_admin');
});

const statusOf = async (as: string, path = '/experiments', method = 'GET', json?: unknown) =>
  (await people.native(as, method, path, json)).status;
const canWrite = (as: string) => statusOf(as, '/experiments', 'POST', { name: randomUUID() });

async function made<Body>(as: string, path: string, json: unknown): Promise<Body> {
  const answer = await people.native(as, 'POST', path, json);
  expect(answer.status, answer.text).toBe(201);
  return answer.body as Body;
}
const account = (as: string, json: object = {}) =>
  made<Account>(as, '/service-accounts', { name: randomUUID(), ...json });
const keyOf = (as: string, { name }: { name: string }, json: object = {}) =>
  made<Key>(as, '/keys', { name: randomUUID(), service_account: name, ...json });
const seen = async ({ id }: Account) =>
  (await people.native(steady.as, 'GET', `/service-accounts/${id}`)).body as Account;
const change = (as: string, { id }: Account, json: object) =>
  people.native(as, 'PATCH', `/service-accounts/${id}`, json);

describe('a service account', () => {
  test('is made, listed, read, renamed, closed and deleted', async () => {
    const one = await account(maker.as, { role: 'viewer' });
    expect(one).toMatchObject({ role: 'viewer', is_active: true, created_by: maker.id });
    expect(one.bound_to).toEqual({ users: [maker.id], service_accounts: [] });
    const list = (await people.native(maker.as, 'GET', '/service-accounts?limit=1000')).body as { items: Account[] };
    expect(list.items.map(({ name }) => name)).toContain(one.name);
    const name = randomUUID();
    expect((await change(maker.as, one, { name })).body).toMatchObject({ id: one.id, name });
    const { key } = await keyOf(maker.as, { name });
    expect(await statusOf(key)).toBe(200);
    expect((await change(maker.as, one, { is_active: false })).status).toBe(200);
    expect(await statusOf(key)).toBe(401);
    expect((await change(maker.as, one, { is_active: true })).status).toBe(200);
    expect(await statusOf(key)).toBe(200);
    expect(await statusOf(maker.as, `/service-accounts/${one.id}`, 'DELETE')).toBe(204);
    expect(await statusOf(key)).toBe(401);
    expect(await statusOf(maker.as, `/service-accounts/${one.id}`)).toBe(404);
  });

  test('has a name of its own in its tenant', async () => {
    const [one, other] = [await account(maker.as), await account(maker.as)];
    expect((await people.native(maker.as, 'POST', '/service-accounts', { name: one.name })).status).toBe(409);
    expect((await change(maker.as, other, { name: one.name })).status).toBe(409);
  });

  test('of another tenant does not exist', async () => {
    const one = await account(maker.as);
    const stranger = maestro.tenants.b.keys.tenant_admin;
    for (const [method, json] of [
      ['GET'],
      ['PATCH', { adopt: true }],
      ['PATCH', { role: 'viewer' }],
      ['DELETE'],
    ] as const) {
      expect(await statusOf(stranger, `/service-accounts/${one.id}`, method, json), method).toBe(404);
    }
    expect(await seen(one)).toMatchObject({ name: one.name, is_active: true });
  });

  test('with another role has it from the next request on', async () => {
    const one = await account(maker.as, { role: 'viewer' });
    const { key } = await keyOf(maker.as, one);
    expect(await canWrite(key)).toBe(403);
    expect((await change(maker.as, one, { role: 'ml_engineer' })).status).toBe(200);
    expect(await canWrite(key)).toBe(201);
  });
});

describe('a service account is never stronger than its maker', () => {
  let clerk: Person;
  beforeAll(async () => {
    const permissions = ['key:read', 'key:write', 'run:read', 'experiment:read', 'tenant:read'];
    await people.asAdmin('POST', '/roles', { name: 'clerk', permissions });
    clerk = await people.member('clerk');
  });

  test('when it is made, by itself or with its first key', async () => {
    expect(await statusOf(clerk.as, '/service-accounts', 'POST', { name: randomUUID(), role: 'viewer' })).toBe(403);
    expect(await statusOf(clerk.as, '/keys', 'POST', { name: randomUUID(), role: 'tenant_admin' })).toBe(403);
    expect(await statusOf(clerk.as, '/service-accounts', 'POST', { name: randomUUID(), role: 'clerk' })).toBe(201);
  });

  test('when it is changed, by whoever changes it', async () => {
    const own = await account(clerk.as, { role: 'clerk' });
    expect((await change(clerk.as, own, { role: 'tenant_admin' })).status).toBe(403);
    const strong = await account(maker.as, { role: 'tenant_admin', name: randomUUID() });
    expect((await change(clerk.as, strong, { adopt: true })).status).toBe(403);
    expect((await change(clerk.as, strong, { is_active: true })).status).toBe(403);
  });

  test('when somebody stronger gives it a strong role: its maker still binds it', async () => {
    const own = await account(clerk.as, { role: 'clerk' });
    const { key } = await keyOf(clerk.as, own);
    expect((await change(steady.as, own, { role: 'tenant_admin' })).status).toBe(200);
    expect(await canWrite(key)).toBe(403);
    expect(await statusOf(key, '/members')).toBe(403);
    expect(await statusOf(key)).toBe(200);
  });

  test('when one makes a key for an account that is stronger than they are', async () => {
    const strong = await account(maker.as, { role: 'tenant_admin' });
    const json = { name: 'x', service_account: strong.name };
    expect(await statusOf(clerk.as, '/keys', 'POST', json)).toBe(403);
    const narrow = await made<Key>(clerk.as, '/keys', { ...json, scopes: ['experiment:read'] });
    expect(await statusOf(narrow.key)).toBe(200);
    expect(await statusOf(narrow.key, '/members')).toBe(403);
  });

  test('through inheritance of roles: an account with a role that grows does not outgrow its maker', async () => {
    await people.asAdmin('POST', '/roles', { name: 'robot', permissions: ['experiment:read'] });
    const own = await account(clerk.as, { role: 'robot' });
    const { key } = await keyOf(clerk.as, own);
    expect(await statusOf(key)).toBe(200);
    await people.asAdmin('PATCH', '/roles/robot', { inherits: ['tenant_admin'] });
    expect(await canWrite(key)).toBe(403);
    expect(await statusOf(key, '/members')).toBe(403);
  });

  test('nor does an operator’s stay in the tenant leave one behind', async () => {
    const operator = await people.operator();
    const stay = { tenant: 'tenant-a', reason: 'a look', role: 'tenant_admin', minutes: 5 };
    const entered = await people.native(operator.as, 'POST', '/operator/switch', stay);
    expect(entered.status, entered.text).toBeLessThan(300);
    expect(await statusOf(operator.as, '/service-accounts', 'POST', { name: randomUUID() })).toBe(403);
    expect(await statusOf(operator.as, '/keys', 'POST', { name: randomUUID() })).toBe(403);
    expect(await statusOf(operator.as, '/me/keys', 'POST', { name: randomUUID() })).toBe(403);
  });
});

describe('what becomes of its maker binds a service account from the next request on', () => {
  test('demotion', async () => {
    const { key } = await keyOf(maker.as, await account(maker.as, { role: 'ml_engineer' }));
    expect(await canWrite(key)).toBe(201);
    expect(await statusOf(steady.as, `/members/${maker.id}`, 'PATCH', { role: 'viewer' })).toBe(200);
    expect(await canWrite(key)).toBe(403);
    expect(await statusOf(key)).toBe(200);
    expect(await statusOf(steady.as, `/members/${maker.id}`, 'PATCH', { role: 'ml_engineer' })).toBe(200);
    expect(await canWrite(key)).toBe(201);
  });

  test('removal from the tenant', async () => {
    const { key } = await keyOf(maker.as, await account(maker.as));
    expect(await statusOf(key)).toBe(200);
    expect(await statusOf(steady.as, `/members/${maker.id}`, 'DELETE')).toBe(204);
    expect(await statusOf(key)).toBe(401);
  });

  test('deactivation', async () => {
    const { key } = await keyOf(maker.as, await account(maker.as));
    expect(await statusOf(key)).toBe(200);
    expect(await statusOf(maestro.operatorKey, `/users/${maker.id}`, 'PATCH', { is_active: false })).toBe(200);
    expect(await statusOf(key)).toBe(401);
  });

  test('also where somebody else made the key', async () => {
    const { key } = await keyOf(steady.as, await account(maker.as));
    expect(await statusOf(key)).toBe(200);
    await statusOf(steady.as, `/members/${maker.id}`, 'DELETE');
    expect(await statusOf(key)).toBe(401);
  });

  test('and who made a key for somebody else’s account binds the key, but not the account’s others', async () => {
    const shared = await account(steady.as);
    const [mine, theirs] = [await keyOf(maker.as, shared), await keyOf(steady.as, shared)];
    await statusOf(steady.as, `/members/${maker.id}`, 'DELETE');
    expect(await statusOf(mine.key)).toBe(401);
    expect(await statusOf(theirs.key)).toBe(200);
  });

  test('and accounts that its accounts made, also those made with a key of its for another’s account', async () => {
    const parent = await account(steady.as, { role: 'tenant_admin' });
    const child = await account((await keyOf(maker.as, parent)).key, { role: 'viewer' });
    expect(new Set(child.bound_to.users)).toEqual(new Set([maker.id, steady.id]));
    expect(child.bound_to.service_accounts).toEqual([parent.id]);
    const { key } = await keyOf(steady.as, child);
    expect(await statusOf(key)).toBe(200);
    await statusOf(steady.as, `/members/${maker.id}`, 'DELETE');
    expect(await statusOf(key)).toBe(401);
  });

  test('an account that made another binds it: closed, demoted, deleted', async () => {
    const parent = await account(maker.as, { role: 'tenant_admin' });
    const child = await account((await keyOf(maker.as, parent)).key, { role: 'ml_engineer' });
    const { key } = await keyOf(maker.as, child);
    expect(await canWrite(key)).toBe(201);
    await change(maker.as, parent, { role: 'viewer' });
    expect(await canWrite(key)).toBe(403);
    await change(maker.as, parent, { is_active: false });
    expect(await statusOf(key)).toBe(401);
    await change(maker.as, parent, { is_active: true });
    expect(await statusOf(key)).toBe(200);
    expect(await statusOf(maker.as, `/service-accounts/${parent.id}`, 'DELETE')).toBe(204);
    expect(await statusOf(key)).toBe(401);
  });

  test('what the operator key made is bound to nobody', async () => {
    const path = '/tenants/tenant-a/service-accounts';
    const one = await made<Account>(maestro.operatorKey, path, { name: randomUUID(), role: 'viewer' });
    expect(one).toMatchObject({ created_by: 'operator_key', bound_to: { users: [], service_accounts: [] } });
    expect(await seen(one)).toMatchObject({ is_orphaned: false });
  });
});

describe('an administrator takes over the account of somebody who is gone', () => {
  test('and its keys hold again, bound to the new one', async () => {
    const one = await account(maker.as, { role: 'ml_engineer' });
    const { key } = await keyOf(maker.as, one);
    await statusOf(steady.as, `/members/${maker.id}`, 'DELETE');
    expect(await statusOf(key)).toBe(401);
    expect(await seen(one)).toMatchObject({ is_orphaned: true });
    const heir = await people.member('tenant_admin');
    const adopted = await change(heir.as, one, { adopt: true });
    expect(adopted.body).toMatchObject({ bound_to: { users: [heir.id], service_accounts: [] } });
    expect(await seen(one)).toMatchObject({ is_orphaned: false, created_by: maker.id });
    expect(await canWrite(key)).toBe(201);
    await statusOf(steady.as, `/members/${heir.id}`, 'PATCH', { role: 'viewer' });
    expect(await canWrite(key)).toBe(403);
  });

  test('a service account takes none over', async () => {
    const one = await account(maker.as);
    const { key } = await keyOf(steady.as, await account(steady.as, { role: 'tenant_admin' }));
    expect((await change(key, one, { adopt: true })).status).toBe(403);
    expect(await seen(one)).toMatchObject({ bound_to: { users: [maker.id] } });
  });

  test('which is audited, with what it was before', async () => {
    const one = await account(maker.as, { role: 'viewer' });
    await change(steady.as, one, { adopt: true, role: 'ml_engineer' });
    const rows = await withClient(maestro.database.superuser, async (client) => {
      const text = `SELECT actor_id, detail FROM maestro.audit_events
        WHERE tenant_id = $1 AND action = 'service_account.update' AND target = $2`;
      return (await client.query(text, [maestro.tenants.a.id, one.id])).rows;
    });
    const boundTo = (user: string) => ({ users: [user], service_accounts: [] });
    const detail = {
      adopt: true,
      role: 'ml_engineer',
      bound_to: boundTo(steady.id),
      before: { role: 'viewer', bound_to: boundTo(maker.id) },
    };
    expect(rows).toEqual([{ actor_id: steady.id, detail }]);
  });
});

describe('what a service account may is explained with who is responsible for it', () => {
  interface Why {
    responsible: { id: string; name: string | null; is_active: boolean }[];
    permissions: { permission: string }[];
    answer: { allowed: boolean; reason: string };
  }
  const why = async ({ id }: Account) => {
    const query = `service_account_id=${id}&permission=experiment:write`;
    return (await people.native(steady.as, 'GET', `/access/why?${query}`)).body as Why;
  };

  test('demoted, gone, and taken over', async () => {
    const one = await account(maker.as, { role: 'ml_engineer' });
    const names = async () => (await why(one)).permissions.map(({ permission }) => permission);
    expect((await why(one)).answer.allowed).toBe(true);
    expect(await names()).toContain('experiment:write');
    await statusOf(steady.as, `/members/${maker.id}`, 'PATCH', { role: 'viewer' });
    expect((await why(one)).answer).toMatchObject({
      allowed: false,
      reason: expect.stringContaining(`the user ${maker.name}, who is responsible for it, does not hold`),
    });
    expect(await names()).not.toContain('experiment:write');
    await statusOf(steady.as, `/members/${maker.id}`, 'DELETE');
    const gone = await why(one);
    expect(gone.answer).toMatchObject({ allowed: false, reason: expect.stringContaining('is gone or not active') });
    expect(gone.permissions).toEqual([]);
    expect(gone.responsible).toMatchObject([{ id: maker.id, is_active: false }]);
    await change(steady.as, one, { adopt: true });
    expect((await why(one)).answer.allowed).toBe(true);
  });
});
