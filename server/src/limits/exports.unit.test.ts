import { setTimeout as later } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import type { Caller } from '../identity/caller.ts';
import { type ExportBounds, Exports } from './exports.ts';

const bounds: ExportBounds = { places: 2, waitingMax: 2, waitMs: 60_000, stallMs: 60_000, wholeMs: 60_000 };
const exportsWith = (more: Partial<ExportBounds> = {}): Exports => new Exports({ ...bounds, ...more });

const machine: Caller = { kind: 'operator_key' };
const person = (userId: string): Caller => ({
  kind: 'session',
  sessionId: '',
  userId,
  email: '',
  isOperator: false,
  tenantId: undefined,
  places: [],
  authenticatedAt: 0,
  withFactor: false,
});

async function* lines(count = 100): AsyncGenerator<string> {
  for (let n = 0; n < count; n++) yield `${n}\n`;
}
const few = async () => lines();
const refusal = { code: 'limit_exceeded', retryAfterSeconds: 60 };

describe('an export', () => {
  test('is read to its end, and gives its place back', async () => {
    const exports = exportsWith();
    const body = await exports.open(machine, 'tenant a', few);
    expect(exports.state).toEqual({ running: 1, waiting: 0 });
    expect((await body.toArray()).join('')).toBe((await Array.fromAsync(lines())).join(''));
    await vi.waitFor(() => expect(exports.state.running).toBe(0));
  });

  test('gives its place back where it cannot begin, where nobody reads it, and where its reader leaves', async () => {
    const exports = exportsWith();
    const failing = exports.open(machine, 'tenant a', () => Promise.reject(new Error('not there')));
    await expect(failing).rejects.toThrow('not there');
    expect(exports.state.running).toBe(0);
    const unread = await exports.open(machine, 'tenant a', few);
    unread.destroy();
    const left = await exports.open(machine, 'tenant b', few);
    await left.iterator().next();
    left.destroy();
    await vi.waitFor(() => expect(exports.state.running).toBe(0));
  });

  test('whose reader takes nothing is cut: its source is closed, and its place goes to who waits', async () => {
    const exports = exportsWith({ places: 1, stallMs: 20 });
    let isClosed = false;
    const body = await exports.open(machine, 'tenant a', async () =>
      (async function* () {
        try {
          yield* lines();
        } finally {
          isClosed = true;
        }
      })(),
    );
    const ended = new Promise((resolve) => body.once('error', resolve));
    const next = exports.open(machine, 'tenant b', few);
    body.read();
    expect(await ended).toMatchObject({ code: 'unavailable', message: expect.stringContaining('nothing of it was') });
    expect((await (await next).toArray()).length).toBe(100);
    expect(isClosed).toBe(true);
  });

  test('whose source is slow is not cut for that', async () => {
    const exports = exportsWith({ stallMs: 5 });
    const body = await exports.open(machine, 'tenant a', async () =>
      (async function* () {
        for await (const line of lines(3)) {
          await later(20);
          yield line;
        }
      })(),
    );
    expect(await body.toArray()).toHaveLength(3);
  });

  test('that takes too long is cut however it moves', async () => {
    const exports = exportsWith({ wholeMs: 50 });
    const body = await exports.open(machine, 'tenant a', async () => lines(Number.POSITIVE_INFINITY));
    const reading = (async () => {
      for await (const _ of body) await later(1);
    })();
    await expect(reading).rejects.toThrow('it took longer than');
    await vi.waitFor(() => expect(exports.state.running).toBe(0));
  });
});

describe('places', () => {
  test('are given in turn, one to a tenant and one to a person, whatever others are free', async () => {
    const exports = exportsWith({ places: 3 });
    const first = await exports.open(person('ada'), 'tenant a', few);
    const order: string[] = [];
    const sameTenant = exports.open(person('eve'), 'tenant a', few).then(() => order.push('same tenant'));
    const samePerson = exports.open(person('ada'), 'tenant b', few).then(() => order.push('same person'));
    await exports.open(machine, 'tenant c', few);
    expect([exports.state, order]).toEqual([{ running: 2, waiting: 2 }, []]);
    await first.toArray();
    await Promise.all([sameTenant, samePerson]);
    expect(order).toEqual(['same tenant', 'same person']);
    expect(exports.state).toEqual({ running: 3, waiting: 0 });
  });

  test('are waited for by one of a tenant and of a person at most, and by so many in all', async () => {
    const exports = exportsWith({ places: 1 });
    await exports.open(machine, 'tenant a', few);
    const waiting = exports.open(person('ada'), 'tenant b', few);
    await expect(exports.open(machine, 'tenant b', few)).rejects.toMatchObject(refusal);
    await expect(exports.open(person('ada'), 'tenant c', few)).rejects.toMatchObject(refusal);
    const other = exports.open(machine, 'tenant c', few);
    await expect(exports.open(machine, 'tenant d', few)).rejects.toMatchObject({
      ...refusal,
      message: 'Too many exports wait already; try again in 60 s.',
    });
    expect(exports.state.waiting).toBe(2);
    for (const each of [waiting, other]) each.catch(() => undefined);
  });

  test('are waited for no longer than said, and then not begun', async () => {
    const exports = exportsWith({ places: 1, waitMs: 20 });
    const body = await exports.open(machine, 'tenant a', few);
    let isBegun = false;
    const waiting = exports.open(machine, 'tenant b', () => {
      isBegun = true;
      return few();
    });
    await expect(waiting).rejects.toMatchObject({ code: 'limit_exceeded', retryAfterSeconds: 1 });
    body.destroy();
    await vi.waitFor(() => expect(exports.state).toEqual({ running: 0, waiting: 0 }));
    expect(isBegun).toBe(false);
  });
});
