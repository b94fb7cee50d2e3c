import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';
import { bodyOf, enrolmentOf } from '../../test/enrolment.ts';

interface Listed {
  items: Record<string, unknown>[];
  next_page_token: string | null;
}

let maestro: TestApp;
let people: ReturnType<typeof enrolmentOf>;
beforeAll(async () => {
  maestro = await startTestApp();
  people = enrolmentOf(maestro);
});
afterAll(() => maestro?.stop());

const read = async <Body = Listed>(path: string, as: string): Promise<Body> =>
  bodyOf<Body>(await maestro.send('GET', `/api/v1${path}`, { as }));
const key = () => maestro.tenants.a.keys.tenant_admin;

/** Somebody of a name that nobody else has. */
async function named(tenant: string, name: string) {
  const person = await people.make({ tenant, role: 'viewer' });
  const path = `/api/v1/users/${person.id}`;
  bodyOf(await maestro.send('PATCH', path, { as: maestro.operatorKey, json: { name } }));
  return person;
}

test('members are found by a part of their name or address in any case, page by page, and by their ids', async () => {
  const part = randomUUID();
  const one = await named('tenant-a', `Ada ${part.toUpperCase()}`);
  const other = await named('tenant-a', `Bob ${part}`);
  const stranger = await named('tenant-b', `Eve ${part}`);
  const first = await read(`/members?q=${part}&limit=1`, key());
  const rest = await read(`/members?q=${part}&limit=1&page_token=${first.next_page_token}`, key());
  const found = [...first.items, ...rest.items].map(({ user_id: id }) => id);
  expect(found.sort()).toEqual([one.id, other.id].sort());
  expect(rest.next_page_token).toBeNull();
  expect((await read(`/members?q=${one.email.slice(2, 30)}`, key())).items).toMatchObject([{ user_id: one.id }]);
  const asked = [one, stranger].map(({ id }) => `user_id=${id}`).join('&');
  expect((await read(`/members?${asked}`, key())).items).toMatchObject([{ user_id: one.id }]);
  // A percent sign is a percent sign.
  expect((await read('/members?q=%25', key())).items).toEqual([]);
});

test('operators find users and tenants by a part of their names', async () => {
  const part = randomUUID().slice(0, 20);
  const person = await named('tenant-a', `Ada ${part}`);
  const slug = `t-${part}`;
  const made = { slug, name: 'Of The Search' };
  bodyOf(await maestro.send('POST', '/api/v1/tenants', { as: maestro.operatorKey, json: made }), 201);
  expect((await read(`/users?q=${part.toUpperCase()}`, maestro.operatorKey)).items).toMatchObject([{ id: person.id }]);
  expect((await read(`/tenants?q=${part}`, maestro.operatorKey)).items).toMatchObject([{ slug }]);
  expect((await read('/tenants?q=the%20search', maestro.operatorKey)).items).toMatchObject([{ slug }]);
});

test('webhooks of all projects are listed with the names of their projects, and none of another tenant', async () => {
  const hooks: string[] = [];
  for (const tenant of [maestro.tenants.a, maestro.tenants.b]) {
    const as = tenant.keys.tenant_admin;
    const wish = { as, json: { name: 'Churn' } };
    const { project_id: id } = bodyOf<{ project_id: string }>(
      await maestro.send('POST', '/api/v1/projects', wish),
      201,
    );
    for (const kind of ['github', 'gitlab']) {
      const answer = await maestro.send('POST', `/api/v1/projects/${id}/webhooks`, { as, json: { kind } });
      hooks.push(bodyOf<{ webhook_id: string }>(answer, 201).webhook_id);
    }
  }
  const first = await read('/webhooks?limit=1', key());
  const rest = await read(`/webhooks?limit=1&page_token=${first.next_page_token}`, key());
  const listed = [...first.items, ...rest.items];
  expect(listed.map(({ webhook_id: id }) => id)).toEqual(hooks.slice(0, 2).sort());
  expect(listed.map(({ project }) => project)).toEqual(['Churn', 'Churn']);
  expect(JSON.stringify(listed)).not.toContain('secret');
});

test('the audit says of a change of settings and roles what was before', async () => {
  const administrator = await people.make({ tenant: 'tenant-a', role: 'tenant_admin' });
  const as = await people.session(administrator);
  const send = (method: string, path: string, json: object) =>
    maestro.send(method, `/api/v1${path}`, { as, json, headers: { 'x-mlflow-workspace': 'tenant-a' } });
  const role = `r_${randomUUID().slice(0, 8)}`;
  const member = await people.make({ tenant: 'tenant-a', role: 'viewer' });
  bodyOf(await send('POST', '/roles', { name: role, permissions: ['run:read'] }), 201);
  bodyOf(await send('PATCH', `/roles/${role}`, { permissions: ['run:read', 'run:write'] }));
  bodyOf(await send('PATCH', `/members/${member.id}`, { role }));
  bodyOf(await send('PATCH', '/tenant', { session_days: 5 }));
  const last = async (action: string) =>
    (await read(`/audit?limit=1&action=${action}`, key())).items[0]?.detail as Record<string, unknown>;
  expect(await last('role.update')).toEqual({
    permissions: ['run:read', 'run:write'],
    before: { permissions: ['run:read'] },
  });
  expect(await last('member.update')).toMatchObject({ role, before: { role: 'viewer' } });
  expect(await last('own_tenant.update')).toEqual({ session_days: 5, before: { session_days: null } });
});

test('health is for operators: it counts what waits, and names no secret', async () => {
  const refused = await maestro.send('GET', '/api/v1/operator/health', { as: key() });
  expect(refused.status).toBe(403);
  const { id } = await people.make();
  await maestro.send('DELETE', `/api/v1/users/${id}`, { as: maestro.operatorKey });
  const health = await read<Record<string, unknown>>('/operator/health', maestro.operatorKey);
  expect(health).toMatchObject({
    processes: 1,
    database: { answer_ms: expect.any(Number), connections: { busy: expect.any(Number), waiting: 0 } },
    secrets: { failures: 0, fault: null },
    jobs: { audit_copies: expect.any(Number) },
  });
  const { erasures } = health.jobs as { erasures: { id: string; finished_at: string | null }[] };
  expect(erasures).toContainEqual(expect.objectContaining({ id, kind: 'user', finished_at: expect.any(String) }));
});
