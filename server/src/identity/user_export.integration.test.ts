import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AuditApp, startAuditApp, type TestUser } from '../audit/audit_app.fixture.ts';

let maestro: AuditApp;
beforeAll(async () => {
  maestro = await startAuditApp();
});
afterAll(() => maestro?.stop());

interface Line {
  table: string;
  tenant_id?: string;
  row: Record<string, unknown>;
}

/** The rows of an export that is whole, by table. */
function tablesOf(text: string): Map<string, Line[]> {
  const [first, ...lines] = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const last = lines.pop();
  expect(first).toMatchObject({ export: { format: 1, made_at: expect.any(String) } });
  expect(last).toEqual({ end: { lines: lines.length } });
  return Map.groupBy(lines as Line[], ({ table }) => table);
}

async function ada(): Promise<{ user: TestUser; token: string; run: string; key: string }> {
  const user = await maestro.makeUser({ tenant: 'tenant-a', role: 'tenant_admin' });
  await maestro.asOperator('PATCH', `/users/${user.id}`, { name: 'Ada Lovelace' });
  const token = await maestro.signIn(user, 'an analytical engine');
  const named = { name: 'laptop', allowed_addresses: ['127.0.0.1'] };
  const made = await maestro.send('POST', '/api/v1/me/keys', { as: token, json: named });
  const { key } = made.body as { key: string };
  const json = { experiment_id: '0', user_id: user.email, run_name: 'hers' };
  const created = await maestro.send('POST', '/api/2.0/mlflow/runs/create', { as: key, json });
  const run = (created.body as { run: { info: { run_id: string } } }).run.info.run_id;
  return { user, token, run, key };
}

describe('a person’s export', () => {
  test('has the account, places, sessions, keys, runs and audit rows of the person, with what was sealed opened', async () => {
    const { user, token, run } = await ada();
    const answer = await maestro.send('POST', '/api/v1/me/export', { as: token, json: {} });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/x-ndjson; charset=utf-8']);
    const tables = tablesOf(answer.text);
    const { id: tenant_id } = maestro.tenants.a;
    expect(tables.get('users')).toMatchObject([
      { row: { user_id: user.id, email: user.email, name: 'Ada Lovelace', has_password: true } },
    ]);
    expect(tables.get('memberships')).toMatchObject([{ row: { tenant_id, role: 'tenant_admin' } }]);
    expect(tables.get('sessions')).toMatchObject([{ row: { device: 'an analytical engine', address: '127.0.0.1' } }]);
    expect(tables.get('api_keys')).toMatchObject([
      { tenant_id, row: { name: 'laptop', allowed_addresses: ['127.0.0.1'] } },
    ]);
    const found = tables.get('runs')?.map(({ row }) => String(row.run_id).replaceAll('-', ''));
    expect(found).toEqual([run]);
    const own = tables.get('audit_events')?.filter(({ row }) => (row.actor as { id: string }).id === user.id);
    expect(own?.map(({ row }) => row)).toContainEqual(
      expect.objectContaining({ action: 'own_key.create', personal: expect.objectContaining({ name: 'laptop' }) }),
    );
    expect(tables.get('operator_audit_events')?.map(({ row }) => row.action)).toEqual(
      expect.arrayContaining(['auth.login', 'user.create', 'user.update', 'profile.export']),
    );
  });

  test('has the webhooks that the person made, without their secrets', async () => {
    const { user, token } = await ada();
    const post = (path: string, json: object) => maestro.send('POST', `/api/v1${path}`, { as: token, json });
    const { project_id } = (await post('/projects', { name: randomUUID() })).body as { project_id: string };
    const made = (await post(`/projects/${project_id}/webhooks`, { kind: 'gitlab' })).body as { webhook_id: string };
    const { text } = await post('/me/export', {});
    const { webhook_id } = made;
    expect(tablesOf(text).get('webhooks')).toMatchObject([
      { row: { webhook_id, project_id, tenant_id: maestro.tenants.a.id, kind: 'gitlab', created_by: user.id } },
    ]);
    expect(text).not.toContain('sealed_secret');
  });

  test('does not say whom the person invited, nor who invited the person and from where', async () => {
    const [{ user, token }, admin] = [
      await ada(),
      await maestro.makeUser({ tenant: 'tenant-b', role: 'tenant_admin' }),
    ];
    const as = await maestro.signIn(admin);
    const stranger = `${randomUUID()}@example.com`;
    const invite = (by: string, email: string) =>
      maestro.send('POST', '/api/v1/members/invite', { as: by, json: { email, role: 'viewer' } });
    expect((await invite(token, stranger)).status).toBe(201);
    expect((await invite(as, user.email)).status).toBe(201);
    const { text } = await maestro.send('POST', '/api/v1/me/export', { as: token, json: {} });
    const links = tablesOf(text).get('one_time_tokens') ?? [];
    expect(links.some(({ row }) => row.asked_by === user.id)).toBe(true);
    for (const other of [stranger, admin.id]) expect(JSON.stringify(links)).not.toContain(other);
  });

  test('has no secret, no hash and nothing sealed, nor another person’s address or device', async () => {
    const { user, token, key } = await ada();
    const admin = await maestro.makeUser({ tenant: 'tenant-a', role: 'tenant_admin' });
    const asAdmin = await maestro.signIn(admin, 'the device of an administrator');
    const changed = await maestro.send('PATCH', `/api/v1/members/${user.id}`, {
      as: asAdmin,
      json: { role: 'viewer' },
    });
    expect(changed.status, changed.text).toBe(200);
    const { text } = await maestro.send('POST', '/api/v1/me/export', { as: token, json: {} });
    for (const secret of [
      key,
      user.password,
      '$2b$',
      'secret_hash',
      'token_hash',
      'sealed_',
      admin.email,
      'device of an administrator',
    ]) {
      expect(text).not.toContain(secret);
    }
    const rows = [...(tablesOf(text).get('audit_events') ?? [])].map(({ row }) => row);
    expect(rows.find(({ action }) => action === 'member.update')).toMatchObject({
      actor: { id: admin.id },
      address: '',
      personal: {},
    });
  });

  test('has everything of who logged thousands of runs, in a tenant the person left too', async () => {
    const { user, token } = await ada();
    await maestro.rows(
      `INSERT INTO maestro.runs (tenant_id, run_id, experiment_id, name, user_id)
       SELECT $1, gen_random_uuid(), 0, 'r', upper($2) FROM generate_series(1, 5000)`,
      [maestro.tenants.a.id, user.email],
    );
    const other = await maestro.makeUser({ tenant: 'tenant-a', role: 'tenant_admin' });
    const left = await maestro.send('DELETE', `/api/v1/members/${user.id}`, { as: await maestro.signIn(other) });
    expect(left.status).toBe(204);
    const { text } = await maestro.send('POST', '/api/v1/me/export', { as: token, json: {} });
    expect(tablesOf(text).get('runs')).toHaveLength(5001);
  });

  test('is had by the person who signed in a short while ago, or an operator, and stands in the audit', async () => {
    const { user, token, key } = await ada();
    const post = (path: string, as: string) => maestro.send('POST', `/api/v1${path}`, { as, json: {} });
    expect((await post('/me/export', key)).status).toBe(403);
    expect((await post(`/users/${user.id}/export`, token)).status).toBe(403);
    const byOperator = await post(`/users/${user.id}/export`, maestro.operatorKey);
    expect(tablesOf(byOperator.text).get('users')).toHaveLength(1);
    expect((await post(`/users/${randomUUID()}/export`, maestro.operatorKey)).status).toBe(404);
    await maestro.rows("UPDATE maestro.sessions SET authenticated_at = now() - interval '1 day' WHERE user_id = $1", [
      user.id,
    ]);
    await maestro.ports.identity.changed({ kind: 'user', id: user.id });
    expect((await post('/me/export', token)).status).toBe(403);
    for (const log of ['audit', 'operator-audit'] as const) {
      expect(await maestro.events(`?target=${user.id}&action=user.export`, log)).toHaveLength(1);
    }
  });
});
