import { expect, test } from 'vitest';
import { generatePassword, openPasswords } from './passwords.ts';

test('a password is hashed with 12 rounds, and only it opens its hash', async () => {
  const passwords = openPasswords();
  const stored = await passwords.hash('correct horse');
  expect(stored).toMatch(/^\$2b\$12\$/);
  expect(await passwords.verify('correct horse', stored)).toBe(true);
  expect(await passwords.verify('correct horsf', stored)).toBe(false);
}, 60_000);

test('a password of 72 bytes does not open with more behind it', async () => {
  const passwords = openPasswords();
  const longest = 'x'.repeat(72);
  const stored = await passwords.hash(longest);
  expect(await passwords.verify(`${longest}y`, stored)).toBe(false);
  expect(await passwords.verify(longest, stored)).toBe(true);
  await expect(passwords.hash(`${longest}y`)).rejects.toThrow();
}, 60_000);

test('an unknown user takes as long as a wrong password, and never matches', async () => {
  const passwords = openPasswords();
  const stored = await passwords.hash('a password');
  const timed = async (hash: string | undefined) => {
    const start = performance.now();
    expect(await passwords.verify('another', hash)).toBe(false);
    return performance.now() - start;
  };
  const fastest = async (hash: string | undefined) => Math.min(await timed(hash), await timed(hash), await timed(hash));
  const [known, unknown] = [await fastest(stored), await fastest(undefined)];
  // Wide enough for a busy machine: a missing hash would make it a ten-thousandth.
  expect(unknown / known).toBeGreaterThan(0.4);
  expect(unknown / known).toBeLessThan(2.5);
}, 60_000);

test('of a flood of sign-ins what is past the bound is turned away, and the rest is served', async () => {
  const passwords = openPasswords();
  // A malformed hash is refused at once, so that this test need not wait for 66 real ones.
  const outcomes = await Promise.allSettled(Array.from({ length: 100 }, () => passwords.verify('x', 'no hash')));
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(66);
  expect(await passwords.verify('x', 'no hash')).toBe(false);
});

test('generated passwords differ and hold about 116 bits', () => {
  const made = Array.from({ length: 1000 }, generatePassword);
  expect(new Set(made).size).toBe(1000);
  for (const password of made) expect(password).toMatch(/^([A-HJ-NP-Za-kmnp-z2-9]{5}-){3}[A-HJ-NP-Za-kmnp-z2-9]{5}$/);
});
