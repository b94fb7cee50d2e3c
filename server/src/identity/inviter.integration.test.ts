import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';
import { mailedPeopleOf, refusalOf } from '../../test/mailed_people.ts';
import { type People, peopleOf } from '../../test/people.ts';
import { generatePassword } from './passwords.ts';

let maestro: TestApp;
let people: People;
const { post, rows, newAddress, linkTo } = mailedPeopleOf(() => maestro);
let admin: string;

beforeAll(async () => {
  maestro = await startTestApp({ policy: { bcryptRounds: 4 } });
  people = peopleOf(maestro);
  admin = maestro.tenants.a.keys.tenant_admin;
  const limits = { as: maestro.operatorKey, json: { max_users: 1000 } };
  await maestro.send('PATCH', '/api/v1/tenants/tenant-a', limits);
  // One who stays, so that the others may go.
  await people.member('tenant_admin');
});
afterAll(() => maestro?.stop());

async function made<Body>(as: string, path: string, json: object): Promise<Body> {
  const answer = await post(path, json, as);
  expect(answer.status, answer.text).toBe(201);
  return answer.body as Body;
}
async function invited(as: string, role: string) {
  const email = newAddress();
  const { id } = await made<{ id: string }>(as, '/members/invite', { email, role });
  return { id, token: (await linkTo(email, 'invitation')) as string };
}
const accept = (token: string) => post('/auth/accept-invitation', { token, password: generatePassword() });
const changed = async (path: string, json?: object) => {
  const answer = await people.native(admin, json ? 'PATCH' : 'DELETE', path, json);
  expect(answer.status, answer.text).toBeLessThan(300);
};

/** What members who invite need, beside what they give: a role that allows it and what a viewer may. */
async function inviting() {
  const name = `r${randomUUID().slice(0, 8)}`;
  await people.asAdmin('POST', '/roles', { name, inherits: ['viewer'], permissions: ['member:write'] });
  return name;
}
async function ownRole(permissions: string[]) {
  const name = `r${randomUUID().slice(0, 8)}`;
  await people.asAdmin('POST', '/roles', { name, permissions });
  return name;
}

interface Case {
  as: string;
  role: string;
  /** Takes from the inviter, or from the role, what the invitation stands on. */
  change(): Promise<unknown>;
}

const cases: Record<string, () => Promise<Case>> = {
  'a member who was removed': async () => {
    const { id, as } = await people.member('tenant_admin');
    return { as, role: 'viewer', change: () => changed(`/members/${id}`) };
  },
  'a member whose account was closed': async () => {
    const { id, as } = await people.member('tenant_admin');
    const closed = { as: maestro.operatorKey, json: { is_active: false } };
    return { as, role: 'viewer', change: () => maestro.send('PATCH', `/api/v1/users/${id}`, closed) };
  },
  'a member who may invite nobody any more': async () => {
    const { id, as } = await people.member('tenant_admin');
    return { as, role: 'viewer', change: () => changed(`/members/${id}`, { role: 'ml_engineer' }) };
  },
  'a service account that was demoted': async () => {
    const { id, as } = await people.account('tenant_admin');
    return { as, role: 'viewer', change: () => changed(`/service-accounts/${id}`, { role: 'ml_engineer' }) };
  },
  'a service account that was closed': async () => {
    const { id, as } = await people.account('tenant_admin');
    return { as, role: 'viewer', change: () => changed(`/service-accounts/${id}`, { is_active: false }) };
  },
  'a service account that was deleted': async () => {
    const { id, as } = await people.account('tenant_admin');
    return { as, role: 'viewer', change: () => changed(`/service-accounts/${id}`) };
  },
  'a service account whose maker was demoted': async () => {
    const maker = await people.member('tenant_admin');
    const json = { name: randomUUID(), role: 'tenant_admin' };
    const { key } = await made<{ key: string }>(maker.as, '/keys', json);
    return { as: key, role: 'viewer', change: () => changed(`/members/${maker.id}`, { role: 'viewer' }) };
  },
  'a key that was revoked': async () => {
    const owner = await people.member('tenant_admin');
    const key = await made<{ id: string; key: string }>(owner.as, '/me/keys', { name: 'k' });
    return { as: key.key, role: 'viewer', change: () => changed(`/keys/${key.id}`) };
  },
  'a key that has expired': async () => {
    const owner = await people.member('tenant_admin');
    const key = await made<{ id: string; key: string }>(owner.as, '/me/keys', { name: 'k' });
    const expire = () => rows('UPDATE maestro.api_keys SET expires_at = now() WHERE key_id = $1', [key.id]);
    return { as: key.key, role: 'viewer', change: expire };
  },
  'a member, into a role that was widened beyond theirs': async () => {
    const [{ as }, role] = [await people.member(await inviting()), await ownRole(['run:read'])];
    return { as, role, change: () => changed(`/roles/${role}`, { permissions: ['run:read', 'run:delete'] }) };
  },
  'a member, into a role that was deleted and made again stronger than theirs': async () => {
    const [{ as }, role] = [await people.member(await inviting()), await ownRole(['run:read'])];
    const change = async () => {
      await changed(`/roles/${role}`);
      await people.asAdmin('POST', '/roles', { name: role, permissions: ['run:delete'] });
    };
    return { as, role, change };
  },
  'a member, into a role that was deleted': async () => {
    const [{ as }, role] = [await people.member('tenant_admin'), await ownRole(['run:read'])];
    return { as, role, change: () => changed(`/roles/${role}`) };
  },
  'a key, into a role that was widened beyond its scopes, though not beyond its owner': async () => {
    const [owner, role] = [await people.member('tenant_admin'), await ownRole(['run:read'])];
    const json = { name: 'k', scopes: ['member:write', 'run:read'] };
    const { key } = await made<{ key: string }>(owner.as, '/me/keys', json);
    const change = () => changed(`/roles/${role}`, { permissions: ['run:read', 'run:write'] });
    return { as: key, role, change };
  },
};

describe('an invitation is worth nothing, and withdrawn, once it was made by', () => {
  test.each(Object.keys(cases))('%s', async (which) => {
    const { as, role, change } = await (cases[which] as () => Promise<Case>)();
    const [held, open] = [await invited(as, role), await invited(as, role)];
    expect((await accept(held.token)).status).toBe(200);
    // A role that somebody has is not deleted.
    await rows('DELETE FROM maestro.memberships WHERE role = $1', [role]);
    await change();
    const refused = await accept(open.token);
    expect(refusalOf(refused)).toEqual(refusalOf(await accept('nonsense')));
    const list = (await people.native(admin, 'GET', '/invitations?limit=1000')).body as { items: { id: string }[] };
    expect(list.items.map(({ id }) => id)).not.toContain(open.id);
    for (const table of ['operator_audit_events', 'audit_events']) {
      const told = await rows(
        `SELECT outcome, detail FROM maestro.${table} WHERE target = $1 AND action LIKE 'auth.%'`,
        [open.id],
      );
      expect(told, table).toMatchObject([{ outcome: 'refused', detail: { reason: expect.stringMatching(/may not/) } }]);
    }
  });
});

test('whoever may still give the role is asked for nothing more: a role that became weaker is given as it is', async () => {
  const [{ as }, role] = [await people.member(await inviting()), await ownRole(['run:read', 'model:read'])];
  const { token } = await invited(as, role);
  await changed(`/roles/${role}`, { permissions: ['run:read'] });
  expect((await accept(token)).body).toMatchObject({ tenant: 'tenant-a', role });
});

test('the page of an invitation whose inviter is gone shows nothing of it', async () => {
  const { id, as } = await people.member('tenant_admin');
  const { token } = await invited(as, 'viewer');
  await changed(`/members/${id}`);
  const read = () => post('/auth/read-invitation', { token });
  const first = await read();
  expect(first.status).toBe(400);
  expect(refusalOf(first)).toEqual(refusalOf(await read()));
});

test('an operator who is in a tenant by a switch invites nobody, and is told why', async () => {
  const operator = await people.operator();
  await made(operator.as, '/operator/switch', { tenant: 'tenant-a', reason: 'to see', minutes: 5 });
  const email = newAddress();
  const refused = await post('/members/invite', { email, role: 'viewer' }, operator.as);
  expect(refused.status).toBe(403);
  expect(refused.body).toMatchObject({ detail: expect.stringMatching(/switch/) });
  expect(await maestro.mailsTo(email)).toEqual([]);
});

test('a tenant sends so many invitations an hour, whoever makes them, and is told when to come again', async () => {
  const small = await startTestApp({ policy: { invitationsPerHour: 3 } });
  const send = async (as: string) => {
    const json = { email: newAddress(), role: 'viewer' };
    return small.send('POST', '/api/v1/members/invite', { as, json });
  };
  const [a, b] = [small.tenants.a.keys.tenant_admin, small.tenants.b.keys.tenant_admin];
  const other = await peopleOf(small).account('tenant_admin');
  const statuses = [];
  for (const as of [a, other.as, a]) statuses.push((await send(as)).status);
  expect(statuses).toEqual([201, 201, 201]);
  const refused = await send(other.as);
  expect(refused.status).toBe(429);
  const wait = Number(refused.headers.get('retry-after'));
  expect(wait).toBeGreaterThan(3_500);
  expect(wait).toBeLessThanOrEqual(3_600);
  expect(refused.headers.get('ratelimit-policy')).toBe('"invitations";q=3;w=3600');
  expect((await send(b)).status, 'of another tenant').toBe(201);
  await small.stop();
});
