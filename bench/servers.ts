import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ClientConfig } from 'pg';
import { startGenuine } from '../compat/replay/genuine.ts';
import { nodeFlags } from '../scripts/node_flags.ts';
import { startEmbedded } from '../server/src/db/embedded.ts';
import { generatePassword } from '../server/src/db/embedded_roles.ts';
import { withClient } from '../server/src/db/roles.ts';
import type { Target } from './client.ts';

export interface Bench {
  readonly pid: number;
  readonly version: string;
  /** Makes an empty database, and gives the superuser's login to it. */
  createDatabase(name: string): Promise<ClientConfig>;
  /** The statements that took longest since the last call, those within functions too. */
  takeStatements(): Promise<StatementCost[]>;
  stop(): Promise<void>;
}

export interface StatementCost {
  readonly text: string;
  readonly calls: number;
  readonly seconds: number;
}

/**
 * Starts the PostgreSQL that both servers work on: every setting as Maestro's embedded default has it, and durable.
 * With `counts` it counts the time of each statement.
 */
export async function startPostgres({ counts = false } = {}): Promise<Bench> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'maestro-bench-postgres-'));
  const password = generatePassword();
  // Four workers of the genuine server hold up to 15 connections each for one store.
  const counting = { shared_preload_libraries: 'pg_stat_statements', 'pg_stat_statements.track': 'all' };
  const settings = { max_connections: '200', ...(counts ? counting : {}) };
  const postgres = await startEmbedded({ dataDir, password, settings });
  const { superuser } = postgres;
  const version = await withClient(superuser, async (client) => {
    if (counts) await client.query('CREATE EXTENSION pg_stat_statements');
    const { rows } = await client.query<{ version: string }>("SELECT current_setting('server_version') AS version");
    return rows[0]?.version ?? '';
  });
  return {
    pid: postgres.pid,
    version,
    async createDatabase(name) {
      await withClient(superuser, (client) => client.query(`CREATE DATABASE ${name}`));
      return { ...superuser, database: name };
    },
    takeStatements: () =>
      withClient(superuser, async (client) => {
        const { rows } = await client.query<StatementCost>(
          `SELECT query AS text, calls::float8 AS calls, (total_exec_time + total_plan_time) / 1000 AS seconds
           FROM pg_stat_statements ORDER BY 3 DESC LIMIT 8`,
        );
        await client.query('SELECT pg_stat_statements_reset()');
        return rows;
      }),
    async stop() {
      await postgres.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

export interface RunningServer extends Target {
  readonly name: string;
  readonly version: string;
  /** Undefined where the processes of a server are not followed. */
  readonly pid?: number;
  stop(): Promise<void>;
}

/** The genuine server as `mlflow server` starts it: four workers, no sign-in. */
export async function startMlflow({ user, password, database, host, port }: ClientConfig): Promise<RunningServer> {
  const socket = new URLSearchParams({ host: String(host), port: String(port) });
  const backend = `postgresql+psycopg2://${user}:${password}@/${database}?${socket}`;
  const genuine = await startGenuine({ backend, workers: 4 });
  return { name: 'mlflow', url: genuine.url, version: genuine.version.trim(), stop: genuine.stop };
}

export interface MaestroOptions {
  /** Without it: the embedded PostgreSQL. */
  readonly database?: ClientConfig;
  /** Extra arguments for Node. */
  readonly nodeArguments?: readonly string[];
  readonly name?: string;
}

const root = path.resolve(import.meta.dirname, '..');

/** The host in the address is a stand-in, without which it would be none: the one in the query wins. */
const urlOf = ({ user, password, database, host, port }: ClientConfig): string =>
  `postgres://${user}:${password}@localhost:${port}/${database}?${new URLSearchParams({ host: String(host) })}`;

/** Starts Maestro as a user does, on a data directory of its own, and takes the API key that the first start prints. */
export async function startMaestro(options: MaestroOptions = {}): Promise<RunningServer> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'maestro-bench-'));
  const own = Object.entries(process.env).filter(([name]) => !/^(MAESTRO_|DATABASE_URL|REDIS_URL)/.test(name));
  const child = spawn(
    process.execPath,
    [...nodeFlags, ...(options.nodeArguments ?? []), path.join(root, 'server/src/main.ts')],
    {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...Object.fromEntries(own),
        MAESTRO_HOST: '127.0.0.1',
        MAESTRO_PORT: '0',
        MAESTRO_DATA_DIR: dataDir,
        MAESTRO_LOG_LEVEL: 'warn',
        ...(options.database ? { MAESTRO_ENV: 'development', DATABASE_URL: urlOf(options.database) } : {}),
      },
    },
  );
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      const late = delay(15_000, 'late', { ref: false });
      if ((await Promise.race([once(child, 'exit'), late])) === 'late') child.kill('SIGKILL');
    }
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    const output = await outputUntil(child, /^Maestro is ready: (\S+)/m);
    const url = /^Maestro is ready: (\S+)/m.exec(output)?.[1];
    const token = /^export MLFLOW_TRACKING_TOKEN=(\S+)/m.exec(output)?.[1];
    if (url === undefined || token === undefined) throw new Error(`Maestro printed no key:\n${output}`);
    const { version } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as { version: string };
    return {
      name: options.name ?? 'maestro',
      url: url.replace('localhost', '127.0.0.1'),
      token,
      version,
      ...(child.pid === undefined ? {} : { pid: child.pid }),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Standard output until a line matches. Standard error goes on to this process's, so that no warning is lost. */
async function outputUntil(child: ChildProcess, line: RegExp): Promise<string> {
  let output = '';
  child.stderr?.pipe(process.stderr, { end: false });
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`Maestro is not ready after a minute:\n${output}`)), 60_000);
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (!line.test(output)) return;
      clearTimeout(timer);
      resolve(output);
    });
    child.on('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`Maestro ended with code ${code}:\n${output}`));
    });
  });
}
