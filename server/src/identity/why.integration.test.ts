import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';
import { type People, peopleOf } from '../../test/people.ts';

interface Why {
  subject: { kind: string; id: string; name: string };
  role: string | null;
  permissions: { permission: string; from: { kind: string; via: string[]; grant_id?: string }[] }[];
  answer?: { allowed: boolean; reason: string };
}

let maestro: TestApp;
let people: People;
beforeAll(async () => {
  maestro = await startTestApp();
  people = peopleOf(maestro);
  await people.asAdmin('POST', '/roles', { name: 'base', permissions: ['run:read', 'tenant:read'] });
  await people.asAdmin('POST', '/roles', { name: 'middle', inherits: ['base'], permissions: ['model:read'] });
  await people.asAdmin('POST', '/roles', { name: 'top', inherits: ['middle'] });
});
afterAll(() => maestro?.stop());

const ask = (query: Record<string, string>) => people.asAdmin<Why>('GET', `/access/why?${new URLSearchParams(query)}`);

test('each permission is explained by the chain of roles that it comes by', async () => {
  const member = await people.member('top');
  const { permissions, ...rest } = await ask({ user_id: member.id });
  expect(rest).toEqual({ subject: { kind: 'user', id: member.id, name: member.name }, is_active: true, role: 'top' });
  expect(permissions).toEqual([
    { permission: 'model:read', from: [{ kind: 'role', via: ['top', 'middle'] }] },
    { permission: 'run:read', from: [{ kind: 'role', via: ['top', 'middle', 'base'] }] },
    { permission: 'tenant:read', from: [{ kind: 'role', via: ['top', 'middle', 'base'] }] },
  ]);
});

test('yes and no are answered with the reason, for members and service accounts', async () => {
  const account = await people.account('top');
  const yes = await ask({ service_account_id: account.id, permission: 'run:read' });
  expect(yes.answer).toMatchObject({
    allowed: true,
    reason: 'The role top allows it, which inherits it from middle, then base.',
  });
  const no = await ask({ service_account_id: account.id, permission: 'run:write' });
  expect(no.answer).toMatchObject({
    allowed: false,
    reason: expect.stringContaining('Neither the role (top) nor a grant'),
  });
});

test('a grant explains a run and a model by their experiment, and says no on another', async () => {
  const { id } = await people.account('base');
  const make = () => people.asAdmin<{ experiment_id: number }>('POST', '/experiments', { name: randomUUID() });
  const [one, two] = [await make(), await make()];
  const run = async (experiment_id: number) =>
    (await people.asAdmin<{ run_id: string }>('POST', '/runs', { experiment_id })).run_id;
  const { id: grantId } = await people.asAdmin<{ id: string }>('POST', '/grants', {
    subject: { kind: 'service_account', id },
    resource: { kind: 'experiment', id: String(one.experiment_id) },
    role: 'data_scientist',
  });
  const about = async (experiment: number) =>
    (
      await ask({
        service_account_id: id,
        permission: 'run:write',
        resource_kind: 'run',
        resource_id: await run(experiment),
      })
    ).answer;
  expect(await about(one.experiment_id)).toMatchObject({ allowed: true, reason: expect.stringContaining(grantId) });
  expect(await about(two.experiment_id)).toMatchObject({
    allowed: false,
    reason: expect.stringContaining('other things'),
  });
  const anywhere = await ask({ service_account_id: id, permission: 'run:write' });
  expect(anywhere.answer?.allowed).toBe(false);
});

test('an answer is what the pipeline then does', async () => {
  for (const role of ['viewer', 'data_scientist', 'ml_engineer', 'top']) {
    const { id, as } = await people.account(role);
    const { answer } = await ask({ service_account_id: id, permission: 'experiment:write' });
    const made = await people.native(as, 'POST', '/experiments', { name: randomUUID() });
    expect([role, made.status === 201]).toEqual([role, answer?.allowed]);
  }
});

test('an operator’s stay is told apart from a role, with its end', async () => {
  const operator = await people.operator();
  const stay = { tenant: 'tenant-a', reason: 'to explain it', minutes: 5, role: 'viewer' };
  await people.native(operator.as, 'POST', '/operator/switch', stay);
  const { role, permissions, answer } = await ask({ user_id: operator.id, permission: 'run:read' });
  expect(role).toBeNull();
  expect(permissions.every(({ from }) => from.every(({ kind }) => kind === 'operator_switch'))).toBe(true);
  expect(answer).toMatchObject({ allowed: true, reason: expect.stringContaining('switch until') });
});

test('who is not active may do nothing, and is told why', async () => {
  const member = await people.member('viewer');
  await people.native(maestro.operatorKey, 'PATCH', `/users/${member.id}`, { is_active: false });
  const { answer } = await ask({ user_id: member.id, permission: 'run:read' });
  expect(answer).toMatchObject({ allowed: false, reason: expect.stringContaining('not active') });
});

test('everybody may ask about themselves, and about others who may read roles; strangers are not there', async () => {
  await people.asAdmin('POST', '/roles', { name: 'empty' });
  const account = await people.account('empty');
  const other = await people.account('viewer');
  const self = (await people.native(account.as, 'GET', '/access/why?permission=run:read')).body as Why;
  expect([self.subject.id, self.answer?.allowed]).toEqual([account.id, false]);
  const named = `/access/why?service_account_id=${account.id}`;
  expect((await people.native(account.as, 'GET', named)).status).toBe(200);
  expect((await people.native(account.as, 'GET', `/access/why?service_account_id=${other.id}`)).status).toBe(403);
  const admin = maestro.tenants.a.keys.tenant_admin;
  const elsewhere = await people.member('viewer', 'tenant-b');
  for (const id of [randomUUID(), elsewhere.id]) {
    expect((await people.native(admin, 'GET', `/access/why?user_id=${id}`)).status).toBe(404);
  }
});

test.each([
  ['permission=run:fly', 'permission'],
  ['resource_kind=run', 'resource_id'],
  ['resource_kind=moon&resource_id=1', 'resource_kind'],
  ['user_id=me', 'user_id'],
  [`user_id=${randomUUID()}&service_account_id=${randomUUID()}`, 'user_id'],
])('%s is refused by the name of its field', async (query, field) => {
  const answer = await people.native(maestro.tenants.a.keys.tenant_admin, 'GET', `/access/why?${query}`);
  expect([answer.status, (answer.body as { field: string }).field]).toEqual([400, field]);
});
