import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A Redis of a test's own, which keeps nothing: stopped and started again, it is empty. */
export interface TestRedis {
  readonly url: string;
  start(): Promise<void>;
  /** Ends it, as a power cut would. */
  kill(): Promise<void>;
  /** It hangs until it goes on. */
  pause(): void;
  goOn(): void;
  /** Ends it and removes its directory. */
  remove(): Promise<void>;
}

/** `tls`: paths of PEM files; it then speaks TLS alone. */
export async function startTestRedis({
  tls,
}: {
  tls?: { cert: string; key: string; ca: string };
} = {}): Promise<TestRedis> {
  const directory = await mkdtemp(join(tmpdir(), 'maestro-redis-'));
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  let child: ChildProcess | undefined;

  async function start(): Promise<void> {
    const ports = tls
      ? ['--port', '0', '--tls-port', String(port), '--tls-auth-clients', 'no', '--tls-cert-file', tls.cert]
      : ['--port', String(port)];
    const keys = tls ? ['--tls-key-file', tls.key, '--tls-ca-cert-file', tls.ca] : [];
    const options = [...ports, ...keys, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    child = spawn('redis-server', [...options, '--dir', directory], { stdio: ['ignore', 'pipe', 'inherit'] });
    let printed = '';
    for await (const chunk of child.stdout ?? []) {
      printed += chunk;
      if (printed.includes('Ready to accept connections')) return;
    }
    throw new Error(`redis-server did not start:\n${printed}`);
  }
  async function kill(): Promise<void> {
    const running = child;
    child = undefined;
    if (!running || running.exitCode !== null) return;
    const ended = once(running, 'exit');
    running.kill('SIGKILL');
    await ended;
  }

  await start();
  return {
    url: `${tls ? 'rediss' : 'redis'}://127.0.0.1:${port}`,
    start,
    kill,
    pause: () => child?.kill('SIGSTOP'),
    goOn: () => child?.kill('SIGCONT'),
    async remove() {
      await kill();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
