import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';

let maestro: TestApp;
let session: string;

beforeAll(async () => {
  maestro = await startTestApp();
  const email = 'member@example.com';
  const as = maestro.operatorKey;
  const made = await maestro.send('POST', '/api/v1/users', { as, json: { email, tenant: 'tenant-a', role: 'viewer' } });
  const { password } = made.body as { password: string };
  const admin = maestro.tenants.b.keys.tenant_admin;
  await maestro.send('POST', '/api/v1/members', { as: admin, json: { email, role: 'viewer' } });
  const login = await maestro.send('POST', '/api/v1/auth/login', { json: { email, password } });
  session = (login.body as { access_token: string }).access_token;
});
afterAll(() => maestro.stop());

const at = (path: string) => `/api/3.0/mlflow/${path}`;
const names = (body: unknown) => (body as { workspaces: { name: string }[] }).workspaces.map(({ name }) => name);

test('a client learns without signing in that there are workspaces, whatever workspace it names', async () => {
  for (const headers of [{}, { 'x-mlflow-workspace': 'nobody' }, { authorization: 'Bearer stale' }]) {
    const { status, body } = await maestro.send('GET', at('server-info'), { headers });
    expect(status).toBe(200);
    expect(body).toMatchObject({ store_type: 'SqlStore', workspaces_enabled: true, multipart_uploads_enabled: true });
  }
});

test('anyone sees the tenants they belong to, and no other', async () => {
  const byKey = await maestro.send('GET', at('workspaces'), { as: maestro.tenants.a.keys.viewer });
  expect(byKey.body).toEqual({ workspaces: [{ name: 'tenant-a', description: 'tenant-a' }] });
  const bySession = await maestro.send('GET', at('workspaces'), { as: session });
  expect(names(bySession.body)).toEqual(['tenant-a', 'tenant-b']);
  expect((await maestro.send('GET', at('workspaces'))).status).toBe(401);
});

test('a tenant that the caller is not in does not exist: not by name, not by header', async () => {
  const as = maestro.tenants.a.keys.tenant_admin;
  const other = await maestro.send('GET', at('workspaces/tenant-b'), { as });
  const absent = await maestro.send('GET', at('workspaces/tenant-x'), { as });
  expect(other.status).toBe(404);
  expect(other.body).toEqual({ error_code: 'RESOURCE_DOES_NOT_EXIST', message: "Workspace 'tenant-b' not found" });
  expect(absent.body).toEqual({ error_code: 'RESOURCE_DOES_NOT_EXIST', message: "Workspace 'tenant-x' not found" });
  for (const path of [at('workspaces'), at('workspaces/tenant-a'), '/api/2.0/mlflow/experiments/get?experiment_id=0']) {
    for (const workspace of ['tenant-b', 'tenant-x']) {
      const answer = await maestro.send('GET', path, { as, headers: { 'x-mlflow-workspace': workspace } });
      expect(answer.status, path).toBe(404);
      expect(answer.body).toMatchObject({ error_code: 'RESOURCE_DOES_NOT_EXIST' });
    }
  }
});

test('a user’s header chooses among the tenants the user belongs to', async () => {
  for (const slug of ['tenant-a', 'tenant-b']) {
    const headers = { 'x-mlflow-workspace': slug };
    expect((await maestro.send('GET', at(`workspaces/${slug}`), { as: session, headers })).status).toBe(200);
    const path = '/api/2.0/mlflow/experiments/get?experiment_id=0';
    expect((await maestro.send('GET', path, { as: session, headers })).status).toBe(200);
  }
});

test.each(['x', 'Not%20A%20Slug', '-ab', 'api', 'a'.repeat(64)])('%s is no name of a workspace', async (name) => {
  const answer = await maestro.send('GET', at(`workspaces/${name}`), { as: session });
  expect(answer.status).toBe(400);
  expect(answer.body).toMatchObject({ error_code: 'INVALID_PARAMETER_VALUE' });
});

test.each(['viewer', 'tenant_admin'] as const)('a %s makes, changes and deletes no workspace', async (role) => {
  const as = maestro.tenants.a.keys[role];
  for (const [method, path, json] of [
    ['POST', 'workspaces', { name: 'mine' }],
    ['PATCH', 'workspaces/tenant-a', { description: 'x' }],
    ['DELETE', 'workspaces/tenant-a', undefined],
  ] as const) {
    const answer = await maestro.send(method, at(path), { as, ...(json ? { json } : {}) });
    expect(answer.status).toBe(403);
    expect(answer.body).toMatchObject({ error_code: 'PERMISSION_DENIED' });
  }
});
