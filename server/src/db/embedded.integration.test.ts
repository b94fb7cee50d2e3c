import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { identifyProcess } from '../process_identity.ts';
import { type EmbeddedOptions, type EmbeddedPostgres, startEmbedded } from './embedded.ts';
import { stopOrphan } from './orphan.ts';
import { withClient } from './roles.ts';

const asRoot = process.getuid?.() === 0;

let root: string;
let running: EmbeddedPostgres[] = [];
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'maestro-pg-'));
});
afterEach(async () => {
  await Promise.all(running.map((postgres) => postgres.stop()));
  running = [];
  await rm(root, { recursive: true, force: true });
});

async function start(options: Partial<EmbeddedOptions> = {}): Promise<EmbeddedPostgres> {
  const postgres = await startEmbedded({ dataDir: root, password: 'secret', ...options });
  running.push(postgres);
  return postgres;
}

const ask = (postgres: EmbeddedPostgres, text: string) =>
  withClient(postgres.superuser, async (client) => (await client.query(text)).rows);

/** Every file below `folder` that group or others may read, write or enter. */
async function openToOthers(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const open = [];
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isSocket() && ((await stat(path)).mode & 0o077) !== 0) open.push(path);
  }
  return open;
}

describe('the embedded PostgreSQL', () => {
  test('keeps its data over a restart, listens on no network, and leaves nothing open to others', async () => {
    const first = await start();
    await ask(first, 'CREATE TABLE t AS SELECT 1 AS n');
    expect(await ask(first, 'SHOW listen_addresses')).toEqual([{ listen_addresses: '' }]);
    expect(await ask(first, 'SHOW fsync')).toEqual([{ fsync: 'on' }]);
    expect(await openToOthers(root)).toEqual([]);
    await first.stop();
    expect(await readdir(root)).toEqual(['postgres']);
    const second = await start();
    expect(await ask(second, 'SELECT n FROM t')).toEqual([{ n: 1 }]);
  });

  test('lets nobody in without the password', async () => {
    const { superuser } = await start();
    await expect(withClient({ ...superuser, password: 'wrong' }, async () => undefined)).rejects.toMatchObject({
      code: '28P01',
    });
  });

  test('starts below a path too long for a socket', async () => {
    const dataDir = join(root, 'd'.repeat(120));
    await mkdir(dataDir);
    const postgres = await start({ dataDir });
    const socketDirectory = String(postgres.superuser.host);
    expect(socketDirectory.startsWith(dataDir)).toBe(false);
    expect((await stat(socketDirectory)).mode & 0o777).toBe(0o700);
    expect(await ask(postgres, 'SELECT 1 AS n')).toEqual([{ n: 1 }]);
    await postgres.stop();
    await expect(stat(socketDirectory)).rejects.toThrow('ENOENT');
  });

  test('starts below a path with blanks, commas, quotes and an accent', async () => {
    const dataDir = join(root, `my, "own" dàta'`);
    await mkdir(dataDir);
    expect(await ask(await start({ dataDir }), 'SELECT 1 AS n')).toEqual([{ n: 1 }]);
  });

  test('says why when it ends by itself', async () => {
    const postgres = await start();
    process.kill(postgres.pid, 'SIGQUIT');
    expect(await postgres.crashed).toMatch(/ended/);
  });

  test('gives PostgreSQL’s own words when it cannot start', async () => {
    await expect(start({ settings: { shared_buffers: 'many' } })).rejects.toThrow('shared_buffers');
  });

  test('refuses data of another PostgreSQL version', async () => {
    await (await start()).stop();
    await writeFile(join(root, 'postgres', 'PG_VERSION'), '12\n');
    await expect(start()).rejects.toThrow('made by PostgreSQL 12');
  });
});

describe('what a killed Maestro left', () => {
  /** Starts PostgreSQL from a process that is then killed, and gives the pid of both. */
  async function leaveOrphan(): Promise<{ maestro: number; postgres: number }> {
    const script = `
      import { startEmbedded } from ${JSON.stringify(join(import.meta.dirname, 'embedded.ts'))};
      import pg from 'pg';
      const postgres = await startEmbedded({ dataDir: ${JSON.stringify(root)}, password: 'secret' });
      const client = new pg.Client(postgres.superuser);
      await client.connect();
      await client.query('CREATE TABLE IF NOT EXISTS acknowledged (n int); INSERT INTO acknowledged VALUES (1)');
      console.log(postgres.pid);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      cwd: join(import.meta.dirname, '../..'),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [said] = await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    return { maestro: child.pid!, postgres: Number(String(said)) };
  }

  test('an orphan is stopped, and every acknowledged write is there', async () => {
    for (let round = 1; round <= 3; round++) {
      const orphan = await leaveOrphan();
      const postgres = await start();
      expect(identifyProcess(orphan.postgres)).toBeUndefined();
      expect(await ask(postgres, 'SELECT count(*)::int AS n FROM acknowledged')).toEqual([{ n: round }]);
      await postgres.stop();
    }
  });

  test('an orphan without a dead man’s switch is stopped too', async () => {
    const orphan = await start();
    await stopOrphan(join(root, 'postgres'));
    expect(identifyProcess(orphan.pid)).toBeUndefined();
  });

  test('an orphan whose postmaster alone was killed is recovered from', async () => {
    const first = await start();
    await ask(first, 'CREATE TABLE t AS SELECT 1 AS n');
    process.kill(first.pid, 'SIGKILL');
    await first.crashed;
    expect(await ask(await start(), 'SELECT n FROM t')).toEqual([{ n: 1 }]);
  });

  test('a postmaster.pid with the pid of a living stranger is no hindrance, and the stranger is left alone', async () => {
    const first = await start();
    const text = await readFile(join(root, 'postgres', 'postmaster.pid'), 'utf8');
    await first.stop();
    const stranger = spawn('sleep', ['60']);
    await writeFile(join(root, 'postgres', 'postmaster.pid'), text.replace(/^\d+/, String(stranger.pid)));
    const postgres = await start();
    expect(await ask(postgres, 'SELECT 1 AS n')).toEqual([{ n: 1 }]);
    expect(identifyProcess(stranger.pid!)).toBeDefined();
    stranger.kill();
  });

  test('half of an initdb is begun anew', async () => {
    await mkdir(join(root, 'postgres.draft-1', 'base'), { recursive: true });
    await writeFile(join(root, 'initdb.password-1'), 'old');
    await start();
    expect(await readdir(root)).toEqual(expect.not.arrayContaining([expect.stringMatching(/draft|password/)]));
  });
});

describe.runIf(asRoot)('as root', () => {
  test('runs in a home of mode 0700, in a user namespace, with files that stay root’s', async () => {
    await chmod(root, 0o700);
    const home = join(root, 'home');
    await mkdir(join(home, 'data'), { recursive: true, mode: 0o700 });
    const postgres = await start({ dataDir: join(home, 'data'), accountKinds: ['namespace'] });
    expect(await ask(postgres, 'SELECT 1 AS n')).toEqual([{ n: 1 }]);
    expect((await stat(join(home, 'data', 'postgres', 'PG_VERSION'))).uid).toBe(0);
  });

  test('runs as nobody where user namespaces are forbidden, in a data directory it can reach', async () => {
    await chmod(root, 0o755);
    const dataDir = join(root, 'data');
    await mkdir(dataDir, { mode: 0o700 });
    const postgres = await start({ dataDir, accountKinds: ['dropped'] });
    expect(await readFile(`/proc/${postgres.pid}/status`, 'utf8')).toMatch(/^Uid:\s+65534\s+65534/m);
    expect((await stat(dataDir)).mode & 0o777).toBe(0o711);
    expect(await openToOthers(dataDir)).toEqual([]);
    await postgres.stop();
    // And back again, where namespaces are allowed.
    const again = await start({ dataDir });
    expect(await ask(again, 'SELECT 1 AS n')).toEqual([{ n: 1 }]);
  });

  test.each(['namespace', 'dropped'] as const)(
    'runs (%s) from another user’s home of mode 0700, with its data under /var/lib',
    async (kind) => {
      const home = join(root, 'home');
      const dataDir = join(home, 'data');
      await mkdir(dataDir, { recursive: true });
      await chown(home, 1000, 1000);
      await chmod(home, 0o700);
      const postgres = await start({ dataDir, accountKinds: [kind] });
      const place = join(String(postgres.superuser.host), '..');
      expect(place).toMatch(/^\/var\/lib\/maestro\/[0-9a-f]{16}$/);
      try {
        expect(await ask(postgres, 'SELECT 1 AS n')).toEqual([{ n: 1 }]);
        expect((await stat(join(place, 'postgres'))).mode & 0o777).toBe(0o700);
        await postgres.stop();
        expect(await ask(await start({ dataDir, accountKinds: [kind] }), 'SELECT 1 AS n')).toEqual([{ n: 1 }]);
      } finally {
        await Promise.all(running.map((each) => each.stop()));
        await rm(place, { recursive: true });
      }
    },
  );

  test('says in one sentence that neither account works', async () => {
    await expect(start({ accountKinds: [] })).rejects.toThrow(/^PostgreSQL refuses to run as root.*DATABASE_URL\.$/);
  });
});
