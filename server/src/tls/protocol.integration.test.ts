import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { ConnectionOptions } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectTls, listenTls } from '../../test/tls.ts';
import { issueCertificate, type KeyType, makeAuthority } from './authority.ts';
import type { Pair } from './pair.ts';

describe.each<KeyType>(['ec', 'rsa'])('with a key of type %s', (keyType) => {
  let authority: Pair;
  let server: Awaited<ReturnType<typeof listenTls>>;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'maestro-tls-'));
    authority = await makeAuthority(keyType, 2);
    server = await listenTls(await issueCertificate(authority, { names: ['localhost'], keyType, days: 1 }));
  });
  afterAll(async () => {
    server?.close();
    await rm(folder, { recursive: true });
  });

  /** The version and cipher agreed on. The client itself would do anything, however weak. */
  async function agreed(options: ConnectionOptions) {
    const ciphers = `${options.ciphers ?? 'ALL:COMPLEMENTOFALL'}:@SECLEVEL=0`;
    const socket = await connectTls(server.port, { ca: authority.cert, servername: 'localhost', ...options, ciphers });
    const result = { version: socket.getProtocol(), cipher: socket.getCipher().name };
    socket.destroy();
    return result;
  }
  const sign = keyType === 'ec' ? 'ECDSA' : 'RSA';

  test.each(['TLSv1', 'TLSv1.1'] as const)('%s is refused', async (version) => {
    await expect(agreed({ minVersion: version, maxVersion: version })).rejects.toThrow(/protocol version/);
  });

  test('TLS 1.3 is taken where the client has it, with AES-128 first', async () => {
    expect(await agreed({})).toEqual({ version: 'TLSv1.3', cipher: 'TLS_AES_128_GCM_SHA256' });
  });

  test.each([`ECDHE-${sign}-AES128-GCM-SHA256`, `ECDHE-${sign}-AES256-GCM-SHA384`, `ECDHE-${sign}-CHACHA20-POLY1305`])(
    'TLS 1.2 is spoken with %s',
    async (cipher) => {
      expect(await agreed({ maxVersion: 'TLSv1.2', ciphers: cipher })).toEqual({ version: 'TLSv1.2', cipher });
    },
  );

  test.each([
    ['without forward secrecy', 'AES128-GCM-SHA256:AES256-GCM-SHA384:AES128-SHA'],
    ['of the CBC mode', `ECDHE-${sign}-AES128-SHA:ECDHE-${sign}-AES256-SHA384:ECDHE-${sign}-AES128-SHA256`],
    ['over finite fields', 'DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-GCM-SHA384'],
    ['without a certificate', 'aNULL'],
    ['without encryption', 'eNULL'],
  ])('ciphers %s are refused', async (_kind, ciphers) => {
    await expect(agreed({ maxVersion: 'TLSv1.2', ciphers })).rejects.toThrow(/handshake failure|no cipher/i);
  });

  test('a client may not renegotiate', async () => {
    const options = { ca: authority.cert, servername: 'localhost', maxVersion: 'TLSv1.2' } as const;
    const socket = await connectTls(server.port, options);
    const refusal = new Promise<Error | null>((resolve) => {
      socket.on('error', resolve);
      socket.renegotiate({}, resolve);
    });
    expect((await refusal)?.message).toMatch(/no renegotiation/i);
    socket.destroy();
  });

  test('OpenSSL finds a verified certificate, secure renegotiation only, and no compression', async () => {
    const ca = join(folder, 'ca.crt');
    await writeFile(ca, authority.cert);
    const words = ['s_client', '-connect', `127.0.0.1:${server.port}`, '-servername', 'localhost', '-tls1_2'];
    const client = spawn('openssl', [...words, '-verify_return_error', '-CAfile', ca]);
    client.stdin.end();
    const output = await text(client.stdout);
    expect(output).toContain('Verify return code: 0 (ok)');
    expect(output).toContain('Secure Renegotiation IS supported');
    expect(output).toContain('Compression: NONE');
  });
});
