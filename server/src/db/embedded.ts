import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmod, mkdir, mkdtemp, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { ClientConfig } from 'pg';
import { stopOrphan } from './orphan.ts';
import { findPostgresBinaries } from './postgres_binaries.ts';
import { readPostmasterFile } from './postmaster_file.ts';
import { type AccountKinds, chooseQuarters, commandIn, giveTo, type Quarters } from './unprivileged.ts';

const run = promisify(execFile);

export type EmbeddedOptions = {
  /** Absolute; its lock is held by this process. */
  readonly dataDir: string;
  /** Of the superuser `postgres`. */
  readonly password: string;
  /** Told of steps that take long, as sentences for people. */
  readonly progress?: (step: string) => void;
  /** PostgreSQL's own log, line by line. */
  readonly log?: (line: string) => void;
  /** False, for tests that lose nothing: no fsync. */
  readonly durable?: boolean;
  /** Beside the defaults of `settings`, and over them. */
  readonly settings?: Readonly<Record<string, string>>;
  /** As root: what may be tried. */
  readonly accountKinds?: AccountKinds;
};

export type EmbeddedPostgres = {
  readonly pid: number;
  /** A login of the superuser to the database `postgres`. */
  readonly superuser: ClientConfig;
  /** Fulfilled when PostgreSQL ends without `stop` having been called: why. */
  readonly crashed: Promise<string>;
  /**
   * Ends sessions, writes a checkpoint, and waits for the end. Past `patienceMs` (default 8000) it ends PostgreSQL
   * without a checkpoint; the next start then recovers. May be called twice.
   */
  stop(patienceMs?: number): Promise<void>;
};

const socketName = '.s.PGSQL.5432';
/** sun_path holds 108 bytes on Linux, 104 on macOS, the closing NUL among them. */
const socketPathBytesMax = 103;

const settings: Readonly<Record<string, string>> = {
  listen_addresses: '',
  port: '5432',
  unix_socket_permissions: '0700',
  max_connections: '50',
  shared_buffers: '128MB',
  work_mem: '8MB',
  huge_pages: 'off',
  jit: 'off',
  random_page_cost: '1.1',
  // Few processes and no use of /dev/shm, which is 64 MB in a container.
  io_method: 'sync',
  max_parallel_workers_per_gather: '0',
  max_logical_replication_workers: '0',
  // Nothing replicates from an embedded PostgreSQL.
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_wal_size: '1GB',
  wal_compression: 'pglz',
  checkpoint_timeout: '10min',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_line_prefix: '',
  log_checkpoints: 'off',
  // Errors of statements reach their caller; the log gets what concerns the server (LOG stands above ERROR here).
  log_min_messages: 'log',
};

/**
 * Starts the PostgreSQL of `<dataDir>/postgres`, creating it the first time, on a private Unix socket.
 * An orphan that a killed Maestro left is stopped first; its data recover from their write-ahead log.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const binaries = await findPostgresBinaries();
  const quarters = await chooseQuarters(options.dataDir, binaries, options.accountKinds);
  const data = join(quarters.place, 'postgres');
  const version = await readIfThere(join(data, 'PG_VERSION'));
  if (version === undefined) {
    options.progress?.('Creating the database …');
    await createCluster(quarters, data, options);
  } else {
    checkVersion(version.trim(), binaries.version);
    await giveTo(quarters.account, data);
  }
  await stopOrphan(data, options.progress);

  const socketDirectory = await makeSocketDirectory(quarters);
  const removeSocketDirectory = () => rm(socketDirectory, { recursive: true, force: true });
  try {
    const child = await launch(quarters, data, socketDirectory, options);
    return supervise(child, {
      superuser: {
        host: socketDirectory,
        port: 5432,
        user: 'postgres',
        password: options.password,
        database: 'postgres',
      },
      afterEnd: removeSocketDirectory,
    });
  } catch (error) {
    await removeSocketDirectory();
    throw error;
  }
}

/**
 * Built beside its final place and renamed, so that a killed initdb leaves nothing that looks whole. Each try has names
 * of its own: the initdb of a killed Maestro may live a moment longer, and clears away what it made by name.
 */
async function createCluster(quarters: Quarters, data: string, options: EmbeddedOptions): Promise<void> {
  const leftovers = (await readdir(quarters.place)).filter((name) => /^(postgres\.draft|initdb\.password)-/.test(name));
  for (const name of leftovers) await rm(join(quarters.place, name), { recursive: true, force: true, maxRetries: 20 });
  const id = randomUUID();
  const draft = `${data}.draft-${id}`;
  const passwordFile = join(quarters.place, `initdb.password-${id}`);
  await mkdir(draft, { mode: 0o700 });
  await giveTo(quarters.account, draft);
  try {
    await writeFile(passwordFile, `${options.password}\n`, { mode: 0o600, flag: 'wx' });
    await giveTo(quarters.account, passwordFile);
    const command = commandIn(quarters, quarters.binaries.initdb, [
      `--pgdata=${draft}`,
      '--username=postgres',
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      // Byte order everywhere, and yet lower() and ILIKE know every alphabet. Part of PostgreSQL, so not the machine's.
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--no-instructions',
      ...(options.durable === false ? ['--no-sync'] : []),
    ]);
    await run(command.file, command.args, { ...command.options, cwd: '/', env: environment() });
  } catch (error) {
    const output = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : String(error);
    throw new Error(`PostgreSQL could not be set up in ${data}: ${output}`, { cause: error });
  } finally {
    await rm(passwordFile, { force: true });
  }
  await rename(draft, data);
  await syncDirectory(quarters.place);
}

function checkVersion(dataVersion: string, packageVersion: string): void {
  const programVersion = packageVersion.split('.')[0];
  if (dataVersion !== programVersion) {
    throw new Error(
      `The data directory was made by PostgreSQL ${dataVersion}, and this Maestro brings PostgreSQL ${programVersion}. Use the Maestro that made it, or move the data with pg_dump and DATABASE_URL.`,
    );
  }
}

async function makeSocketDirectory(quarters: Quarters): Promise<string> {
  const near = join(quarters.place, 'socket');
  const fits = Buffer.byteLength(join(near, socketName)) <= socketPathBytesMax;
  if (fits) await mkdir(near, { recursive: true, mode: 0o700 });
  const directory = fits ? near : await mkdtemp(join(tmpdir(), 'maestro-'));
  await chmod(directory, 0o700);
  await giveTo(quarters.account, directory);
  // Of a PostgreSQL that is gone: its successor would take any living process with the pid in there for it.
  await rm(join(directory, `${socketName}.lock`), { force: true });
  return directory;
}

/** Runs PostgreSQL until it accepts connections, however long its recovery takes. */
async function launch(
  quarters: Quarters,
  data: string,
  socketDirectory: string,
  options: EmbeddedOptions,
): Promise<ChildProcess & { pid: number }> {
  const chosen = {
    ...settings,
    unix_socket_directories: quoteListItem(socketDirectory),
    ...(options.durable === false ? { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' } : {}),
    ...options.settings,
  };
  const args = Object.entries(chosen).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const command = commandIn(quarters, quarters.binaries.postgres, ['-D', data, ...args]);
  const child = spawn(command.file, command.args, {
    ...command.options,
    cwd: '/',
    env: environment(),
    // A session of its own: Ctrl-C in a terminal goes to the whole foreground group, and PostgreSQL would be gone
    // before the requests in flight are done.
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const lastLines: string[] = [];
  onLines(child, (line) => {
    lastLines.push(line);
    if (lastLines.length > 8) lastLines.shift();
    options.log?.(line);
  });
  let spawnFault: Error | undefined;
  child.on('error', (error) => {
    spawnFault = error;
  });

  const startedAt = Date.now();
  let told = false;
  for (;;) {
    if (spawnFault !== undefined || child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`PostgreSQL did not start: ${spawnFault?.message ?? lastLines.join(' ')}`);
    }
    const postmaster = await readPostmasterFile(data);
    if (postmaster?.pid === child.pid && postmaster?.status === 'ready') break;
    if (!told && Date.now() - startedAt > 2000) {
      told = true;
      options.progress?.('PostgreSQL is recovering …');
    }
    await delay(10);
  }
  if (!hasPid(child)) throw new Error('PostgreSQL did not start.');
  return child;
}

function supervise(
  child: ChildProcess & { pid: number },
  { superuser, afterEnd }: { superuser: ClientConfig; afterEnd: () => Promise<void> },
): EmbeddedPostgres {
  let stopping: Promise<void> | undefined;
  const ended = new Promise<string>((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve(describeEnd(child));
    else child.once('exit', () => resolve(describeEnd(child)));
  });
  const crashed = new Promise<string>((resolve) => {
    void ended.then((end) => {
      if (stopping === undefined) resolve(end);
    });
  });

  async function stop(patienceMs: number): Promise<void> {
    child.kill('SIGINT');
    const deadline = setTimeout(() => child.kill('SIGQUIT'), patienceMs);
    await ended;
    clearTimeout(deadline);
    await afterEnd();
  }

  return {
    pid: child.pid,
    superuser,
    crashed,
    stop(patienceMs = 8000) {
      stopping ??= stop(patienceMs);
      return stopping;
    },
  };
}

function describeEnd(child: ChildProcess): string {
  return child.signalCode === null ? `ended with code ${child.exitCode}` : `was ended by ${child.signalCode}`;
}

function hasPid(child: ChildProcess): child is ChildProcess & { pid: number } {
  return child.pid !== undefined;
}

function onLines(child: ChildProcess, take: (line: string) => void): void {
  let rest = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) take(line);
  });
}

/** A comma-separated setting: a name with a comma or a blank in it needs quotes. */
function quoteListItem(path: string): string {
  return `"${path.replaceAll('"', '""')}"`;
}

/** Nothing of Maestro's environment, secrets least of all, is PostgreSQL's. */
function environment(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, LC_ALL: 'C' };
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  await directory.sync();
  await directory.close();
}
