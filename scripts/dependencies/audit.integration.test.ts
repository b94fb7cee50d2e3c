import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createGunzip } from 'node:zlib';
import { expect, test } from 'vitest';
import { freePort } from '../../server/test/free_port.ts';

const script = join(import.meta.dirname, '../audit.ts');

/** The script, with this registry. */
async function audit(registry: string): Promise<{ status: number; said: string }> {
  const child = spawn(process.execPath, [script], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, npm_config_registry: registry },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close');
  const said = (await Promise.all([text(child.stdout), text(child.stderr)])).join('');
  return { status: (await ended)[0], said };
}

/** A registry on loopback, for the time of `use`. */
async function withRegistry<T>(answer: RequestListener, use: (url: string) => Promise<T>): Promise<T> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const bulk = '/-/npm/v1/security/advisories/bulk';

test('what is asked about is every package, and where nothing is known of them the status is 0', async () => {
  let asked: Record<string, string[]> = {};
  const { status, said } = await withRegistry(async (request, response) => {
    if (request.url === bulk) asked = JSON.parse(await text(request.pipe(createGunzip())));
    response.setHeader('content-type', 'application/json').end('{}');
  }, audit);
  expect(said).toBe('No weakness is known in the packages of package-lock.json.\n');
  expect(status).toBe(0);
  expect(Object.keys(asked)).toEqual(expect.arrayContaining(['fastify', 'pg', '@aws-sdk/client-secrets-manager']));
});

test('a known weakness is named, with where to read of it, and the status is 1', async () => {
  const advisory = {
    id: 1,
    url: 'https://github.com/advisories/GHSA-test',
    title: 'Made up for this test',
    severity: 'high',
    vulnerable_versions: '>=0.0.1',
  };
  const { status, said } = await withRegistry((request, response) => {
    response.setHeader('content-type', 'application/json');
    if (request.url === bulk) response.end(JSON.stringify({ fastify: [advisory] }));
    else response.writeHead(404).end('{}');
  }, audit);
  expect(said).toContain('fastify >=0.0.1: high: Made up for this test (https://github.com/advisories/GHSA-test)');
  expect(status).toBe(1);
});

test('a registry without the service, and one that cannot be reached, is said in one sentence, with status 3', async () => {
  const sentence = (reason: string) =>
    new RegExp(
      `^The advisory service cannot be reached, so nothing is known about weaknesses \\(.*${reason}.*\\)\\.\n$`,
    );
  const refused = await withRegistry((_request, response) => response.writeHead(405).end(), audit);
  expect(refused).toEqual({ status: 3, said: expect.stringMatching(sentence('405')) });
  const absent = await audit(`http://127.0.0.1:${await freePort()}/`);
  expect(absent).toEqual({ status: 3, said: expect.stringMatching(sentence('ECONNREFUSED')) });
});
