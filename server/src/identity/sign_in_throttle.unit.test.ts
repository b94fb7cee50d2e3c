import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { MaestroError } from '../errors.ts';
import { memoryLimiters } from '../ports/limiters.ts';
import {
  openSignInThrottle,
  type SignInThrottle,
  type Sprayer,
  sprayed,
  type ThrottleOptions,
} from './sign_in_throttle.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const from = (address: string, agent = 'browser') => ({ headers: { 'user-agent': agent }, address, requestId: 'r' });

let passwords = 0;
/** A try, with a password that nobody tried before. */
const trying = (account: string, captcha?: string) => ({ account, password: `number ${++passwords}`, captcha });

function open(more: Partial<ThrottleOptions> = {}): SignInThrottle {
  return openSignInThrottle({
    limiters: memoryLimiters(),
    policy: { freeFailures: 5, captchaAfterFailures: 3 },
    captcha: undefined,
    markOf: (password) => password,
    isKnownDevice: async () => false,
    onSpraying: async () => undefined,
    ...more,
  });
}

/** How many of some tries, one after the other, would have reached the comparison of passwords. */
async function fail(throttle: SignInThrottle, account: string, address: string, times: number): Promise<number> {
  let made = 0;
  for (let i = 0; i < times; i++) if ((await waitOf(throttle, account, address)) === 0) made++;
  return made;
}

/** Seconds to wait; 0 where the try was made, and failed. */
async function waitOf(throttle: SignInThrottle, account: string, address: string): Promise<number> {
  try {
    await throttle.begin(trying(account), from(address));
    return 0;
  } catch (error) {
    if (!(error instanceof MaestroError) || error.code !== 'limit_exceeded') throw error;
    return error.retryAfterSeconds ?? -1;
  }
}

describe('the guessing of passwords', () => {
  test('each further failure waits twice as long, up to five minutes', async () => {
    const throttle = open();
    await fail(throttle, 'a@x.org', '1.1.1.1', 5);
    for (const wait of [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]) {
      expect(await waitOf(throttle, 'a@x.org', '1.1.1.1')).toBe(wait);
      vi.advanceTimersByTime(wait * 1000);
      expect(await waitOf(throttle, 'a@x.org', '1.1.1.1')).toBe(0);
    }
  });

  test('of tries at once no more pass than of tries in a row, also after the first wait', async () => {
    const throttle = open();
    const burst = async () =>
      (await Promise.all(Array.from({ length: 100 }, () => waitOf(throttle, 'a@x.org', '1.1.1.1')))).filter(
        (wait) => wait === 0,
      ).length;
    expect(await burst()).toBe(5);
    vi.advanceTimersByTime(1000);
    expect(await burst()).toBe(1);
    vi.advanceTimersByTime(1999);
    expect(await burst()).toBe(0);
  });

  test.each(['A@X.ORG', '𝓐@x.org', 'ａ@x.org', 'a@x.org ', 'a@ｘ.org'])(
    '%j counts as the same account',
    async (spelling) => {
      const throttle = open();
      expect(await fail(throttle, 'a@x.org', '1.1.1.1', 3)).toBe(3);
      expect(await fail(throttle, spelling, '1.1.1.1', 20)).toBe(2);
    },
  );

  test('letters whose case is written in other letters count as the same account', async () => {
    const throttle = open();
    await fail(throttle, 'straße@x.org', '1.1.1.1', 3);
    expect(await fail(throttle, 'STRASSE@x.org', '1.1.1.1', 20)).toBe(2);
    await fail(throttle, 'kim@y.org', '2.2.2.2', 3);
    expect(await fail(throttle, '\u212aim@y.org', '2.2.2.2', 20)).toBe(2);
  });

  test('an IPv6 subscriber’s many addresses count as one, and IPv4 written as IPv6 as IPv4', async () => {
    const throttle = open();
    let made = 0;
    for (let i = 0; i < 20; i++) made += await fail(throttle, 'a@x.org', `2001:db8:0:1::${i}`, 1);
    expect(made).toBe(5);
    await fail(throttle, 'b@x.org', '192.0.2.1', 3);
    expect(await fail(throttle, 'b@x.org', '::ffff:192.0.2.1', 20)).toBe(2);
  });

  test('many addresses that try one account are slowed together', async () => {
    const throttle = open();
    let made = 0;
    for (let i = 0; i < 200; i++) made += await fail(throttle, 'a@x.org', `10.0.${i}.1`, 1);
    expect(made).toBe(50);
  });

  test('one address that tries many accounts is slowed', async () => {
    const throttle = open();
    let made = 0;
    for (let i = 0; i < 200; i++) made += await fail(throttle, `user${i}@x.org`, '1.1.1.1', 1);
    expect(made).toBe(100);
  });

  test('failures from one address do not keep out who comes from another', async () => {
    const throttle = open();
    await fail(throttle, 'a@x.org', '6.6.6.6', 40);
    expect(await waitOf(throttle, 'a@x.org', '1.1.1.1')).toBe(0);
  });

  test('a known device gets in however many fail elsewhere, and has a limit of its own', async () => {
    const throttle = open({ isKnownDevice: async (_account, network) => network === '1.1.1.1' });
    for (let i = 0; i < 100; i++) await fail(throttle, 'a@x.org', `10.0.${i}.1`, 5);
    expect(await waitOf(throttle, 'a@x.org', '9.9.9.9')).toBeGreaterThan(0);
    expect(await fail(throttle, 'a@x.org', '1.1.1.1', 100)).toBe(5);
  });

  test('a success lets its device start anew', async () => {
    const throttle = open();
    expect(await fail(throttle, 'a@x.org', '1.1.1.1', 4)).toBe(4);
    await (await throttle.begin(trying('a@x.org'), from('1.1.1.1'))).succeeded();
    expect(await fail(throttle, 'a@x.org', '1.1.1.1', 10)).toBe(5);
  });

  test('a try at which no password was compared is none', async () => {
    const throttle = open();
    for (let i = 0; i < 20; i++) await (await throttle.begin(trying('a@x.org'), from('1.1.1.1'))).notMade();
    expect(await fail(throttle, 'a@x.org', '1.1.1.1', 10)).toBe(5);
  });

  test('a success with an account of one’s own wipes out nothing else', async () => {
    const throttle = open();
    let made = 0;
    for (let i = 0; i < 200; i++) {
      made += await fail(throttle, `victim${i}@x.org`, '1.1.1.1', 1);
      if (made < 100) await (await throttle.begin(trying('own@x.org'), from('1.1.1.1'))).succeeded();
    }
    expect(made).toBe(100);
  });

  test('a try that has to wait for one reason costs nothing of another', async () => {
    const throttle = open();
    await fail(throttle, 'a@x.org', '1.1.1.1', 500);
    // Refused 495 times: had those counted for the account, other addresses would have to wait.
    expect(await fail(throttle, 'a@x.org', '2.2.2.2', 10)).toBe(5);
  });
});

describe('one address that fails at many accounts', () => {
  test('is noticed once an hour', async () => {
    const noticed: number[] = [];
    const throttle = open({
      policy: { freeFailures: 100, captchaAfterFailures: 3 },
      onSpraying: async (_network, accounts) => void noticed.push(accounts),
    });
    for (let i = 0; i < 40; i++) await throttle.begin(trying(`user${i}@x.org`), from('1.1.1.1'));
    expect(noticed).toEqual([sprayed.network]);
    vi.advanceTimersByTime(3_601_000);
    for (let i = 0; i < 40; i++) await throttle.begin(trying(`user${i}@x.org`), from('1.1.1.1'));
    expect(noticed).toEqual([sprayed.network, sprayed.network]);
  });

  test('is not noticed where many people sign in with success, or one fails often', async () => {
    const onSpraying = vi.fn(async () => undefined);
    const throttle = open({ policy: { freeFailures: 100, captchaAfterFailures: 3 }, onSpraying });
    for (let i = 0; i < 40; i++) await (await throttle.begin(trying(`user${i}@x.org`), from('1.1.1.1'))).succeeded();
    await fail(throttle, 'a@x.org', '1.1.1.1', 40);
    expect(onSpraying).not.toHaveBeenCalled();
  });

  test('has to prove to be human, for every account', async () => {
    const captcha = { siteKey: 'site', verify: async (token: string) => token === 'human' };
    const throttle = open({ captcha });
    for (let i = 0; i < sprayed.network; i++) await throttle.begin(trying(`user${i}@x.org`), from('1.1.1.1'));
    await expect(throttle.begin(trying('new@x.org'), from('1.1.1.1'))).rejects.toMatchObject({
      code: 'captcha_required',
    });
    await expect(throttle.begin(trying('new@x.org'), from('2.2.2.2'))).resolves.toBeDefined();
    await expect(throttle.begin(trying('new@x.org', 'human'), from('1.1.1.1'))).resolves.toBeDefined();
  });
});

describe('one password that fails at many accounts, from many addresses', () => {
  const spray = (throttle: SignInThrottle, n: number) =>
    throttle.begin({ account: `victim${n}@x.org`, password: 'the sprayed one' }, from(`10.${n >> 8}.${n & 255}.1`));
  const byPassword = (noticed: Sprayer[]) => async (by: Sprayer) => void noticed.push(by);

  test('is noticed once a day, and from then on each further try waits longer', async () => {
    const noticed: Sprayer[] = [];
    const throttle = open({ onSpraying: byPassword(noticed) });
    let made = 0;
    for (let n = 0; n < 140; n++) {
      await spray(throttle, n).then(
        () => made++,
        (error) => expect(error).toMatchObject({ code: 'limit_exceeded' }),
      );
    }
    expect(made).toBe(100);
    expect(noticed).toEqual(['password', 'strangers']);
    vi.advanceTimersByTime(86_401_000);
    for (let n = 0; n < 10; n++) await spray(throttle, n);
    expect(noticed).toEqual(['password', 'strangers', 'password']);
  });

  test('keeps out neither other passwords nor, with that one, a known device', async () => {
    const throttle = open({ isKnownDevice: async (account) => account === 'owner@x.org' });
    for (let n = 0; n < 140; n++) await spray(throttle, n).catch(() => undefined);
    await expect(throttle.begin(trying('new@x.org'), from('9.9.9.9'))).resolves.toBeDefined();
    const owners = { account: 'owner@x.org', password: 'the sprayed one' };
    await expect(throttle.begin(owners, from('9.9.9.9'))).resolves.toBeDefined();
    await expect(throttle.begin({ ...owners, account: 'new@x.org' }, from('9.9.9.9'))).rejects.toThrow(/try again/);
  });

  test('needs a proof of being human where there is a captcha', async () => {
    const throttle = open({ captcha: { siteKey: 'site', verify: async () => true } });
    for (let n = 0; n < sprayed.password; n++) await spray(throttle, n);
    await expect(spray(throttle, 10)).rejects.toMatchObject({ code: 'captcha_required' });
    await expect(throttle.begin(trying('new@x.org'), from('9.9.9.9'))).resolves.toBeDefined();
  });

  test('is not noticed where it is right, and signing in with it at an account of one’s own takes nothing back', async () => {
    const noticed: Sprayer[] = [];
    const throttle = open({ onSpraying: byPassword(noticed) });
    for (let n = 0; n < 40; n++) await (await spray(throttle, n)).succeeded();
    expect(noticed).toEqual([]);
    for (let n = 0; n < sprayed.password; n++) {
      await spray(throttle, n);
      const own = Array.from({ length: 4 }, () =>
        throttle.begin({ account: 'own@x.org', password: 'the sprayed one' }, from('6.6.6.6')),
      );
      for (const attempt of await Promise.all(own)) await attempt.succeeded();
    }
    expect(noticed).toEqual(['password']);
  });
});

describe('known devices of one network', () => {
  const office = () => {
    const noticed: Sprayer[] = [];
    const throttle = open({
      isKnownDevice: async (account, network) => network === '1.1.1.1' && account.startsWith('colleague'),
      onSpraying: async (by) => void noticed.push(by),
      captcha: { siteKey: 'site', verify: async () => false },
    });
    const colleague = (n: number, password = 'the sprayed one') =>
      throttle.begin({ account: `colleague${n}@x.org`, password }, from('1.1.1.1'));
    return { noticed, throttle, colleague };
  };

  test('that fail with one password at many accounts are noticed, and none of them waits or has to prove anything', async () => {
    const { noticed, colleague } = office();
    for (let n = 0; n < 250; n++) await expect(colleague(n)).resolves.toBeDefined();
    expect(noticed).toEqual(['network', 'password', 'strangers']);
    await expect(colleague(250, 'another password')).resolves.toBeDefined();
  });

  test('at which people sign in with success are not noticed', async () => {
    const { noticed, colleague } = office();
    for (let n = 0; n < 250; n++) await (await colleague(n)).succeeded();
    expect(noticed).toEqual([]);
  });
});

test('tries at which no password was compared are no spraying, and take back nothing that failed', async () => {
  const noticed: Sprayer[] = [];
  const throttle = open({ onSpraying: async (by) => void noticed.push(by) });
  const spray = (n: number) =>
    throttle.begin({ account: `v${n}@x.org`, password: 'the sprayed one' }, from(`10.0.${n}.1`));
  for (let n = 0; n < 60; n++) await (await spray(n)).notMade();
  expect(noticed).toEqual([]);
  for (let n = 0; n < sprayed.password; n++) {
    await spray(n);
    await (await spray(n)).notMade();
  }
  expect(noticed).toEqual(['password']);
});

test('strangers who fail at many accounts, each with another password and from another address, are noticed together', async () => {
  const noticed: Sprayer[] = [];
  const captcha = { siteKey: 'site', verify: async () => true };
  const throttle = open({ captcha, onSpraying: async (by) => void noticed.push(by) });
  for (let n = 0; n < sprayed.strangers; n++) await throttle.begin(trying(`v${n}@x.org`), from(`10.0.${n}.1`));
  expect(noticed).toEqual(['strangers']);
  await expect(throttle.begin(trying('new@x.org'), from('9.9.9.9'))).rejects.toMatchObject({
    code: 'captcha_required',
  });
});

test('a captcha is asked for after the failures that the policy says, and none is spent on a try that must wait', async () => {
  const verify = vi.fn(async (token: string) => token.startsWith('human'));
  const throttle = open({ captcha: { siteKey: 'site', verify } });
  expect(await fail(throttle, 'a@x.org', '1.1.1.1', 3)).toBe(3);
  await expect(throttle.begin(trying('a@x.org'), from('1.1.1.1'))).rejects.toMatchObject({
    code: 'captcha_required',
    members: { captcha_site_key: 'site' },
  });
  await expect(throttle.begin(trying('a@x.org', 'robot'), from('1.1.1.1'))).rejects.toMatchObject({
    code: 'captcha_required',
  });
  await throttle.begin(trying('a@x.org', 'human 1'), from('1.1.1.1'));
  await throttle.begin(trying('a@x.org', 'human 2'), from('1.1.1.1'));
  verify.mockClear();
  await expect(throttle.begin(trying('a@x.org', 'human 3'), from('1.1.1.1'))).rejects.toMatchObject({
    code: 'limit_exceeded',
  });
  expect(verify).not.toHaveBeenCalled();
});
