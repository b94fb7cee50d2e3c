import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { freePort } from '../../test/free_port.ts';
import type { Broadcast } from './broadcast.ts';
import { memoryBroadcast } from './broadcast_memory.ts';
import { redisBroadcast } from './broadcast_redis.ts';

const log = pino({ level: 'silent' });

let port: number;
let directory: string;
let redis: ChildProcess | undefined;

async function startRedis(): Promise<void> {
  const child = spawn(
    'redis-server',
    ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', directory],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  redis = child;
  let printed = '';
  for await (const chunk of child.stdout ?? []) {
    printed += chunk;
    if (printed.includes('Ready to accept connections')) return;
  }
  throw new Error(`redis-server did not start:\n${printed}`);
}

async function stopRedis(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  const child = redis;
  redis = undefined;
  if (!child || child.exitCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}

const opened: Broadcast[] = [];
const open = (): Broadcast => {
  const broadcast = redisBroadcast({ url: `redis://127.0.0.1:${port}`, log, heartbeatMs: 100 });
  opened.push(broadcast);
  return broadcast;
};
const until = (condition: () => boolean) => vi.waitUntil(condition, { timeout: 10_000, interval: 10 });

beforeAll(async () => {
  port = await freePort();
  directory = await mkdtemp(join(tmpdir(), 'maestro-redis-'));
  await startRedis();
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((broadcast) => broadcast.close()));
});
afterAll(async () => {
  await stopRedis();
  await rm(directory, { recursive: true, force: true });
});

test('in one process a message reaches every listener of its topic, and no other, before publish returns', () => {
  const broadcast = memoryBroadcast({ alone: true });
  const heard: string[] = [];
  broadcast.subscribe('a', (message) => heard.push(`1 ${message}`));
  broadcast.subscribe('a', (message) => heard.push(`2 ${message}`));
  broadcast.subscribe('b', (message) => heard.push(`b ${message}`));
  void broadcast.publish('a', 'x');
  expect(heard).toEqual(['1 x', '2 x']);
});

describe('over Redis', () => {
  test('a message reaches every process exactly once, its sender included', async () => {
    const [one, two] = [open(), open()];
    const heard: string[] = [];
    one.subscribe('t', (message) => heard.push(`one ${message}`));
    two.subscribe('t', (message) => heard.push(`two ${message}`));
    await until(() => one.connected() && two.connected());
    await one.publish('t', 'line\nbreak');
    await two.publish('t', 'last');
    await until(() => heard.filter((line) => line.endsWith('last')).length === 2);
    expect(heard.toSorted()).toEqual(['one last', 'one line\nbreak', 'two last', 'two line\nbreak']);
  });

  test.each(['SIGTERM', 'SIGKILL'] as const)(
    'Redis that goes away by %s and comes back is noticed both times, and messages flow again',
    async (signal) => {
      const [one, two] = [open(), open()];
      await until(() => one.connected() && two.connected());
      let losses = 0;
      two.onLoss(() => losses++);
      await stopRedis(signal);
      await until(() => !one.connected() && !two.connected());
      await until(() => losses === 1);
      await one.publish('t', 'into the void');
      await startRedis();
      await until(() => one.connected() && two.connected());
      expect(losses).toBe(2);
      const heard: string[] = [];
      two.subscribe('t', (message) => heard.push(message));
      await one.publish('t', 'again');
      await until(() => heard.includes('again'));
      expect(heard).toEqual(['again']);
    },
  );

  test('a Redis that hangs counts as away', async () => {
    const one = open();
    await until(() => one.connected());
    redis?.kill('SIGSTOP');
    try {
      await until(() => !one.connected());
    } finally {
      redis?.kill('SIGCONT');
    }
    await until(() => one.connected());
  });

  test('a Redis that was never there keeps nothing from working alone', async () => {
    const alone = redisBroadcast({ url: 'redis://127.0.0.1:1', log, heartbeatMs: 100 });
    opened.push(alone);
    const heard: string[] = [];
    alone.subscribe('t', (message) => heard.push(message));
    await alone.publish('t', 'x');
    expect(heard).toEqual(['x']);
    expect(alone.connected()).toBe(false);
  });
});
