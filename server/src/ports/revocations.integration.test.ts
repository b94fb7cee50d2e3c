import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { pino } from 'pino';
import { createClient } from 'redis';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { startTestRedis, type TestRedis } from '../../test/redis.ts';
import type { Moment, Revocations } from './revocations.ts';
import { memoryRevocations } from './revocations_memory.ts';
import { redisRevocations } from './revocations_redis.ts';

const log = pino({ level: 'silent' });
let redis: TestRedis;
const opened: Revocations[] = [];

beforeAll(async () => {
  redis = await startTestRedis();
});
afterEach(async () => {
  redis.goOn();
  await Promise.all(opened.splice(0).map((revocations) => revocations.close()));
});
afterAll(() => redis?.remove());

function openRedis(url = redis.url): Revocations {
  const revocations = redisRevocations({ url, log, markerSeconds: 900, heartbeatMs: 100 });
  opened.push(revocations);
  return revocations;
}
const isUp = async (revocations: Revocations) => (await revocations.read([])) !== undefined;

/** Two processes' adapters: in memory there is one process. */
async function pair(kind: 'memory' | 'redis'): Promise<[Revocations, Revocations]> {
  if (kind === 'memory') {
    const own = memoryRevocations({ alone: true });
    return [own, own];
  }
  const both: [Revocations, Revocations] = [openRedis(), openRedis()];
  for (const revocations of both) await vi.waitUntil(() => isUp(revocations), { timeout: 10_000 });
  return both;
}

async function read(revocations: Revocations, ...subjects: string[]): Promise<Moment> {
  const moment = await revocations.read(subjects);
  if (!moment) throw new Error('no moment can be read');
  return moment;
}

describe.each(['memory', 'redis'] as const)('in %s', (kind) => {
  test('without a change, moments are the same', async () => {
    const [, two] = await pair(kind);
    expect(await read(two, 'user a', 'key b')).toEqual(await read(two, 'user a', 'key b'));
  });

  test('a mark changes the marker of its subjects and the epoch, and no other marker, for every process at once', async () => {
    const [one, two] = await pair(kind);
    const [marked, also, other] = [`user ${randomUUID()}`, `tenant ${randomUUID()}`, `user ${randomUUID()}`];
    const before = await read(two, marked, also, other);
    await one.mark([marked, also]);
    const after = await read(two, marked, also, other);
    expect(after.era).toBe(before.era);
    expect(after.epoch).not.toBe(before.epoch);
    expect(after.markers.map((marker, at) => marker === before.markers[at])).toEqual([false, false, true]);
  });

  test('each mark of a subject is another one, also of many at once', async () => {
    const [one, two] = await pair(kind);
    const subject = `session ${randomUUID()}`;
    const seen = new Set([(await read(two, subject)).markers[0]]);
    for (let i = 0; i < 10; i++) {
      await one.mark([subject]);
      seen.add((await read(two, subject)).markers[0]);
    }
    expect(seen.size).toBe(11);
    const before = await read(two, subject);
    await Promise.all(Array.from({ length: 50 }, () => one.mark([subject])));
    expect((await read(two, subject)).markers).not.toEqual(before.markers);
  });
});

describe('over Redis', () => {
  const command = async (...words: string[]): Promise<unknown> => {
    const client = createClient({ url: redis.url });
    await client.connect();
    const answer = await client.sendCommand(words);
    client.destroy();
    return answer;
  };

  test('markers end by themselves, once no access token of before is left', async () => {
    const [one] = await pair('redis');
    const id = randomUUID();
    await one.mark([`user ${id}`]);
    const seconds = Number(await command('TTL', `maestro:rev:user:${id}`));
    expect(seconds).toBeGreaterThan(890);
    expect(seconds).toBeLessThanOrEqual(900);
  });

  test('after a flush there is another era, the same for every process', async () => {
    const [one, two] = await pair('redis');
    const before = await read(two);
    await command('FLUSHALL');
    await vi.waitUntil(async () => (await isUp(one)) && (await isUp(two)));
    expect((await read(two)).era).not.toBe(before.era);
    const marker = (moment: Moment) => moment.era.split(' ')[1];
    expect(marker(await read(two))).toBe(marker(await read(one)));
  });

  test('after Redis was away there is another era, though it came back as it was', async () => {
    const [, two] = await pair('redis');
    const before = await read(two);
    await command('SAVE');
    await redis.kill();
    await vi.waitUntil(async () => !(await isUp(two)), { timeout: 10_000 });
    await redis.start();
    await vi.waitUntil(() => isUp(two), { timeout: 10_000 });
    expect((await read(two)).era).not.toBe(before.era);
  });

  test('while Redis hangs nothing can be known, nobody waits for it long, and then there is another era', async () => {
    const [one, two] = await pair('redis');
    const before = await read(two);
    redis.pause();
    const began = performance.now();
    const [moment] = await Promise.all([two.read(['user a']), one.mark(['user a'])]);
    expect(moment).toBeUndefined();
    expect(performance.now() - began).toBeLessThan(2_000);
    expect(two.read(['user a'])).toBeUndefined();
    redis.goOn();
    await vi.waitUntil(() => isUp(two), { timeout: 10_000 });
    expect((await read(two)).era).not.toBe(before.era);
  });

  /** A way to Redis that can be cut, for one process alone. */
  async function ownWay(): Promise<{ url: string; cut(): void; mend(): Promise<void>; close(): void }> {
    const sockets = new Set<Socket>();
    const { port: redisPort } = new URL(redis.url);
    const make = () =>
      createServer((near) => {
        const far = connect(Number(redisPort), '127.0.0.1');
        for (const socket of [near, far]) {
          sockets.add(socket);
          socket.on('error', () => undefined);
        }
        near.pipe(far).pipe(near);
      });
    let server = make().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const cut = () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    };
    const mend = async () => {
      server = make().listen(port, '127.0.0.1');
      await once(server, 'listening');
    };
    return { url: `redis://127.0.0.1:${port}`, cut, mend, close: cut };
  }

  test('a process that could not tell Redis of a change makes a new era for all once it can', async () => {
    const way = await ownWay();
    try {
      const [one, two] = [openRedis(way.url), openRedis()];
      for (const revocations of [one, two]) await vi.waitUntil(() => isUp(revocations), { timeout: 10_000 });
      const before = await read(two);
      way.cut();
      await one.mark(['user a']);
      expect((await read(two)).era).toBe(before.era);
      await way.mend();
      await vi.waitUntil(async () => (await read(two)).era !== before.era, { timeout: 10_000 });
    } finally {
      way.close();
    }
  });

  test('where Redis never was, nothing can be known, and marks give up at once', async () => {
    const away = openRedis('redis://127.0.0.1:1');
    const began = performance.now();
    await away.mark(['user a']);
    expect(await away.read(['user a'])).toBeUndefined();
    expect(performance.now() - began).toBeLessThan(1_000);
  });
});

test('in one process without Redis, markers are few however much changes', async () => {
  const revocations = memoryRevocations({ alone: true });
  vi.useFakeTimers({ toFake: ['performance'] });
  try {
    await revocations.mark(['user old']);
    expect((await read(revocations, 'user old')).markers).toEqual(['1']);
    vi.advanceTimersByTime(61_000);
    await revocations.mark(['user new']);
    expect((await read(revocations, 'user old', 'user new')).markers).toEqual(['', '2']);
  } finally {
    vi.useRealTimers();
  }
});

test('what is cached beside other processes that cannot be heard lives for half a second', () => {
  expect(memoryRevocations({ alone: false }).lifeMs).toBe(500);
});
