import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { secretPath } from '../src/data_dir.ts';
import { withClient } from '../src/db/roles.ts';
import { secretNames } from '../src/identity/secrets.ts';
import { embeddedSuperuser } from './embedded_superuser.ts';
import { many, projectTable } from './large_tenant.ts';
import { type MaestroProcess, startMaestro } from './maestro.ts';
import { prepareDataDir } from './prepared_data.ts';

let root: string;
let dataDir: string;
let maestro: MaestroProcess;
let url: string;
let key: string;
let tenantId: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'maestro-broken-'));
  dataDir = join(root, 'data');
  prepareDataDir(dataDir);
  await mkdir(join(root, 'tmp'));
  await start();
  const operator = await readFile(secretPath(dataDir, secretNames.operatorKey), 'utf8');
  const slug = 'acme';
  const tenant = await done(operator, 'POST', 'tenants', { slug, max_projects: many.projects });
  tenantId = String(tenant.id);
  key = String((await done(operator, 'POST', `tenants/${slug}/keys`, { name: 'k', role: 'tenant_admin' })).key);
});
afterEach(async () => {
  if (maestro?.child.exitCode === null && maestro.child.signalCode === null) await maestro.stop();
  await rm(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

async function start(): Promise<void> {
  const environment = { MAESTRO_DATA_DIR: dataDir, MAESTRO_LOG_LEVEL: 'warn', TMPDIR: join(root, 'tmp') };
  maestro = startMaestro(environment, root);
  url = (await maestro.ready).replace('localhost', '127.0.0.1');
}

async function crash(): Promise<void> {
  maestro.child.kill('SIGKILL');
  await maestro.ended;
}

const send = (as: string, method: string, path: string, body?: unknown, type?: string): Promise<Response> =>
  fetch(`${url}/api/v1/${path}`, {
    method,
    headers: { authorization: `Bearer ${as}`, ...(type === undefined ? {} : { 'content-type': type }) },
    ...(body === undefined ? {} : { body, duplex: 'half' }),
  } as RequestInit);

async function done(as: string, method: string, path: string, json?: object): Promise<Record<string, unknown>> {
  const body = json === undefined ? undefined : JSON.stringify(json);
  const answer = await send(as, method, path, body, json === undefined ? undefined : 'application/json');
  const text = await answer.text();
  expect(answer.status, `${path}: ${text}`).toBeLessThan(300);
  return JSON.parse(text);
}

/** The first column of the first row. */
const asked = <Value>(text: string, values: unknown[] = []): Promise<Value> =>
  embeddedSuperuser(dataDir).then((login) =>
    withClient(login, async (client) => {
      const { rows } = await client.query({ text, values, rowMode: 'array' });
      return rows[0]?.[0] as Value;
    }),
  );

/** Files below a directory, and what is in them together. */
async function storedIn(directory: string): Promise<{ files: number; bytes: number }> {
  const found = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = found.filter((entry) => entry.isFile());
  const sizes = await Promise.all(files.map(({ parentPath, name }) => stat(join(parentPath, name))));
  return { files: files.length, bytes: sizes.reduce((sum, { size }) => sum + size, 0) };
}

const patience = { timeout: 60_000, interval: 20 };

test(`kill -9 in the middle of an import of ${many.projects} projects imports none, and what is sent again is imported`, async () => {
  const rows = [...projectTable()];
  const broken = send(key, 'POST', 'projects/import', rows.join('')).catch((error: Error) => error);
  // Rows that no other transaction sees yet take room all the same.
  await vi.waitFor(
    async () => expect(await asked(`SELECT pg_relation_size('maestro.search_terms') > 8000000`)).toBe(true),
    patience,
  );
  await crash();
  expect(await broken).toBeInstanceOf(Error);
  const left = await readdir(join(root, 'tmp'));
  expect(left.filter((name) => name.startsWith('maestro'))).toEqual([]);
  await start();
  for (const query of ['', '?q=forecast'])
    expect(await done(key, 'GET', `projects${query}`)).toMatchObject({ items: [] });
  for (const table of ['projects', 'search_terms', 'search_words', 'search_trigrams']) {
    expect([table, await asked(`SELECT count(*)::int FROM maestro.${table} WHERE tenant_id = $1`, [tenantId])]).toEqual(
      [table, 0],
    );
  }
  const again = await send(key, 'POST', 'projects/import', rows.slice(0, 2_001).join(''));
  expect(await again.json()).toMatchObject({ imported: 2_000 });
  expect(await done(key, 'GET', 'projects?q=forecast&limit=1')).toMatchObject({
    items: [{ name: expect.any(String) }],
  });
  expect(await done(key, 'GET', 'tenant/usage')).toMatchObject({ projects: { used: 2_000 } });
});

test('kill -9 in the middle of an upload of 200 MB leaves no content and no byte, and what is sent again is kept', async () => {
  const size = 200_000_000;
  const piece = randomBytes(1_000_000);
  const artifact = await done(key, 'POST', 'artifacts', { name: 'weights', type: 'schema', version: '1' });
  const version = `artifacts/${artifact.artifact_id}/versions/1`;
  const files = join(dataDir, 'files');
  let sent = 0;
  const pieces = async function* (most: number) {
    for (sent = 0; sent < most; sent += piece.length) yield piece;
    // More is to come, which this sender keeps to itself.
    if (most < size) await new Promise(() => undefined);
  };
  const upload = (most: number) => send(key, 'PUT', `${version}/content`, Readable.from(pieces(most)));
  const broken = upload(size / 2).catch((error: Error) => error);
  await vi.waitFor(async () => expect((await storedIn(files)).bytes).toBeGreaterThan(size / 4), patience);
  await crash();
  expect(await broken).toBeInstanceOf(Error);
  await start();
  expect(await storedIn(files)).toEqual({ files: 0, bytes: 0 });
  expect((await send(key, 'GET', `${version}/content`)).status).toBe(404);
  expect(await done(key, 'GET', version)).toMatchObject({ sha256: null, size: null });
  expect(await asked('SELECT count(*)::int FROM maestro.artifact_contents WHERE tenant_id = $1', [tenantId])).toBe(0);
  expect(await done(key, 'GET', 'tenant/usage')).toMatchObject({ storage_bytes: { used: 0 } });
  const kept = await upload(size);
  const hash = createHash('sha256');
  for (let at = 0; at < size; at += piece.length) hash.update(piece);
  expect(await kept.json()).toMatchObject({ sha256: hash.digest('hex'), size });
  expect((await storedIn(files)).bytes).toBe(size);
});
