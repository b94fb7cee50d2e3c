import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';
import { peopleOf } from '../../test/people.ts';
import { withClient } from '../db/roles.ts';

let app: TestApp;
let experiment: number;
beforeAll(async () => {
  app = await startTestApp();
  const made = await send('POST', '/experiments', app.tenants.a.keys.ml_engineer, { name: 'viewed' });
  experiment = (made.body as { experiment_id: number }).experiment_id;
});
afterAll(() => app?.stop());

const send = (method: string, path: string, as: string, json?: unknown) =>
  app.send(method, `/api/v1${path}`, { as, ...(json === undefined ? {} : { json }) });

interface View {
  view_id: string;
  name: string;
  is_own: boolean;
  is_shared: boolean;
}

async function save(as: string, more: Record<string, unknown>): Promise<View> {
  const json = { experiment_id: experiment, path: `experiments/${experiment}`, query: 'sort=-start', ...more };
  const answer = await send('POST', '/views', as, json);
  expect(answer.status, answer.text).toBe(201);
  return answer.body as View;
}
const listed = async (as: string, query = `experiment_id=${experiment}`) =>
  ((await send('GET', `/views?${query}`, as)).body as { items: View[] }).items.map(({ name }) => name);

test('a view is its maker’s alone until it is shared, and then the tenant’s', async () => {
  const { viewer, data_scientist: maker } = app.tenants.a.keys;
  const view = await save(maker, { name: 'mine' });
  expect(view).toMatchObject({ is_own: true, is_shared: false });
  expect(await listed(maker)).toEqual(['mine']);
  expect(await listed(viewer)).toEqual([]);
  expect((await send('GET', `/views/${view.view_id}`, viewer)).status).toBe(404);
  expect((await send('PATCH', `/views/${view.view_id}`, maker, { is_shared: true, name: 'ours' })).status).toBe(200);
  expect(await listed(viewer)).toEqual(['ours']);
  expect((await send('GET', `/views/${view.view_id}`, viewer)).body).toMatchObject({ is_own: false, name: 'ours' });
  expect((await send('GET', `/views/${view.view_id}`, app.tenants.b.keys.tenant_admin)).status).toBe(404);
  expect((await send('DELETE', `/views/${view.view_id}`, viewer)).status).toBe(403);
  expect((await send('PATCH', `/views/${view.view_id}`, viewer, { name: 'x' })).status).toBe(403);
  const colleague = app.tenants.a.keys.ml_engineer;
  expect((await send('PATCH', `/views/${view.view_id}`, colleague, { query: 'sort=name' })).status).toBe(200);
  expect((await send('DELETE', `/views/${view.view_id}`, colleague)).status).toBe(204);
  expect(await listed(maker)).toEqual([]);
});

test('nobody else changes or deletes a view that is not shared', async () => {
  const { data_scientist: maker, tenant_admin: admin } = app.tenants.a.keys;
  const view = await save(maker, { name: 'private' });
  expect((await send('PATCH', `/views/${view.view_id}`, admin, { is_shared: true })).status).toBe(404);
  expect((await send('DELETE', `/views/${view.view_id}`, admin)).status).toBe(404);
  expect((await send('DELETE', `/views/${view.view_id}`, maker)).status).toBe(204);
});

test('views are listed by name, page by page, and go with their experiment', async () => {
  const { data_scientist: maker } = app.tenants.a.keys;
  for (const name of ['c', 'a', 'b']) await save(maker, { name });
  const first = await send('GET', `/views?experiment_id=${experiment}&limit=2`, maker);
  const { items, next_page_token: token } = first.body as { items: View[]; next_page_token: string };
  expect(items.map(({ name }) => name)).toEqual(['a', 'b']);
  expect(await listed(maker, `experiment_id=${experiment}&limit=2&page_token=${token}`)).toEqual(['c']);
});

test('two who change different parts of a view at once both get through', async () => {
  const { data_scientist: maker } = app.tenants.a.keys;
  const view = await save(maker, { name: 'before' });
  const path = `/views/${view.view_id}`;
  const answers = await withClient(app.database.superuser, async (client) => {
    await client.query('BEGIN');
    await client.query('SELECT FROM maestro.saved_views WHERE view_id = $1 FOR UPDATE', [view.view_id]);
    const calls = [{ name: 'after' }, { query: 'sort=name' }].map((change) => send('PATCH', path, maker, change));
    await vi.waitFor(async () => {
      const waiting = await client.query(
        "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
      );
      expect(waiting.rowCount).toBeGreaterThanOrEqual(calls.length);
    });
    await client.query('COMMIT');
    return Promise.all(calls);
  });
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  expect((await send('GET', path, maker)).body).toMatchObject({ name: 'after', query: 'sort=name' });
  expect((await send('DELETE', path, maker)).status).toBe(204);
});

test('a change of a view that is deleted meanwhile finds none', async () => {
  const { data_scientist: maker } = app.tenants.a.keys;
  const view = await save(maker, { name: 'short-lived' });
  const answer = await withClient(app.database.superuser, async (client) => {
    await client.query('BEGIN');
    await client.query('DELETE FROM maestro.saved_views WHERE view_id = $1', [view.view_id]);
    const call = send('PATCH', `/views/${view.view_id}`, maker, { name: 'x' });
    await vi.waitFor(async () => {
      const waiting = await client.query(
        "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
      );
      expect(waiting.rowCount).toBeGreaterThan(0);
    });
    await client.query('COMMIT');
    return call;
  });
  expect(answer.status).toBe(404);
});

test('whom a grant on an experiment lets in changes its shared views, and finds no other', async () => {
  const people = peopleOf(app);
  await people.asAdmin('POST', '/roles', { name: 'guest', permissions: ['tenant:read'] });
  const guest = await people.account('guest');
  const other = await people.asAdmin<{ experiment_id: number }>('POST', '/experiments', { name: 'not granted' });
  const { data_scientist: maker } = app.tenants.a.keys;
  const open = await save(maker, { name: 'open', is_shared: true });
  const closed = await save(maker, { name: 'closed', is_shared: true, experiment_id: other.experiment_id });
  await people.asAdmin('POST', '/grants', {
    subject: { kind: 'service_account', id: guest.id },
    resource: { kind: 'experiment', id: String(experiment) },
    permissions: ['experiment:read', 'experiment:write', 'run:read'],
  });

  const looker = await people.account('guest');
  await people.asAdmin('POST', '/grants', {
    subject: { kind: 'service_account', id: looker.id },
    resource: { kind: 'experiment', id: String(experiment) },
    permissions: ['experiment:read', 'run:read'],
  });
  const own = await save(maker, { name: 'own' });
  expect((await send('PATCH', `/views/${open.view_id}`, looker.as, { name: 'x' })).status).toBe(403);

  const saidOf = (id: string, text: string) => text.replaceAll(id, 'ID').replace(/"request_id":"[^"]*"/, '');
  const absent = randomUUID();
  for (const [method, json] of [['GET'], ['PATCH', { name: 'x' }], ['DELETE']] as const) {
    const [hidden, none] = await Promise.all(
      [closed.view_id, absent].map((id) => send(method, `/views/${id}`, guest.as, json)),
    );
    expect(hidden?.status).toBe(404);
    expect(saidOf(closed.view_id, hidden?.text ?? '')).toBe(saidOf(absent, none?.text ?? ''));
    const [ofAnother, ofNobody] = await Promise.all(
      [own.view_id, absent].map((id) => send(method, `/views/${id}`, looker.as, json)),
    );
    expect(ofAnother?.status).toBe(404);
    expect(saidOf(own.view_id, ofAnother?.text ?? '')).toBe(saidOf(absent, ofNobody?.text ?? ''));
  }

  // Each call looks up the view's experiment in the transaction that it has: with a second one, all would wait for all.
  const answers = await withClient(app.database.superuser, async (client) => {
    await client.query('BEGIN; LOCK TABLE maestro.saved_views IN ACCESS EXCLUSIVE MODE');
    const calls = Array.from({ length: 30 }, (_, n) =>
      send('PATCH', `/views/${open.view_id}`, guest.as, { name: `at once ${n}` }),
    );
    await vi.waitFor(() => expect(app.ports.db.poolState().waiting).toBeGreaterThan(0), { timeout: 8_000 });
    await client.query('COMMIT');
    return Promise.all(calls);
  });
  expect(answers.map(({ status }) => status)).toEqual(Array(30).fill(200));
  expect((await send('DELETE', `/views/${open.view_id}`, guest.as)).status).toBe(204);
}, 20_000);

test.each([
  ['path', '//example.org'],
  ['path', '../sign-in'],
  ['path', 'javascript:alert(1)'],
  ['name', ''],
])('a view with the %s %j is refused by the name of its field', async (field, value) => {
  const json = { name: 'n', path: 'compare', query: '', [field]: value };
  const answer = await send('POST', '/views', app.tenants.a.keys.data_scientist, json);
  expect(answer.status).toBe(400);
  expect(answer.body).toMatchObject({ field });
});
