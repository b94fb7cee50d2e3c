import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';
import { withClient } from '../db/roles.ts';
import type { TenantTx } from '../db/tenancy.ts';
import { libraryPath } from '../files/paths.ts';
import { withContent } from './kept.ts';

let app: TestApp;
let as: string;
let tenantId: string;
beforeAll(async () => {
  app = await startTestApp();
  tenantId = app.tenants.a.id;
  as = app.tenants.a.keys.ml_engineer;
});
afterAll(() => app?.stop());

async function version(): Promise<string> {
  const json = { name: `a ${randomUUID()}`, type: 'schema', version: '1' };
  const { body } = await app.send('POST', '/api/v1/artifacts', { as, json });
  return `/api/v1/artifacts/${(body as { artifact_id: string }).artifact_id}/versions/1/content`;
}
const put = (path: string, body: string) => app.send('PUT', path, { as, body });

/** Files of uploads that a crash broke off so many days ago, each `x`; of 10 rows one has its file. */
async function leave(count: number, days: number): Promise<void> {
  const files = Array.from({ length: count }, () => randomUUID());
  await app.ports.db.inTenant(tenantId, (tx) =>
    tx.sql(
      `INSERT INTO maestro.artifact_leftovers (tenant_id, blob_id, since)
       SELECT $1, blob_id, now() - $3 * interval '1 day' - at * interval '1 second'
         FROM unnest($2::uuid[]) WITH ORDINALITY AS f(blob_id, at) ON CONFLICT DO NOTHING`,
      [tenantId, files, days],
    ),
  );
  for (const file of files.filter((_, at) => at % 10 === 0)) {
    await app.ports.blobs.write(tenantId, libraryPath(file), Readable.from([Buffer.from('x')]));
  }
}
const left = () =>
  app.ports.db.inTenant(tenantId, (tx) =>
    tx.sql('SELECT blob_id FROM maestro.artifact_leftovers WHERE tenant_id = $1', [tenantId]),
  );
const stored = () => app.ports.blobs.measure(tenantId, async (size) => size);

test('more uploads at once than there are connections end, also where each finds leftovers to remove', async () => {
  const count = 12;
  await leave(100 * count, 2);
  const paths = await Promise.all(Array.from({ length: count }, version));
  const answers = await withClient(app.database.superuser, async (client) => {
    await client.query('BEGIN; LOCK TABLE maestro.artifact_leftovers IN ACCESS EXCLUSIVE MODE');
    const uploads = paths.map((path, n) => put(path, `content ${n}`));
    await vi.waitFor(() => expect(app.ports.db.poolState().waiting).toBeGreaterThan(0), { timeout: 8_000 });
    await client.query('COMMIT');
    return Promise.all(uploads);
  });
  expect(answers.map(({ status }) => status)).toEqual(Array(count).fill(200));
  expect(await left()).toEqual([]);
  expect(await stored()).toBe(10 * 'content 0'.length + 2 * 'content 10'.length);
}, 25_000);

test('a removal that broke off is begun anew after an hour, and not before', async () => {
  await leave(10, 2);
  const beganBefore = (minutes: number) =>
    app.ports.db.inTenant(tenantId, (tx) =>
      tx.sql(
        `UPDATE maestro.artifact_leftovers SET removal_began_at = now() - $2 * interval '1 minute' WHERE tenant_id = $1`,
        [tenantId, minutes],
      ),
    );
  await beganBefore(50);
  expect((await put(await version(), 'one')).status).toBe(200);
  expect(await left()).toHaveLength(10);
  const before = await stored();
  await beganBefore(70);
  expect((await put(await version(), 'two')).status).toBe(200);
  expect(await left()).toEqual([]);
  expect(await stored()).toBe(before + 'two'.length - 'x'.length);
});

test.each([
  ['being removed', 'SET removal_began_at = now()'],
  ['old, and removed by another upload', `SET since = now() - interval '2 days'`],
])('an upload whose file is %s fails, and leaves nothing', async (_, change) => {
  const before = await stored();
  let go: (() => void) | undefined;
  const waiting = new Promise<void>((resolve) => {
    go = resolve;
  });
  const slow = await version();
  const upload = fetch(`${app.url}${slow}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${as}` },
    body: Readable.from(
      (async function* () {
        yield Buffer.from('half');
        await waiting;
        yield Buffer.from('whole');
      })(),
    ),
    duplex: 'half',
  } as unknown as RequestInit);
  await vi.waitFor(async () => expect(await left()).toHaveLength(1));
  await app.ports.db.inTenant(tenantId, (tx) =>
    tx.sql(`UPDATE maestro.artifact_leftovers ${change} WHERE tenant_id = $1`, [tenantId]),
  );
  const other = randomUUID();
  expect((await put(await version(), other)).status).toBe(200);
  go?.();
  expect((await upload).status).toBe(503);
  expect(await left()).toEqual([]);
  expect(await stored()).toBe(before + other.length);
  expect((await app.send('GET', slow, { as })).status).toBe(404);
});

test('a file that a content has stays where the answer to COMMIT was lost', async () => {
  const before = await stored();
  const body = Readable.from([Buffer.from(randomUUID())]);
  const lost = withContent(app.ports, tenantId, body, undefined, async (written) => {
    await app.ports.db.inTenant(tenantId, async (tx) => {
      const unheard = { tenantId, sql: tx.sql.bind(tx), onCommit: () => undefined } as unknown as TenantTx;
      await written.keep(unheard);
    });
    throw new Error('the connection was lost');
  });
  await expect(lost).rejects.toThrow('the connection was lost');
  expect(await left()).toEqual([]);
  expect(await stored()).toBe(before + 36);
});
