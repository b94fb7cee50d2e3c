import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';

let app: TestApp;
let run: string;
const content = randomBytes(3_000_000);
beforeAll(async () => {
  app = await startTestApp();
  const as = app.tenants.a.keys.ml_engineer;
  const made = await app.send('POST', '/api/v1/runs', { as, json: { experiment_id: 0 } });
  run = (made.body as { run_id: string }).run_id;
  const headers = { 'content-type': 'application/octet-stream' };
  const stored = await app.send('PUT', `/api/v1/runs/${run}/files/content?path=broken-off`, {
    as,
    body: content,
    headers,
  });
  expect(stored.status).toBe(200);
});
afterAll(() => app?.stop());

/** The files of tenants that are open in this process. */
async function opened(): Promise<string[]> {
  const links = await Promise.all(
    (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')),
  );
  return links.filter((link) => link.includes(app.tenants.a.id));
}

/** Sends the beginning of a request, and leaves so many milliseconds later. */
async function leaveAfter(ms: number, text: string): Promise<void> {
  const { hostname, port } = new URL(app.url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(text);
  if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
  socket.destroy();
}
const headOf = (method: string, path: string, more: string[] = []) => {
  const { host } = new URL(app.url);
  const head = [
    `${method} /api/v1/runs/${run}/files/content?path=${path} HTTP/1.1`,
    `Host: ${host}`,
    `Authorization: Bearer ${app.tenants.a.keys.ml_engineer}`,
    ...more,
  ];
  return `${head.join('\r\n')}\r\n\r\n`;
};

const left = 60;

test('a download that its caller leaves, before its stream begins too, closes its file', async () => {
  for (let each = 0; each < left; each++) await leaveAfter(each / 4, headOf('GET', 'broken-off'));
  await vi.waitFor(async () => expect(await opened()).toEqual([]), 5000);
});

test('an upload that its sender leaves, before it is read too, closes its file and leaves nothing', async () => {
  const more = ['Content-Type: application/octet-stream', 'Content-Length: 3000000'];
  for (let each = 0; each < left; each++) {
    await leaveAfter(each / 4, headOf('PUT', `left-${each}`, more) + 'x'.repeat(each % 2 ? 0 : 100_000));
  }
  await vi.waitFor(async () => expect(await opened()).toEqual([]), 5000);
  await vi.waitFor(
    async () => expect(await app.ports.limits.storage.used(app.tenants.a.id)).toBe(content.length),
    5000,
  );
});
