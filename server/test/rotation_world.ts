import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, vi } from 'vitest';
import { type EmbeddedPostgres, startEmbedded } from '../src/db/embedded.ts';
import { freePort } from './free_port.ts';
import { type MaestroProcess, startMaestro } from './maestro.ts';

const bin = join(import.meta.dirname, '../../cli/bin/maestro.mjs');

export interface Maestro {
  readonly process: MaestroProcess;
  readonly url: string;
}

/** What a first start showed. */
export const shownBy = (maestros: readonly Maestro[]) => {
  const shown = maestros.map(({ process }) => process.stdout()).join('\n');
  const [, key = ''] = /^export MLFLOW_TRACKING_TOKEN=(\S+)$/m.exec(shown) ?? [];
  const [, password = ''] = /[Pp]assword\s+(\S+)/.exec(shown) ?? [];
  return { key, password };
};

export type Answer = { readonly status: number; readonly body: Record<string, unknown> };

export async function send({ url }: Maestro, key: string, path: string, body?: object): Promise<Answer> {
  const response = await fetch(`${url}${path}`, {
    method: body ? 'POST' : 'GET',
    headers: {
      ...(key ? { authorization: `Bearer ${key}` } : {}),
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const answered = await response.text();
  return { status: response.status, body: answered === '' ? {} : JSON.parse(answered) };
}

/** Metrics logged, runs read, people signing in, one after the other without a pause, until it is ended. */
export async function load(maestros: readonly Maestro[], { key, password }: { key: string; password: string }) {
  const created = await send(maestros[0]!, key, '/api/2.0/mlflow/runs/create', { experiment_id: '0' });
  const { run_id } = (created.body.run as { info: { run_id: string } }).info;
  const failures: string[] = [];
  const done = { metrics: 0, reads: 0, signIns: 0 };
  let isStopped = false;
  const repeat = async (kind: keyof typeof done, call: (n: number) => Promise<Answer>): Promise<void> => {
    while (!isStopped) {
      const answer = await call(done[kind]).catch((error: unknown) => ({ status: 0, body: { error: String(error) } }));
      if (answer.status === 200) done[kind]++;
      else failures.push(`${kind}: ${answer.status} ${JSON.stringify(answer.body)}`);
    }
  };
  const working = maestros.flatMap((maestro) => [
    ...[0, 1, 2].map((at) =>
      repeat('metrics', (step) => {
        const metric = { run_id, key: `m${at}`, value: step, timestamp: step, step };
        return send(maestro, key, '/api/2.0/mlflow/runs/log-metric', metric);
      }),
    ),
    ...[0, 1, 2].map(() => repeat('reads', () => send(maestro, key, `/api/2.0/mlflow/runs/get?run_id=${run_id}`))),
    repeat('signIns', () => send(maestro, '', '/api/v1/auth/login', { email: 'admin@localhost', password })),
  ]);
  /** Fulfilled when some of each kind have been answered since it was called. */
  const goesOn = async (): Promise<void> => {
    const before = { ...done };
    const kinds = Object.keys(done) as (keyof typeof done)[];
    await vi.waitUntil(() => failures.length > 0 || kinds.every((kind) => done[kind] > before[kind] + 1), {
      timeout: 60_000,
    });
    expect(failures).toEqual([]);
  };
  return {
    goesOn,
    async end(): Promise<void> {
      await goesOn();
      isStopped = true;
      await Promise.all(working);
      expect(failures).toEqual([]);
    },
  };
}

/** Of Maestros that are under load. */
export const settings = { MAESTRO_PUBLIC_REQUESTS_PER_MINUTE: '1000000', MAESTRO_BCRYPT_ROUNDS: '10' };

/** A PostgreSQL and a Redis, as several Maestros share them. */
export interface Shared {
  readonly postgres: EmbeddedPostgres;
  readonly port: string;
  readonly redisUrl: string;
}

/** Maestros whose secrets are replaced, and what they stand on. */
export interface RotationWorld {
  readonly root: string;
  /** Starts one with the data directory `name`. */
  start(name: string, environment?: Record<string, string>): Promise<Maestro>;
  /** The command line on the machine of a data directory: its answer as JSON, or its text. */
  command(name: string, ...words: string[]): Promise<Record<string, unknown>>;
  /** The same, where it fails: what it says. */
  refused(name: string, ...words: string[]): Promise<string>;
  shared(): Promise<Shared>;
  /** Runs `step` at the end, before what was begun earlier ends. */
  onClose(step: () => Promise<unknown>): void;
  close(): Promise<void>;
}

export async function openRotationWorld(): Promise<RotationWorld> {
  const root = await mkdtemp(join(tmpdir(), 'maestro-rotation-'));
  const undo: (() => Promise<unknown>)[] = [
    () => rm(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }),
  ];

  async function start(name: string, environment: Record<string, string> = {}): Promise<Maestro> {
    const dataDir = join(root, name);
    const plain = { MAESTRO_ENV: 'development', MAESTRO_LOG_LEVEL: 'error' };
    const process = startMaestro({ MAESTRO_DATA_DIR: dataDir, ...plain, ...environment }, root);
    undo.push(() =>
      process.child.exitCode === null && process.child.signalCode === null ? process.stop() : process.ended,
    );
    const shown = await process.ready;
    const { MAESTRO_PORT: port } = environment;
    return { process, url: port === undefined ? shown : `http://127.0.0.1:${port}` };
  }

  async function run(name: string, words: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
    const env = { PATH: process.env.PATH, MAESTRO_DATA_DIR: join(root, name) };
    const child = spawn(process.execPath, [bin, ...words], { cwd: root, env });
    const ended = once(child, 'close');
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
    return { code: child.exitCode, stdout, stderr };
  }

  async function command(name: string, ...words: string[]): Promise<Record<string, unknown>> {
    const { stdout, ...ended } = await run(name, words);
    expect(ended).toEqual({ code: 0, stderr: '' });
    return words.includes('--json') ? JSON.parse(stdout) : { said: stdout };
  }

  async function refused(name: string, ...words: string[]): Promise<string> {
    const { code, stderr } = await run(name, words);
    expect(code).toBe(1);
    return stderr;
  }

  async function shared(): Promise<Shared> {
    const [port, redisPort] = [String(await freePort()), String(await freePort())];
    await mkdir(join(root, 'database'));
    const postgres = await startEmbedded({
      dataDir: join(root, 'database'),
      password: 'secret',
      settings: { listen_addresses: '127.0.0.1', port },
    });
    undo.push(() => postgres.stop());
    const args = ['--port', redisPort, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', root];
    const redis: ChildProcess = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'] });
    undo.push(async () => {
      redis.kill();
      await once(redis, 'exit');
    });
    for await (const chunk of redis.stdout!) if (String(chunk).includes('Ready to accept connections')) break;
    redis.stdout!.resume();
    return { postgres, port, redisUrl: `redis://127.0.0.1:${redisPort}` };
  }

  return {
    root,
    start,
    command,
    refused,
    shared,
    onClose: (step) => void undo.push(step),
    async close() {
      for (const step of undo.reverse()) await step();
    },
  };
}
