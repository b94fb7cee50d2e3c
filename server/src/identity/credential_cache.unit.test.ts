import { expect, test, vi } from 'vitest';
import type { Caller, Place } from './caller.ts';
import { CredentialCache, type Known } from './credential_cache.ts';

const tenant = { id: 'tenant-1', slug: 'acme' };
const place: Place = { tenant, role: 'viewer', permissions: new Set() };
const keyCaller = (keyId: string, userId = 'user-1'): Caller => ({
  kind: 'api_key',
  keyId,
  owner: { kind: 'user', id: userId, name: 'u' },
  place,
  boundTo: { users: [userId, 'user-maker'], accounts: ['account-1'] },
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

function cacheOf(options: { entriesMax?: number; refusedMax?: number; lifeMs?: number } = {}) {
  const cache = new CredentialCache({
    entriesMax: options.entriesMax ?? 100,
    refusedMax: options.refusedMax ?? 100,
    lifeMs: () => options.lifeMs ?? 10_000,
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
  return { cache, find, lookUps };
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
    const { find, lookUps } = cacheOf({ lifeMs: 10_000 });
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
  { kind: 'user', id: 'somebody', drops: [] },
] as const)('a change of $kind $id drops $drops and nothing else', async ({ kind, id, drops }) => {
  const { cache, find, lookUps } = cacheOf();
  const all = { key: keyCaller('key-1'), session: sessionCaller, other: keyCaller('key-2', 'user-2') };
  for (const [name, caller] of Object.entries(all)) await find(name, known(caller));
  lookUps.length = 0;
  cache.drop({ kind, id });
  for (const [name, caller] of Object.entries(all)) await find(name, known(caller));
  expect(lookUps).toEqual(drops);
});

test('a look-up that a change overtakes is not remembered, nor joined by later requests', async () => {
  const { cache, find, lookUps } = cacheOf();
  let finish: (answer: Known) => void = () => undefined;
  const slow = cache.find('a', () => new Promise<Known>((resolve) => (finish = resolve)), refusal);
  cache.drop({ kind: 'key', id: 'key-1' });
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
