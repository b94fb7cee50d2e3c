import { X509Certificate } from 'node:crypto';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { connectTls, listenTls, servedSerial } from '../../test/tls.ts';
import { issueCertificate, makeAuthority } from './authority.ts';
import { openCertificateFiles } from './files.ts';
import type { Certificates, Pair } from './pair.ts';
import { serveCertificates, tlsServersOf } from './serving.ts';

let folder: string;
let authority: Pair;
let lines: Record<string, unknown>[];
let certificates: Certificates | undefined;
const path = (name: string) => join(folder, name);
const make = () => issueCertificate(authority, { names: ['localhost'], keyType: 'ec', days: 1 });
const serialOf = ({ cert }: Pair) => new X509Certificate(cert).serialNumber;
const errors = () => lines.filter(({ level }) => level === 50);

async function put({ cert, key }: Pair): Promise<void> {
  await writeFile(path('tls.crt'), cert);
  await writeFile(path('tls.key'), key);
}
async function open(lookMs?: number): Promise<Certificates> {
  const log = pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const files = { cert: path('tls.crt'), key: path('tls.key') };
  certificates = await openCertificateFiles({ ...files, log, ...(lookMs === undefined ? {} : { lookMs }) });
  return certificates;
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'maestro-tls-'));
  authority = await makeAuthority('ec', 2);
  lines = [];
});
afterEach(async () => {
  certificates?.close();
  certificates = undefined;
  await rm(folder, { recursive: true });
});

test('new connections to every server get the new certificate, and those that stand go on', async () => {
  const [first, second] = [await make(), await make()];
  await put(first);
  const held = await open();
  const { result: listening, servers } = await tlsServersOf(() =>
    Promise.all([listenTls(held.current()), listenTls(held.current())]),
  );
  const serving = serveCertificates(servers, held);
  try {
    expect(servers).toHaveLength(2);
    const standing = await connectTls(listening[0].port, { ca: authority.cert, servername: 'localhost' });
    await put(second);
    for (const { port } of listening) {
      await vi.waitFor(async () => expect(await servedSerial(port, authority.cert)).toBe(serialOf(second)), 5_000);
    }
    expect(standing.destroyed).toBe(false);
    expect(standing.getPeerCertificate().serialNumber).toBe(serialOf(first));
    standing.destroy();
  } finally {
    serving.close();
    for (const { close } of listening) close();
  }
});

test('a ticket resumes a session until the keys of tickets are renewed, as they are with each certificate', async () => {
  const [first, second] = [await make(), await make()];
  await put(first);
  const held = await open();
  const { result: listening, servers } = await tlsServersOf(() => listenTls(held.current()));
  const serving = serveCertificates(servers, held);
  const options = { ca: authority.cert, servername: 'localhost', maxVersion: 'TLSv1.2' } as const;
  const isResumed = async (session: Buffer): Promise<boolean> => {
    const socket = await connectTls(listening.port, { ...options, session });
    const resumed = socket.isSessionReused();
    socket.destroy();
    return resumed;
  };
  try {
    const socket = await connectTls(listening.port, options);
    const session = socket.getSession() as Buffer;
    socket.destroy();
    expect(await isResumed(session)).toBe(true);
    await put(second);
    await vi.waitFor(() => expect(held.current()).toEqual(second), 5_000);
    expect(await isResumed(session)).toBe(false);
  } finally {
    serving.close();
    listening.close();
  }
});

describe('a change is noticed', () => {
  test('where the folder is replaced by another one, as Kubernetes mounts secrets', async () => {
    const [first, second] = [await make(), await make()];
    for (const [name, pair] of Object.entries({ one: first, two: second })) {
      await mkdir(path(name));
      await writeFile(path(`${name}/tls.crt`), pair.cert);
      await writeFile(path(`${name}/tls.key`), pair.key);
    }
    await symlink('one', path('..data'));
    for (const name of ['tls.crt', 'tls.key']) await symlink(`..data/${name}`, path(name));
    const held = await open();
    await symlink('two', path('..next'));
    await rename(path('..next'), path('..data'));
    await vi.waitFor(() => expect(held.current()).toEqual(second), 5_000);
  });

  test('by looking, where nothing reports it', async () => {
    const second = await make();
    // The links lead out of the folders that are watched.
    await mkdir(path('watched'));
    const elsewhere = await mkdtemp(join(tmpdir(), 'maestro-tls-'));
    try {
      const first = await make();
      await writeFile(join(elsewhere, 'tls.crt'), first.cert);
      await writeFile(join(elsewhere, 'tls.key'), first.key);
      for (const name of ['tls.crt', 'tls.key']) await symlink(join(elsewhere, name), path(name));
      const held = await open(50);
      await writeFile(join(elsewhere, 'tls.crt'), second.cert);
      await writeFile(join(elsewhere, 'tls.key'), second.key);
      await vi.waitFor(() => expect(held.current()).toEqual(second), 5_000);
    } finally {
      await rm(elsewhere, { recursive: true });
    }
  });
});

describe('a new pair that is broken', () => {
  test.each<[string, (next: Pair) => Pair, RegExp]>([
    ['a certificate without its key', (next) => ({ cert: next.cert, key: '' }), /tls\.key holds no PEM private key/],
    [
      'a certificate cut short',
      (next) => ({ cert: next.cert.slice(0, 200), key: next.key }),
      /holds no PEM certificate/,
    ],
  ])('is refused with one line in the log, and the old one stays: %s', async (_kind, broken, reason) => {
    const [first, next] = [await make(), await make()];
    await put(first);
    const held = await open(50);
    await put(broken(next));
    await vi.waitFor(() => expect(errors().map((line) => line.reason)).toContainEqual(expect.stringMatching(reason)));
    expect(held.current()).toEqual(first);
    await put(next);
    await vi.waitFor(() => expect(held.current()).toEqual(next), 5_000);
    expect(JSON.stringify(lines)).not.toContain('PRIVATE KEY-----');
  });

  test('at the start stops it, with the path', async () => {
    await put({ ...(await make()), key: (await make()).key });
    await expect(open()).rejects.toThrow(/tls\.key is the private key of another certificate/);
  });
});
