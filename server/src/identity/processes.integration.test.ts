import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/postgres.ts';
import { testSecrets } from '../../test/secrets.ts';
import { withClient } from '../db/roles.ts';
import { type Database, openDatabase } from '../db/tenancy.ts';
import type { Broadcast } from '../ports/broadcast.ts';
import { redisBroadcast } from '../ports/broadcast_redis.ts';
import { bootstrap } from './bootstrap.ts';
import { type Identity, openIdentity } from './identity.ts';
import { openPasswords } from './passwords.ts';

/** Two Maestros over one database and one Redis, as far as signing in goes. */
interface Process {
  db: Database;
  broadcast: Broadcast;
  identity: Identity;
}

const log = pino({ level: 'silent' });
let database: TestDatabase;
let directory: string;
let redis: ChildProcess | undefined;
let port: number;
let one: Process;
let two: Process;
let key: string;
let settled = 0;

async function startRedis(): Promise<void> {
  const child = spawn(
    'redis-server',
    ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', directory],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  redis = child;
  for await (const chunk of child.stdout ?? []) if (String(chunk).includes('Ready to accept connections')) return;
}

async function stopRedis(): Promise<void> {
  const child = redis;
  redis = undefined;
  if (!child) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

const secrets = testSecrets();

async function openProcess(): Promise<Process> {
  const db = openDatabase(database.logins, 4, () => undefined);
  const broadcast = redisBroadcast({ url: `redis://127.0.0.1:${port}`, log, heartbeatMs: 100 });
  return { db, broadcast, identity: await openIdentity({ db, broadcast, log, secrets, issuer: 'http://localhost' }) };
}

beforeAll(async () => {
  database = await createTestDatabase();
  directory = await mkdtemp(join(tmpdir(), 'maestro-redis-'));
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as { port: number });
  server.close();
  await startRedis();
  [one, two] = [await openProcess(), await openProcess()];
  two.broadcast.subscribe('settled', () => settled++);
  const first = await bootstrap(one.db, {
    passwords: openPasswords({ pepper: testSecrets().passwordPepper, rounds: 4 }),
  });
  key = first?.apiKey ?? '';
});
afterAll(async () => {
  for (const { db, broadcast, identity } of [one, two]) {
    await identity.close();
    await broadcast.close();
    await db.close();
  }
  await stopRedis();
  await rm(directory, { recursive: true, force: true });
  await database.drop();
});

const setRevoked = (revoked: boolean) =>
  withClient(database.superuser, (client) =>
    client.query(`UPDATE maestro.api_keys SET revoked_at = ${revoked ? 'now()' : 'NULL'}`),
  );
const holdsIn = async ({ identity }: Process): Promise<boolean> => {
  const headers = { authorization: `Bearer ${key}` };
  return identity.authenticate(headers, '').then(
    () => true,
    () => false,
  );
};
async function keyId(): Promise<string> {
  const caller = await one.identity.authenticate({ authorization: `Bearer ${key}` }, '');
  return caller.kind === 'api_key' ? caller.keyId : '';
}

beforeEach(async () => {
  await setRevoked(false);
  await vi.waitUntil(() => one.broadcast.connected() && two.broadcast.connected(), { timeout: 10_000 });
  const id = await keyId().catch(() => '');
  one.identity.changed({ kind: 'key', id });
  // Messages arrive in order: after this one, the change has been heard too.
  const heard = settled;
  await one.broadcast.publish('settled', '');
  await vi.waitUntil(() => settled > heard, { timeout: 10_000 });
  await vi.waitUntil(() => holdsIn(two), { timeout: 10_000 });
});

test('what one process revokes the other refuses at once, though it was cached there', async () => {
  const id = await keyId();
  await setRevoked(true);
  expect(await holdsIn(two)).toBe(true);
  one.identity.changed({ kind: 'key', id });
  expect(await holdsIn(one)).toBe(false);
  await vi.waitUntil(async () => !(await holdsIn(two)), { timeout: 1_000, interval: 5 });
});

test('with Redis away a revocation counts everywhere within a second', async () => {
  const id = await keyId();
  await stopRedis();
  await vi.waitUntil(() => !two.broadcast.connected(), { timeout: 10_000, interval: 10 });
  await setRevoked(true);
  one.identity.changed({ kind: 'key', id });
  await vi.waitUntil(async () => !(await holdsIn(two)), { timeout: 1_000, interval: 20 });
  await startRedis();
});

test('a key revoked while Redis was away is refused when it is back', async () => {
  const id = await keyId();
  await stopRedis();
  await setRevoked(true);
  one.identity.changed({ kind: 'key', id });
  await startRedis();
  await vi.waitUntil(() => one.broadcast.connected() && two.broadcast.connected(), { timeout: 10_000, interval: 5 });
  await vi.waitUntil(async () => !(await holdsIn(two)), { timeout: 1_000, interval: 5 });
});
