import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startUpkeep } from '../upkeep.ts';
import { type AuditApp, startAuditApp } from './audit_app.fixture.ts';
import { tenantLog } from './log_queries.ts';
import { verifyLog } from './verify.ts';

const dayMs = 86_400_000;
const daysAgo = (days: number): Date => new Date(Date.now() - days * dayMs);

let maestro: AuditApp;
/** A tenant that nobody uses. */
let tenantId: string;
beforeAll(async () => {
  maestro = await startAuditApp();
});
afterAll(() => maestro?.stop());
beforeEach(async () => {
  const made = await maestro.asOperator('POST', '/tenants', { slug: `t-${randomUUID()}` });
  tenantId = (made.body as { id: string }).id;
  // Its first row, of its making, is from now: rows of the past come into a log of their own.
  await maestro.rows(
    `DELETE FROM maestro.audit_events WHERE tenant_id = '${tenantId}';
     DELETE FROM maestro.audit_heads WHERE tenant_id = '${tenantId}'`,
  );
});

const append = (at: Date, count = 1) =>
  maestro.rows(
    `SELECT count(maestro.append_audit_event($1, gen_random_uuid(), $2, 'system', 'x', 'test', '', 'success', '', '',
            '{}', '', NULL)) FROM generate_series(1, $3)`,
    [tenantId, at, count],
  );
const retain = (before: Date) => maestro.asOperator('POST', '/audit/retention', { before: before.toISOString() });
const verify = () => verifyLog(tenantLog(maestro.ports.db, tenantId), maestro.ports.identity.statements);
const numbers = async () =>
  (
    await maestro.rows<{ seq: number }>('SELECT seq FROM maestro.audit_events WHERE tenant_id = $1 ORDER BY seq', [
      tenantId,
    ])
  ).map(({ seq }) => Number(seq));

describe('retention', () => {
  test('takes the rows before its time, and the chain verifies from the signed anchor on and goes on', async () => {
    await append(daysAgo(100), 3);
    await append(daysAgo(50), 2);
    const answer = await retain(daysAgo(60));
    expect([answer.status, answer.body]).toEqual([200, { removed: 3, faults: [] }]);
    // Its own row was copied behind the others.
    expect(await numbers()).toEqual([4, 5, 6]);
    expect(await verify()).toMatchObject({ fault: undefined, checked: 3, first: 4, anchor: { seq: 3 } });
    await append(new Date());
    expect(await verify()).toMatchObject({ fault: undefined, head: { seq: 7 } });
  });

  test('takes a prefix only: what is old but stands behind something newer stays', async () => {
    await append(daysAgo(100));
    await append(daysAgo(10));
    await append(daysAgo(100));
    await retain(daysAgo(60));
    expect(await numbers()).toEqual([2, 3, 4]);
    expect((await verify()).fault).toBeUndefined();
  });

  test('repeated, moves the anchor forward and never back', async () => {
    await append(daysAgo(100), 2);
    await append(daysAgo(50), 2);
    await retain(daysAgo(60));
    await retain(daysAgo(40));
    expect((await verify()).anchor?.seq).toBe(4);
    await retain(daysAgo(60));
    expect(await verify()).toMatchObject({ fault: undefined, anchor: { seq: 4 } });
  });

  test('goes through more rows than one batch, also twice at the same moment', async () => {
    await append(daysAgo(100), 4500);
    const answers = await Promise.all([retain(daysAgo(60)), retain(daysAgo(60))]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    const removed = answers.map(({ body }) => (body as { removed: number }).removed);
    expect(removed.reduce((sum, each) => sum + each, 0)).toBe(4500);
    expect(await verify()).toMatchObject({ fault: undefined, anchor: { seq: 4500 } });
  });

  test('stops at a row that does not verify: no anchor covers up what was done to it', async () => {
    await append(daysAgo(100), 5);
    await maestro.rows(`UPDATE maestro.audit_events SET target = 'forged' WHERE tenant_id = $1 AND seq = 3`, [
      tenantId,
    ]);
    const answer = await retain(daysAgo(60));
    expect(answer.body).toMatchObject({ removed: 2, faults: [{ chain: tenantId }] });
    expect((await numbers()).slice(0, 3)).toEqual([3, 4, 5]);
    expect((await verify()).fault).toMatchObject({ seq: 3 });
    await maestro.rows(`DELETE FROM maestro.audit_events WHERE tenant_id = $1`, [tenantId]);
  });

  test('cannot be told to remove what is not 30 days old', async () => {
    const answer = await retain(daysAgo(29));
    expect([answer.status, answer.text.includes('before')]).toEqual([400, true]);
  });

  test('is in the operators’ audit, and in that of the tenant which lost rows', async () => {
    await append(daysAgo(100), 2);
    await retain(daysAgo(60));
    const [event] = await maestro.events(`?action=audit.retention&target=${tenantId}`, 'operator-audit');
    expect(event).toMatchObject({ actor: { kind: 'operator_key' }, detail: { removed: 2 } });
    const copies = await maestro.rows(
      "SELECT 1 FROM maestro.audit_events WHERE tenant_id = $1 AND action = 'audit.retention'",
      [tenantId],
    );
    expect(copies).toHaveLength(1);
  });

  test('runs at the start where it is configured, and destroys the keys of nobody of the months before', async () => {
    await append(daysAgo(100), 2);
    await append(daysAgo(10));
    const month = (days: number) => `nobody-${daysAgo(days).toISOString().slice(0, 7)}`;
    for (const person of [month(100), month(31)]) {
      await maestro.rows(
        `INSERT INTO maestro.person_keys (person, sealed_key) VALUES ($1, '\\x00') ON CONFLICT DO NOTHING`,
        [person],
      );
    }
    const { db, identity, log } = maestro.ports;
    const upkeep = startUpkeep({ db, identity, auditDays: 60, log });
    await expect.poll(async () => (await numbers())[0]).toBe(3);
    const destroyed = async (person: string) =>
      (await maestro.rows('SELECT 1 FROM maestro.person_keys WHERE person = $1 AND sealed_key IS NULL', [person]))
        .length;
    await expect.poll(() => destroyed(month(100))).toBe(1);
    expect(await destroyed(month(31))).toBe(0);
    await upkeep.close();
  });
});

describe('an anchor', () => {
  const anchored = async () => {
    await append(daysAgo(100), 4);
    await append(daysAgo(10), 2);
    await retain(daysAgo(60));
    expect((await verify()).fault).toBeUndefined();
  };

  test.each([
    ['names another hash', "hash = sha256('')"],
    ['names another row', 'seq = seq + 1'],
    ['is signed by nobody', "signed = 'x.y.z'"],
    ['has a signature that was changed', "signed = left(signed, -4) || 'AAAA'"],
  ])('that %s is a fault', async (_what, change) => {
    await anchored();
    await maestro.rows(`UPDATE maestro.audit_anchors SET ${change} WHERE tenant_id = $1`, [tenantId]);
    expect((await verify()).fault).toBeDefined();
  });

  test('that is missing is a fault', async () => {
    await anchored();
    await maestro.rows('DELETE FROM maestro.audit_anchors WHERE tenant_id = $1', [tenantId]);
    expect((await verify()).fault).toMatchObject({ seq: 1 });
  });

  test('of another chain, or a token of ours, is none', async () => {
    await anchored();
    const { statements } = maestro.ports.identity;
    const [anchor] = await maestro.rows<{ seq: number; hash: Buffer }>(
      'SELECT seq, hash FROM maestro.audit_anchors WHERE tenant_id = $1',
      [tenantId],
    );
    const claims = { chain: tenantId, seq: Number(anchor?.seq), hash: anchor?.hash.toString('hex') };
    const type = 'maestro-audit-anchor+jwt';
    const replace = async (signed: string) => {
      await maestro.rows('UPDATE maestro.audit_anchors SET signed = $2 WHERE tenant_id = $1', [tenantId, signed]);
      return (await verify()).fault;
    };
    expect(await replace(await statements.sign(type, { ...claims, chain: randomUUID() }))).toBeDefined();
    expect(await replace(await statements.sign('at+jwt', claims))).toBeDefined();
    expect(await replace(await statements.sign(type, claims))).toBeUndefined();
  });

  test('passes for no token', async () => {
    await anchored();
    const signed = (await verify()).anchor?.signed as string;
    expect((await maestro.send('GET', '/api/v1/auth/me', { as: signed })).status).toBe(401);
  });
});
