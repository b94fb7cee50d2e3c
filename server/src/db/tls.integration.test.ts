import { chown, cp, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext, TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makeCertificate } from '../../test/certificate.ts';
import { freePort } from '../../test/free_port.ts';
import { type EmbeddedPostgres, startEmbedded } from './embedded.ts';
import { makeLogins } from './external_roles.ts';
import { isInClear, parseLogin } from './login_url.ts';
import { withClient } from './roles.ts';

const keepNothing = async (): Promise<string> => {
  throw new Error('no secret is to be kept');
};
const versionOf = async (url: string) =>
  withClient(parseLogin(url, 'DATABASE_URL'), async (client) => {
    const { rows } = await client.query('SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl');
    return rows[0]?.version;
  });

let folder: string;
let port: number;
let postgres: EmbeddedPostgres;
let ca: string;
let strangersCa: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'maestro-pg-tls-'));
  port = await freePort();
  const dataDir = join(folder, 'data');
  await mkdir(dataDir);
  const settings = { listen_addresses: '127.0.0.1', port: String(port), password_encryption: 'scram-sha-256' };
  postgres = await startEmbedded({ dataDir, password: 'secret', durable: false, settings });
  await mkdir(join(folder, 'stranger'));
  strangersCa = (await makeCertificate(join(folder, 'stranger'))).ca;
  ca = (await makeCertificate(folder, { names: ['localhost', 'db.internal'] })).ca;
  // By its port: that is in the name of its socket as well.
  await withClient(parseLogin(urlOf(''), 'DATABASE_URL'), async (client) => {
    const { rows } = await client.query('SHOW data_directory');
    const place: string = rows[0].data_directory;
    const { uid, gid } = await stat(place);
    for (const name of ['tls.crt', 'tls.key']) {
      await cp(join(folder, name), join(place, name));
      await chown(join(place, name), uid, gid);
    }
    await client.query("ALTER SYSTEM SET ssl_cert_file = 'tls.crt'");
    await client.query("ALTER SYSTEM SET ssl_key_file = 'tls.key'");
    await client.query('ALTER SYSTEM SET ssl = on');
    await client.query('SELECT pg_reload_conf()');
  });
});
afterAll(async () => {
  await postgres?.stop();
  await rm(folder, { recursive: true, force: true });
});

const urlOf = (query: string, host = 'localhost') => `postgres://postgres:secret@${host}:${port}/postgres?${query}`;

describe('a PostgreSQL that speaks TLS', () => {
  test.each(['verify-full', 'verify-ca', 'require', 'prefer'])(
    'is spoken to in TLS 1.3 with sslmode=%s and its authority',
    async (mode) => {
      expect(await versionOf(urlOf(`sslmode=${mode}&sslrootcert=${ca}`))).toBe('TLSv1.3');
    },
  );

  test('is verified where the authority is named alone, and is spoken to in clear where nothing is asked for', async () => {
    expect(await versionOf(urlOf(`sslrootcert=${ca}`))).toBe('TLSv1.3');
    expect(await versionOf(urlOf(''))).toBeUndefined();
  });

  test('gives the three lesser logins over TLS as well', async () => {
    const logins = await makeLogins(urlOf(`sslmode=verify-full&sslrootcert=${ca}`), keepNothing);
    for (const login of Object.values(logins)) {
      const { rows } = await withClient(login, (client) =>
        client.query('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()'),
      );
      expect(rows).toEqual([{ ssl: true }]);
    }
  });

  const refusalOf = (query: string, host?: string) =>
    makeLogins(urlOf(query, host), keepNothing).then(
      () => 'not refused',
      (error: Error) => error.message,
    );

  test('of an authority that is not the named one is refused, and so is one that nobody vouches for', async () => {
    const sentence =
      'Maestro cannot work with the database of DATABASE_URL: its certificate is of an authority that is not trusted here (sslrootcert names the file of who vouches for it).';
    expect(await refusalOf(`sslmode=verify-full&sslrootcert=${strangersCa}`)).toBe(sentence);
    for (const mode of ['verify-full', 'verify-ca', 'require', 'prefer']) {
      expect(await refusalOf(`sslmode=${mode}`), mode).toBe(sentence);
    }
  });

  test('under another name is refused, an address among them', async () => {
    for (const mode of ['verify-full', 'verify-ca', 'require', 'prefer']) {
      expect(await refusalOf(`sslmode=${mode}&sslrootcert=${ca}`, '127.0.0.1'), mode).toContain(
        'its certificate is for another name',
      );
    }
  });

  test('is asked for nothing less than verification', async () => {
    const weak = ['sslmode=no-verify', 'sslmode=allow', 'ssl=no-verify', 'uselibpqcompat=true&sslmode=require'];
    for (const query of weak) {
      const refusal = await refusalOf(`${query}&sslrootcert=${ca}`);
      expect(refusal, query).toMatch(/^DATABASE_URL: .*sslmode=verify-full/);
      expect(refusal).not.toContain('secret');
    }
    expect(await refusalOf('sslrootcert=/nowhere/ca.crt')).toBe('DATABASE_URL: cannot read /nowhere/ca.crt.');
  });
});

describe('a stranger in the place of PostgreSQL', () => {
  let server: Server;
  let heard: Buffer[];
  let strangersPort: number;
  /** Answers the question for TLS with `reply`, and notes all that it hears after it, deciphered where it can. */
  async function listen(reply: 'S' | 'N'): Promise<void> {
    const [cert, key] = [
      await readFile(join(folder, 'stranger/tls.crt')),
      await readFile(join(folder, 'stranger/tls.key')),
    ];
    server = createServer((socket: Socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => {
        socket.write(reply);
        if (reply === 'N') return void socket.on('data', (chunk) => heard.push(chunk));
        const secure = new TLSSocket(socket, { isServer: true, secureContext: createSecureContext({ cert, key }) });
        secure.on('error', () => undefined);
        secure.on('data', (chunk) => heard.push(chunk));
      });
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    strangersPort = (server.address() as AddressInfo).port;
  }
  const closed = () =>
    new Promise<void>((resolve) => {
      server.once('connection', (socket: Socket) => socket.once('close', () => resolve()));
    });
  beforeEach(() => {
    heard = [];
  });
  afterEach(() => server?.close());

  test.each([
    ['with a certificate of its own', 'S', 'not trusted here'],
    ['that says it speaks no TLS', 'N', 'does not support SSL'],
  ] as const)('%s hears no name and no password', async (_kind, reply, sentence) => {
    await listen(reply);
    const end = closed();
    const url = `postgres://maestro:secret@localhost:${strangersPort}/maestro?sslmode=verify-full&sslrootcert=${ca}`;
    await expect(makeLogins(url, keepNothing)).rejects.toThrow(sentence);
    await end;
    expect(Buffer.concat(heard).toString('latin1')).toBe('');
  });
});

test('a database beyond this machine without TLS is in clear; a socket, loopback and TLS are not', async () => {
  const pem = join(folder, 'any.crt');
  await writeFile(pem, await readFile(ca));
  const inClear = (url: string) => isInClear(url, 'DATABASE_URL');
  expect(inClear('postgres://u:p@db.example.com/m')).toBe(true);
  expect(inClear('postgres://u:p@10.0.0.5/m?sslmode=disable')).toBe(true);
  expect(inClear('postgres://u:p@db.example.com/m?sslmode=require')).toBe(false);
  expect(inClear(`postgres://u:p@db.example.com/m?sslrootcert=${pem}`)).toBe(false);
  for (const host of ['localhost', '127.0.0.1', '[::1]']) expect(inClear(`postgres://u:p@${host}/m`), host).toBe(false);
  expect(inClear('postgres://u:p@localhost/m?host=/run/postgresql')).toBe(false);
});
