import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { makeCertificate } from '../../test/certificate.ts';
import { freePort } from '../../test/free_port.ts';
import { startTestRedis, type TestRedis } from '../../test/redis.ts';
import { redisBroadcast } from './broadcast_redis.ts';
import { redisLimiters } from './limiters_redis.ts';
import { checkRedis, isRedisInClear } from './redis_connection.ts';
import { redisRevocations } from './revocations_redis.ts';

const log = pino({ level: 'silent' });
let folder: string;
let redis: TestRedis;
let plain: TestRedis;
let ca: string;
let strangersCa: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'maestro-redis-tls-'));
  await mkdir(join(folder, 'stranger'));
  strangersCa = await readFile((await makeCertificate(join(folder, 'stranger'))).ca, 'utf8');
  const files = await makeCertificate(folder, { names: ['localhost'] });
  ca = await readFile(files.ca, 'utf8');
  redis = await startTestRedis({ tls: files });
  plain = await startTestRedis();
});
afterAll(async () => {
  await redis?.remove();
  await plain?.remove();
  await rm(folder, { recursive: true, force: true });
});

const at = (url: string, host: string, scheme = 'rediss') => `${scheme}://${host}:${new URL(url).port}`;

describe('a Redis that speaks TLS', () => {
  test('carries messages, limits and revocations where its authority is trusted', async () => {
    const address = { url: at(redis.url, 'localhost'), ca, log };
    await checkRedis(address);
    const broadcast = redisBroadcast({ ...address, heartbeatMs: 100 });
    const revocations = redisRevocations({ ...address, markerSeconds: 900, heartbeatMs: 100 });
    const limiters = redisLimiters(address);
    const others = redisLimiters(address);
    try {
      await vi.waitFor(() => expect(broadcast.connected()).toBe(true), 5_000);
      const before = await vi.waitUntil(() => revocations.read(['user a']), 5_000);
      await revocations.mark(['user a']);
      expect(await revocations.read(['user a'])).not.toEqual(before);
      const [one, other] = [limiters, others].map((each) => each.open({ name: 'tls', seconds: 60 }));
      await vi.waitFor(async () => {
        await one?.add('key');
        expect((await other?.read('key'))?.count).toBeGreaterThan(0);
      }, 5_000);
    } finally {
      await Promise.all([broadcast, revocations, limiters, others].map((each) => each.close()));
    }
  });

  test('is refused at the start where its authority is not trusted, with what to set', async () => {
    const url = at(redis.url, 'localhost');
    await expect(checkRedis({ url })).rejects.toThrow(
      'Maestro does not use the Redis of REDIS_URL: its certificate is of an authority that is not trusted here (MAESTRO_REDIS_CA names the file of who vouches for it).',
    );
    await expect(checkRedis({ url, ca: strangersCa })).rejects.toThrow('not trusted here (see MAESTRO_REDIS_CA)');
  });

  test('is refused at the start under another name', async () => {
    await expect(checkRedis({ url: at(redis.url, '127.0.0.1'), ca })).rejects.toThrow(
      'its certificate is for another name',
    );
  });

  test('that is a stranger hears no password, however often a client comes back', async () => {
    const heard: Buffer[] = [];
    const [cert, key] = await Promise.all(
      ['tls.crt', 'tls.key'].map((name) => readFile(join(folder, 'stranger', name))),
    );
    let refusals = 0;
    const stranger = createServer({ cert, key }, (socket) => void socket.on('data', (chunk) => heard.push(chunk)));
    stranger.on('connection', (socket) => socket.once('close', () => refusals++));
    stranger.listen(0, '127.0.0.1');
    await once(stranger, 'listening');
    const { port } = stranger.address() as AddressInfo;
    const limiters = redisLimiters({ url: `rediss://:secret@localhost:${port}`, ca, log });
    try {
      await vi.waitFor(() => expect(refusals).toBeGreaterThan(2), 10_000);
      expect(Buffer.concat(heard).toString('latin1')).toBe('');
    } finally {
      await limiters.close();
      stranger.close();
    }
  });
});

test('a Redis that speaks no TLS is refused at the start where the address says rediss:', async () => {
  await expect(checkRedis({ url: at(plain.url, 'localhost'), ca })).rejects.toThrow('it does not answer in TLS');
});

test('a Redis that is away does not hold the start up: it may come later', async () => {
  await checkRedis({ url: `rediss://localhost:${await freePort()}`, ca });
});

test('a Redis beyond this machine without TLS is in clear', () => {
  expect(isRedisInClear('redis://redis.example.com:6379')).toBe(true);
  expect(isRedisInClear('rediss://redis.example.com:6379')).toBe(false);
  for (const host of ['localhost', '127.0.0.1', '[::1]'])
    expect(isRedisInClear(`redis://${host}:6379`), host).toBe(false);
});
