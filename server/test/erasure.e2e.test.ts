import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from 'redis';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { secretPath } from '../src/data_dir.ts';
import { withClient } from '../src/db/roles.ts';
import { generatePassword } from '../src/identity/passwords.ts';
import { secretNames } from '../src/identity/secrets.ts';
import { embeddedSuperuser } from './embedded_superuser.ts';
import { type MaestroProcess, startMaestro } from './maestro.ts';
import { prepareDataDir } from './prepared_data.ts';
import { startTestRedis, type TestRedis } from './redis.ts';

/** Each is found nowhere else by chance. */
const mark = randomBytes(6).toString('hex');
const ada = {
  email: `Ada-${mark}@example.org`,
  name: `Ada Lovelace-${mark}`,
  address: '203.0.113.77',
  device: `laptop of ${mark}`,
  password: generatePassword(),
};
const [firstName = '', lastName = ''] = ada.name.split(' ');
const personal = [ada.email, lastName, `of ${mark}`, ada.address];

let root: string;
let dataDir: string;
let redis: TestRedis;
let maestro: MaestroProcess;
let url: string;
let operatorKey: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'maestro-erasure-'));
  dataDir = join(root, 'data');
  prepareDataDir(dataDir);
  redis = await startTestRedis();
  await start();
  operatorKey = (await readFile(secretPath(dataDir, secretNames.operatorKey), 'utf8')).trim();
});
afterAll(async () => {
  if (maestro?.child.exitCode === null && maestro.child.signalCode === null) await maestro.stop();
  await redis?.remove();
  await rm(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

async function start(): Promise<void> {
  const environment = {
    MAESTRO_DATA_DIR: dataDir,
    MAESTRO_LOG_LEVEL: 'info',
    MAESTRO_TRUSTED_PROXY: '127.0.0.1',
    REDIS_URL: redis.url,
  };
  maestro = startMaestro(environment, root);
  url = (await maestro.ready).replace('localhost', '127.0.0.1');
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly body: Record<string, unknown>;
}

/** By a proxy: from Ada's computer, or with the operator key from the server's own machine. */
async function send(method: string, path: string, as?: string, json?: object): Promise<Answer> {
  const response = await fetch(url + path, {
    method,
    headers: {
      ...(as === operatorKey ? {} : { 'x-forwarded-for': ada.address, 'user-agent': ada.device }),
      ...(as === undefined ? {} : { authorization: `Bearer ${as}` }),
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
  });
  const text = await response.text();
  return { status: response.status, text, body: text.startsWith('{') ? JSON.parse(text) : {} };
}

async function done(method: string, path: string, as?: string, json?: object): Promise<Record<string, unknown>> {
  const answer = await send(method, `/api/${path}`, as, json);
  expect(answer.status, `${path}: ${answer.text}`).toBeLessThan(300);
  return answer.body;
}

/** Every table, row by row; what is binary as text too. */
async function databaseText(): Promise<string> {
  return withClient(await embeddedSuperuser(dataDir), async (client) => {
    const tables = await client.query<{ name: string; binary: string[] }>(
      `SELECT c.oid::regclass::text AS name,
              array(SELECT quote_ident(a.attname) FROM pg_attribute a
                     WHERE a.attrelid = c.oid AND a.atttypid = 'bytea'::regtype AND NOT a.attisdropped) AS binary
         FROM pg_class c WHERE c.relnamespace = 'maestro'::regnamespace AND c.relkind IN ('r', 'p')`,
    );
    let text = '';
    for (const { name, binary } of tables.rows) {
      const columns = ['t::text', ...binary.map((column) => `coalesce(encode(${column}, 'escape'), '')`)];
      const { rows } = await client.query(`SELECT ${columns.join(" || ' ' || ")} AS row FROM ${name} t`);
      text += rows.map(({ row }) => `${name} ${row}\n`).join('');
    }
    return text;
  });
}

/** Every key of Redis with its value, as Redis itself would write them to disk. */
async function redisText(): Promise<string> {
  const client = await createClient({ url: redis.url, RESP: 2 }).connect();
  try {
    let text = '';
    for (const key of await client.keys('*')) {
      text += `${key} ${await client.eval("return redis.call('DUMP', KEYS[1])", { keys: [key] })}\n`;
    }
    return text;
  } finally {
    client.destroy();
  }
}

/** Every file of the data directory, but for PostgreSQL's own, which docs/security/gdpr.md tells of. */
async function filesText(): Promise<string> {
  let text = '';
  for (const entry of await readdir(dataDir, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || path.startsWith(join(dataDir, 'postgres'))) continue;
    text += `${path} ${await readFile(path, 'latin1').catch(() => '')}\n`;
  }
  return text;
}

const found = (text: string): string[] => personal.filter((word) => text.toLowerCase().includes(word.toLowerCase()));

/** Leaves traces wherever a person does. */
async function live(): Promise<{ id: string; token: string }> {
  await done('POST', 'v1/tenants', operatorKey, { slug: 'left', name: 'left' });
  const user = { email: ada.email, name: ada.name, password: ada.password, tenant: 'default', role: 'ml_engineer' };
  const { id } = await done('POST', 'v1/users', operatorKey, user);
  const wrong = { email: ada.email, password: generatePassword() };
  expect((await send('POST', '/api/v1/auth/login', undefined, wrong)).status).toBe(401);
  const signedIn = await done('POST', 'v1/auth/login', undefined, { email: ada.email, password: ada.password });
  const token = String(signedIn.access_token);
  await done('POST', 'v1/auth/request-email-verification', token, {});
  await done('POST', 'v1/auth/request-password-reset', undefined, { email: ada.email });
  await done('POST', 'v1/me/keys', token, { name: `key of ${mark}`, allowed_addresses: [ada.address] });
  const tags = [{ key: 'mlflow.user', value: ada.email }];
  await done('POST', '2.0/mlflow/runs/create', token, { experiment_id: '0', user_id: ada.email, tags });
  await vi.waitUntil(async () => (await filesText()).includes(ada.email), { timeout: 10_000 });
  return { id: String(id), token };
}

test('an erasure that kill -9 ended is completed at the next start, and nothing tells of the person any more', async () => {
  const { id, token } = await live();
  expect(found(await databaseText())).toEqual(expect.arrayContaining([ada.email, lastName, `of ${mark}`, ada.address]));
  expect(found(await filesText())).toContain(ada.email);
  expect(await redisText()).toContain('maestro:');
  const refused = await send('POST', '/api/v1/me/erase', token, { email: `${firstName}@example.org` });
  expect([refused.status, refused.text]).toEqual([400, expect.stringContaining('email: expected the address')]);

  await withClient(await embeddedSuperuser(dataDir), async (client) => {
    await client.query('BEGIN');
    await client.query('LOCK TABLE maestro.runs IN SHARE MODE');
    const broken = send('POST', '/api/v1/me/erase', token, { email: ada.email }).catch(() => undefined);
    await vi.waitUntil(
      async () =>
        (await client.query('SELECT 1 FROM pg_stat_activity WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid))')).rows
          .length > 0,
      { timeout: 20_000 },
    );
    expect(found(await databaseText())).toContain(ada.email);
    // It is completed once it has been quiet for a while.
    await withClient(await embeddedSuperuser(dataDir), (other) =>
      other.query("UPDATE maestro.erasures SET began_at = began_at - interval '1 hour' WHERE subject_id = $1", [id]),
    );
    maestro.child.kill('SIGKILL');
    await maestro.ended;
    await broken;
  });
  await start();
  const report = () => done('GET', `v1/erasures/${id}`, operatorKey);
  await vi.waitUntil(async () => (await report()).finished_at !== null, { timeout: 20_000, interval: 100 });

  expect(await report()).toMatchObject({
    kind: 'user',
    erased: { users: 1, person_keys: 1, sessions: 1, memberships: 1, api_keys: 1, runs: 1, tags: 1, outbox_mails: 2 },
  });
  expect(found(await databaseText())).toEqual([]);
  expect(found(await redisText())).toEqual([]);
  expect(found(await filesText())).toEqual([]);
  expect(found(maestro.stdout() + maestro.stderr())).toEqual([]);
  expect(await done('GET', 'v1/operator-audit/verify', operatorKey)).toMatchObject({ ok: true });
  const events = await done('GET', `v1/operator-audit?target=${id}&limit=2`, operatorKey);
  expect(events.items).toMatchObject([
    { action: 'user.erased', detail: { erased: { users: 1, runs: 1 } } },
    { action: 'user.delete', actor: { kind: 'user', id }, address: '' },
  ]);
});
