import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { promisify } from 'node:util';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { connectTls, listenTls } from '../../test/tls.ts';
import { issueCertificate, type KeyType } from './authority.ts';
import type { Certificates } from './pair.ts';
import { openSelfSigned } from './self_signed.ts';

const run = promisify(execFile);
let folder: string;
let lines: string[];
let opened: Certificates[] = [];
const names = ['localhost', '127.0.0.1', '::1', 'maestro.internal', '192.0.2.7'];
const serialOf = (certificates: Certificates) => new X509Certificate(certificates.current().cert).serialNumber;

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'maestro-tls-')), 'tls');
  lines = [];
});
afterEach(async () => {
  for (const certificates of opened) certificates.close();
  opened = [];
  await rm(join(folder, '..'), { recursive: true });
});

async function open(more: { names?: readonly string[]; keyType?: KeyType } = {}): Promise<Certificates> {
  const log = pino({}, { write: (line: string) => void lines.push(line) });
  const certificates = await openSelfSigned({ folder, names, keyType: 'ec', log, ...more });
  opened.push(certificates);
  return certificates;
}
const authority = () => readFile(join(folder, 'ca.crt'), 'utf8');

test.each<KeyType>(['ec', 'rsa'])(
  'a client that trusts ca.crt alone reaches each name, with a key of type %s',
  async (keyType) => {
    const { port, close } = await listenTls((await open({ keyType })).current());
    try {
      const ca = await authority();
      for (const name of names) {
        const named = isIP(name) === 0 ? { servername: name } : { host: name };
        (await connectTls(port, { ca, ...named })).destroy();
      }
      await expect(connectTls(port, { ca, host: '192.0.2.8' })).rejects.toThrow(/does not match/);
      await expect(connectTls(port, { ca, servername: 'elsewhere.example' })).rejects.toThrow(/does not match/);
      await expect(connectTls(port, { servername: 'localhost' })).rejects.toThrow(/verify|self-signed|issuer/);
    } finally {
      close();
    }
  },
);

test('the strictest verification, which Python has had since 3.13, passes', async () => {
  await open();
  const words = ['verify', '-x509_strict', '-purpose', 'sslserver', '-verify_hostname', 'maestro.internal'];
  const { stdout } = await run('openssl', [...words, '-CAfile', join(folder, 'ca.crt'), join(folder, 'server.pem')]);
  expect(stdout).toMatch(/: OK$/m);
});

test('what it keeps is closed to other users', async () => {
  await open();
  const files = await readdir(folder);
  expect(files.sort()).toEqual(['ca-bundle.crt', 'ca.crt', 'ca.key', 'server.pem']);
  for (const file of files) expect((await stat(join(folder, file))).mode & 0o777, file).toBe(0o600);
});

test('the bundle holds the authority and the public ones, and follows when the authority is another', async () => {
  const { trust } = await open();
  const bundle = () => readFile(trust?.bundle ?? '', 'utf8');
  expect(await bundle()).toContain(await authority());
  expect((await bundle()).match(/BEGIN CERTIFICATE/g)).toHaveLength(rootCertificates.length + 1);
  await open({ keyType: 'rsa' });
  expect(await bundle()).toContain(await authority());
});

test('the authority is for servers alone: it makes no further authority, and no server is one', async () => {
  const certificate = new X509Certificate((await open()).current().cert);
  expect(certificate.ca).toBe(false);
  expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
  expect(new X509Certificate(await authority()).ca).toBe(true);
});

describe('the next start', () => {
  test('serves the same certificate', async () => {
    const first = serialOf(await open());
    expect(serialOf(await open())).toBe(first);
  });

  test('makes another for other names, under the same authority', async () => {
    const first = serialOf(await open());
    const ca = await authority();
    const next = await open({ names: [...names, 'more.internal'] });
    expect(serialOf(next)).not.toBe(first);
    expect(await authority()).toBe(ca);
    expect(serialOf(await open())).not.toBe(serialOf(next));
  });

  test('renews one whose time is near, under the same authority', async () => {
    await open();
    const ca = await authority();
    const old = await issueCertificate(
      { cert: ca, key: await readFile(join(folder, 'ca.key'), 'utf8') },
      { names, keyType: 'ec', days: 0.1 },
    );
    await writeFile(join(folder, 'server.pem'), old.cert + old.key);
    const renewed = new X509Certificate((await open()).current().cert);
    expect(renewed.serialNumber).not.toBe(new X509Certificate(old.cert).serialNumber);
    expect(renewed.verify(new X509Certificate(ca).publicKey)).toBe(true);
    expect(await authority()).toBe(ca);
  });

  test('makes anew what was cut short or belongs to another authority', async () => {
    await open();
    await writeFile(join(folder, 'server.pem'), (await readFile(join(folder, 'server.pem'), 'utf8')).slice(0, 300));
    await open();
    await writeFile(join(folder, 'ca.key'), '');
    const certificate = new X509Certificate((await open()).current().cert);
    expect(certificate.verify(new X509Certificate(await authority()).publicKey)).toBe(true);
  });

  test('says that clients must trust anew where the key type, and with it the authority, is another', async () => {
    await open();
    expect(lines.join()).not.toContain('those who trusted the one before');
    await open({ keyType: 'rsa' });
    expect(lines.join()).toContain('those who trusted the one before must be given it');
  });
});
