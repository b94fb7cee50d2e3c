import { expect, test } from 'vitest';
import { openSignInThrottle } from './sign_in_throttle.ts';

function throttleAt(start = 0) {
  let now = start;
  const throttle = openSignInThrottle(() => now);
  const fail = (email: string, address: string, times: number) => {
    let made = 0;
    for (let i = 0; i < times; i++) if (throttle.begin(email, address) === 0) made++;
    return made;
  };
  return { throttle, fail, pass: (ms: number) => (now += ms) };
}

test('a burst of tries gets five through, whatever the letter case', () => {
  const { throttle, fail } = throttleAt();
  expect(fail('a@x.org', '1', 3) + fail('A@X.org', '1', 100)).toBe(5);
  expect(throttle.begin('a@x.org', '1')).toBe(1_000);
});

test('each further failure waits twice as long, up to five minutes', () => {
  const { throttle, fail, pass } = throttleAt();
  fail('a@x.org', '1', 5);
  for (const wait of [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]) {
    expect(throttle.begin('a@x.org', '1')).toBe(wait * 1000);
    pass(wait * 1000);
    expect(throttle.begin('a@x.org', '1')).toBe(0);
  }
});

test('failures from one address do not keep the user out who comes from another', () => {
  const { throttle, fail } = throttleAt();
  fail('a@x.org', 'attacker', 40);
  expect(throttle.begin('a@x.org', 'home')).toBe(0);
});

test('one address that tries many users is slowed', () => {
  const { throttle } = throttleAt();
  const made = Array.from({ length: 100 }, (_, i) => throttle.begin(`user${i}@x.org`, '1')).filter(
    (wait) => wait === 0,
  );
  expect(made).toHaveLength(30);
});

test('signing in with an account of one’s own does not wipe out an address’s failures', () => {
  const { throttle, fail } = throttleAt();
  let made = 0;
  for (let i = 0; i < 100; i++) {
    made += fail(`victim${i}@x.org`, '1', 1);
    if (throttle.begin('own@x.org', '1') === 0) throttle.succeeded('own@x.org', '1');
  }
  expect(made).toBeLessThanOrEqual(31);
});

test('a success forgets the failures of its user, and half an hour forgets them all', () => {
  const { throttle, fail, pass } = throttleAt();
  fail('a@x.org', '1', 4);
  throttle.begin('a@x.org', '1');
  throttle.succeeded('a@x.org', '1');
  expect(fail('a@x.org', '1', 10)).toBe(5);
  pass(31 * 60_000);
  expect(fail('a@x.org', '1', 10)).toBe(5);
});
