import { connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type AuditApp, startAuditApp } from '../audit/audit_app.fixture.ts';
import { jsonRows } from '../db/cursor.ts';

let maestro: AuditApp;
const sockets: Socket[] = [];
beforeAll(async () => {
  maestro = await startAuditApp({ exports: { places: 1, waitMs: 300, stallMs: 1_500 } });
  // More than the buffers between a server and a client hold.
  await maestro.rows(
    `INSERT INTO maestro.metric_chunks (tenant_id, run_id, key, first_timestamp, last_timestamp, first_step, last_step,
                                        points, timestamps, steps, values)
     SELECT $1, gen_random_uuid(), 'loss', 1, 4096, 1, 4096, 4096, s.n, s.n, s.v FROM generate_series(1, 300),
       (SELECT array_agg(n::bigint) AS n, array_agg(n / 7.0::double precision) AS v FROM generate_series(1, 4096) n) s`,
    [maestro.tenants.a.id],
  );
});
afterAll(() => maestro?.stop());
beforeEach(() => () => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

const state = () => maestro.ports.limits.exports.state;
const big = '/api/v1/tenants/tenant-a/export/metric_chunks';
const small = '/api/v1/tenants/tenant-b/export/experiments';
const ofOther = (path = small) => maestro.send('GET', path, { as: maestro.operatorKey });

/** Begins an export, and takes no more of it than its beginning. `rest` takes what is left, until the connection ends. */
async function stalled(
  version: '1.0' | '1.1',
  path = big,
): Promise<{ rest(): Promise<{ text: string; code: string }> }> {
  const { hostname, port } = new URL(maestro.url);
  const socket = connect(Number(port), hostname);
  sockets.push(socket);
  let text = '';
  const ended = new Promise<string>((resolve) => {
    socket.on('error', ({ code }: NodeJS.ErrnoException) => resolve(code ?? ''));
    socket.on('close', () => resolve(''));
  });
  socket.write(
    `GET ${path} HTTP/${version}\r\nHost: ${hostname}:${port}\r\nAuthorization: Bearer ${maestro.operatorKey}\r\n\r\n`,
  );
  await new Promise<void>((resolve) => {
    socket.on('data', (piece) => {
      text += piece;
      socket.pause();
      resolve();
    });
  });
  expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  return {
    async rest() {
      socket.removeAllListeners('data').on('data', (piece) => {
        text += piece;
      });
      socket.resume();
      const code = await ended;
      return { text, code };
    },
  };
}

describe('a client that takes nothing more of an export', () => {
  test.each(['1.1', '1.0'] as const)('of HTTP/%s is cut off, and sees that it has not all', async (version) => {
    const { rest } = await stalled(version);
    await vi.waitUntil(() => state().running === 0, { timeout: 10_000 });
    const { text, code } = await rest();
    expect(code).toBe('ECONNRESET');
    expect(text).not.toContain('"end"');
    expect(text).not.toContain('\r\n0\r\n\r\n');
    expect((await ofOther()).text).toMatch(/\n\{"end":\{"lines":1\}\}\n$/);
  });

  test('and leaves gives its place back at once', async () => {
    await stalled('1.1');
    expect(state().running).toBe(1);
    for (const socket of sockets) socket.destroy();
    expect((await ofOther()).status).toBe(200);
  });

  test('keeps others waiting for a moment, who are then told when to come again, and none of that is an export', async () => {
    await stalled('1.1');
    const refused = await ofOther();
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
    expect(refused.body).toMatchObject({ detail: 'Other exports are under way; try again in 1 s.' });
    const own = ofOther(big);
    await vi.waitUntil(() => state().waiting === 1);
    expect((await ofOther(big)).body).toMatchObject({
      detail: expect.stringContaining('An export of the same tenant or person is under way'),
    });
    expect((await own).status).toBe(429);
    const path = '/operator-audit?action=tenant.export&limit=1000';
    const before = (await maestro.asOperator('GET', path)).text;
    expect((await ofOther()).status).toBe(429);
    expect((await maestro.asOperator('GET', path)).text).toBe(before);
  });

  test('keeps nobody from an audit log', async () => {
    await stalled('1.1');
    expect((await maestro.asAdmin('GET', '/audit/export?format=jsonl')).status).toBe(200);
  });
});

test('a client that leaves while it waits for a place holds none once it is its turn', async () => {
  const limits = maestro.ports.limits.exports;
  const first = await limits.open({ kind: 'operator_key' }, 'tenant tenant-b', async () => Readable.from([]));
  const { hostname, port } = new URL(maestro.url);
  const socket = connect(Number(port), hostname);
  sockets.push(socket);
  socket.write(
    `GET ${big} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nAuthorization: Bearer ${maestro.operatorKey}\r\n\r\n`,
  );
  await vi.waitUntil(() => state().waiting === 1);
  socket.destroy();
  first.destroy();
  await vi.waitUntil(() => state().waiting === 0);
  await vi.waitUntil(() => state().running === 0);
});

test('rows that nobody reads on are over only when their connection to the database is given back', async () => {
  const { db } = maestro.ports;
  let isOver = false;
  const rows = jsonRows(
    (read) =>
      db.inTenant(maestro.tenants.a.id, read).finally(() => {
        isOver = true;
      }),
    'SELECT row_to_json(c)::text FROM maestro.metric_chunks c WHERE tenant_id = $1',
    [maestro.tenants.a.id],
  );
  await rows.next();
  await rows.return(undefined);
  expect(isOver).toBe(true);
});

test('HEAD takes no place', async () => {
  expect((await maestro.send('HEAD', big, { as: maestro.operatorKey })).status).toBe(200);
  await vi.waitUntil(() => state().running === 0);
});
