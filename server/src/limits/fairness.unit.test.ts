import { expect, test } from 'vitest';
import { Fairness } from './fairness.ts';

/** Time that passes when the test says so, and a machine that may compute all the while. */
function world({ slots = 8, busy = () => 0 }: { slots?: number; busy?: () => number } = {}) {
  let now = 0;
  const timers: { at: number; wake: () => void }[] = [];
  const clock = {
    now: () => now,
    later: (ms: number, wake: () => void) => void timers.push({ at: now + ms, wake }),
    utilization: () => busy(),
  };
  const fairness = new Fairness({ slots, clock });
  const executing = new Map<string, number>();
  const done = new Map<string, number>();
  const times = new Map<string, number[]>();

  /** One request of a tenant that takes `ms` once it is let in; also as a function of what else is in execution. */
  async function request(tenant: string, ms: number | (() => number)): Promise<void> {
    const asked = now;
    await fairness.run(tenant, 'kind', async () => {
      executing.set(tenant, (executing.get(tenant) ?? 0) + 1);
      await new Promise<void>((resolve) => clock.later(typeof ms === 'number' ? ms : ms(), resolve));
      executing.set(tenant, (executing.get(tenant) ?? 0) - 1);
    });
    done.set(tenant, (done.get(tenant) ?? 0) + 1);
    times.set(tenant, [...(times.get(tenant) ?? []), now - asked]);
  }
  let stopped = false;
  /** Clients that send one request after the other, `pauseMs` apart. */
  function clients(tenant: string, count: number, ms: number | (() => number), pauseMs = 0): void {
    for (let i = 0; i < count; i++) {
      void (async () => {
        while (!stopped) {
          await request(tenant, ms);
          if (pauseMs > 0) await new Promise<void>((resolve) => clock.later(pauseMs, resolve));
        }
      })();
    }
  }
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  async function pass(ms: number): Promise<void> {
    const end = now + ms;
    await settle();
    for (;;) {
      timers.sort((a, b) => a.at - b.at);
      const next = timers[0];
      if (!next || next.at > end) break;
      now = Math.max(now, next.at);
      timers.shift();
      next.wake();
      await settle();
    }
    now = end;
  }
  const of = (tenant: string) => ({
    executing: executing.get(tenant) ?? 0,
    done: done.get(tenant) ?? 0,
    times: times.get(tenant) ?? [],
  });
  const stop = async () => {
    stopped = true;
    await pass(5_000);
  };
  return { fairness, request, clients, pass, of, stop };
}

const medianOf = (numbers: number[]) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;

test('while one tenant is active, all of its requests are in execution at once', async () => {
  const { clients, pass, of, fairness, stop } = world({ slots: 8 });
  clients('a', 64, 10);
  await pass(100);
  expect(of('a').executing).toBe(64);
  expect(fairness.state.waiting).toBe(0);
  await stop();
});

test('while another is active, a tenant that floods waits, and the other never does', async () => {
  const { clients, pass, of, fairness, stop } = world({ slots: 8 });
  clients('flood', 64, 5);
  clients('light', 1, 2, 18);
  await pass(3_000);
  expect(of('flood').executing).toBeLessThanOrEqual(8);
  expect(fairness.state.waiting).toBeGreaterThan(50);
  expect(Math.max(...of('light').times)).toBe(2);
  expect(of('light').done).toBeGreaterThan(140);
  await stop();
});

test('the share of a flood shrinks until the other is slowed by less than a fifth at the median, and grows back', async () => {
  let contention = 0.3;
  const { clients, pass, of, fairness, stop } = world({ slots: 8 });
  clients('flood', 64, 5);
  // As on a machine that all share: each request of the flood in execution slows it.
  clients('light', 1, () => 2 * (1 + contention * of('flood').executing), 18);
  await pass(10_000);
  const slowed = fairness.state.share;
  expect(medianOf(of('light').times.slice(-200))).toBeLessThan(2.4);
  contention = 0;
  await pass(10_000);
  expect(fairness.state.share).toBeGreaterThan(Math.max(slowed * 2, 2));
  await stop();
});

test('a process that computes most of the time slows the flood, whatever the times say', async () => {
  const { clients, pass, fairness, stop } = world({ slots: 8, busy: () => 0.9 });
  clients('flood', 64, 5);
  clients('light', 1, 2, 18);
  await pass(5_000);
  expect(fairness.state.share).toBeLessThan(0.1);
  await stop();
});

test('a tenant that floods gets its turn also while requests of others are always in execution', async () => {
  const { clients, pass, of, stop } = world({ busy: () => 0.9 });
  clients('flood', 64, 5);
  clients('light', 1, 3);
  await pass(10_000);
  expect(of('flood').done).toBeGreaterThan(50);
  expect(of('light').done).toBeGreaterThan(2_500);
  await stop();
});

test('of two that flood beside a third, the one with long requests gets no more time than the one with short ones', async () => {
  const { clients, pass, of, stop } = world({ slots: 4 });
  clients('long', 32, 20);
  clients('short', 32, 2);
  clients('light', 1, 2, 18);
  await pass(10_000);
  const [long, short] = [of('long').done * 20, of('short').done * 2];
  expect(long / short).toBeGreaterThan(0.7);
  expect(long / short).toBeLessThan(1.4);
  await stop();
});

test('two that flood and nobody else share the machine in halves, and use all of it', async () => {
  const { clients, pass, of, stop } = world({ slots: 4, busy: () => 1 });
  clients('one', 64, 5);
  clients('two', 16, 5);
  await pass(5_000);
  const [before, other] = [of('one').done, of('two').done];
  await pass(5_000);
  const [one, two] = [of('one').done - before, of('two').done - other];
  expect(one / two).toBeGreaterThan(0.9);
  expect(one / two).toBeLessThan(1.1);
  expect(one + two).toBeGreaterThan(3_800);
  await stop();
});

test('requests of one tenant are served in the order in which they came', async () => {
  const { fairness, clients, request, pass, stop } = world({ slots: 1 });
  clients('light', 1, 1, 9);
  for (let i = 0; i < 20; i++) void request('flood', 50);
  await pass(1_000);
  const order: number[] = [];
  for (let i = 0; i < 20; i++) void fairness.run('flood', 'kind', async () => void order.push(i));
  await pass(10_000);
  expect(order).toEqual(Array.from({ length: 20 }, (_, index) => index));
  await stop();
});

test('when the other falls silent, what waited goes on at once', async () => {
  const { clients, request, pass, of, fairness, stop } = world({ slots: 1 });
  clients('flood', 64, 50);
  await pass(500);
  await Promise.all([request('light', 1), pass(1_000)]);
  expect(fairness.state.waiting).toBeGreaterThan(50);
  await pass(3_000);
  expect(fairness.state).toMatchObject({ tenants: 1, waiting: 0 });
  expect(of('flood').executing).toBe(64);
  await stop();
});

test('a bounded number of a tenant’s requests wait; more are refused with the time to come again', async () => {
  const { clients, request, pass, fairness, stop } = world({ slots: 1, busy: () => 1 });
  clients('light', 1, 1, 9);
  for (let i = 0; i < 20; i++) void request('flood', 1_000);
  await pass(500);
  let refused = 0;
  const attempts = Array.from({ length: 1_500 }, () =>
    request('flood', 1_000).catch((error) => {
      expect(error).toMatchObject({ code: 'limit_exceeded', retryAfterSeconds: 1 });
      refused += 1;
    }),
  );
  await pass(0);
  expect(fairness.state.waiting).toBeLessThanOrEqual(1_000);
  expect(refused).toBeGreaterThanOrEqual(490);
  expect(attempts).toHaveLength(1_500);
  await stop();
});

test('work that fails leaves its place, and tenants that are gone are not remembered', async () => {
  const { fairness, clients, pass, stop } = world({ slots: 1 });
  for (let i = 0; i < 500; i++) {
    const failing = fairness.run(`tenant ${i}`, 'kind', async () => {
      throw new Error('fails');
    });
    await expect(failing).rejects.toThrow('fails');
  }
  clients('one', 1, 5, 5);
  await pass(5_000);
  expect(fairness.state.tenants).toBe(1);
  await stop();
});
