import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { makeCertificate } from './certificate.ts';
import { startChromium } from './chromium.ts';
import { freePort } from './free_port.ts';
import { type MaestroProcess, startMaestro } from './maestro.ts';
import { startPebble } from './pebble.ts';
import { prepareDataDir } from './prepared_data.ts';
import { startTestRedis } from './redis.ts';
import { servedSerial } from './tls.ts';

const run = promisify(execFile);
const commandLine = join(import.meta.dirname, '../../cli/bin/maestro.mjs');

let root: string;
let maestro: MaestroProcess | undefined;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'maestro-https-'));
  prepareDataDir(join(root, 'data'));
});
afterEach(async () => {
  if (maestro?.child.exitCode === null) await maestro.stop();
  maestro = undefined;
  await rm(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

function start(environment: Record<string, string>): MaestroProcess {
  // What production asks of secrets is told elsewhere.
  const plain = { MAESTRO_ENV: 'development', MAESTRO_DATA_DIR: join(root, 'data') };
  maestro = startMaestro({ ...plain, ...environment }, root);
  return maestro;
}
const portOf = (url: string): number => Number(new URL(url).port);
const serialIn = async (path: string): Promise<string> => new X509Certificate(await readFile(path)).serialNumber;
const curl = async (...words: string[]) => (await run('curl', ['-sS', '--max-time', '10', ...words])).stdout;

describe('self-signed', () => {
  test('the file that the start names is all that curl needs, under each name', async () => {
    const started = start({ MAESTRO_TLS: 'self-signed', MAESTRO_TLS_NAMES: 'maestro.internal' });
    const url = await started.ready;
    const ca = /^Clients trust it by (\S+)$/m.exec(started.stdout())?.[1] as string;
    expect(ca).toBe(join(root, 'data/tls/ca.crt'));
    expect(started.stdout()).toContain(`\nexport REQUESTS_CA_BUNDLE=${join(root, 'data/tls/ca-bundle.crt')}\n`);
    const port = portOf(url);
    const key = /^export MLFLOW_TRACKING_TOKEN=(\S+)$/m.exec(started.stdout())?.[1] as string;
    for (const name of ['localhost', '127.0.0.1', 'maestro.internal']) {
      const words = ['--resolve', `${name}:${port}:127.0.0.1`, '-D', '-', '-H', `Authorization: Bearer ${key}`];
      const answer = await curl('--cacert', ca, ...words, `https://${name}:${port}/api/v1/experiments`);
      expect(answer, name).toMatch(/^HTTP\/1\.1 200 /);
      expect(/^strict-transport-security: (.*)\r$/im.exec(answer)?.[1], name).toBe(
        name === 'maestro.internal' ? 'max-age=31536000; includeSubDomains' : undefined,
      );
    }
    await expect(curl(`${url}/health`)).rejects.toThrow(/certificate/);
    expect((await stat(join(root, 'data/tls/ca.key'))).mode & 0o777).toBe(0o600);
  });

  test('the command line of this machine trusts it by itself, and another one by NODE_EXTRA_CA_CERTS', async () => {
    // A name that leads nowhere from here, as a public one may.
    const publicUrl = { MAESTRO_PUBLIC_URL: 'https://maestro.invalid' };
    const port = String(await freePort());
    await start({ MAESTRO_TLS: 'self-signed', MAESTRO_PORT: port, ...publicUrl }).ready;
    const url = `https://localhost:${port}`;
    const key = /^export MLFLOW_TRACKING_TOKEN=(\S+)$/m.exec(maestro?.stdout() ?? '')?.[1] as string;
    const list = (environment: Record<string, string>, ...words: string[]) =>
      run(process.execPath, [commandLine, ...words, '--json'], {
        cwd: root,
        env: { PATH: process.env.PATH, ...environment },
      });
    const { stdout } = await list({ MAESTRO_DATA_DIR: join(root, 'data') }, 'tenant', 'list');
    expect(JSON.parse(stdout)).toEqual([expect.objectContaining({ slug: 'default' })]);
    const elsewhere = { MAESTRO_URL: url, MAESTRO_TOKEN: key };
    const trusting = { ...elsewhere, NODE_EXTRA_CA_CERTS: join(root, 'data/tls/ca.crt') };
    expect(JSON.parse((await list(trusting, 'key', 'list', '--tenant', 'default')).stdout)).toHaveLength(1);
    await expect(list(elsewhere, 'key', 'list', '--tenant', 'default')).rejects.toThrow(
      /is not trusted .*NODE_EXTRA_CA_CERTS/,
    );
  });

  test('a browser that was given the file shows pages without a warning, and one that was not shows none', async () => {
    const url = await start({ MAESTRO_TLS: 'self-signed' }).ready;
    const store = join(root, 'home/.pki/nssdb');
    await mkdir(store, { recursive: true });
    const ca = join(root, 'data/tls/ca.crt');
    const open = async (): Promise<string> => {
      const env = { PATH: process.env.PATH ?? '', HOME: join(root, 'home') };
      const browser = await startChromium({ whole: true, env });
      try {
        const page = await browser.newPage();
        await page.goto(`${url}/account`);
        return await page.evaluate('String(isSecureContext)');
      } finally {
        await browser.close();
      }
    };
    await run('certutil', ['-d', `sql:${store}`, '-N', '--empty-password']);
    await expect(open()).rejects.toThrow('ERR_CERT_AUTHORITY_INVALID');
    await run('certutil', ['-d', `sql:${store}`, '-A', '-t', 'C,,', '-n', 'maestro', '-i', ca]);
    expect(await open()).toBe('true');
  });
});

describe('with files', () => {
  test('a new certificate is served without a restart, at once on SIGHUP', async () => {
    const files = await makeCertificate(root);
    const started = start({ MAESTRO_TLS_CERT: files.cert, MAESTRO_TLS_KEY: files.key });
    const port = portOf(await started.ready);
    expect(await servedSerial(port, await readFile(files.ca, 'utf8'))).toBe(await serialIn(files.cert));
    const folder = join(root, 'next');
    await mkdir(folder);
    const next = await makeCertificate(folder);
    await cp(next.key, files.key);
    await cp(next.cert, files.cert);
    started.child.kill('SIGHUP');
    await vi.waitFor(
      async () => expect(await servedSerial(port, await readFile(next.ca, 'utf8'))).toBe(await serialIn(next.cert)),
      10_000,
    );
    expect(started.child.exitCode).toBeNull();
  });

  test('plain HTTP leads to the public address, and serves nothing', async () => {
    const { cert, key } = await makeCertificate(root);
    const httpPort = await freePort();
    await start({
      MAESTRO_HOST: '0.0.0.0',
      MAESTRO_TLS_CERT: cert,
      MAESTRO_TLS_KEY: key,
      MAESTRO_PUBLIC_URL: 'https://maestro.example.com',
      MAESTRO_HTTP_PORT: String(httpPort),
    }).ready;
    const words = ['-D', '-', '-H', 'Host: elsewhere.example', `http://127.0.0.1:${httpPort}/api/v1/experiments`];
    const answer = await curl(...words);
    expect(answer).toMatch(/^HTTP\/1\.1 308 /);
    expect(answer).toMatch(/^location: https:\/\/maestro\.example\.com\/api\/v1\/experiments\r$/m);
    expect(await curl(`http://127.0.0.1:${httpPort}/health`)).toBe('OK');
  });

  test('a port of plain HTTP that is taken stops the start, with the variable to change', async () => {
    const { cert, key } = await makeCertificate(root);
    const blocker = start({ MAESTRO_DATA_DIR: join(root, 'other') });
    const httpPort = String(portOf(await blocker.ready));
    const second = startMaestro(
      {
        MAESTRO_DATA_DIR: join(root, 'data'),
        MAESTRO_TLS_CERT: cert,
        MAESTRO_TLS_KEY: key,
        MAESTRO_HTTP_PORT: httpPort,
      },
      root,
    );
    expect((await second.ended).code).toBe(1);
    expect(second.stderr()).toContain('give another port in MAESTRO_HTTP_PORT');
  });
});

test('with ACME, a first start asks for a certificate and serves by it, and the next one asks for none', async () => {
  const httpPort = await freePort();
  const pebble = await startPebble(root, httpPort);
  const environment = {
    MAESTRO_TLS: 'acme',
    MAESTRO_PUBLIC_URL: 'https://maestro.example.com',
    MAESTRO_ACME_DIRECTORY: pebble.directory,
    MAESTRO_ACME_CA: pebble.ca,
    MAESTRO_ACME_AGREE_TOS: 'yes',
    MAESTRO_PORT: String(await freePort()),
    MAESTRO_HTTP_PORT: String(httpPort),
  };
  let root1: string;
  try {
    await start(environment).ready;
    root1 = await pebble.root();
    const serial = await servedSerial(Number(environment.MAESTRO_PORT), root1, 'maestro.example.com');
    await maestro?.stop();
    await pebble.stop();
    await start(environment).ready;
    expect(await servedSerial(Number(environment.MAESTRO_PORT), root1, 'maestro.example.com')).toBe(serial);
  } finally {
    await pebble.stop();
  }
});

test('a Redis that is not trusted stops the start with a sentence, and one that is trusted is used', async () => {
  const files = await makeCertificate(root);
  const redis = await startTestRedis({ tls: files });
  try {
    const refused = start({ REDIS_URL: redis.url });
    expect((await refused.ended).code).toBe(1);
    expect(refused.stderr()).toContain(
      'Maestro did not start. Maestro does not use the Redis of REDIS_URL: its certificate is of an authority that is not trusted here',
    );
    const trusting = start({ REDIS_URL: redis.url, MAESTRO_REDIS_CA: files.ca });
    await trusting.ready;
    await vi.waitFor(() => expect(trusting.stderr()).toContain('Redis delivers'), 10_000);
  } finally {
    await maestro?.stop();
    await redis.remove();
  }
});

test('a database or Redis beyond this machine without TLS is a warning at each start', async () => {
  const started = start({
    DATABASE_URL: 'postgres://maestro:secret@db.invalid/maestro',
    REDIS_URL: 'redis://redis.invalid:6379',
  });
  expect((await started.ended).code).toBe(1);
  for (const name of ['DATABASE_URL', 'REDIS_URL']) {
    expect(started.stderr()).toMatch(new RegExp(`"level":40.*"msg":"${name}: .* over the network in clear`));
  }
  expect(started.stderr()).not.toContain('secret');
});
