import { execFileSync, spawnSync } from 'node:child_process';
import { createHmac, generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { mintKey } from '../../server/src/identity/key_text.ts';
import { operatorKeyPrefix } from '../../server/src/identity/secrets.ts';
import { scanRepository } from './scan.ts';

let folder: string;
let repository: string;

const git = (...args: string[]): string =>
  execFileSync('git', ['-c', 'user.name=Test', '-c', 'user.email=test@example.org', ...args], {
    cwd: repository,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });

function commit(text: string): void {
  writeFileSync(join(repository, 'settings.txt'), text);
  git('add', '-A');
  git('commit', '-q', '-m', 'A change');
}

/** As `npm run check` runs it. */
function scan(directory = repository): { status: number | null; said: string } {
  const script = join(import.meta.dirname, '../secret_scan.ts');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, directory], { encoding: 'utf8' });
  return { status, said: stdout + stderr };
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'maestro-scan-'));
  repository = join(folder, 'repository');
  execFileSync('git', ['init', '-q', repository]);
  commit('nothing of interest\n');
});
afterEach(() => rmSync(folder, { recursive: true }));

function signedToken(): string {
  const part = (content: object): string => Buffer.from(JSON.stringify(content)).toString('base64url');
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub: randomUUID() })}`;
  return `${signed}.${createHmac('sha256', randomBytes(32)).update(signed).digest('base64url')}`;
}

/** Of each kind one that is made now: none stands in this file. */
const kinds: Record<string, () => string> = {
  'an API key': () => mintKey(randomUUID()).text,
  'an operator key': () => operatorKeyPrefix + randomBytes(32).toString('base64url'),
  'an encryption key': () => randomBytes(32).toString('base64'),
  'an access token': () => signedToken(),
  'a private key': () =>
    generateKeyPairSync('ec', {
      namedCurve: 'P-256',
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    }).privateKey,
  'a database password': () => `postgres://maestro:${randomBytes(12).toString('hex')}@db.internal/maestro`,
  'a token of Vault': () => `hvs.${randomBytes(70).toString('base64url')}`,
};

test.each(Object.keys(kinds))('%s is found in the working tree, before it is committed', (kind) => {
  const secret = kinds[kind]?.();
  writeFileSync(join(repository, 'new.txt'), `first line\nvalue = "${secret}"\n`);
  const { status, said } = scan();
  expect(status).toBe(1);
  expect(said).toContain('new.txt:2 looks like a secret');
  expect(said).not.toContain(secret);
});

test.each(Object.keys(kinds))('%s that was committed and removed again is found in the history', (kind) => {
  const secret = kinds[kind]?.();
  commit(`value = "${secret}"\n`);
  const commitOfSecret = git('rev-parse', '--short', 'HEAD').trim();
  commit('value = ""\n');
  const { status, said } = scan();
  expect(status).toBe(1);
  expect(said).toContain(`in the history, since ${commitOfSecret}`);
  expect(said).not.toContain(secret);
});

test('a clone without secrets passes, also with hashes, ids and examples', () => {
  const harmless = [
    randomUUID(),
    randomBytes(20).toString('hex'),
    'mst_…',
    `sha512-${randomBytes(64).toString('base64')}`,
  ];
  commit(`${harmless.join('\n')}\n(openssl rand -base64 32)\n`);
  expect(scan()).toEqual({ status: 0, said: expect.stringContaining('No secret in 2 versions of files.') });
});

test('what git ignores is not looked at, and what is no text is passed over', () => {
  const secret = mintKey(randomUUID()).text;
  commit('.env\n');
  git('mv', 'settings.txt', '.gitignore');
  writeFileSync(join(repository, '.env'), secret);
  writeFileSync(join(repository, 'binary'), Buffer.concat([Buffer.from([0]), randomBytes(64)]));
  expect(scan().status).toBe(0);
});

test('a comment switches nothing off', () => {
  commit(`// secretlint-disable\n${mintKey(randomUUID()).text}\n`);
  expect(scan().status).toBe(1);
});

test('a shallow clone says that it is one, and what is there is looked at', () => {
  commit(`${mintKey(randomUUID()).text}\n`);
  commit('gone\n');
  const shallow = join(folder, 'shallow');
  execFileSync('git', ['clone', '-q', '--depth', '1', `file://${repository}`, shallow]);
  const { status, said } = scan(shallow);
  expect(status).toBe(0);
  expect(said).toContain('This clone is shallow: only the history that is here was looked at');
  writeFileSync(join(shallow, 'settings.txt'), mintKey(randomUUID()).text);
  expect(scan(shallow).status).toBe(1);
});

test('a second scan reads only what is new, and one by other rules reads all', async () => {
  const cache = join(repository, '.git', 'maestro-secret-scan.json');
  commit(`${mintKey(randomUUID()).text}\n`);
  commit(`${mintKey(randomUUID()).text}\n`);
  expect((await scanRepository(repository)).findings).toHaveLength(2);
  const kept = JSON.parse(readFileSync(cache, 'utf8'));
  for (const id of Object.keys(kept.found)) kept.found[id] = [];
  writeFileSync(cache, JSON.stringify(kept));
  commit(`${mintKey(randomUUID()).text}\n`);
  expect((await scanRepository(repository)).findings).toHaveLength(1);
  writeFileSync(cache, JSON.stringify({ ...kept, version: 'another' }));
  expect((await scanRepository(repository)).findings).toHaveLength(3);
});
