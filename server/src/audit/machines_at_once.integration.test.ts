import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { withClient } from '../db/roles.ts';
import { type AuditApp, startAuditApp } from './audit_app.fixture.ts';

let maestro: AuditApp;
beforeAll(async () => {
  maestro = await startAuditApp();
});
afterAll(() => maestro?.stop());

test('more audited calls of machines than there are connections end, also where all are the first', async () => {
  const answers = await withClient(maestro.database.superuser, async (client) => {
    await client.query('BEGIN; LOCK TABLE maestro.person_keys IN ACCESS EXCLUSIVE MODE');
    const calls = Array.from({ length: 30 }, (_, n) => maestro.asAdmin('POST', '/keys', { name: `at once ${n}` }));
    await vi.waitFor(() => expect(maestro.ports.db.poolState().waiting).toBeGreaterThan(0), { timeout: 8_000 });
    await client.query('COMMIT');
    return Promise.all(calls);
  });
  expect(answers.map(({ status }) => status)).toEqual(Array(30).fill(201));
}, 20_000);
