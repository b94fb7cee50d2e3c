import { X509Certificate } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { freePort } from '../../test/free_port.ts';
import { type Pebble, startPebble } from '../../test/pebble.ts';
import { connectTls, listenTls } from '../../test/tls.ts';
import { openAcme } from './acme.ts';
import { issueCertificate, makeAuthority } from './authority.ts';
import type { Certificates, Pair } from './pair.ts';
import { openPlainHttp } from './plain_http.ts';

const names = ['maestro.example.com', 'ml.example.com'];
const challenges = new Map<string, string>();
let place: string;
let folder: string;
let pebble: Pebble;
let http: Awaited<ReturnType<typeof openPlainHttp>>;
let lines: Record<string, unknown>[];
let opened: Certificates[] = [];
const certificateOf = (certificates: Certificates) => new X509Certificate(certificates.current().cert);
const fileOf = async (name: string) => join(folder, (await readdir(folder))[0] as string, name);

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'maestro-acme-'));
  const target = () => 'https://maestro.example.com';
  http = await openPlainHttp({ addresses: ['127.0.0.1'], port: 0, headers: {}, target, challenges });
  pebble = await startPebble(place, http.port);
});
afterAll(async () => {
  http?.close();
  await pebble?.stop();
  await rm(place, { recursive: true });
});
beforeEach(async () => {
  folder = await mkdtemp(join(place, 'tls-'));
  lines = [];
});
afterEach(() => {
  for (const certificates of opened) certificates.close();
  opened = [];
});

async function open(more: Partial<Parameters<typeof openAcme>[0]> = {}): Promise<Certificates> {
  const certificates = await openAcme({
    folder,
    names,
    keyType: 'ec',
    directory: pebble.directory,
    email: 'ops@example.com',
    ca: await readFile(pebble.ca, 'utf8'),
    challenges,
    log: pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) }),
    ...more,
  });
  opened.push(certificates);
  return certificates;
}

/** Puts a certificate in place whose time is over but for minutes. */
async function put(): Promise<Pair> {
  const old = await issueCertificate(await makeAuthority('ec', 2), { names, keyType: 'ec', days: 0.1 });
  await writeFile(await fileOf('server.pem'), old.cert + old.key);
  return old;
}

describe('a certificate of an ACME authority', () => {
  test.each(['ec', 'rsa'] as const)('is had for every name by plain HTTP, with a key of type %s', async (keyType) => {
    const { port, close } = await listenTls((await open({ keyType })).current());
    try {
      const ca = await pebble.root();
      for (const servername of names) (await connectTls(port, { ca, servername })).destroy();
    } finally {
      close();
    }
    expect(challenges.size).toBe(0);
  });

  test('is kept for the next start, closed to other users, and asked for anew for another name or type of key', async () => {
    const first = certificateOf(await open()).serialNumber;
    for (const name of ['account.key', 'server.pem']) expect((await stat(await fileOf(name))).mode & 0o777).toBe(0o600);
    const account = await readFile(await fileOf('account.key'), 'utf8');
    expect(certificateOf(await open()).serialNumber).toBe(first);
    const more = await open({ names: [...names, 'more.example.com'] });
    expect(certificateOf(more).checkHost('more.example.com')).toBe('more.example.com');
    expect(certificateOf(await open({ keyType: 'rsa' })).publicKey.asymmetricKeyType).toBe('rsa');
    expect(await readFile(await fileOf('account.key'), 'utf8')).toBe(account);
  });

  test('is renewed in time while the server runs', async () => {
    await open();
    const old = await put();
    const certificates = await open();
    const heard = new Promise<Pair>((resolve) => certificates.onChange(resolve));
    expect(certificates.current()).toEqual(old);
    const renewed = await heard;
    const [intermediate] = renewed.cert.match(/-----BEGIN[\s\S]+?-----END.+?-----/g)?.slice(1) ?? [];
    expect(new X509Certificate(renewed.cert).verify(new X509Certificate(intermediate ?? '').publicKey)).toBe(true);
    expect(await readFile(await fileOf('server.pem'), 'utf8')).toBe(renewed.cert + renewed.key);
  });
});

describe('where the authority gives none', () => {
  test('the first start ends with the names and the reason', async () => {
    const wrong = await makeAuthority('ec', 2);
    await expect(open({ ca: wrong.cert })).rejects.toThrow(
      /^The authority 127\.0\.0\.1:\d+ gave no certificate for maestro\.example\.com, ml\.example\.com: .*(?:signature|self-signed|verify|issuer)/,
    );
  });

  test('an authority that is away is told as such', async () => {
    const directory = `https://127.0.0.1:${await freePort()}/dir`;
    await expect(open({ directory })).rejects.toThrow(/gave no certificate for .*: .*ECONNREFUSED/);
  });

  test('a challenge that nobody answers is told as the authority tells it', async () => {
    await expect(open({ challenges: new Map() })).rejects.toThrow(
      /gave no certificate for .*: .*(?:404|unauthorized|authoriz)/i,
    );
  });

  test('a renewal leaves the old one in place, and the log has an error', async () => {
    await open();
    const old = await put();
    const certificates = await open({ challenges: new Map() });
    await vi.waitFor(
      () =>
        expect(lines).toContainEqual(
          expect.objectContaining({ level: 50, msg: 'the TLS certificate was not renewed' }),
        ),
      20_000,
    );
    expect(certificates.current()).toEqual(old);
    expect(await readFile(await fileOf('server.pem'), 'utf8')).toBe(old.cert + old.key);
  });
});
