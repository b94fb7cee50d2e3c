import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { type AppOptions, createApp } from '../src/app.ts';
import { openDatabase } from '../src/db/tenancy.ts';
import { bootstrap, type FirstStart } from '../src/identity/bootstrap.ts';
import { openIdentity } from '../src/identity/identity.ts';
import { defaultPolicy, type Policy } from '../src/identity/policy.ts';
import { type Role, roles } from '../src/identity/roles.ts';
import { openDiskBlobs } from '../src/ports/blobs_disk.ts';
import { memoryBroadcast } from '../src/ports/broadcast_memory.ts';
import { outboxMail } from '../src/ports/mail_outbox.ts';
import { openMailQueue } from '../src/ports/mail_queue.ts';
import type { Ports } from '../src/ports/ports.ts';
import { createRecorder } from '../src/tracking/recorder.ts';
import { createTestDatabase, type TestDatabase } from './postgres.ts';
import { testSecrets } from './secrets.ts';

export interface TestTenant {
  readonly id: string;
  readonly slug: string;
  /** An API key of a service account of each role. */
  readonly keys: Readonly<Record<Role, string>>;
}

export interface TestAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** The body as JSON; its text where it is none. */
  // Tests look into bodies of every shape.
  readonly body: unknown;
  readonly text: string;
}

export interface Request {
  /** An API key, an access token or the operator key; nobody by default. */
  as?: string | undefined;
  /** Sent as JSON. */
  json?: unknown;
  body?: string | Uint8Array;
  headers?: Record<string, string>;
}

export interface TestApp {
  readonly url: string;
  readonly app: FastifyInstance;
  readonly ports: Ports;
  readonly database: TestDatabase;
  readonly tenants: { readonly a: TestTenant; readonly b: TestTenant };
  /** The administrator of the first start: operator, and tenant_admin of `default`. */
  readonly admin: FirstStart;
  readonly operatorKey: string;
  /** Sends a request; `path` begins with `/`. */
  send(method: string, path: string, request?: Request): Promise<TestAnswer>;
  /** The mails to an address so far, as they stand in the outbox, the oldest first. */
  mailsTo(email: string): Promise<string[]>;
  stop(): Promise<void>;
}

export interface TestAppOptions extends Pick<AppOptions, 'onRoute'> {
  /** Other figures than the defaults. */
  readonly policy?: Partial<Policy>;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

async function send(url: string, method: string, path: string, request: Request = {}): Promise<TestAnswer> {
  const { as, json, body = json === undefined ? undefined : JSON.stringify(json) } = request;
  const response = await fetch(url + path, {
    method,
    redirect: 'manual',
    headers: {
      ...(as === undefined ? {} : { authorization: `Bearer ${as}` }),
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      ...request.headers,
    },
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: parsed(text), text };
}

async function makeTenant(url: string, operatorKey: string, slug: string): Promise<TestTenant> {
  const made = await send(url, 'POST', '/api/v1/tenants', { as: operatorKey, json: { slug, name: slug } });
  if (made.status !== 201) throw new Error(`the tenant was not made: ${made.text}`);
  const keys: Partial<Record<Role, string>> = {};
  for (const role of roles) {
    const path = `/api/v1/tenants/${slug}/keys`;
    const key = await send(url, 'POST', path, { as: operatorKey, json: { name: role, role } });
    if (key.status !== 201) throw new Error(`the key was not made: ${key.text}`);
    keys[role] = (key.body as { key: string }).key;
  }
  return { id: (made.body as { id: string }).id, slug, keys: keys as Record<Role, string> };
}

/**
 * A real app that listens on loopback, over a database and a file directory of its own, with two tenants. For tests
 * of the categories that have `server/test/postgres.setup.ts`; `stop` it in afterAll.
 */
export async function startTestApp(options: TestAppOptions = {}): Promise<TestApp> {
  const undo: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const database = await createTestDatabase();
    undo.push(() => database.drop());
    const directory = await mkdtemp(join(tmpdir(), 'maestro-app-'));
    undo.push(() => rm(directory, { recursive: true, force: true }));
    const log = pino({ level: 'silent' });
    const db = openDatabase(database.logins, 8, (error) => log.warn({ err: error }, 'idle connection failed'));
    undo.push(() => db.close());
    const broadcast = memoryBroadcast({ alone: true });
    undo.push(() => broadcast.close());
    const secrets = testSecrets();
    const { operatorKey } = secrets;
    const identity = await openIdentity({
      db,
      broadcast,
      log,
      secrets,
      issuer: 'http://localhost',
      policy: { ...defaultPolicy, ...options.policy },
    });
    undo.push(() => identity.close());
    const recorder = createRecorder(db, log);
    undo.push(() => recorder.close());
    const blobs = await openDiskBlobs(join(directory, 'files'), { multipart: true });
    const folder = join(directory, 'outbox');
    const mail = openMailQueue({ transport: await outboxMail({ folder, from: 'Maestro <maestro@localhost>' }), log });
    undo.push(() => mail.close());
    let url = '';
    const ports: Ports = {
      db,
      identity,
      authenticate: identity.authenticate,
      recorder,
      blobs,
      broadcast,
      mail,
      publicUrl: () => url,
      log,
    };
    const admin = await bootstrap(db, identity);
    if (!admin) throw new Error('the database of a test was not empty');
    const app = await createApp(ports, { trustProxy: false, ...(options.onRoute ? { onRoute: options.onRoute } : {}) });
    undo.push(() => app.close());
    await app.listen({ host: '127.0.0.1', port: 0 });
    url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
    const tenants = {
      a: await makeTenant(url, operatorKey, 'tenant-a'),
      b: await makeTenant(url, operatorKey, 'tenant-b'),
    };
    return {
      url,
      app,
      ports,
      database,
      tenants,
      admin,
      operatorKey,
      send: (method, path, request) => send(url, method, path, request),
      async mailsTo(email) {
        await identity.behind.idle();
        await mail.idle();
        const names = (await readdir(folder)).sort();
        const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
        return texts.filter((text) => text.includes(`\nTo: ${email}\n`));
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
