import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type EmbeddedPostgres, startEmbedded } from '../src/db/embedded.ts';
import { freePort } from './free_port.ts';
import { type MaestroProcess, startMaestro } from './maestro.ts';

let root: string;
let started: MaestroProcess[] = [];

async function start(name: string, environment: Record<string, string> = {}): Promise<Maestro> {
  const process = startMaestro(
    { MAESTRO_DATA_DIR: join(root, name), MAESTRO_LOG_LEVEL: 'error', ...environment },
    root,
  );
  started.push(process);
  const shownUrl = await process.ready;
  const { MAESTRO_PORT: port } = environment;
  const url = port === undefined ? shownUrl.replace('localhost', '127.0.0.1') : `http://127.0.0.1:${port}`;
  const shown = process.stdout();
  const key = /^export MLFLOW_TRACKING_TOKEN=(\S+)$/m.exec(shown)?.[1];
  return { process, url, key, password: /[Pp]assword\s+(\S+)/.exec(shown)?.[1] };
}

async function stopAll(): Promise<void> {
  const living = started.filter(({ child }) => child.exitCode === null && child.signalCode === null);
  started = [];
  await Promise.all(living.map((maestro) => maestro.stop()));
}

/** `key` and `password`: what a first start showed. */
type Maestro = {
  readonly process: MaestroProcess;
  readonly url: string;
  readonly key: string | undefined;
  readonly password: string | undefined;
};
type Answer = { readonly status: number; readonly body: Record<string, unknown> };

async function send({ url }: Maestro, key: string, method: string, path: string, body?: object): Promise<Answer> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? {} : JSON.parse(text) };
}

const mlflow = (maestro: Maestro, key: string, path: string, body?: object): Promise<Answer> =>
  send(maestro, key, body ? 'POST' : 'GET', `/api/2.0/mlflow/${path}`, body);

describe('with a data directory each', () => {
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'maestro-several-'));
  });
  afterEach(async () => {
    await stopAll();
    await rm(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  });

  test('two Maestros know nothing of each other, and one outlives the other', async () => {
    const [one, two] = await Promise.all([start('one'), start('two')]);
    const [keyOne = '', keyTwo = ''] = [one.key, two.key];
    expect((await mlflow(one, keyTwo, 'experiments/get?experiment_id=0')).status).toBe(401);
    expect((await mlflow(two, keyOne, 'experiments/get?experiment_id=0')).status).toBe(401);
    expect((await mlflow(one, keyOne, 'experiments/create', { name: 'of one' })).status).toBe(200);
    expect((await mlflow(two, keyTwo, 'experiments/get-by-name?experiment_name=of%20one')).status).toBe(404);
    one.process.child.kill('SIGKILL');
    await one.process.ended;
    expect((await mlflow(two, keyTwo, 'experiments/create', { name: 'of two' })).status).toBe(200);
  });
});

test('the signing key of a data directory is taken into the database, so that its tokens hold, and leaves the directory', async () => {
  root = await mkdtemp(join(tmpdir(), 'maestro-several-'));
  try {
    const first = await start('one');
    const [current] = (await send(first, '', 'GET', '/.well-known/jwks.json')).body.keys as { kid: string }[];
    await first.process.stop();
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
    await writeFile(join(root, 'one/secrets/token-signing-key.pem'), pem, { mode: 0o600 });
    const again = await start('one');
    const keys = (await send(again, '', 'GET', '/.well-known/jwks.json')).body.keys as { kid: string; n: string }[];
    expect(keys.map(({ n }) => n)).toContain(publicKey.export({ format: 'jwk' }).n);
    expect(keys[0]?.kid).toBe(current?.kid);
    expect(await readdir(join(root, 'one/secrets'))).not.toContain('token-signing-key.pem');
  } finally {
    await stopAll();
    await rm(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
});

describe.each([{ redis: false }, { redis: true }])('on one database, redis: $redis', ({ redis }) => {
  let postgres: EmbeddedPostgres;
  let redisServer: ChildProcess | undefined;
  let one: Maestro;
  let two: Maestro;
  let key: string;
  let password: string;
  let environment: Record<string, string>;
  let startPostgres: () => Promise<EmbeddedPostgres>;

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'maestro-several-'));
    const port = String(await freePort());
    await mkdir(join(root, 'database'));
    startPostgres = () =>
      startEmbedded({
        dataDir: join(root, 'database'),
        password: 'secret',
        settings: { listen_addresses: '127.0.0.1', port },
      });
    postgres = await startPostgres();
    environment = {
      MAESTRO_ENV: 'development',
      MAESTRO_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
      MAESTRO_PASSWORD_PEPPER: randomBytes(32).toString('base64'),
      // One address for both, as behind a load balancer: it is the issuer of the tokens.
      MAESTRO_PUBLIC_URL: 'http://maestro.example.org',
      MAESTRO_ALLOWED_HOSTS: '127.0.0.1',
      DATABASE_URL: `postgres://postgres:secret@127.0.0.1:${port}/postgres`,
    };
    if (redis) environment.REDIS_URL = await startRedis();
    // At the same moment, on an empty database: both migrate, both would make the first administrator.
    [one, two] = (await Promise.all(
      ['one', 'two'].map(async (name) => start(name, { ...environment, MAESTRO_PORT: String(await freePort()) })),
    )) as [Maestro, Maestro];
    const keys = [one.key, two.key].filter((shown) => shown !== undefined);
    expect(keys).toHaveLength(1);
    key = keys[0] ?? '';
    password = one.password ?? two.password ?? '';
  });
  afterAll(async () => {
    await stopAll();
    await postgres?.stop();
    if (redisServer !== undefined) {
      const ended = once(redisServer, 'exit');
      redisServer.kill();
      await ended;
    }
    await rm(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  });

  async function startRedis(): Promise<string> {
    const port = String(await freePort());
    const args = ['--port', port, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', root];
    const child = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'] });
    redisServer = child;
    for await (const chunk of child.stdout) if (String(chunk).includes('Ready to accept connections')) break;
    child.stdout.resume();
    return `redis://127.0.0.1:${port}`;
  }

  test('a key made in one holds in both; revoked in one, it is refused in the other within a second', async () => {
    const made = await send(one, key, 'POST', '/api/v1/keys', { name: 'to revoke' });
    expect(made.status).toBe(201);
    const given = String(made.body.key);
    const holdsIn = async (maestro: Maestro) =>
      (await mlflow(maestro, given, 'experiments/get?experiment_id=0')).status === 200;
    expect(await holdsIn(one)).toBe(true);
    expect(await holdsIn(two)).toBe(true);
    expect((await send(one, key, 'DELETE', `/api/v1/keys/${made.body.id}`)).status).toBe(204);
    expect(await holdsIn(one)).toBe(false);
    await vi.waitUntil(async () => !(await holdsIn(two)), { timeout: 1000, interval: 10 });
  });

  const signIn = async (maestro: Maestro) => {
    const signedIn = await send(maestro, '', 'POST', '/api/v1/auth/login', { email: 'admin@localhost', password });
    expect(signedIn.status, JSON.stringify(signedIn.body)).toBe(200);
    return { access: String(signedIn.body.access_token), refresh_token: String(signedIn.body.refresh_token) };
  };

  test('a token of one holds in the other, to access and to refresh, and both publish the one key', async () => {
    const { access, refresh_token } = await signIn(one);
    expect((await send(two, access, 'GET', '/api/v1/auth/me')).status).toBe(200);
    const refreshed = await send(two, '', 'POST', '/api/v1/auth/refresh', { refresh_token });
    expect(refreshed.status).toBe(200);
    expect((await send(one, String(refreshed.body.access_token), 'GET', '/api/v1/auth/me')).status).toBe(200);
    const published = await Promise.all(
      [one, two].map((maestro) => send(maestro, '', 'GET', '/.well-known/jwks.json')),
    );
    expect(published[0]?.body.keys).toHaveLength(1);
    expect(published[0]?.body).toEqual(published[1]?.body);
  });

  test('a session that was signed out in one is refused in the other', async () => {
    const { access } = await signIn(one);
    for (let i = 0; i < 3; i++) expect((await send(two, access, 'GET', '/api/v1/auth/me')).status).toBe(200);
    expect((await send(one, access, 'POST', '/api/v1/auth/logout')).status).toBe(204);
    // With Redis by the next request, without it once half a second has passed.
    if (!redis) await delay(600);
    expect((await send(two, access, 'GET', '/api/v1/auth/me')).status).toBe(401);
  });

  test('a Maestro with another encryption key does not start on it, and says why', async () => {
    const { MAESTRO_ENCRYPTION_KEY: _, ...own } = environment;
    const third = startMaestro({ MAESTRO_DATA_DIR: join(root, 'three'), MAESTRO_LOG_LEVEL: 'error', ...own }, root);
    started.push(third);
    expect((await third.ended).code).toBe(1);
    expect(third.stderr()).toMatch(
      /^Maestro did not start\. The database was sealed with another encryption key.*MAESTRO_ENCRYPTION_KEY/m,
    );
  });

  test('what both write at once is one truth', async () => {
    const both = [one, two];
    const named = await Promise.all(
      Array.from({ length: 6 }, (_, i) => mlflow(both[i % 2]!, key, 'experiments/create', { name: 'wanted by many' })),
    );
    expect(named.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(named.filter(({ status }) => status === 400)).toHaveLength(5);
    const many = await Promise.all(
      Array.from({ length: 10 }, (_, i) => mlflow(both[i % 2]!, key, 'experiments/create', { name: `number ${i}` })),
    );
    expect(new Set(many.map(({ body }) => body.experiment_id)).size).toBe(10);

    const created = await mlflow(one, key, 'runs/create', { experiment_id: many[0]?.body.experiment_id });
    const { run_id } = (created.body.run as { info: { run_id: string } }).info;
    const steps = Array.from({ length: 60 }, (_, step) => step);
    const answers = await Promise.all(
      steps.map((step) =>
        mlflow(both[step % 2]!, key, 'runs/log-metric', { run_id, key: 'm', value: step, timestamp: step, step }),
      ),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const params = await Promise.all(
      both.map((maestro, i) => mlflow(maestro, key, 'runs/log-parameter', { run_id, key: 'p', value: `from ${i}` })),
    );
    expect(params.map(({ status }) => status).sort()).toEqual([200, 400]);
    const [seenByOne, seenByTwo] = await Promise.all(
      both.map(async (maestro) => {
        const history = await mlflow(maestro, key, `metrics/get-history?run_id=${run_id}&metric_key=m`);
        const run = await mlflow(maestro, key, `runs/get?run_id=${run_id}`);
        return { history: history.body.metrics as { step: number }[], run: run.body.run };
      }),
    );
    expect(seenByOne).toEqual(seenByTwo);
    expect(seenByOne?.history.map(({ step }) => step)).toEqual(steps);
    const winner = params.findIndex(({ status }) => status === 200);
    expect(seenByOne?.run).toMatchObject({
      data: { params: [{ key: 'p', value: `from ${winner}` }], metrics: [{ key: 'm', value: 59, step: 59 }] },
    });
  });

  test('a database that dies under load and comes back is served on, and nothing acknowledged is lost', async () => {
    const created = await mlflow(one, key, 'runs/create', { experiment_id: '0' });
    const { run_id } = (created.body.run as { info: { run_id: string } }).info;
    const acknowledged: number[] = [];
    let stop = false;
    let next = 0;
    const refused = new Set<number>();
    const writing = [one, two, one, two].map(async (maestro) => {
      while (!stop) {
        const step = next++;
        const metric = { run_id, key: 'm', value: step, timestamp: step, step };
        const { status } = await mlflow(maestro, key, 'runs/log-metric', metric);
        if (status === 200) acknowledged.push(step);
        else {
          refused.add(status);
          await delay(20);
        }
      }
    });
    await vi.waitUntil(() => acknowledged.length > 20, { timeout: 20_000 });
    process.kill(postgres.pid, 'SIGKILL');
    await postgres.crashed;
    await vi.waitUntil(() => refused.size > 0, { timeout: 20_000 });
    expect((await fetch(`${one.url}/ready`)).status).toBe(503);
    postgres = await startPostgres();
    const before = acknowledged.length;
    await vi.waitUntil(() => acknowledged.length > before + 20, { timeout: 20_000 });
    stop = true;
    await Promise.all(writing);
    expect(refused).toEqual(new Set([503]));
    const { body } = await mlflow(two, key, `metrics/get-history?run_id=${run_id}&metric_key=m`);
    const kept = new Set((body.metrics as { step: number }[]).map(({ step }) => step));
    expect(acknowledged.filter((step) => !kept.has(step))).toEqual([]);
    for (const { process } of [one, two]) expect(process.child.exitCode).toBeNull();
  });
});
