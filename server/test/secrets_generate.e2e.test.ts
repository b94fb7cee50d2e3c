import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseConfig } from '../src/config.ts';
import { storedSecrets } from '../src/variables.ts';
import { startMaestro } from './maestro.ts';

const bin = join(import.meta.dirname, '../../cli/bin/maestro.mjs');
let folder: string;

const generate = (...words: string[]) =>
  spawnSync(process.execPath, [bin, 'secrets', 'generate', ...words], { cwd: folder, encoding: 'utf8' });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'maestro-generate-'));
});
afterEach(() => rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 }));

test('a server starts in production with what was generated, and makes no key of its own', async () => {
  expect(generate().status).toBe(0);
  const maestro = startMaestro({ MAESTRO_ENV: 'production' }, folder);
  expect((await fetch(`${await maestro.ready}/ready`)).status).toBe(200);
  await maestro.stop();
  const secrets = join(folder, 'data', 'secrets');
  for (const name of ['encryption-key', 'password-pepper']) {
    await expect(readFile(join(secrets, name)), name).rejects.toThrow('ENOENT');
  }
});

test('every secret is in the file with a comment, and what is to be filled in is good enough for production', async () => {
  generate('--out', 'secrets.env');
  const text = await readFile(join(folder, 'secrets.env'), 'utf8');
  for (const name of storedSecrets) expect(text).toMatch(new RegExp(`^# .+\\n#?${name}=.+$`, 'm'));
  const everything = parseEnv(text.replaceAll(/^#(?=[A-Z_]+=)/gm, ''));
  // What others give, and what was before: a new installation has none of it.
  const isOurs = (name: string) =>
    !/^MAESTRO_(?:CAPTCHA_SECRET|EMBEDDINGS_KEY|IDENTITY_PROVIDERS|\w+_PREVIOUS)$/.test(name);
  const ours = Object.entries(everything).filter(([name]) => isOurs(name));
  const { config } = parseConfig({ ...Object.fromEntries(ours), MAESTRO_MAIL_FROM: 'Maestro <maestro@example.com>' });
  expect(config.environment).toBe('production');
});

test('only its owner may read the file, also where the umask would let others', async () => {
  execFileSync('sh', ['-c', `umask 0; exec "${process.execPath}" "${bin}" secrets generate`], { cwd: folder });
  expect((await stat(join(folder, '.env'))).mode & 0o777).toBe(0o600);
});

test('a file that is there is not overwritten, and two that are made differ', async () => {
  await writeFile(join(folder, '.env'), 'MAESTRO_PORT=8080\n');
  const refused = generate();
  expect(refused.status).toBe(1);
  expect(refused.stderr).toContain('.env is there already, and is not overwritten');
  expect(await readFile(join(folder, '.env'), 'utf8')).toBe('MAESTRO_PORT=8080\n');
  expect(generate('--out', 'a').stdout).not.toContain('=');
  generate('--out', 'b');
  const [a, b] = await Promise.all(
    ['a', 'b'].map(async (name) => parseEnv(await readFile(join(folder, name), 'utf8'))),
  );
  expect(a?.MAESTRO_ENCRYPTION_KEY).not.toBe(b?.MAESTRO_ENCRYPTION_KEY);
  expect(generate('--out', join('no', 'folder')).stderr).toContain('cannot be written (ENOENT)');
});
