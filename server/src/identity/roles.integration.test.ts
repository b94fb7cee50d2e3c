import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';
import { type People, peopleOf } from '../../test/people.ts';
import { withClient } from '../db/roles.ts';
import { permissions } from './roles.ts';

interface Role {
  name: string;
  built_in: boolean;
  inherits: string[];
  effective_permissions: string[];
}

let maestro: TestApp;
let people: People;
let admin: string;

beforeAll(async () => {
  maestro = await startTestApp();
  people = peopleOf(maestro);
  admin = maestro.tenants.a.keys.tenant_admin;
  const limits = { max_users: 1000 };
  await maestro.send('PATCH', '/api/v1/tenants/tenant-a', { as: maestro.operatorKey, json: limits });
});
afterAll(() => maestro?.stop());

const newName = () => `r${randomUUID().replaceAll('-', '')}`;
const makeRole = (json: object = {}) => people.asAdmin<Role>('POST', '/roles', { name: newName(), ...json });
const read = (as: string) => people.native(as, 'GET', '/experiments');
const rows = (text: string, values: unknown[]) =>
  withClient(maestro.database.superuser, async (client) => (await client.query(text, values)).rows);

describe('a role of a tenant’s own', () => {
  test('allows exactly its permissions and those it inherits, over several steps', async () => {
    const base = await makeRole({ permissions: ['experiment:read'] });
    const middle = await makeRole({ inherits: [base.name], permissions: ['run:read'] });
    const top = await makeRole({ inherits: [middle.name], permissions: ['experiment:write'] });
    expect(top.effective_permissions).toEqual(['experiment:read', 'experiment:write', 'run:read']);
    const { as } = await people.account(top.name);
    expect((await read(as)).status).toBe(200);
    const made = await people.native(as, 'POST', '/experiments', { name: newName() });
    expect(made.status).toBe(201);
    const { experiment_id: id } = made.body as { experiment_id: number };
    expect((await people.native(as, 'DELETE', `/experiments/${id}`)).status).toBe(403);
    expect((await people.native(as, 'POST', '/runs', { experiment_id: id })).status).toBe(403);
  });

  test('inherits from a role that every tenant has', async () => {
    const role = await makeRole({ inherits: ['viewer'], permissions: ['audit:read'] });
    expect(role.effective_permissions).toContain('tenant:read');
    expect(role.effective_permissions).toContain('audit:read');
    expect(role.effective_permissions).not.toContain('run:write');
  });

  test('holds for a member’s session and for a member’s own key alike', async () => {
    const role = await makeRole({ permissions: ['tenant:read', 'experiment:read'] });
    const { as } = await people.member(role.name);
    expect((await read(as)).status).toBe(200);
    const key = (await people.native(as, 'POST', '/me/keys', { name: 'own' })).body as { key: string };
    expect((await read(key.key)).status).toBe(200);
    expect((await people.native(key.key, 'POST', '/experiments', { name: newName() })).status).toBe(403);
  });

  test('is listed beside the roles that every tenant has, and read by name', async () => {
    const role = await makeRole({ description: 'read & rest' });
    const { items } = await people.asAdmin<{ items: Role[] }>('GET', '/roles');
    expect(items.filter(({ built_in: builtIn }) => builtIn).map(({ name }) => name)).toEqual([
      'viewer',
      'data_scientist',
      'ml_engineer',
      'tenant_admin',
    ]);
    expect(items.find(({ name }) => name === role.name)).toEqual(role);
    expect(await people.asAdmin('GET', `/roles/${role.name}`)).toEqual(role);
    expect(await people.asAdmin('GET', '/roles/viewer')).toMatchObject({ name: 'viewer', built_in: true });
  });

  test('of one tenant is none of another’s: neither read, given nor inherited there', async () => {
    const role = await makeRole({ permissions: ['run:read'] });
    const other = maestro.tenants.b.keys.tenant_admin;
    expect((await people.native(other, 'GET', `/roles/${role.name}`)).status).toBe(404);
    expect((await people.native(other, 'DELETE', `/roles/${role.name}`)).status).toBe(404);
    const key = await people.native(other, 'POST', '/keys', { name: newName(), role: role.name });
    expect([key.status, (key.body as { field: string }).field]).toEqual([400, 'role']);
    const heir = await people.native(other, 'POST', '/roles', { name: newName(), inherits: [role.name] });
    expect([heir.status, (heir.body as { field: string }).field]).toEqual([400, 'inherits.0']);
  });

  test('counts as it is now from the next request on, for keys and sessions', async () => {
    const role = await makeRole({ permissions: ['tenant:read', 'experiment:read'] });
    const heir = await makeRole({ inherits: [role.name] });
    const holders = [await people.account(role.name), await people.member(heir.name)];
    for (const { as } of holders) expect((await read(as)).status).toBe(200);
    await people.asAdmin('PATCH', `/roles/${role.name}`, { permissions: ['tenant:read'] });
    for (const { as } of holders) expect((await read(as)).status).toBe(403);
    await people.asAdmin('PATCH', `/roles/${role.name}`, { permissions: ['experiment:read'] });
    for (const { as } of holders) expect((await read(as)).status).toBe(200);
  });

  test('that is gone from the database grants nothing', async () => {
    const role = await makeRole({ permissions: [...permissions] });
    const { as, id } = await people.member(role.name);
    expect((await read(as)).status).toBe(200);
    await rows('DELETE FROM maestro.roles WHERE name = $1', [role.name]);
    await maestro.ports.identity.changed({ kind: 'user', id });
    expect((await read(as)).status).toBe(403);
    const again = await people.native(admin, 'POST', '/roles', { name: role.name, permissions: ['run:read'] });
    expect(again.status, 'a name that somebody still has is not given new power').toBe(409);
  });
});

describe('a role is refused', () => {
  test.each([
    [{ name: 'viewer' }, 409, 'name'],
    [{ name: 'tenant_admin', permissions: ['run:read'] }, 409, 'name'],
    [{ name: 'Upper' }, 400, 'name'],
    [{ name: '1st' }, 400, 'name'],
    [{ name: `a${'b'.repeat(63)}` }, 400, 'name'],
    [{ name: 'fine', permissions: ['run:fly'] }, 400, 'permissions.0'],
    [{ name: 'fine', permissions: ['run:read', '*'] }, 400, 'permissions.1'],
    [{ name: 'fine', inherits: ['nobody'] }, 400, 'inherits.0'],
    [{ name: 'fine', inherits: ['viewer', 'fine'] }, 400, 'inherits.1'],
    [{ name: 'fine', admin: true }, 400, 'admin'],
    [{}, 400, 'name'],
  ])('with input no. %#, by the name of the field at fault', async (json, status, field) => {
    const answer = await people.native(admin, 'POST', '/roles', json);
    expect([answer.status, (answer.body as { field: string }).field]).toEqual([status, field]);
  });

  test('where one of that name exists', async () => {
    const { name } = await makeRole();
    expect((await people.native(admin, 'POST', '/roles', { name })).status).toBe(409);
  });

  test('where it would inherit from itself, by however many steps', async () => {
    const one = await makeRole();
    const two = await makeRole({ inherits: [one.name] });
    const three = await makeRole({ inherits: [two.name] });
    for (const parent of [one, two, three]) {
      const answer = await people.native(admin, 'PATCH', `/roles/${one.name}`, { inherits: [parent.name] });
      expect([answer.status, (answer.body as { field: string }).field]).toEqual([400, 'inherits.0']);
    }
  });

  test('where two changes at once would close a circle: one of them', async () => {
    const pairs = await Promise.all(
      Array.from({ length: 4 }, async () => [await makeRole(), await makeRole()] as const),
    );
    for (const [one, two] of pairs) {
      const answers = await Promise.all([
        people.native(admin, 'PATCH', `/roles/${one.name}`, { inherits: [two.name] }),
        people.native(admin, 'PATCH', `/roles/${two.name}`, { inherits: [one.name] }),
      ]);
      expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 400]);
    }
  });

  test('a role that every tenant has is neither changed nor deleted', async () => {
    for (const name of ['viewer', 'tenant_admin']) {
      const changed = await people.native(admin, 'PATCH', `/roles/${name}`, { permissions: ['run:read'] });
      expect([changed.status, (changed.body as { field: string }).field]).toEqual([400, 'role']);
      expect((await people.native(admin, 'DELETE', `/roles/${name}`)).status).toBe(400);
    }
  });

  test('to be deleted while a member, a service account, a grant or another role has it, and says which', async () => {
    const [ofMember, ofAccount, ofRole, ofGrant] = [
      await makeRole(),
      await makeRole(),
      await makeRole(),
      await makeRole(),
    ];
    await people.member(ofMember.name);
    await people.account(ofAccount.name);
    await makeRole({ inherits: [ofRole.name] });
    const { id } = await people.account('viewer');
    const subject = { kind: 'service_account', id };
    const resource = { kind: 'experiment', id: '0' };
    await people.asAdmin('POST', '/grants', { subject, resource, role: ofGrant.name });
    const cases = [
      [ofMember, /1 member has it/],
      [ofAccount, /service account/],
      [ofRole, /inherits from it/],
      [ofGrant, /grant/],
    ] as const;
    for (const [{ name }, why] of cases) {
      const answer = await people.native(admin, 'DELETE', `/roles/${name}`);
      expect(answer.status).toBe(400);
      expect((answer.body as { detail: string }).detail).toMatch(why);
    }
    const free = await makeRole();
    expect((await people.native(admin, 'DELETE', `/roles/${free.name}`)).status).toBe(204);
    expect((await people.native(admin, 'GET', `/roles/${free.name}`)).status).toBe(404);
  });
});

describe('nobody gives more than they hold', () => {
  /** Manages members, roles and keys, and may read runs: no administrator. */
  const managing = ['member:read', 'member:write', 'member:delete', 'role:read', 'role:write', 'role:delete'];
  let manager: string;
  let managerRole: Role;
  beforeAll(async () => {
    managerRole = await makeRole({ permissions: [...managing, 'key:write', 'run:read'] });
    manager = (await people.account(managerRole.name)).as;
  });

  test('a role with a permission that its author lacks is refused, by the name of the field', async () => {
    const own = await people.native(manager, 'POST', '/roles', {
      name: newName(),
      permissions: ['run:read', 'run:write'],
    });
    expect(own.status).toBe(403);
    expect(own.body).toMatchObject({ field: 'permissions', detail: expect.stringContaining('run:write') });
    const inherited = await people.native(manager, 'POST', '/roles', { name: newName(), inherits: ['viewer'] });
    expect(inherited.status).toBe(403);
    expect(inherited.body).toMatchObject({ field: 'inherits' });
    expect(
      (await people.native(manager, 'POST', '/roles', { name: newName(), permissions: ['run:read'] })).status,
    ).toBe(201);
  });

  test('a role that the author or somebody else has does not grow beyond its author', async () => {
    const shared = await makeRole({ permissions: ['run:read'] });
    for (const { name } of [managerRole, shared]) {
      const grown = await people.native(manager, 'PATCH', `/roles/${name}`, { permissions: [...permissions] });
      expect(grown.status).toBe(403);
      const inherited = await people.native(manager, 'PATCH', `/roles/${name}`, { inherits: ['tenant_admin'] });
      expect(inherited.status).toBe(403);
    }
  });

  test('a role that is stronger than the author’s is neither changed nor deleted, nor one it inherits from', async () => {
    const part = await makeRole({ permissions: ['run:read'] });
    const strong = await makeRole({ inherits: [part.name], permissions: ['audit:read'] });
    for (const { name } of [part, strong]) {
      expect((await people.native(manager, 'PATCH', `/roles/${name}`, { permissions: [] })).status).toBe(403);
      expect((await people.native(manager, 'DELETE', `/roles/${name}`)).status).toBe(403);
    }
  });

  test('a member is not given a role stronger than the assigner’s own, nor raised to one', async () => {
    const member = await people.member(managerRole.name);
    const user = await people.member('viewer', 'tenant-b');
    for (const role of ['viewer', 'tenant_admin']) {
      expect((await people.native(manager, 'POST', '/members', { email: user.name, role })).status).toBe(403);
      expect((await people.native(manager, 'PATCH', `/members/${member.id}`, { role })).status).toBe(403);
      expect((await people.native(member.as, 'PATCH', `/members/${member.id}`, { role })).status).toBe(403);
    }
    expect(
      (await people.native(manager, 'POST', '/members', { email: user.name, role: managerRole.name })).status,
    ).toBe(201);
  });

  test('a member whose role is stronger than one’s own is neither demoted nor removed', async () => {
    const strong = await people.member('tenant_admin');
    await people.member('tenant_admin');
    const weak = await makeRole();
    expect((await people.native(manager, 'PATCH', `/members/${strong.id}`, { role: weak.name })).status).toBe(403);
    expect((await people.native(manager, 'DELETE', `/members/${strong.id}`)).status).toBe(403);
  });

  test('a key is not made of a service account stronger than its maker, new or there already', async () => {
    const strong = await people.account('tenant_admin');
    const refused = [
      { name: newName(), role: 'tenant_admin' },
      { name: newName() },
      { name: newName(), service_account: strong.name },
    ];
    for (const json of refused) {
      expect((await people.native(manager, 'POST', '/keys', json)).status, JSON.stringify(json)).toBe(403);
    }
    const left = await rows('SELECT 1 FROM maestro.service_accounts WHERE name = ANY ($1)', [
      refused.map(({ name }) => name),
    ]);
    expect(left, 'a refused key leaves no account').toEqual([]);
    expect((await people.native(manager, 'POST', '/keys', { name: newName(), role: managerRole.name })).status).toBe(
      201,
    );
  });

  test('a grant gives no more than its maker holds, by permission or by role', async () => {
    const { id } = await people.account(managerRole.name);
    const grant = (json: object) =>
      people.native(manager, 'POST', '/grants', {
        subject: { kind: 'service_account', id },
        resource: { kind: 'experiment', id: '0' },
        ...json,
      });
    expect((await grant({ permissions: ['run:write'] })).status).toBe(403);
    expect((await grant({ role: 'ml_engineer' })).status).toBe(403);
    expect((await grant({ permissions: ['run:read'] })).status).toBe(201);
  });

  test('a role that the tenant does not have is refused by its field, in members, keys and users', async () => {
    const user = await people.member('viewer', 'tenant-b');
    const answers = await Promise.all([
      people.native(admin, 'POST', '/members', { email: user.name, role: 'owner' }),
      people.native(admin, 'POST', '/keys', { name: newName(), role: 'owner' }),
      people.native(maestro.operatorKey, 'POST', '/tenants/tenant-a/keys', { name: newName(), role: 'owner' }),
      people.native(maestro.operatorKey, 'POST', '/users', { email: 'o@x.org', tenant: 'tenant-a', role: 'owner' }),
    ]);
    for (const { status, body } of answers) {
      expect([status, (body as { field: string }).field]).toEqual([400, 'role']);
    }
  });

  test('every change of roles is audited in the tenant, and so is every refusal', async () => {
    const { name } = await makeRole({ permissions: ['run:read'] });
    await people.asAdmin('PATCH', `/roles/${name}`, { permissions: [] });
    await people.native(maestro.tenants.a.keys.viewer, 'PATCH', `/roles/${name}`, { permissions: [] });
    await people.asAdmin('DELETE', `/roles/${name}`);
    const events = await rows(
      'SELECT action, outcome FROM maestro.audit_events WHERE target = $1 ORDER BY created_at',
      [name],
    );
    expect(events.map(({ action }) => action)).toEqual(['role.create', 'role.update', 'role.delete']);
    const refusals = await rows(
      "SELECT 1 FROM maestro.audit_events WHERE action = 'role.update' AND outcome = 'refused'",
      [],
    );
    expect(refusals.length).toBeGreaterThan(0);
  });
});

describe('a tenant keeps an administrator', () => {
  let slug: string;
  let key: string;
  beforeAll(async () => {
    slug = `last-${randomUUID()}`;
    const operator = (path: string, json: object) => people.native(maestro.operatorKey, 'POST', path, json);
    await operator('/tenants', { slug });
    const made = await operator(`/tenants/${slug}/keys`, { name: 'admin', role: 'tenant_admin' });
    key = (made.body as { key: string }).key;
  });

  test('the last one is neither demoted, removed nor deactivated, and a role of the tenant’s own is no substitute', async () => {
    const role = await people.native(key, 'POST', '/roles', { name: 'almost', permissions: [...permissions] });
    expect(role.status).toBe(201);
    const last = await people.member('tenant_admin', slug);
    await people.member('almost', slug);
    expect((await people.native(key, 'PATCH', `/members/${last.id}`, { role: 'almost' })).status).toBe(400);
    expect((await people.native(key, 'DELETE', `/members/${last.id}`)).status).toBe(400);
    const deactivated = await people.native(maestro.operatorKey, 'PATCH', `/users/${last.id}`, { is_active: false });
    expect(deactivated.status).toBe(400);
    expect(deactivated.text).toContain(slug);
    const next = await people.member('tenant_admin', slug);
    expect((await people.native(maestro.operatorKey, 'PATCH', `/users/${next.id}`, { is_active: false })).status).toBe(
      200,
    );
    // One who is deactivated administers nothing.
    expect((await people.native(key, 'PATCH', `/members/${last.id}`, { role: 'viewer' })).status).toBe(400);
  });

  test('two that demote, remove or deactivate each other at once leave one', async () => {
    const other = `two-${randomUUID()}`;
    await people.native(maestro.operatorKey, 'POST', '/tenants', { slug: other });
    const [one, two] = [await people.member('tenant_admin', other), await people.member('tenant_admin', other)];
    const demoted = await Promise.all([
      people.native(one.as, 'PATCH', `/members/${two.id}`, { role: 'viewer' }),
      people.native(two.as, 'PATCH', `/members/${one.id}`, { role: 'viewer' }),
    ]);
    expect(demoted.map(({ status }) => status === 200).toSorted()).toEqual([false, true]);
    const third = await people.member('tenant_admin', other);
    const left = demoted[0]?.status === 200 ? one : two;
    const deactivated = await Promise.all(
      [third, left].map(({ id }) => people.native(maestro.operatorKey, 'PATCH', `/users/${id}`, { is_active: false })),
    );
    expect(deactivated.map(({ status }) => status).toSorted()).toEqual([200, 400]);
  });
});

describe('the caller’s own tenant', () => {
  test('is read with its limits, and renamed by who may, in both audits; limits are not its own to set', async () => {
    const renamed = await people.asAdmin<{ name: string; updated_at: string }>('PATCH', '/tenant', { name: 'Ours' });
    expect(renamed).toMatchObject({ name: 'Ours', slug: 'tenant-a', max_users: 1000 });
    expect(await people.asAdmin('GET', '/tenant')).toEqual(renamed);
    for (const json of [{ max_users: 5 }, { is_active: false }, { slug: 'other' }, { name: '' }]) {
      expect((await people.native(admin, 'PATCH', '/tenant', json)).status).toBe(400);
    }
    expect((await people.native(maestro.tenants.a.keys.ml_engineer, 'PATCH', '/tenant', { name: 'x' })).status).toBe(
      403,
    );
    for (const table of ['audit_events', 'operator_audit_events']) {
      const found = await rows(`SELECT 1 FROM maestro.${table} WHERE action = $1`, ['own_tenant.update']);
      expect(found.length, table).toBeGreaterThan(0);
    }
  });
});
