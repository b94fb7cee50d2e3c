import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AuditApp, startAuditApp } from './audit_app.fixture.ts';

let maestro: AuditApp;
beforeAll(async () => {
  maestro = await startAuditApp();
});
afterAll(() => maestro?.stop());

type Tokens = { access_token: string; refresh_token: string };

test('no secret that passes through stands in an audit row, sealed or not, nor in the keys of people', async () => {
  const secrets: string[] = [maestro.operatorKey, maestro.admin.password, maestro.admin.apiKey];
  const secret = (): string => {
    const made = `secret-${randomUUID()}`;
    secrets.push(made);
    return made;
  };
  const user = await maestro.makeUser({ tenant: 'tenant-a', role: 'tenant_admin' });
  secrets.push(user.password);

  // Sign-ins: wrong, of nobody, right; tokens used, used twice, and made up.
  const login = (json: object) => maestro.send('POST', '/api/v1/auth/login', { json });
  expect((await login({ email: user.email, password: secret() })).status).toBe(401);
  expect((await login({ email: `${randomUUID()}@example.org`, password: secret() })).status).toBe(401);
  const tokens = (await login({ email: user.email, password: user.password })).body as Tokens;
  secrets.push(tokens.access_token, tokens.refresh_token);
  const refresh = (refresh_token: string) => maestro.send('POST', '/api/v1/auth/refresh', { json: { refresh_token } });
  const renewed = (await refresh(tokens.refresh_token)).body as Tokens;
  secrets.push(renewed.access_token, renewed.refresh_token);
  expect((await refresh(secret())).status).toBe(401);
  for (const as of [`mst_${secret()}`, secret()]) {
    expect((await maestro.send('GET', '/api/v1/runs', { as })).status).toBe(401);
    expect((await maestro.send('GET', '/api/2.0/mlflow/experiments/get', { as })).status).toBe(401);
  }
  const basic = Buffer.from(`${user.email}:${secret()}`).toString('base64');
  const headers = { authorization: `Basic ${basic}` };
  expect((await maestro.send('GET', '/api/2.0/mlflow/experiments/get', { headers })).status).toBe(401);
  secrets.push(basic);

  // Keys, passwords, members, a tenant with secrets in its settings.
  const as = renewed.access_token;
  const own = await maestro.send('POST', '/api/v1/me/keys', { as, json: { name: 'own' } });
  const account = await maestro.send('POST', '/api/v1/keys', { as, json: { name: 'ci' } });
  const local = await maestro.asOperator('POST', '/tenants/tenant-a/keys', { name: 'local' });
  for (const made of [own, account, local]) {
    expect(made.status, made.text).toBe(201);
    secrets.push((made.body as { key: string }).key);
  }
  await maestro.send('DELETE', `/api/v1/me/keys/${(own.body as { id: string }).id}`, { as });
  const changed = { password: secret(), name: 'n' };
  expect((await maestro.asOperator('PATCH', `/users/${user.id}`, changed)).status).toBe(200);
  const given = { email: `${randomUUID()}@example.org`, password: secret() };
  expect((await maestro.asOperator('POST', '/users', given)).status).toBe(201);
  const settings = { settings: { token: secret() }, metadata: { hidden: secret() } };
  expect((await maestro.asOperator('PATCH', '/tenants/tenant-a', settings)).status).toBe(200);
  expect((await refresh(tokens.refresh_token)).status).toBe(401);
  await maestro.ports.identity.refusals.flush();

  const read = [
    (await maestro.asAdmin('GET', '/audit/export?format=jsonl')).text,
    (await maestro.asOperator('GET', '/operator-audit/export?format=jsonl')).text,
    (await maestro.asOperator('GET', '/operator-audit/export?format=csv')).text,
    ...(await maestro.rows<{ row: string }>('SELECT e::text AS row FROM maestro.audit_events e')).map(({ row }) => row),
    ...(await maestro.rows<{ row: string }>('SELECT e::text AS row FROM maestro.operator_audit_events e')).map(
      ({ row }) => row,
    ),
  ].join('\n');
  for (const action of [
    'auth.login',
    'auth.refresh',
    'auth.credentials',
    'key.create',
    'user.update',
    'tenant.update',
  ]) {
    expect(read).toContain(action);
  }
  expect(secrets.length).toBeGreaterThan(20);
  for (const each of secrets) {
    expect(read).not.toContain(each);
    // Nor a part of it that would do.
    expect(read).not.toContain(each.slice(-24));
  }
});
