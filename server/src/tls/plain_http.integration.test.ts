import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rawHttp } from '../../test/raw_http.ts';
import { answerHeaders } from '../http_headers.ts';
import { openPlainHttp } from './plain_http.ts';

const challenges = new Map([['a-token', 'a-token.thumbprint']]);
let open: Awaited<ReturnType<typeof openPlainHttp>>;
let url: string;

beforeAll(async () => {
  const headers = await answerHeaders();
  const target = () => 'https://maestro.example.com/ml';
  open = await openPlainHttp({ addresses: ['127.0.0.1'], port: 0, headers, target, challenges });
  url = `http://127.0.0.1:${open.port}`;
});
afterAll(() => open?.close());

const get = (path: string, init: RequestInit = {}) => fetch(url + path, { redirect: 'manual', ...init });

describe('over plain HTTP', () => {
  test.each(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])(
    '%s is sent to HTTPS, and is to be sent as it was',
    async (method) => {
      const answer = await get('/api/v1/experiments?limit=3&q=%20', { method });
      expect(answer.status).toBe(308);
      expect(answer.headers.get('location')).toBe('https://maestro.example.com/api/v1/experiments?limit=3&q=%20');
      expect(answer.headers.get('strict-transport-security')).toBeNull();
      expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    },
  );

  test.each(['//elsewhere.example/x', '/\\elsewhere.example', '/@elsewhere.example', '/%0d%0aset-cookie:a=b'])(
    'the host is the configured one, whatever the request names: %s',
    async (path) => {
      const answer = await rawHttp(url, `GET ${path} HTTP/1.1\r\nHost: elsewhere.example\r\nConnection: close\r\n\r\n`);
      expect(answer).toMatch(/^HTTP\/1\.1 308 /);
      expect(new URL(/^location: (.*)\r$/m.exec(answer)?.[1] ?? '').origin).toBe('https://maestro.example.com');
      expect(answer).not.toMatch(/^set-cookie/im);
    },
  );

  test('a target with a host of its own is refused', async () => {
    const answer = await rawHttp(url, 'GET http://elsewhere.example/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  });

  test('liveness and the challenges of an ACME authority are answered, and nothing else', async () => {
    expect(await (await get('/health')).text()).toBe('OK');
    expect((await get('/ready')).status).toBe(308);
    const proof = await get('/.well-known/acme-challenge/a-token');
    expect([proof.status, await proof.text()]).toEqual([200, 'a-token.thumbprint']);
    expect((await get('/.well-known/acme-challenge/another')).status).toBe(404);
    expect((await get('/.well-known/acme-challenge/a-token', { method: 'POST' })).status).toBe(404);
  });

  test('a connection serves one request', async () => {
    expect((await get('/health')).headers.get('connection')).toBe('close');
  });
});
