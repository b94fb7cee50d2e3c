import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { startTestRedis, type TestRedis } from '../../test/redis.ts';
import { type Limiter, type Limiters, memoryLimiters } from './limiters.ts';
import { redisLimiters } from './limiters_redis.ts';

const log = pino({ level: 'silent' });
let redis: TestRedis;
const opened: Limiters[] = [];

beforeAll(async () => {
  redis = await startTestRedis();
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((limiters) => limiters.close()));
});
afterAll(() => redis.remove());

function open(kind: 'memory' | 'redis'): Limiters {
  const limiters = kind === 'memory' ? memoryLimiters() : redisLimiters({ url: redis.url, log });
  opened.push(limiters);
  return limiters;
}

/** A limiter of Redis counts by itself until the connection stands. */
async function shared(name: string): Promise<[Limiter, Limiter]> {
  const options = { name, seconds: 60 };
  const pair: [Limiter, Limiter] = [open('redis').open(options), open('redis').open(options)];
  await vi.waitUntil(async () => {
    const key = randomUUID();
    const counts = [await pair[0].add(key), await pair[1].add(key)].map(({ count }) => count);
    return counts[0] === 1 && counts[1] === 2;
  });
  return pair;
}

describe.each(['memory', 'redis'] as const)('in %s', (kind) => {
  const fresh = async (): Promise<Limiter> =>
    kind === 'redis' ? (await shared('alone'))[0] : open('memory').open({ name: 'alone', seconds: 60 });

  test('a hundred counted at once are a hundred', async () => {
    const limiter = await fresh();
    const counts = await Promise.all(Array.from({ length: 100 }, () => limiter.add('burst')));
    expect(counts.map(({ count }) => count).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 100 }, (_, index) => index + 1),
    );
    expect((await limiter.read('burst')).count).toBe(100);
  });

  test('a window opens with its first and ends, and its length can be given', async () => {
    const limiter = await fresh();
    expect((await limiter.add('short', 1)).leftMs).toBeLessThanOrEqual(1000);
    expect((await limiter.add('long')).leftMs).toBeGreaterThan(59_000);
    await vi.waitUntil(async () => (await limiter.read('short')).count === 0, { timeout: 3000 });
    expect((await limiter.read('long')).count).toBe(1);
  });

  test('what is taken back of a window that has ended is no credit', async () => {
    const limiter = await fresh();
    await limiter.giveBack('nothing');
    expect((await limiter.add('nothing')).count).toBe(1);
    await limiter.giveBack('nothing');
    await limiter.giveBack('nothing');
    expect((await limiter.add('nothing')).count).toBe(1);
  });

  test('a key can be forgotten', async () => {
    const limiter = await fresh();
    await limiter.add('gone');
    await limiter.forget('gone');
    expect((await limiter.read('gone')).count).toBe(0);
  });
});

test('whoever makes up keys does not fill the memory', async () => {
  const limiter = open('memory').open({ name: 'flood', seconds: 3600 });
  await limiter.add('first');
  for (let i = 0; i < 50_000; i++) await limiter.add(`key ${i}`);
  expect((await limiter.read('first')).count).toBe(0);
  expect((await limiter.read('key 49999')).count).toBe(1);
});

describe('over Redis', () => {
  test('processes count together, and Redis learns no address', async () => {
    const [one, two] = await shared('together');
    await one.add('someone@example.org');
    expect((await two.add('someone@example.org')).count).toBe(2);
  });

  test('a Redis that goes away leaves every limit standing, in each process, and counts together when back', async () => {
    const [one, two] = await shared('away');
    await redis.kill();
    try {
      const counts = await Promise.all(Array.from({ length: 20 }, () => one.add('key')));
      expect(Math.max(...counts.map(({ count }) => count))).toBeGreaterThanOrEqual(20);
      expect((await one.read('key')).count).toBeGreaterThanOrEqual(20);
    } finally {
      await redis.start();
    }
    await vi.waitUntil(
      async () => {
        await one.add('back');
        return (await two.read('back')).count > 0;
      },
      { timeout: 5000 },
    );
  });

  test('a Redis that hangs keeps nobody waiting for long, and opens nothing', async () => {
    const [one] = await shared('hangs');
    redis.pause();
    try {
      const startedAt = performance.now();
      const counts = await Promise.all(Array.from({ length: 10 }, () => one.add('key')));
      expect(performance.now() - startedAt).toBeLessThan(2000);
      expect(Math.max(...counts.map(({ count }) => count))).toBe(10);
    } finally {
      redis.goOn();
    }
  });
});
