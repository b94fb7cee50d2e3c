import { readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { get } from 'node:https';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { secretPath } from '../src/data_dir.ts';
import { startEmbedded } from '../src/db/embedded.ts';
import { identifyProcess } from '../src/process_identity.ts';
import { makeCertificate } from './certificate.ts';
import { freePort } from './free_port.ts';
import { type MaestroProcess, startMaestro } from './maestro.ts';
import { prepareDataDir } from './prepared_data.ts';
import { leastMs } from './slowness.ts';

let root: string;
let dataDir: string;
let started: MaestroProcess[] = [];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'maestro-process-'));
  dataDir = join(root, 'data');
});
afterEach(async () => {
  for (const maestro of started) maestro.child.kill('SIGKILL');
  await Promise.all(started.map((maestro) => maestro.ended));
  started = [];
  // The orphans' dead man's switch lets them end by themselves; their files are wanted gone.
  for (let tries = 0; tries < 100 && (await exists(join(dataDir, 'postgres', 'postmaster.pid'))); tries++)
    await delay(50);
  await rm(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
});

function start(environment: Record<string, string> = {}): MaestroProcess {
  const maestro = startMaestro({ MAESTRO_DATA_DIR: dataDir, ...environment }, root);
  started.push(maestro);
  return maestro;
}

/** A start that is not the first one, in a data directory that nobody has used. */
function startPrepared(environment: Record<string, string> = {}): MaestroProcess {
  prepareDataDir(dataDir);
  return start(environment);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

const postmasterPid = async () =>
  Number((await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8')).split('\n')[0]);

/** Runs `work` as the owner of the embedded database of a running Maestro. */
async function asOwner<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({
    host: join(dataDir, 'socket'),
    user: 'maestro_owner',
    password: await readFile(secretPath(dataDir, 'postgres-owner'), 'utf8'),
    database: 'maestro',
  });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** A request that waits for the second half of its body. */
async function openRequest(url: string): Promise<{ socket: Socket; finish: () => Promise<string> }> {
  const body = JSON.stringify({ email: 'nobody@example.com', password: 'wrong' });
  const socket = connect({ host: '127.0.0.1', port: Number(new URL(url).port) });
  let answer = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    answer += text;
  });
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.write(
    `POST /api/v1/auth/login HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body.slice(0, 10)}`,
  );
  // Accepted and being read: another request on another connection has been answered since.
  await fetch(`${url}/health`);
  return {
    socket,
    async finish() {
      socket.write(body.slice(10));
      await closed;
      return answer;
    },
  };
}

describe('starting', () => {
  test('serves from an empty directory, and again in less time', async () => {
    const first = start();
    const url = await first.ready;
    expect(url).toMatch(/^http:\/\/localhost:\d+$/);
    expect((await fetch(`${url}/health`)).status).toBe(200);
    expect(JSON.parse(await readFile(join(dataDir, 'server.json'), 'utf8'))).toEqual({
      pid: first.pid,
      url: url.replace('localhost', '127.0.0.1'),
    });
    await first.stop();
    const again = async () => {
      const next = start();
      await next.ready;
      await next.stop();
    };
    expect(await leastMs(3_000, again)).toBeLessThan(3_000);
  });

  test('lists every fault of its configuration and exits with 1, touching nothing', async () => {
    const maestro = start({
      MAESTRO_PORT: 'http',
      MAESTRO_HOST: '0.0.0.0',
      MAESTRO_HOTS: 'x',
      DATABASE_URL: 'mysql://db',
    });
    expect(await maestro.ended).toEqual({ code: 1, signal: null });
    for (const fault of ['MAESTRO_PORT:', 'in clear', 'did you mean MAESTRO_HOST?', 'DATABASE_URL:']) {
      expect(maestro.stderr()).toContain(fault);
    }
    expect(maestro.stdout()).toBe('');
    expect(await exists(dataDir)).toBe(false);
  });

  test('refuses to listen beyond loopback without TLS or a trusted proxy, and says why', async () => {
    const maestro = start({ MAESTRO_HOST: '0.0.0.0' });
    expect((await maestro.ended).code).toBe(1);
    expect(maestro.stderr()).toContain('send passwords and keys over the network in clear');
  });

  test('speaks HTTPS with the given certificate', async () => {
    const { cert, key, ca: caFile } = await makeCertificate(root);
    const maestro = startPrepared({ MAESTRO_TLS_CERT: cert, MAESTRO_TLS_KEY: key });
    const url = await maestro.ready;
    expect(url).toMatch(/^https:/);
    const answer = await new Promise((resolve, reject) => {
      const ca = readFileSync(caFile);
      get(`${url}/health`, { ca, agent: false }, (response) => {
        response.resume();
        resolve([response.statusCode, response.headers['strict-transport-security']]);
      }).on('error', reject);
    });
    // Loopback: the rule would hold for every other port of this machine.
    expect(answer).toEqual([200, undefined]);
  });

  test('refuses the data directory of a living Maestro, which serves on', async () => {
    const first = startPrepared();
    const url = await first.ready;
    const second = start();
    expect((await second.ended).code).toBe(1);
    expect(second.stderr()).toContain(`Another Maestro (process ${first.pid}) uses the data directory ${dataDir}`);
    expect((await fetch(`${url}/health`)).status).toBe(200);
    await first.stop();
  });

  test('refuses a port that is taken before it creates anything', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const maestro = start({ MAESTRO_PORT: String(port) });
    expect((await maestro.ended).code).toBe(1);
    expect(maestro.stderr()).toContain(`port ${port}: something else listens there`);
    expect(await exists(join(dataDir, 'postgres'))).toBe(false);
    server.close();
  });

  test('uses the PostgreSQL of DATABASE_URL and starts none', async () => {
    const postgres = await startEmbedded({
      dataDir: root,
      password: 'secret',
      settings: { listen_addresses: '127.0.0.1', port: String(await freePort()) },
      durable: false,
    });
    try {
      const port = await portOf(join(root, 'postgres'));
      const environment = {
        MAESTRO_ENV: 'development',
        DATABASE_URL: `postgres://postgres:secret@127.0.0.1:${port}/postgres`,
      };
      const maestro = start(environment);
      expect((await fetch(`${await maestro.ready}/health`)).status).toBe(200);
      expect(await exists(join(dataDir, 'postgres'))).toBe(false);
      await maestro.stop();
    } finally {
      await postgres.stop();
    }
  });

  test.runIf(process.getuid?.() === 0)('runs as root below a home of mode 0700', async () => {
    const home = join(root, 'home');
    await mkdir(home, { mode: 0o700 });
    await chmod(root, 0o700);
    const maestro = start({ MAESTRO_DATA_DIR: join(home, 'data') });
    expect((await fetch(`${await maestro.ready}/health`)).status).toBe(200);
    await maestro.stop();
  });

  test.runIf(process.platform === 'linux')('takes less than 300 MB, PostgreSQL included', async () => {
    const maestro = startPrepared();
    await maestro.ready;
    const pids = [maestro.pid, ...(await descendants(maestro.pid))];
    const sizes = await Promise.all(pids.map(proportionalSetSizeKb));
    expect(pids.length).toBeGreaterThan(3);
    expect(sizes.reduce((sum, size) => sum + size, 0) / 1024).toBeLessThan(300);
  });
});

describe('stopping', () => {
  test('SIGTERM ends it with 0, PostgreSQL cleanly shut down and nothing left behind', async () => {
    const maestro = startPrepared();
    await maestro.ready;
    const postmaster = await postmasterPid();
    const before = performance.now();
    maestro.child.kill('SIGTERM');
    expect(await maestro.ended).toEqual({ code: 0, signal: null });
    expect(performance.now() - before).toBeLessThan(10_000);
    expect(identifyProcess(postmaster)).toBeUndefined();
    expect((await readdir(dataDir)).sort()).not.toEqual(expect.arrayContaining(['server.json']));
    expect(await exists(join(dataDir, 'postgres', 'postmaster.pid'))).toBe(false);
  });

  test('a request in flight is answered before the end', async () => {
    const maestro = startPrepared();
    const request = await openRequest(await maestro.ready);
    maestro.child.kill('SIGTERM');
    await delay(300);
    expect(identifyProcess(maestro.pid)).toBeDefined();
    expect(await request.finish()).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect((await maestro.ended).code).toBe(0);
  });

  test('Ctrl-C that arrives twice at once, as through npm, is one signal', async () => {
    const maestro = startPrepared();
    const request = await openRequest(await maestro.ready);
    maestro.child.kill('SIGINT');
    await delay(50);
    maestro.child.kill('SIGINT');
    await delay(100);
    expect(await request.finish()).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect((await maestro.ended).code).toBe(0);
  });

  test('a request that never ends does not hold it past 10 seconds', async () => {
    const maestro = startPrepared();
    await openRequest(await maestro.ready);
    const before = performance.now();
    maestro.child.kill('SIGTERM');
    expect((await maestro.ended).code).toBe(0);
    expect(performance.now() - before).toBeLessThan(10_000);
    expect(await exists(join(dataDir, 'postgres', 'postmaster.pid'))).toBe(false);
  });

  test('a second signal ends it at once', async () => {
    const maestro = startPrepared();
    await openRequest(await maestro.ready);
    maestro.child.kill('SIGTERM');
    await delay(1200);
    const before = performance.now();
    maestro.child.kill('SIGTERM');
    expect((await maestro.ended).code).toBe(130);
    expect(performance.now() - before).toBeLessThan(1000);
  });

  test('a signal during the first start ends it in order, and the next start completes', async () => {
    const maestro = start();
    while (!(await exists(join(dataDir, 'secrets'))) && maestro.child.exitCode === null) await delay(5);
    maestro.child.kill('SIGTERM');
    expect((await maestro.ended).code).toBe(0);
    await start().ready;
  });

  test('when PostgreSQL dies, it says so and exits with 1', async () => {
    const maestro = startPrepared();
    await maestro.ready;
    process.kill(await postmasterPid(), 'SIGQUIT');
    expect((await maestro.ended).code).toBe(1);
    expect(maestro.stderr()).toContain('Maestro stops: PostgreSQL');
  });
});

describe('after kill -9', () => {
  test('the next start stops the orphan and has every acknowledged write', async () => {
    prepareDataDir(dataDir);
    let acknowledged = 0;
    for (let round = 0; round < 4; round++) {
      const maestro = start();
      await maestro.ready;
      const orphan = await postmasterPid();
      await asOwner(async (client) => {
        await client.query('CREATE TABLE IF NOT EXISTS maestro.kept (n int)');
        const { rows } = await client.query('SELECT count(*)::int AS n FROM maestro.kept');
        expect(rows[0].n).toBeGreaterThanOrEqual(acknowledged);
        acknowledged = rows[0].n;
        setTimeout(() => maestro.child.kill('SIGKILL'), 200);
        for (;;) {
          const written = await client.query('INSERT INTO maestro.kept VALUES (1)').catch(() => undefined);
          if (written === undefined) break;
          acknowledged++;
        }
      });
      await maestro.ended;
      if (round % 2 === 0) continue;
      const next = start();
      await next.ready;
      expect(identifyProcess(orphan)).toBeUndefined();
      await next.stop();
    }
  });
});

async function portOf(data: string): Promise<number> {
  return Number((await readFile(join(data, 'postmaster.pid'), 'utf8')).split('\n')[3]);
}

async function descendants(pid: number): Promise<number[]> {
  const children = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8'))
    .trim()
    .split(' ')
    .filter(Boolean)
    .map(Number);
  return [...children, ...(await Promise.all(children.map(descendants))).flat()];
}

async function proportionalSetSizeKb(pid: number): Promise<number> {
  return Number(/^Pss:\s+(\d+)/m.exec(await readFile(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]);
}
