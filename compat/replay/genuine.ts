import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Genuine {
  url: string;
  version: string;
  stop(): Promise<void>;
}

export interface GenuineOptions {
  /** Directory of a Python environment with mlflow; default `MAESTRO_COMPAT_VENV`, else the project's `.venv`. */
  venv?: string;
  /** SQLAlchemy URI of an empty database; default a SQLite file that goes with the server. */
  backend?: string;
  /** Serve workspaces, as Maestro serves its tenants. */
  workspaces?: boolean;
  /** Worker processes; 1 unless given (`mlflow server` itself starts 4). */
  workers?: number;
}

/** The Python environment to use, as an absolute path. */
export function venvPath(venv = process.env.MAESTRO_COMPAT_VENV): string {
  return path.resolve(venv ?? path.join(import.meta.dirname, '..', '..', '.venv'));
}

/**
 * Starts the genuine `mlflow server`, without telemetry and job runners, on a free loopback port.
 * @throws an Error with the last lines of its log when it is not healthy within two minutes
 */
export async function startGenuine(options: GenuineOptions = {}): Promise<Genuine> {
  const program = path.join(venvPath(options.venv), 'bin', 'mlflow');
  if (!existsSync(program)) {
    throw new Error(`No mlflow at ${program}: run \`node scripts/python_env.mjs\`, or set MAESTRO_COMPAT_VENV.`);
  }
  const folder = await mkdtemp(path.join(tmpdir(), 'genuine-mlflow-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const log = createWriteStream(path.join(folder, 'log'));
  const tail: string[] = [];
  const child = spawn(
    program,
    [
      'server',
      ...['--backend-store-uri', options.backend ?? `sqlite:///${folder}/mlflow.db`],
      ...['--artifacts-destination', path.join(folder, 'files')],
      ...['--host', '127.0.0.1', '--port', String(port), '--workers', String(options.workers ?? 1)],
      '--disable-security-middleware',
      ...(options.workspaces ? ['--enable-workspaces'] : []),
    ],
    {
      cwd: folder,
      // A group of its own, so that uvicorn's worker ends with it.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, MLFLOW_DISABLE_TELEMETRY: 'true', MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false' },
    },
  );
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (part: Buffer) => {
      log.write(part);
      tail.push(part.toString());
      if (tail.length > 20) tail.shift();
    });
  }
  const ended = once(child, 'exit');
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
      process.kill(-child.pid, 'SIGTERM');
      const timer = sleep(10_000, 'late');
      if ((await Promise.race([ended, timer])) === 'late') process.kill(-child.pid, 'SIGKILL');
    }
    log.end();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    for (const start = Date.now(); Date.now() - start < 120_000; await sleep(250)) {
      if (child.exitCode !== null) break;
      if (await isHealthy(url)) return { url, version: await (await fetch(`${url}/version`)).text(), stop };
    }
    throw new Error(`The genuine mlflow server did not start:\n${tail.join('')}`);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function isHealthy(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/health`)).ok;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
