import { expect, test, vi } from 'vitest';
import { memoryRevocations } from '../ports/revocations_memory.ts';
import type { Caller, Place } from './caller.ts';
import { type Change, CredentialCache, type Known, subjectsOf } from './credential_cache.ts';

const tenant = { id: 'tenant-1', slug: 'acme' };
const place: Place = { tenant, requiresFactor: false, role: 'viewer', permissions: new Set() };
const keyCaller = (keyId: string, userId = 'user-1'): Caller => ({
  kind: 'api_key',
  keyId,
  owner: { kind: 'user', id: userId, name: 'u' },
  place,
  boundTo: { users: [userId, 'user-maker'], accounts: ['account-1'] },
  until: Number.POSITIVE_INFINITY,
  withFactor: false,
});
const sessionCaller: Caller = {
  kind: 'session',
  sessionId: 'session-1',
  userId: 'user-1',
  email: 'u@example.com',
  isOperator: false,
  tenantId: tenant.id,
  places: [place],
  authenticatedAt: 0,
  withFactor: false,
};
const forever = Number.POSITIVE_INFINITY;
const known = (caller: Caller): Known => ({ caller, until: forever });
const refusal = () => new Error('refused');

function cacheOf(options: { entriesMax?: number; refusedMax?: number } = {}) {
  const revocations = memoryRevocations({ alone: true });
  const cache = new CredentialCache({
    entriesMax: options.entriesMax ?? 100,
    refusedMax: options.refusedMax ?? 100,
    revocations,
  });
  const lookUps: string[] = [];
  const find = (credential: string, answer: Known | undefined) =>
    cache.find(
      credential,
      async () => {
        lookUps.push(credential);
        return answer;
      },
      refusal,
    );
  const change = (what: Change) => revocations.mark(subjectsOf(what));
  return { cache, find, lookUps, change };
}

test('a credential is looked up once, also by requests of the same moment', async () => {
  const { find, lookUps } = cacheOf();
  await Promise.all(Array.from({ length: 50 }, () => find('a', known(keyCaller('1')))));
  await find('a', undefined);
  expect(lookUps).toEqual(['a']);
});

test('a refused credential is looked up once, and refused every time', async () => {
  const { find, lookUps } = cacheOf();
  for (let i = 0; i < 3; i++) await expect(find('bad', undefined)).rejects.toThrow('refused');
  expect(lookUps).toEqual(['bad']);
});

test('a flood of bad credentials neither fills memory nor drives a good one out', async () => {
  const { cache, find, lookUps } = cacheOf({ refusedMax: 10 });
  await find('good', known(keyCaller('1')));
  for (let i = 0; i < 1000; i++) await find(`bad ${i}`, undefined).catch(() => undefined);
  expect(cache.size).toBe(11);
  await find('good', undefined);
  expect(lookUps.filter((credential) => credential === 'good')).toHaveLength(1);
});

test('good credentials are bounded too', async () => {
  const { cache, find } = cacheOf({ entriesMax: 10 });
  for (let i = 0; i < 100; i++) await find(`key ${i}`, known(keyCaller(String(i))));
  expect(cache.size).toBe(10);
});

test('an entry lives no longer than its credential, and no longer than the cache allows', async () => {
  vi.useFakeTimers();
  try {
    const { find, lookUps } = cacheOf();
    await find('short', { caller: sessionCaller, until: Date.now() + 1_000 });
    await find('long', known(sessionCaller));
    vi.advanceTimersByTime(999);
    await find('short', known(sessionCaller));
    expect(lookUps).toEqual(['short', 'long']);
    vi.advanceTimersByTime(1);
    await expect(find('short', undefined)).rejects.toThrow('refused');
    vi.advanceTimersByTime(9_000);
    await find('long', known(sessionCaller));
    expect(lookUps).toEqual(['short', 'long', 'short', 'long']);
  } finally {
    vi.useRealTimers();
  }
});

test.each([
  { kind: 'key', id: 'key-1', drops: ['key'] },
  { kind: 'session', id: 'session-1', drops: ['session'] },
  { kind: 'user', id: 'user-1', drops: ['key', 'session'] },
  { kind: 'tenant', id: 'tenant-1', drops: ['key', 'session', 'other'] },
  { kind: 'tenant', id: 'closed when it was looked up', drops: ['session'] },
  { kind: 'user', id: 'somebody', drops: [] },
] as const)('after a change of $kind $id $drops are looked up again, and nothing else', async ({ kind, id, drops }) => {
  const { find, lookUps, change } = cacheOf();
  const all = { key: keyCaller('key-1'), session: sessionCaller, other: keyCaller('key-2', 'user-2') };
  for (const [name, caller] of Object.entries(all)) await find(name, known(caller));
  lookUps.length = 0;
  await change({ kind, id });
  for (const [name, caller] of Object.entries(all)) await find(name, known(caller));
  expect(lookUps).toEqual(drops);
});

test('a look-up that a change overtakes is not remembered, nor joined by later requests', async () => {
  const { cache, find, lookUps, change } = cacheOf();
  let finish: (answer: Known) => void = () => undefined;
  const slow = cache.find('a', () => new Promise<Known>((resolve) => (finish = resolve)), refusal);
  await change({ kind: 'key', id: 'key-1' });
  const later = find('a', undefined);
  finish(known(keyCaller('key-1')));
  expect(await slow).toEqual(keyCaller('key-1'));
  await expect(later).rejects.toThrow('refused');
  await expect(find('a', undefined)).rejects.toThrow('refused');
  expect(lookUps).toEqual(['a']);
});

test('a look-up that fails is tried again by the next request', async () => {
  const { cache, find } = cacheOf();
  await expect(cache.find('a', () => Promise.reject(new Error('database away')), refusal)).rejects.toThrow('away');
  expect(await find('a', known(sessionCaller))).toEqual(sessionCaller);
});

test('a refusal is forgotten once anything changed: what did not hold may hold now', async () => {
  const { find, change } = cacheOf();
  await expect(find('a', undefined)).rejects.toThrow('refused');
  await change({ kind: 'user', id: 'user-1' });
  expect(await find('a', known(sessionCaller))).toEqual(sessionCaller);
});

test('while nothing can be known of changes, every request is looked up, and a good one is never refused', async () => {
  const cache = new CredentialCache({
    entriesMax: 10,
    refusedMax: 10,
    revocations: {
      mark: async () => undefined,
      read: async () => undefined,
      lifeMs: 10_000,
      close: async () => undefined,
    },
  });
  let lookUps = 0;
  const find = (answer: Known | undefined) => {
    const lookUp = async () => {
      lookUps++;
      return answer;
    };
    return cache.find('a', lookUp, refusal);
  };
  for (let i = 0; i < 3; i++) expect(await find(known(sessionCaller))).toEqual(sessionCaller);
  await expect(find(undefined)).rejects.toThrow('refused');
  expect(await find(known(sessionCaller))).toEqual(sessionCaller);
  expect(lookUps).toBe(5);
  expect(cache.size).toBe(0);
});
