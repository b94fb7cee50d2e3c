import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const mebibyte = 1024 * 1024;
const fileBytes = 5 * 1024 * mebibyte;
const partBytes = 64 * mebibyte;
const growthBytesMax = 64 * mebibyte;

/** A server of files in a process of its own, which tells its resident memory twenty times a second. */
const server = `
  import { openDiskBlobs } from ${JSON.stringify(new URL('../ports/blobs_disk.ts', import.meta.url).href)};
  import { serveFiles } from ${JSON.stringify(new URL('./files_app.fixture.ts', import.meta.url).href)};
  const [directory, tenantId] = process.argv.slice(1);
  const callers = { scientist: { tenantId, slug: 'acme', role: 'data_scientist' } };
  const { url } = await serveFiles(await openDiskBlobs(directory, { multipart: true }), callers, () => undefined);
  process.stdout.write('url ' + url + '\\n');
  setInterval(() => process.stdout.write('rss ' + process.memoryUsage.rss() + '\\n'), 50);`;

let directory: string;
let child: ChildProcess;
let url: string | undefined;
let peakBytes = 0;

const block = randomBytes(mebibyte);

/** `bytes` of content from `offset` on, made as it is read: every mebibyte begins with its number. */
function content(offset: number, bytes: number): Readable {
  return Readable.from(
    (function* () {
      for (let at = offset; at < offset + bytes; at += mebibyte) {
        const piece = Buffer.from(block);
        piece.writeUInt32BE(at / mebibyte);
        yield piece;
      }
    })(),
  );
}

async function send(method: string, address: string, body: Readable | string, headers: Record<string, string> = {}) {
  const sent = httpRequest(address, { method, headers: { authorization: 'Bearer scientist', ...headers } });
  const answered = once(sent, 'response') as Promise<[IncomingMessage]>;
  await pipeline(typeof body === 'string' ? Readable.from([Buffer.from(body)]) : body, sent);
  const [response] = await answered;
  return response;
}

const textOf = async (response: IncomingMessage) => Buffer.concat(await response.toArray()).toString();

async function digestOf(stream: AsyncIterable<Buffer>): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of stream) hash.update(chunk);
  return hash.digest('hex');
}

/** The greatest growth of the server's resident memory while `work` is done. */
async function growthDuring(work: () => Promise<void>): Promise<number> {
  await once(child.stdout as Readable, 'data');
  const before = peakBytes;
  await work();
  return peakBytes - before;
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'maestro-files-'));
  child = spawn(process.execPath, ['--input-type=module', '-e', server, directory, randomUUID()], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let rest = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const [name, value = ''] = line.split(' ');
      if (name === 'url') url = value;
      if (name === 'rss') peakBytes = Math.max(peakBytes, Number(value));
    }
  });
  while (url === undefined) await once(child.stdout as Readable, 'data');
  // A first small file loads what every later one needs.
  await (await send('PUT', `${url}/api/2.0/mlflow-artifacts/artifacts/small`, 'x')).resume();
});

afterAll(async () => {
  child.kill();
  await once(child, 'close');
  await rm(directory, { recursive: true, force: true });
});

describe('a file of 5 GB', () => {
  const files = '/api/2.0/mlflow-artifacts/artifacts';
  let expected: string;

  beforeAll(async () => {
    expected = await digestOf(content(0, fileBytes));
  });

  it('goes up and comes down whole, while the memory of the server grows by less than 64 MB', async () => {
    const growth = await growthDuring(async () => {
      const up = await send('PUT', `${url}${files}/large.bin`, content(0, fileBytes));
      expect([up.statusCode, await textOf(up)]).toEqual([200, '']);
      const down = await send('GET', `${url}${files}/large.bin`, '');
      expect(down.headers['content-length']).toBe(String(fileBytes));
      expect(await digestOf(down)).toBe(expected);
      await (await send('DELETE', `${url}${files}/large.bin`, '')).resume();
    });
    expect(growth).toBeLessThan(growthBytesMax);
  });

  it('goes up in parts and is joined, while the memory of the server grows by less than 64 MB', async () => {
    const json = { 'content-type': 'application/json' };
    const mpu = (step: string, body: unknown) =>
      send('POST', `${url}/api/2.0/mlflow-artifacts/mpu/${step}/parts`, JSON.stringify(body), json);
    const growth = await growthDuring(async () => {
      const num_parts = fileBytes / partBytes;
      const begun = JSON.parse(await textOf(await mpu('create', { path: 'large.bin', num_parts })));
      const parts = [];
      for (const { url: address, part_number, headers } of begun.credentials) {
        const sent = await send('PUT', address, content((part_number - 1) * partBytes, partBytes), headers);
        parts.push({ part_number, etag: sent.headers.etag });
        sent.resume();
      }
      const completed = await mpu('complete', { path: 'large.bin', upload_id: begun.upload_id, parts });
      expect([completed.statusCode, await textOf(completed)]).toEqual([200, '{}']);
      const down = await send('GET', `${url}${files}/parts/large.bin`, '');
      expect(await digestOf(down)).toBe(expected);
    });
    expect(growth).toBeLessThan(growthBytesMax);
  });
});
