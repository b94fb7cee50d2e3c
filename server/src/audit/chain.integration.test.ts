import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { grantRights, withClient } from '../db/roles.ts';
import { type AuditApp, startAuditApp } from './audit_app.fixture.ts';
import { insertAuditEvent } from './queries.ts';

let maestro: AuditApp;
let tenantId: string;
beforeAll(async () => {
  maestro = await startAuditApp();
  tenantId = maestro.tenants.a.id;
});
afterAll(() => maestro?.stop());

/** Runs `work` over a change that only the superuser can make, and takes it back. */
async function tampered<T>(change: string, undo: string, work: () => Promise<T>): Promise<T> {
  await maestro.rows(change);
  try {
    return await work();
  } finally {
    await maestro.rows(undo);
  }
}

const event = (target: string) => ({
  actor: { kind: 'system', id: 'maestro' },
  action: 'test',
  target,
  outcome: 'success' as const,
  requestId: '',
  address: '',
});

describe('a tenant’s chain', () => {
  test('is whole and without gaps after 50 audited calls at once', async () => {
    const before = await maestro.verify();
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) => maestro.asAdmin('POST', '/keys', { name: `parallel ${n}` })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(201));
    const after = await maestro.verify();
    expect(after).toMatchObject({ ok: true, first_seq: 1 });
    // Verifying leaves a row of its own.
    expect(after.last_seq).toBe((before.last_seq ?? 0) + 51);
    expect(after.checked).toBe(after.last_seq);
  });

  test('has no number for an action that was undone', async () => {
    const { last_seq: before } = await maestro.verify();
    const undone = maestro.ports.db.inTenant(tenantId, async (tx) => {
      await insertAuditEvent(tx, event('undone'));
      throw new Error('thought better of it');
    });
    await expect(undone).rejects.toThrow('thought better of it');
    const after = await maestro.verify();
    expect([after.ok, after.last_seq]).toEqual([true, (before ?? 0) + 1]);
  });

  test('grows while somebody else reads and writes what the action reads and writes', async () => {
    // Two transactions that audit first and work afterwards, on the same two rows in opposite order but for the lock.
    const work = (first: string, second: string) =>
      maestro.ports.db.inTenant(tenantId, async (tx) => {
        await insertAuditEvent(tx, event(first));
        await tx.sql('UPDATE maestro.tenant_counters SET value = value WHERE tenant_id = $1 AND name = $2', [
          tenantId,
          'experiment',
        ]);
        await insertAuditEvent(tx, event(second));
      });
    await Promise.all(Array.from({ length: 20 }, (_, n) => work(`first ${n}`, `second ${n}`)));
    expect((await maestro.verify()).ok).toBe(true);
  });

  test.each([
    ['actor_kind', "'nobody'"],
    ['actor_id', "'somebody else'"],
    ['action', "'nothing'"],
    ['target', "'elsewhere'"],
    ['outcome', "'refused'"],
    ['request_id', "'x'"],
    ['address', "'192.0.2.1'"],
    ['detail', `'{"x": 1}'`],
    ['detail', 'NULL_SPACE'],
    ['person', "'somebody'"],
    ['personal', `'\\x00'`],
    ['created_at', "created_at + interval '1 microsecond'"],
    ['event_id', 'gen_random_uuid()'],
    ['hash', 'sha256(hash)'],
    ['previous_hash', 'sha256(previous_hash)'],
  ])('shows that the %s of a row was changed (to %s)', async (column, to) => {
    const where = `tenant_id = '${tenantId}' AND seq = 3`;
    const value = to === 'NULL_SPACE' ? "replace(detail::text, '{', '{ ')::json" : to;
    await maestro.rows(`CREATE TABLE IF NOT EXISTS public.kept AS SELECT * FROM maestro.audit_events WHERE ${where}`);
    const undo = `UPDATE maestro.audit_events SET ${column} = (SELECT ${column} FROM public.kept) WHERE ${where}`;
    const found = await tampered(`UPDATE maestro.audit_events SET ${column} = ${value} WHERE ${where}`, undo, () =>
      maestro.verify(),
    );
    expect(found).toMatchObject({ ok: false, fault: { seq: 3 } });
    expect((await maestro.verify()).ok).toBe(true);
  });

  test('shows that a row was taken out, at either end or between', async () => {
    const { last_seq: last } = await maestro.verify();
    for (const seq of [1, 5, last as number]) {
      const where = `tenant_id = '${tenantId}' AND seq = ${seq}`;
      await maestro.rows(`CREATE TABLE public.taken AS SELECT * FROM maestro.audit_events WHERE ${where}`);
      await maestro.rows(`DELETE FROM maestro.audit_events WHERE ${where}`);
      expect(await maestro.verify()).toMatchObject({ ok: false, fault: { seq } });
      await maestro.rows('INSERT INTO maestro.audit_events SELECT * FROM public.taken; DROP TABLE public.taken');
    }
    expect((await maestro.verify()).ok).toBe(true);
  });

  test('shows that its head was moved back, to write the last rows anew', async () => {
    const [head] = await maestro.rows<{ seq: number; hash: Buffer }>(
      'SELECT seq, hash FROM maestro.audit_heads WHERE tenant_id = $1',
      [tenantId],
    );
    await maestro.rows(
      `UPDATE maestro.audit_heads h SET seq = e.seq, hash = e.hash FROM maestro.audit_events e
        WHERE h.tenant_id = $1 AND e.tenant_id = $1 AND e.seq = h.seq - 2`,
      [tenantId],
    );
    // Whoever writes now would write a number that is there: the action fails, and history stands.
    expect((await maestro.asAdmin('GET', '/audit/verify')).status).toBeGreaterThanOrEqual(400);
    await maestro.rows('UPDATE maestro.audit_heads SET seq = $2, hash = $3 WHERE tenant_id = $1', [
      tenantId,
      head?.seq,
      head?.hash,
    ]);
    expect((await maestro.verify()).ok).toBe(true);
  });

  test('of the operators is whole too, after sign-ins and changes of users at once', async () => {
    const users = await Promise.all(Array.from({ length: 6 }, () => maestro.makeUser({ tenant: 'tenant-a' })));
    await Promise.all([
      ...users.map((user) => maestro.signIn(user)),
      ...users.map(({ id }) => maestro.asOperator('PATCH', `/users/${id}`, { name: 'n' })),
    ]);
    expect(await maestro.verify('operator-audit')).toMatchObject({ ok: true, first_seq: 1 });
    expect((await maestro.verify()).ok).toBe(true);
    const where = 'seq = 2';
    await maestro.rows(`CREATE TABLE public.copied AS SELECT * FROM maestro.operator_audit_events WHERE ${where}`);
    const found = await tampered(
      `UPDATE maestro.operator_audit_events SET copy_to = '{}' || ARRAY[gen_random_uuid()] WHERE ${where}`,
      `UPDATE maestro.operator_audit_events SET copy_to = (SELECT copy_to FROM public.copied) WHERE ${where}`,
      () => maestro.verify('operator-audit'),
    );
    expect(found).toMatchObject({ ok: false, fault: { seq: 2 } });
  });

  test('cannot pass for another tenant’s', async () => {
    const { last_seq: last } = await maestro.verify();
    const columns = `event_id, created_at, actor_kind, actor_id, action, target, outcome, request_id, address, detail,
                     seq, person, personal, previous_hash, hash`;
    const other = maestro.tenants.b.id;
    const asB = () => maestro.send('GET', '/api/v1/audit/verify', { as: maestro.tenants.b.keys.tenant_admin });
    expect((await asB()).body).toMatchObject({ ok: true });
    await maestro.rows(`DELETE FROM maestro.audit_events WHERE tenant_id = '${other}'`);
    await maestro.rows(
      `INSERT INTO maestro.audit_events (tenant_id, ${columns})
       SELECT '${other}', ${columns} FROM maestro.audit_events WHERE tenant_id = '${tenantId}' AND seq <= ${last}`,
    );
    await maestro.rows(
      `UPDATE maestro.audit_heads h SET seq = e.seq, hash = e.hash FROM maestro.audit_events e
        WHERE h.tenant_id = '${other}' AND e.tenant_id = '${other}' AND e.seq = ${last}`,
    );
    expect((await asB()).body).toMatchObject({ ok: false, fault: { seq: 1 } });
  });
});

describe('the server’s login', () => {
  test.each([
    ['UPDATE maestro.audit_events SET action = action'],
    ['DELETE FROM maestro.audit_events'],
    ['TRUNCATE maestro.audit_events'],
    ['UPDATE maestro.operator_audit_events SET action = action'],
    ['DELETE FROM maestro.operator_audit_events'],
    ['TRUNCATE maestro.operator_audit_events'],
    ['DELETE FROM maestro.audit_heads'],
    ["INSERT INTO maestro.audit_anchors (tenant_id, seq, hash, signed) VALUES (gen_random_uuid(), 1, '', '')"],
    ['DELETE FROM maestro.operator_audit_anchors'],
  ])('may not: %s', async (text) => {
    await withClient(maestro.database.logins.server, (client) =>
      expect(client.query(text)).rejects.toMatchObject({ code: '42501' }),
    );
  });

  test('loses such a right again at the next start where somebody gave it', async () => {
    await maestro.rows('GRANT UPDATE, DELETE ON maestro.audit_events TO maestro_server');
    await withClient(maestro.database.logins.owner, (owner) =>
      grantRights(owner, { serverRole: 'maestro_server', systemRole: 'maestro_system' }),
    );
    const [rights] = await maestro.rows<{ update: boolean; insert: boolean }>(
      `SELECT has_table_privilege('maestro_server', 'maestro.audit_events', 'UPDATE') AS update,
              has_table_privilege('maestro_server', 'maestro.audit_events', 'INSERT') AS insert`,
    );
    expect(rights).toEqual({ update: false, insert: true });
  });
});
