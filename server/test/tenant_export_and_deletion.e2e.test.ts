import { execFile } from 'node:child_process';
import { mkdtemp, open, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Manifest } from '../../cli/src/tenant_export.ts';
import { secretPath } from '../src/data_dir.ts';
import { withClient } from '../src/db/roles.ts';
import { secretNames } from '../src/identity/secrets.ts';
import { openDiskBlobs } from '../src/ports/blobs_disk.ts';
import { embeddedSuperuser } from './embedded_superuser.ts';
import { type MaestroProcess, startMaestro } from './maestro.ts';
import { prepareDataDir } from './prepared_data.ts';

const bin = join(import.meta.dirname, '../../cli/bin/maestro.mjs');
const runCount = 300_000;
/** Of each run: the table is then some 460 MB of JSON. */
const nameLength = 1_100;
/**
 * What a part may cost in memory. It is garbage that V8 has not looked for yet, whatever the table's size: 195 to 210 MB,
 * and more where other processes keep the collector's threads waiting.
 */
const growthMegabytesMax = 310;

let root: string;
let dataDir: string;
let out: string;
let maestro: MaestroProcess;
let url: string;
let operatorKey: string;
let tenantId: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'maestro-tenant-'));
  dataDir = join(root, 'data');
  prepareDataDir(dataDir);
  out = join(root, 'acme');
  await start();
  operatorKey = (await readFile(secretPath(dataDir, secretNames.operatorKey), 'utf8')).trim();
  tenantId = String((await done('POST', 'tenants', { slug: 'acme' })).id);
  await withClient(await embeddedSuperuser(dataDir), (client) =>
    client.query(
      `INSERT INTO maestro.runs (tenant_id, run_id, experiment_id, name, user_id)
       SELECT $1, gen_random_uuid(), 0, repeat('n', ${nameLength}), 'somebody' FROM generate_series(1, ${runCount}) n`,
      [tenantId],
    ),
  );
  const blobs = await openDiskBlobs(join(dataDir, 'files'), { multipart: true, onFreed: async () => undefined });
  await blobs.write(tenantId, '0/run/artifacts/model.txt', Readable.from(['weights']));
});
afterAll(async () => {
  if (maestro?.child.exitCode === null && maestro.child.signalCode === null) await maestro.stop();
  await rm(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

async function start(): Promise<void> {
  maestro = startMaestro({ MAESTRO_DATA_DIR: dataDir, MAESTRO_LOG_LEVEL: 'info' }, root);
  url = (await maestro.ready).replace('localhost', '127.0.0.1');
}

async function crash(): Promise<void> {
  maestro.child.kill('SIGKILL');
  await maestro.ended;
}

async function send(method: string, path: string, json?: object): Promise<Response> {
  return fetch(`${url}/api/v1/${path}`, {
    method,
    headers: {
      authorization: `Bearer ${operatorKey}`,
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
  });
}

async function done(method: string, path: string, json?: object): Promise<Record<string, unknown>> {
  const answer = await send(method, path, json);
  const text = await answer.text();
  expect(answer.status, `${path}: ${text}`).toBeLessThan(300);
  return JSON.parse(text);
}

/** `maestro tenant export`, on the server's machine. */
function exportTenant(): Promise<{ code: number; stderr: string }> {
  return new Promise((resolve) => {
    const env = { PATH: process.env.PATH, XDG_CONFIG_HOME: root, MAESTRO_DATA_DIR: dataDir };
    const child = execFile(
      process.execPath,
      [bin, 'tenant', 'export', 'acme', '--out', out],
      { cwd: root, env },
      (_error, _stdout, stderr) => resolve({ code: child.exitCode ?? -1, stderr }),
    );
  });
}

const manifest = async (): Promise<Manifest> => JSON.parse(await readFile(join(out, 'manifest.json'), 'utf8'));

/** What the server's process holds in memory, in megabytes. */
async function megabytes(): Promise<number> {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${maestro.pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1024;
}

test(`the export of a table of ${runCount} rows takes much less memory than it has bytes`, async () => {
  const before = await megabytes();
  let peak = 0;
  let bytes = 0;
  // Twice: what the first left behind would be there still.
  for (let time = 0; time < 2; time++) {
    const answer = await send('GET', 'tenants/acme/export/runs');
    for await (const piece of answer.body ?? []) {
      bytes += piece.length;
      peak = Math.max(peak, await megabytes());
    }
  }
  expect(bytes / 2 ** 20).toBeGreaterThan(2 * growthMegabytesMax);
  expect(peak - before).toBeLessThan(growthMegabytesMax);
});

test('an export of a tenant that kill -9 of the server broke off is gone on with after the start, and is whole', async () => {
  const broken = exportTenant();
  const isHalf = () =>
    stat(join(out, 'runs.jsonl.part')).then(
      ({ size }) => size > 1_000_000,
      () => false,
    );
  await vi.waitUntil(isHalf, { timeout: 60_000, interval: 2 });
  await crash();
  expect(await broken).toMatchObject({ code: 1, stderr: expect.stringContaining('broke off') });
  const half = await manifest();
  expect(half.complete).toBe(false);
  expect(half.parts.runs).toBeUndefined();
  expect(half.parts.experiments).toMatchObject({ rows: 1 });

  await start();
  expect(await exportTenant()).toMatchObject({ code: 0 });
  const whole = await manifest();
  expect(whole).toMatchObject({ complete: true, files: { count: 1, bytes: 7, missing: 0 } });
  expect(whole.parts.runs?.rows).toBe(runCount);
  expect(whole.parts).toMatchObject(half.parts);
  const ids = new Set<string>();
  const file = await open(join(out, 'runs.jsonl'));
  for await (const line of file.readLines()) ids.add(JSON.parse(line).run_id);
  expect(ids.size).toBe(runCount);
});

test('a deletion of a tenant that kill -9 broke off is completed at the next start, and reported', async () => {
  await withClient(await embeddedSuperuser(dataDir), async (client) => {
    await client.query('BEGIN');
    await client.query('LOCK TABLE maestro.runs IN SHARE MODE');
    const broken = send('DELETE', 'tenants/acme').catch(() => undefined);
    await vi.waitUntil(
      async () =>
        (await client.query('SELECT 1 FROM pg_stat_activity WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid))')).rows
          .length > 0,
      { timeout: 20_000 },
    );
    // It is completed once it has been quiet for a while.
    await withClient(await embeddedSuperuser(dataDir), (other) =>
      other.query("UPDATE maestro.erasures SET began_at = began_at - interval '1 hour' WHERE subject_id = $1", [
        tenantId,
      ]),
    );
    expect(await done('GET', `erasures/${tenantId}`)).toMatchObject({ finished_at: null });
    await crash();
    await broken;
  });
  await start();
  const report = () => done('GET', `erasures/${tenantId}`);
  await vi.waitUntil(async () => (await report()).finished_at !== null, { timeout: 60_000, interval: 100 });

  expect(await report()).toMatchObject({
    kind: 'tenant',
    erased: { runs: runCount, experiments: 1, file_bytes: 7 },
  });
  expect((await send('GET', 'tenants/acme')).status).toBe(404);
  const left = await withClient(await embeddedSuperuser(dataDir), (client) =>
    client.query('SELECT 1 FROM maestro.runs WHERE tenant_id = $1 LIMIT 1', [tenantId]),
  );
  expect(left.rows).toEqual([]);
  await expect(stat(join(dataDir, 'files', tenantId))).rejects.toMatchObject({ code: 'ENOENT' });
  expect(await done('GET', 'operator-audit/verify')).toMatchObject({ ok: true });
  const events = await done('GET', `operator-audit?target=${tenantId}&action=tenant.erased`);
  expect(events.items).toMatchObject([{ detail: { erased: { runs: runCount } } }]);
});
