import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const bin = join(import.meta.dirname, '../bin/maestro.mjs');

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'maestro-compiled-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const run = (env: Record<string, string>, ...given: string[]) => {
  const [command, ...words] = given as [string, ...string[]];
  return promisify(execFile)(command, words, { cwd: directory, env });
};
const help = async (env: Record<string, string>, ...before: string[]): Promise<string> =>
  (await run(env, ...before, process.execPath, bin, '--help')).stdout;

test('a caller without a home, whom the machine does not know, is served', async () => {
  const { PATH = '' } = process.env;
  // A number that no user has, seen from inside alone: files stay the caller's.
  const unknown = ['unshare', '--user', '--map-user=54321', '--'];
  expect(await help({ PATH }, ...unknown)).toContain('maestro');
  const login = run({ PATH }, ...unknown, process.execPath, bin, 'login', '--url', 'http://127.0.0.1:9');
  await expect(login).rejects.toMatchObject({ stderr: expect.stringMatching(/^maestro: .*set MAESTRO_CREDENTIALS/) });
}, 60_000);

test('what is kept for the next command is kept in the caller’s caches, and never where the command runs', async () => {
  const caches = join(directory, 'caches');
  expect(await help({ XDG_CACHE_HOME: caches })).toContain('maestro');
  expect(await readdir(join(caches, 'maestro'))).toEqual(['compiled']);
  expect(await help({ HOME: '' })).toContain('maestro');
  expect(await help({ HOME: '', XDG_CACHE_HOME: 'elsewhere' })).toContain('maestro');
  expect(await readdir(directory)).toEqual(['caches']);
}, 60_000);
