import { hash, randomUUID } from 'node:crypto';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { createClient } from 'redis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sprayed } from '../src/identity/sign_in_throttle.ts';
import { startTestApp, type TestApp, type TestAppOptions } from './app.ts';
import { startTestRedis, type TestRedis } from './redis.ts';

const reasons = {
  password: 'one password fails at many accounts, from one address or from many',
  strangers: 'sign-ins fail at many accounts, from many addresses',
};

describe.each(['in one process', 'in two processes with Redis'])('one password at many accounts, %s', (where) => {
  let redis: TestRedis | undefined;
  const apps: TestApp[] = [];
  let lines = '';

  beforeAll(async () => {
    const sink = new Writable({
      write(chunk, _encoding, done) {
        lines += chunk;
        done();
      },
    });
    if (where.includes('Redis')) redis = await startTestRedis();
    const options: TestAppOptions = {
      trustProxy: ['127.0.0.1'],
      policy: { bcryptRounds: 10 },
      log: pino({ level: 'warn' }, sink),
      ...(redis ? { redis: redis.url } : {}),
    };
    apps.push(await startTestApp(options));
    if (redis) apps.push(await startTestApp({ ...options, beside: apps[0]! }));
  });
  afterAll(async () => {
    for (const app of apps.reverse()) await app.stop();
    await redis?.remove();
  });

  let turn = 0;
  /** Through one process after the other. */
  const send = (...request: Parameters<TestApp['send']>) => apps[turn++ % apps.length]!.send(...request);
  const signIn = (email: string, password: string, address: string, agent = 'a script') =>
    send('POST', '/api/v1/auth/login', {
      json: { email, password },
      headers: { 'x-forwarded-for': address, 'user-agent': agent },
    });

  async function rows(): Promise<{ address: string; detail: Record<string, unknown> }[]> {
    for (const app of apps) await app.ports.identity.refusals.flush();
    const answer = await send('GET', '/api/v1/operator-audit?action=auth.spraying', { as: apps[0]!.operatorKey });
    return (answer.body as { items: { address: string; detail: Record<string, unknown> }[] }).items;
  }

  test('and from many addresses is noticed and slowed for strangers, while whoever has it signs in at a known device', async () => {
    const email = `${randomUUID()}@example.com`;
    const made = await send('POST', '/api/v1/users', { as: apps[0]!.operatorKey, json: { email } });
    const { password } = made.body as { password: string };
    expect((await signIn(email, password, '198.51.100.7', 'Firefox of home')).status).toBe(200);

    const statuses: number[] = [];
    for (let n = 0; n < 110; n++) {
      const { status, headers } = await signIn(`${randomUUID()}@example.com`, password, `203.0.113.${n}`);
      statuses.push(status);
      if (status === 429) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect(statuses.slice(0, 100)).toEqual(Array(100).fill(401));
    // A busy machine may have waited long enough for one or another.
    expect(statuses.slice(100).filter((status) => status === 429).length).toBeGreaterThanOrEqual(6);

    expect(await rows()).toMatchObject([
      { address: '', detail: { accounts: sprayed.strangers, reason: reasons.strangers } },
      { address: '', detail: { accounts: sprayed.password, reason: reasons.password } },
    ]);
    for (const reason of Object.values(reasons)) expect(lines.split(reason)).toHaveLength(2);

    expect((await signIn(email, password, '198.51.100.7', 'Firefox of home')).status).toBe(200);
    expect((await signIn(email, password, '192.0.2.1')).status).toBe(429);
    expect((await signIn(`${randomUUID()}@example.com`, 'another password', '192.0.2.2')).status).toBe(401);

    expect(lines).not.toContain(password);
    if (!redis) return;
    const client = await createClient({ url: redis.url }).connect();
    const keys = await client.keys('*');
    client.destroy();
    expect(keys.some((key) => key.includes('spraying-password'))).toBe(true);
    for (const told of [password, hash('sha256', password, 'base64url'), hash('sha256', password, 'hex')]) {
      expect(keys.filter((key) => key.includes(told))).toEqual([]);
    }
  }, 60_000);
});
