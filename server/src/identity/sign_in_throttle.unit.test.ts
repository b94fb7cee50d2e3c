import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { MaestroError } from '../errors.ts';
import { memoryLimiters } from '../ports/limiters.ts';
import { openSignInThrottle, type SignInThrottle, sprayedAccounts, type ThrottleOptions } from './sign_in_throttle.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const from = (address: string, agent = 'browser') => ({ headers: { 'user-agent': agent }, address, requestId: 'r' });

function open(more: Partial<ThrottleOptions> = {}): SignInThrottle {
  return openSignInThrottle({
    limiters: memoryLimiters(),
    policy: { freeFailures: 5, captchaAfterFailures: 3 },
    captcha: undefined,
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
    await throttle.begin(account, from(address));
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
    await (await throttle.begin('a@x.org', from('1.1.1.1'))).succeeded();
    expect(await fail(throttle, 'a@x.org', '1.1.1.1', 10)).toBe(5);
  });

  test('a success with an account of one’s own wipes out nothing else', async () => {
    const throttle = open();
    let made = 0;
    for (let i = 0; i < 200; i++) {
      made += await fail(throttle, `victim${i}@x.org`, '1.1.1.1', 1);
      if (made < 100) await (await throttle.begin('own@x.org', from('1.1.1.1'))).succeeded();
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
    for (let i = 0; i < 40; i++) await throttle.begin(`user${i}@x.org`, from('1.1.1.1'));
    expect(noticed).toEqual([sprayedAccounts]);
    vi.advanceTimersByTime(3_601_000);
    for (let i = 0; i < 40; i++) await throttle.begin(`user${i}@x.org`, from('1.1.1.1'));
    expect(noticed).toEqual([sprayedAccounts, sprayedAccounts]);
  });

  test('is not noticed where many people sign in with success, or one fails often', async () => {
    const onSpraying = vi.fn(async () => undefined);
    const throttle = open({ policy: { freeFailures: 100, captchaAfterFailures: 3 }, onSpraying });
    for (let i = 0; i < 40; i++) await (await throttle.begin(`user${i}@x.org`, from('1.1.1.1'))).succeeded();
    await fail(throttle, 'a@x.org', '1.1.1.1', 40);
    expect(onSpraying).not.toHaveBeenCalled();
  });

  test('has to prove to be human, for every account', async () => {
    const captcha = { siteKey: 'site', verify: async (token: string) => token === 'human' };
    const throttle = open({ captcha });
    for (let i = 0; i < sprayedAccounts; i++) await throttle.begin(`user${i}@x.org`, from('1.1.1.1'));
    await expect(throttle.begin('new@x.org', from('1.1.1.1'))).rejects.toMatchObject({ code: 'captcha_required' });
    await expect(throttle.begin('new@x.org', from('2.2.2.2'))).resolves.toBeDefined();
    await expect(throttle.begin('new@x.org', from('1.1.1.1'), 'human')).resolves.toBeDefined();
  });
});

test('a captcha is asked for after the failures that the policy says, and none is spent on a try that must wait', async () => {
  const verify = vi.fn(async (token: string) => token.startsWith('human'));
  const throttle = open({ captcha: { siteKey: 'site', verify } });
  expect(await fail(throttle, 'a@x.org', '1.1.1.1', 3)).toBe(3);
  await expect(throttle.begin('a@x.org', from('1.1.1.1'))).rejects.toMatchObject({
    code: 'captcha_required',
    members: { captcha_site_key: 'site' },
  });
  await expect(throttle.begin('a@x.org', from('1.1.1.1'), 'robot')).rejects.toMatchObject({ code: 'captcha_required' });
  await throttle.begin('a@x.org', from('1.1.1.1'), 'human 1');
  await throttle.begin('a@x.org', from('1.1.1.1'), 'human 2');
  verify.mockClear();
  await expect(throttle.begin('a@x.org', from('1.1.1.1'), 'human 3')).rejects.toMatchObject({ code: 'limit_exceeded' });
  expect(verify).not.toHaveBeenCalled();
});
