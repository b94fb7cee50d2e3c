import { once } from 'node:events';
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';

let maestro: TestApp;
beforeAll(async () => {
  maestro = await startTestApp();
});
afterAll(() => maestro?.stop());

/** As it is on the wire: fetch() would decode it. */
async function raw(path: string, encodings?: string): Promise<{ answer: IncomingMessage; body: Buffer }> {
  return asked('GET', path, encodings === undefined ? {} : { 'accept-encoding': encodings });
}

/** With these headers and no other ones: fetch() says itself that no browser goes there. */
async function asked(method: string, path: string, headers: OutgoingHttpHeaders) {
  const call = request(maestro.url + path, { method, headers }).end();
  const [answer] = (await once(call, 'response')) as [IncomingMessage];
  return { answer, body: await buffer(answer) };
}

const script = async (): Promise<string> =>
  /src="(\/assets\/[^"]+\.js)"/.exec((await maestro.send('GET', '/')).text)?.[1] as string;

describe('the pages of the interface', () => {
  test('each address of it is the same page, kept nowhere, with a nonce of its own', async () => {
    const nonces = new Set<string>();
    for (const path of [
      '/',
      '/sign-in',
      '/account',
      '/t/some-tenant/runs/0',
      '/me',
      '/operator',
      '/operator/tenants',
      '/t/%3Cscript%3E',
    ]) {
      const { status, headers, text } = await maestro.send('GET', path);
      expect(status).toBe(200);
      expect(headers.get('cache-control')).toBe('no-store');
      const policy = headers.get('content-security-policy') as string;
      const nonce = /'nonce-([\w-]{22})'/.exec(policy)?.[1] as string;
      expect(text).toContain(`nonce="${nonce}"`);
      expect(text).not.toContain('NONCE_OF_THIS_PAGE');
      expect(text).not.toContain('<script>');
      expect(policy).toContain("default-src 'none'; script-src 'self';");
      expect(policy).not.toMatch(/unsafe|https?:|\*/);
      nonces.add(nonce);
    }
    expect(nonces.size).toBe(8);
  });

  test('its files come as small as the browser takes them, and may be kept for ever', async () => {
    const path = await script();
    const plain = await raw(path);
    expect(plain.answer.headers).toMatchObject({
      'cache-control': 'public, max-age=31536000, immutable',
      'content-type': 'text/javascript; charset=utf-8',
      vary: 'Accept-Encoding',
    });
    expect(plain.answer.headers['content-encoding']).toBeUndefined();
    const small = await raw(path, 'gzip, deflate, br');
    expect(small.answer.headers['content-encoding']).toBe('br');
    expect(brotliDecompressSync(small.body).equals(plain.body)).toBe(true);
    const older = await raw(path, 'br;q=0, gzip;q=0.5');
    expect(older.answer.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(older.body).equals(plain.body)).toBe(true);
  });

  test('an address that there is not is the interface’s page with 404 to who visits it, and JSON to programs', async () => {
    const accept = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
    const visit = { accept, 'sec-fetch-mode': 'navigate' };
    for (const headers of [{ accept }, visit]) {
      const { answer, body } = await asked('GET', '/nothing?x=%3Cscript%3E', headers);
      expect(answer.statusCode).toBe(404);
      expect(answer.headers).toMatchObject({ 'content-type': 'text/html; charset=utf-8', vary: 'Accept' });
      const nonce = /'nonce-([\w-]{22})'/.exec(answer.headers['content-security-policy'] as string)?.[1] as string;
      expect(body.toString()).toContain(`nonce="${nonce}"`);
      expect(body.toString()).not.toContain('<script>');
    }
    for (const [method, path, headers] of [
      ['GET', '/nothing', {}],
      ['GET', '/nothing', { accept: '*/*' }],
      ['GET', '/nothing', { accept, 'sec-fetch-mode': 'cors' }],
      ['POST', '/nothing', visit],
      ['GET', '/api/v1/nothing', visit],
      ['GET', '/api/2.0/mlflow/nothing', visit],
      ['GET', '/ajax-api/2.0/mlflow/nothing', visit],
      ['GET', '/assets/nothing.js', visit],
    ] as const) {
      const { answer } = await asked(method, path, headers);
      expect([method, path, answer.statusCode, answer.headers['content-type']]).toEqual([
        method,
        path,
        404,
        expect.stringContaining('json'),
      ]);
    }
  });

  test('there is no way from it to other files, nor past the API’s own answers', async () => {
    for (const path of ['/assets/..%2f..%2fpackage.json', '/assets/', '/index.html', '/.vite/manifest.json', '/t']) {
      const { status, headers } = await maestro.send('GET', path);
      expect([path, status, headers.get('content-type')]).toEqual([path, 404, expect.stringContaining('json')]);
    }
    expect((await maestro.send('GET', '/api/v1/t/x')).status).toBe(404);
    expect((await maestro.send('POST', '/t/x', { json: {} })).status).toBe(405);
  });
});
