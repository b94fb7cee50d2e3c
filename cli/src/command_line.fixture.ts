import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect } from 'vitest';
import { secretNames } from '../../server/src/identity/secrets.ts';
import { startTestApp, type TestApp, type TestAppOptions } from '../../server/test/app.ts';
import { type People, peopleOf } from '../../server/test/people.ts';

const bin = join(import.meta.dirname, '../bin/maestro.mjs');

export interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface CommandLine {
  readonly maestro: TestApp;
  readonly people: People;
  /** What a data directory as a running Maestro leaves it holds. */
  makeDataDir(state: unknown, operatorKey: string | undefined): Promise<string>;
  /**
   * Runs the command line in a process of its own, with nothing in its environment but PATH and what is given; on the
   * server's machine unless said otherwise.
   */
  run(words: string[], environment?: Record<string, string>, input?: string): Promise<Outcome>;
  /** Elsewhere than on the server's machine. */
  as(token: string): Record<string, string>;
  stop(): Promise<void>;
}

/** A running Maestro, and its command line. */
export async function startCommandLine(options: TestAppOptions = {}): Promise<CommandLine> {
  const maestro = await startTestApp(options);
  const directories: string[] = [];
  async function makeDirectory(): Promise<string> {
    const directory = await mkdtemp(join(tmpdir(), 'maestro-cli-'));
    directories.push(directory);
    return directory;
  }
  const makeDataDir: CommandLine['makeDataDir'] = async (state, operatorKey) => {
    const directory = await makeDirectory();
    await mkdir(join(directory, 'secrets'));
    await writeFile(join(directory, 'server.json'), typeof state === 'string' ? state : JSON.stringify(state));
    if (operatorKey !== undefined) await writeFile(join(directory, 'secrets', secretNames.operatorKey), operatorKey);
    return directory;
  };
  const dataDir = await makeDataDir({ pid: process.pid, url: maestro.url }, maestro.operatorKey);
  return {
    maestro,
    people: peopleOf(maestro),
    makeDataDir,
    async run(words, environment = { MAESTRO_DATA_DIR: dataDir }, input = '') {
      const cwd = await makeDirectory();
      // No credentials file of whoever runs the tests.
      const env = { PATH: process.env.PATH, XDG_CONFIG_HOME: cwd, ...environment };
      const child = spawn(process.execPath, [bin, ...words], { cwd, env });
      child.stdin.end(input);
      const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
      const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
      return { code: await ended, stdout, stderr };
    },
    as: (token) => ({ MAESTRO_URL: maestro.url, MAESTRO_TOKEN: token }),
    async stop() {
      await maestro.stop();
      for (const directory of directories) await rm(directory, { recursive: true, force: true });
    },
  };
}

/** What a command with --json printed: one line of JSON and nothing else. */
export function json<T>({ code, stdout, stderr }: Outcome): T {
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^[^\n]+\n$/);
  return JSON.parse(stdout) as T;
}

/** What a command printed for people. */
export function said({ code, stdout, stderr }: Outcome): string {
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

/** A failure is one sentence on standard error, with an exit code that says its kind. */
export function expectFailure(outcome: Outcome, code: number, words: RegExp): void {
  expect(outcome.stdout).toBe('');
  expect(outcome.stderr).toMatch(/^maestro: [^\n]+\n$/);
  expect(outcome.stderr).toMatch(words);
  expect(outcome.code).toBe(code);
}
