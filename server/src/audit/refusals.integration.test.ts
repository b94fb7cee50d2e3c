import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AuditApp, startAuditApp } from './audit_app.fixture.ts';
import { openRefusals } from './refusals.ts';

let maestro: AuditApp;
beforeAll(async () => {
  maestro = await startAuditApp();
});
afterAll(() => maestro?.stop());

const count = async (): Promise<number> =>
  Number((await maestro.rows("SELECT 1 FROM maestro.operator_audit_events WHERE action = 'auth.credentials'")).length);

describe('credentials that do not hold', () => {
  test('are in the operators’ audit when they are answered, with the address they came from', async () => {
    const answer = await maestro.send('GET', '/api/v1/experiments', { as: `mst_${randomUUID()}` });
    expect(answer.status).toBe(401);
    const [event] = await maestro.events('?action=auth.credentials', 'operator-audit');
    expect(event).toMatchObject({ outcome: 'refused', address: '127.0.0.1', actor: { kind: 'anonymous' } });
    await maestro.send('GET', '/api/2.0/mlflow/experiments/get?experiment_id=0', { as: 'wrong' });
    await maestro.ports.identity.refusals.flush();
    const [more] = await maestro.events('?action=auth.credentials', 'operator-audit');
    expect(more).toMatchObject({ detail: { attempts: 1 } });
    expect(more?.id).not.toBe(event?.id);
  });

  test('do not fill the disk: a flood from one address is two rows, which say how many there were', async () => {
    const before = await count();
    await Promise.all(
      Array.from({ length: 300 }, (_, n) => maestro.send('GET', '/api/v1/auth/me', { as: `mst_wrong_${n}` })),
    );
    await maestro.ports.identity.refusals.flush();
    expect((await count()) - before).toBe(2);
    const [rest, first] = await maestro.events('?action=auth.credentials&limit=2', 'operator-audit');
    expect(Number(first?.detail.attempts) + Number(rest?.detail.attempts)).toBe(300);
  });

  test('nor does a flood from ten thousand addresses', async () => {
    const before = await count();
    const refusals = openRefusals(maestro.ports.db);
    for (let n = 0; n < 10_000; n += 1) await refusals.note(`10.1.${n >> 8}.${n & 255}`);
    await refusals.flush();
    expect((await count()) - before).toBe(101);
    const [others] = await maestro.events('?action=auth.credentials&limit=1', 'operator-audit');
    expect(others).toMatchObject({ address: '', detail: { attempts: 9_900 } });
  });

  test('are counted anew each minute', async () => {
    let now = Date.now();
    const refusals = openRefusals(maestro.ports.db, () => now);
    const before = await count();
    await refusals.note('10.2.0.1');
    now += 61_000;
    await refusals.note('10.2.0.1');
    expect((await count()) - before).toBe(2);
  });
});
