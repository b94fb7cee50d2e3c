import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { nodeFlags } from '../../scripts/node_flags.ts';

const main = join(import.meta.dirname, '../src/main.ts');
/** What Node made of the sources, as `npm start` keeps it: it halves the computing of a start. */
const compiled = join(import.meta.dirname, '../../node_modules/.cache/compiled');

/** A Maestro in a process of its own. */
export type MaestroProcess = {
  readonly child: ChildProcess;
  readonly pid: number;
  /** Standard output and standard error so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Fulfilled with its address when it says that it is ready; rejected with its output when it ends before. */
  readonly ready: Promise<string>;
  /** Fulfilled when it has ended. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  /** SIGTERM, and the end. */
  stop(): Promise<void>;
};

/**
 * Starts Maestro with nothing in its environment but PATH, where compiled sources are kept, and `environment`, on a free port unless said otherwise, in
 * the working directory `cwd`. The caller ends it.
 */
export function startMaestro(environment: Record<string, string>, cwd: string): MaestroProcess {
  const child = spawn(process.execPath, [...nodeFlags, main], {
    cwd,
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: compiled, MAESTRO_PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdout.setEncoding('utf8');
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  const ready = new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (text: string) => {
      stdout += text;
      const url = /^Maestro is ready: (\S+)$/m.exec(stdout)?.[1];
      if (url !== undefined) resolve(url);
    });
    void ended.then(({ code }) => reject(new Error(`Maestro ended with ${code}.\n${stdout}${stderr}`)));
  });
  // Those who expect no readiness do not look at it.
  ready.catch(() => undefined);
  return {
    child,
    pid: child.pid!,
    stdout: () => stdout,
    stderr: () => stderr,
    ready,
    ended,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
