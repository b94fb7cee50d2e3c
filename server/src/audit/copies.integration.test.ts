import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startUpkeep } from '../upkeep.ts';
import { type AuditApp, startAuditApp } from './audit_app.fixture.ts';
import { copyEvents } from './copies.ts';

let maestro: AuditApp;
beforeAll(async () => {
  maestro = await startAuditApp();
});
afterAll(() => maestro?.stop());

const pending = () => maestro.rows('SELECT event_id, tenant_id FROM maestro.audit_copies');

/** As after a crash between the commit and the copy: the tenant's log could not be written. */
async function leavingCopies(work: () => Promise<unknown>): Promise<void> {
  await maestro.rows('REVOKE INSERT ON maestro.audit_events FROM maestro_server');
  await work();
  await maestro.rows('GRANT INSERT ON maestro.audit_events TO maestro_server');
}

describe('a row of the operators’ audit', () => {
  test('about a sign-in is in the log of the session’s tenant when the sign-in is answered, and in no other', async () => {
    const user = await maestro.makeUser({ tenant: 'tenant-a' });
    await maestro.signIn(user);
    const [original] = await maestro.events(`?actor=${user.id}`, 'operator-audit');
    const [copy] = await maestro.events(`?actor=${user.id}`);
    expect(copy).toMatchObject({
      id: original?.id,
      at: original?.at,
      action: 'auth.login',
      personal: original?.personal,
    });
    const inB = await maestro.rows('SELECT 1 FROM maestro.audit_events WHERE tenant_id = $1 AND actor_id = $2', [
      maestro.tenants.b.id,
      user.id,
    ]);
    expect(inB).toEqual([]);
    expect(await pending()).toEqual([]);
  });

  test('about a user is in the log of every tenant the user is in', async () => {
    const user = await maestro.makeUser({ tenant: 'tenant-a' });
    const as = maestro.tenants.b.keys.tenant_admin;
    const json = { email: user.email, role: 'viewer' };
    expect((await maestro.send('POST', '/api/v1/members', { as, json })).status).toBe(201);
    await maestro.asOperator('PATCH', `/users/${user.id}`, { is_active: false });
    const copies = await maestro.rows<{ tenant_id: string }>(
      `SELECT tenant_id FROM maestro.audit_events WHERE action = 'user.update' AND target = $1 ORDER BY tenant_id`,
      [user.id],
    );
    const { a, b } = maestro.tenants;
    expect(copies.map(({ tenant_id }) => tenant_id)).toEqual([a.id, b.id].sort());
  });

  test('about what somebody does to a session of their own is in the logs of their tenants', async () => {
    const user = await maestro.makeUser({ tenant: 'tenant-a' });
    const [first, second, third] = [await maestro.signIn(user), await maestro.signIn(user), await maestro.signIn(user)];
    const list = await maestro.send('GET', '/api/v1/auth/sessions', { as: second });
    const { items } = list.body as { items: { id: string; is_current: boolean }[] };
    const other = items.findLast(({ is_current }) => !is_current);
    const end = (method: string, path: string, as: string) => maestro.send(method, `/api/v1/auth/${path}`, { as });
    expect((await end('DELETE', `sessions/${other?.id}`, second)).status).toBe(204);
    const left = other?.id === items.at(-1)?.id ? third : first;
    expect((await end('POST', 'logout', second)).status).toBe(204);
    expect((await end('POST', 'logout-all', left)).status).toBe(200);
    const events = await maestro.events(`?actor=${user.id}&limit=3`);
    expect(events.map(({ action }) => action)).toEqual(['auth.logout_all', 'auth.logout', 'session.end_own']);
  });

  test('that was not copied when its process ended is copied by the next sweep, once, with its own time', async () => {
    const user = await maestro.makeUser();
    await leavingCopies(() => maestro.asAdmin('POST', '/members', { email: user.email, role: 'viewer' }));
    expect(await maestro.events(`?target=${user.id}`)).toEqual([]);
    expect(await pending()).toHaveLength(1);
    const made = await Promise.all(Array.from({ length: 4 }, () => copyEvents(maestro.ports.db)));
    expect(made.reduce((sum, each) => sum + each, 0)).toBeGreaterThanOrEqual(1);
    const [original] = await maestro.events(`?target=${user.id}`, 'operator-audit');
    expect(await maestro.events(`?target=${user.id}`)).toMatchObject([{ id: original?.id, at: original?.at }]);
    expect(await pending()).toEqual([]);
    expect((await maestro.verify()).ok).toBe(true);
  });

  test('is copied at the next start', async () => {
    const user = await maestro.makeUser();
    await leavingCopies(() => maestro.asAdmin('POST', '/members', { email: user.email, role: 'viewer' }));
    const { db, identity, log } = maestro.ports;
    const upkeep = startUpkeep({ db, identity, auditDays: undefined, log });
    await expect.poll(pending).toEqual([]);
    await upkeep.close();
    expect(await maestro.events(`?target=${user.id}`)).toHaveLength(1);
  });

  test('is not copied into the log of a tenant that is gone, and does not wait for ever', async () => {
    const slug = `gone-${randomUUID()}`;
    const { id } = (await maestro.asOperator('POST', '/tenants', { slug })).body as { id: string };
    await leavingCopies(() => maestro.asOperator('PATCH', `/tenants/${slug}`, { name: 'n' }));
    expect(await pending()).toHaveLength(1);
    expect((await maestro.asOperator('DELETE', `/tenants/${slug}`)).status).toBe(204);
    await copyEvents(maestro.ports.db);
    expect(await pending()).toEqual([]);
    expect(await maestro.rows('SELECT 1 FROM maestro.audit_events WHERE tenant_id = $1', [id])).toEqual([]);
  });

  test('one tenant’s trouble keeps no other from its copies', async () => {
    const user = await maestro.makeUser({ tenant: 'tenant-a' });
    const as = maestro.tenants.b.keys.tenant_admin;
    await maestro.send('POST', '/api/v1/members', { as, json: { email: user.email, role: 'viewer' } });
    await leavingCopies(() => maestro.asOperator('PATCH', `/users/${user.id}`, { name: 'n' }));
    const { a, b } = maestro.tenants;
    const [first, second] = [a.id, b.id].sort();
    // The first one's head is out of step: nothing can be appended there.
    await maestro.rows('UPDATE maestro.audit_heads SET seq = seq - 1 WHERE tenant_id = $1', [first]);
    await expect(copyEvents(maestro.ports.db)).rejects.toThrow();
    expect(await pending()).toMatchObject([{ tenant_id: first }]);
    const where = `action = 'user.update' AND target = $1 AND tenant_id = $2`;
    expect(await maestro.rows(`SELECT 1 FROM maestro.audit_events WHERE ${where}`, [user.id, second])).toHaveLength(1);
    await maestro.rows('UPDATE maestro.audit_heads SET seq = seq + 1 WHERE tenant_id = $1', [first]);
    expect(await copyEvents(maestro.ports.db)).toBe(1);
  });
});
