import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type AuditApp, startAuditApp } from '../audit/audit_app.fixture.ts';
import { startUpkeep } from '../upkeep.ts';
import { sweepSessions } from './session_sweep.ts';

let maestro: AuditApp;
let userId: string;
beforeAll(async () => {
  maestro = await startAuditApp();
});
afterAll(() => maestro?.stop());
beforeEach(async () => {
  await maestro.rows('DELETE FROM maestro.sessions');
  userId = (await maestro.makeUser()).id;
});

/** Makes sessions with `tokens` refresh tokens each; `end` and `ended` are SQL. Gives the id of one of them. */
async function make(session: {
  count?: number;
  tokens?: number;
  end: string;
  ended?: string;
  tokenEnd?: string;
}): Promise<string> {
  const { count = 1, tokens = 0, end, ended = 'NULL', tokenEnd = end } = session;
  const [made] = await maestro.rows<{ session_id: string }>(
    `WITH made AS (
       INSERT INTO maestro.sessions (user_id, created_at, expires_at, ended_at)
       SELECT $1, now() - interval '60 days', ${end}, ${ended} FROM generate_series(1, $2) RETURNING session_id),
     tokens AS (
       INSERT INTO maestro.refresh_tokens (token_hash, session_id, expires_at, used_at)
       SELECT sha256(convert_to(session_id::text || n, 'UTF8')), session_id, ${tokenEnd}, now()
         FROM made, generate_series(1, $3) n)
     SELECT session_id FROM made`,
    [userId, count, tokens],
  );
  return made!.session_id;
}

const count = async (table: 'sessions' | 'refresh_tokens'): Promise<number> =>
  Number((await maestro.rows<{ n: string }>(`SELECT count(*) AS n FROM maestro.${table}`))[0]?.n);

const sweepAll = async (): Promise<void> => {
  while (await maestro.ports.db.inIdentity(sweepSessions));
};

describe('sessions that are over', () => {
  test('go with their tokens 30 days after their end, however it came; those that live or ended lately stay', async () => {
    const stay = [
      await make({ end: "now() + interval '1 day'", tokens: 3 }),
      await make({ end: "now() - interval '29 days'" }),
      await make({ end: "now() + interval '300 days'", ended: "now() - interval '29 days'", tokens: 3 }),
    ];
    await make({ end: "now() - interval '31 days'", tokens: 3 });
    await make({ end: "now() + interval '300 days'", ended: "now() - interval '31 days'", tokens: 3 });
    await make({ end: "now() - interval '31 days'", ended: "now() - interval '40 days'", tokens: 3 });
    await sweepAll();
    const left = await maestro.rows<{ session_id: string }>('SELECT session_id FROM maestro.sessions');
    expect(left.map(({ session_id }) => session_id).toSorted()).toEqual(stay.toSorted());
    expect(await count('refresh_tokens')).toBe(6);
  });

  test('lose expired tokens a day after those expired, and no token before', async () => {
    await make({ end: "now() + interval '1 day'", tokens: 2, tokenEnd: "now() - interval '25 hours'" });
    await make({ end: "now() - interval '23 hours'", tokens: 2 });
    await sweepAll();
    expect([await count('sessions'), await count('refresh_tokens')]).toEqual([2, 2]);
  });

  test('are removed by the server’s upkeep, a bounded batch at a time', async () => {
    await make({ end: "now() + interval '300 days'", ended: "now() - interval '31 days'", count: 150, tokens: 20 });
    await make({ end: "now() - interval '31 days'", tokens: 1500 });
    let before = await count('refresh_tokens');
    for (let batch = 0; batch < 3; batch++) {
      expect(await maestro.ports.db.inIdentity(sweepSessions)).toBe(true);
      const now = await count('refresh_tokens');
      expect(before - now).toBeGreaterThan(0);
      expect(before - now).toBeLessThanOrEqual(1000);
      before = now;
    }
    const { db, identity } = maestro.ports;
    const upkeep = startUpkeep({ db, identity, auditDays: undefined, log: pino({ level: 'silent' }) });
    await vi.waitUntil(async () => (await count('sessions')) === 0, { timeout: 10_000 });
    await upkeep.close();
    expect(await count('refresh_tokens')).toBe(0);
  });

  test('are found by an index: however many live, none of them is read', async () => {
    await make({ end: "now() + interval '1 day'", count: 3000, tokens: 4 });
    await make({ end: "now() - interval '31 days'", count: 5, tokens: 1, tokenEnd: "now() + interval '1 day'" });
    await maestro.rows('ANALYZE maestro.sessions, maestro.refresh_tokens');
    const scans = await maestro.ports.db.inIdentity(async (tx) => {
      await sweepSessions(tx);
      return tx.sql<{ relname: string; seq_scan: number }>(
        `SELECT relname, seq_scan FROM pg_stat_xact_user_tables
          WHERE relname IN ('sessions', 'refresh_tokens') AND n_tup_del > 0 ORDER BY relname`,
      );
    });
    expect(scans).toEqual([
      { relname: 'refresh_tokens', seq_scan: 0 },
      { relname: 'sessions', seq_scan: 0 },
    ]);
    expect(await count('sessions')).toBe(3000);
  });

  test('are removed by several processes at once, which do not wait for each other', async () => {
    await make({ end: "now() - interval '31 days'", count: 400, tokens: 2 });
    await Promise.all([sweepAll(), sweepAll(), sweepAll()]);
    await sweepAll();
    expect([await count('sessions'), await count('refresh_tokens')]).toEqual([0, 0]);
  });
});

test('a spent refresh token is still told as a replay after a sweep, and what has ended stays refused', async () => {
  const { email, password } = await maestro.makeUser();
  const login = await maestro.send('POST', '/api/v1/auth/login', { json: { email, password } });
  const { access_token: as, refresh_token } = login.body as { access_token: string; refresh_token: string };
  const refresh = () => maestro.send('POST', '/api/v1/auth/refresh', { json: { refresh_token } });
  expect((await refresh()).status).toBe(200);
  await sweepAll();
  expect((await refresh()).status).toBe(401);
  const reasons = await maestro.rows<{ end_reason: string }>(
    'SELECT end_reason FROM maestro.sessions WHERE end_reason IS NOT NULL',
  );
  expect(reasons).toEqual([{ end_reason: 'a refresh token was used twice' }]);
  await sweepAll();
  expect((await maestro.send('GET', '/api/v1/auth/me', { as })).status).toBe(401);
});
