import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { type Logger, pino } from 'pino';
import { type AppOptions, createApp } from '../src/app.ts';
import { aloneDeployment } from '../src/db/deployment.ts';
import { openDatabase } from '../src/db/tenancy.ts';
import { bootstrap, type FirstStart } from '../src/identity/bootstrap.ts';
import { type IdentityOptions, openIdentity } from '../src/identity/identity.ts';
import { defaultPolicy, type Policy } from '../src/identity/policy.ts';
import type { Providers } from '../src/identity/providers/providers.ts';
import { type Role, roles } from '../src/identity/roles.ts';
import type { IdentitySecrets } from '../src/identity/secrets.ts';
import { type LimitsOptions, openLimits } from '../src/limits/limits.ts';
import { openDiskBlobs } from '../src/ports/blobs_disk.ts';
import type { Embeddings } from '../src/ports/embeddings.ts';
import { openEphemeral } from '../src/ports/ephemeral.ts';
import { outboxMail } from '../src/ports/mail_outbox.ts';
import { openMailQueue } from '../src/ports/mail_queue.ts';
import type { Ports } from '../src/ports/ports.ts';
import type { Revocations } from '../src/ports/revocations.ts';
import { envSecrets } from '../src/ports/secrets_env.ts';
import { watchSecrets } from '../src/ports/secrets_watch.ts';
import { createRecorder } from '../src/tracking/recorder.ts';
import { createTestDatabase, type TestDatabase } from './postgres.ts';
import { testSecrets, testSigningKey } from './secrets.ts';

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
  readonly secrets: IdentitySecrets;
  readonly revocations: Revocations;
  /** Sends a request; `path` begins with `/`. */
  send(method: string, path: string, request?: Request): Promise<TestAnswer>;
  /** The mails to an address so far, as they stand in the outbox, the oldest first. */
  mailsTo(email: string): Promise<string[]>;
  stop(): Promise<void>;
}

export interface TestAppOptions
  extends Pick<AppOptions, 'onRoute' | 'publicUrl' | 'allowedHosts' | 'corsOrigins' | 'times' | 'tls'> {
  /** Other figures than the defaults. */
  readonly policy?: Partial<Policy>;
  readonly captcha?: IdentityOptions['captcha'];
  /** None by default. */
  readonly providers?: Providers;
  /** None by default. */
  readonly embeddings?: Embeddings;
  /** Any free one by default; with `publicUrl` for what must know its own address. */
  readonly port?: number;
  /** Nobody by default. */
  readonly trustProxy?: AppOptions['trustProxy'];
  readonly log?: Logger;
  /** Of tenants without a limit of their own. */
  readonly requestsPerSecond?: number;
  /** Two places, with the usual bounds, by default. */
  readonly exports?: Partial<LimitsOptions['exports']>;
  /** Another process of the same deployment: on its database, with its secrets, tenants and administrator. */
  readonly beside?: TestApp;
  /** Other secrets than those of `beside`, or generated ones. */
  readonly secrets?: Partial<IdentitySecrets>;
  /** The address of a Redis; in this process without it. */
  readonly redis?: string;
}

/** All of a test comes from one address, and most tests are about something else: what a password’s hash costs, too. */
const testPolicy: Policy = {
  ...defaultPolicy,
  publicRequestsPerMinute: 1_000_000,
  invitationsPerHour: 1_000_000,
  bcryptRounds: 4,
};

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
export async function startTestApp({
  policy,
  beside,
  captcha,
  providers = new Map(),
  embeddings,
  log = pino({ level: 'silent' }),
  redis,
  requestsPerSecond,
  exports: otherBounds,
  secrets: otherSecrets,
  trustProxy = false,
  port = 0,
  ...appOptions
}: TestAppOptions = {}): Promise<TestApp> {
  const undo: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const database = beside?.database ?? (await createTestDatabase());
    if (!beside) undo.push(() => database.drop());
    const directory = await mkdtemp(join(tmpdir(), 'maestro-app-'));
    undo.push(() => rm(directory, { recursive: true, force: true }));
    const db = openDatabase(database.logins, 8, (error) => log.warn({ err: error }, 'idle connection failed'));
    undo.push(() => db.close());
    const alone = beside === undefined;
    const address = redis === undefined ? undefined : { url: redis };
    const ephemeral = await openEphemeral({ redis: address, alone, markerSeconds: 900, log });
    const { broadcast, revocations, limiters } = ephemeral;
    for (const part of Object.values(ephemeral)) undo.push(() => part.close());
    const secrets = { ...(beside?.secrets ?? testSecrets()), ...otherSecrets };
    const { operatorKey } = secrets;
    const identity = await openIdentity({
      db,
      broadcast,
      revocations,
      log,
      secrets,
      formerSigningKey: testSigningKey(),
      issuer: appOptions.publicUrl ?? 'http://localhost',
      policy: { ...testPolicy, ...policy },
      limiters,
      captcha,
    });
    undo.push(() => identity.close());
    const recorder = createRecorder(db, log);
    undo.push(() => recorder.close());
    const { invitationsPerHour } = identity.policy;
    const limits = openLimits({
      db,
      broadcast,
      limiters,
      log,
      requestsPerSecond,
      invitationsPerHour,
      slots: 16,
      exports: { places: 2, ...otherBounds },
    });
    const blobs = await openDiskBlobs(join(directory, 'files'), {
      multipart: true,
      onFreed: (tenantId, bytes) => limits.storage.freed(tenantId, bytes),
    });
    const folder = join(directory, 'outbox');
    const mail = openMailQueue({ transport: await outboxMail({ folder, from: 'Maestro <maestro@localhost>' }), log });
    undo.push(() => mail.close());
    const secretWatch = watchSecrets({
      store: envSecrets({}),
      held: { values: new Map(), version: undefined },
      refreshSeconds: 3600,
      maxAgeSeconds: 86_400,
      check: () => undefined,
      log,
      onTooOld: () => undefined,
    });
    undo.push(() => secretWatch.close());
    let url = '';
    const ports: Ports = {
      db,
      replaceDatabasePasswords: undefined,
      deployment: aloneDeployment(),
      identity,
      providers,
      authenticate: identity.authenticate,
      recorder,
      blobs,
      broadcast,
      mail,
      embeddings,
      publicUrl: () => url,
      limiters,
      limits,
      secretWatch,
      log,
    };
    const admin = beside?.admin ?? (await bootstrap(db, identity));
    if (!admin) throw new Error('the database of a test was not empty');
    const app = await createApp(ports, { trustProxy, ...appOptions });
    undo.push(() => app.close());
    await app.listen({ host: '127.0.0.1', port });
    url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
    const tenants = beside?.tenants ?? {
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
      secrets,
      revocations,
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
