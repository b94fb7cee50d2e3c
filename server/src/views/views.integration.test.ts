import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';

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
