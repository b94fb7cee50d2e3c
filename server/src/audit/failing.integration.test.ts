import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AuditApp, startAuditApp } from './audit_app.fixture.ts';

let maestro: AuditApp;
beforeAll(async () => {
  maestro = await startAuditApp();
});
afterAll(() => maestro?.stop());

/** Runs `work` while the server cannot write into a log. */
async function unwritable<T>(table: string, work: () => Promise<T>): Promise<T> {
  await maestro.rows(`REVOKE INSERT ON maestro.${table} FROM maestro_server`);
  try {
    return await work();
  } finally {
    await maestro.rows(`GRANT INSERT ON maestro.${table} TO maestro_server`);
  }
}

const expectFault = (answer: { status: number; text: string }) => {
  expect(answer.status).toBe(500);
  expect(answer.text).not.toMatch(/audit|permission denied|maestro\.|INSERT/i);
};

describe('where its audit row cannot be written', () => {
  test('an experiment is not deleted', async () => {
    const made = await maestro.asAdmin('POST', '/experiments', { name: 'kept' });
    const path = `/experiments/${(made.body as { experiment_id: number }).experiment_id}`;
    expectFault(await unwritable('audit_events', () => maestro.asAdmin('DELETE', path)));
    expect((await maestro.asAdmin('GET', path)).body).toMatchObject({ lifecycle_stage: 'active' });
  });

  test('no key is made', async () => {
    const keys = async () => maestro.rows('SELECT key_id FROM maestro.api_keys ORDER BY 1');
    const before = await keys();
    expectFault(await unwritable('audit_events', () => maestro.asAdmin('POST', '/keys', { name: 'unwritten' })));
    expect(await keys()).toEqual(before);
  });

  test('a file is not removed', async () => {
    const run = await maestro.asAdmin('POST', '/runs', { experiment_id: 0 });
    const path = `/runs/${(run.body as { run_id: string }).run_id}/files/content?path=a.txt`;
    const as = maestro.tenants.a.keys.tenant_admin;
    expect((await maestro.send('PUT', `/api/v1${path}`, { as, body: 'kept' })).status).toBe(200);
    expectFault(await unwritable('audit_events', () => maestro.asAdmin('DELETE', path)));
    expect((await maestro.asAdmin('GET', path)).text).toBe('kept');
  });

  test('nobody is signed in', async () => {
    const user = await maestro.makeUser({ tenant: 'tenant-a' });
    const json = { email: user.email, password: user.password };
    expectFault(await unwritable('operator_audit_events', () => maestro.send('POST', '/api/v1/auth/login', { json })));
    expect(await maestro.rows('SELECT 1 FROM maestro.sessions WHERE user_id = $1', [user.id])).toEqual([]);
  });

  test('neither users nor members nor tenants change, and nothing is left to be copied', async () => {
    const user = await maestro.makeUser({ tenant: 'tenant-a', role: 'viewer' });
    const state = () =>
      maestro.rows(
        `SELECT (SELECT json_agg(u ORDER BY user_id) FROM maestro.users u)::text AS users,
                (SELECT json_agg(m ORDER BY tenant_id, user_id) FROM maestro.memberships m)::text AS members,
                (SELECT json_agg(t ORDER BY tenant_id) FROM maestro.tenants t)::text AS tenants,
                (SELECT count(*) FROM maestro.audit_copies) AS copies`,
      );
    const before = await state();
    await unwritable('operator_audit_events', async () => {
      expectFault(await maestro.asOperator('PATCH', `/users/${user.id}`, { is_active: false }));
      expectFault(await maestro.asOperator('DELETE', `/users/${user.id}`));
      expectFault(await maestro.asAdmin('PATCH', `/members/${user.id}`, { role: 'ml_engineer' }));
      expectFault(await maestro.asAdmin('DELETE', `/members/${user.id}`));
      expectFault(await maestro.asOperator('PATCH', '/tenants/tenant-a', { name: 'other' }));
      expectFault(await maestro.asOperator('POST', '/tenants', { slug: 'unwritten' }));
    });
    expect(await state()).toEqual(before);
  });

  test('a log is not exported, nor verified', async () => {
    await unwritable('audit_events', async () => {
      expectFault(await maestro.asAdmin('GET', '/audit/export?format=csv'));
      expectFault(await maestro.asAdmin('GET', '/audit/verify'));
    });
  });

  test('a refusal is not answered as if it had been recorded', async () => {
    const as = maestro.tenants.a.keys.viewer;
    const path = '/api/v1/experiments';
    const answer = await unwritable('audit_events', () =>
      maestro.send('POST', path, { as, json: { name: 'by a viewer' } }),
    );
    expectFault(answer);
  });
});
