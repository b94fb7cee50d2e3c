import { randomBytes } from 'node:crypto';
import { hash as bcrypt } from '@node-rs/bcrypt';
import { describe, expect, test } from 'vitest';
import { generatePassword, openPasswords } from './passwords.ts';

const pepper = randomBytes(32).toString('base64');
/** Few rounds: what is tested here does not depend on their number. */
const rounds = 6;
const passwords = openPasswords({ pepper, rounds });

const plain = (password: string, version: string, cost = rounds): Promise<string> =>
  bcrypt(password, { cost }).then((made) => made.replace('$2b$', `$${version}$`));

describe('a hash', () => {
  test('is bcrypt of the policy’s rounds under a version and the pepper’s name, and only its password opens it', async () => {
    const secret = generatePassword();
    const stored = await openPasswords({ pepper, rounds: 12 }).hash(secret);
    expect(stored).toMatch(/^m1:[0-9a-f]{12}:\$2b\$12\$[./A-Za-z0-9]{53}$/);
    expect(await passwords.verify(secret, stored)).toBe(true);
    expect(await passwords.verify(`${secret} `, stored)).toBe(false);
  }, 60_000);

  test('loses nothing past 72 bytes: of two of 200 bytes that differ in the last one, each opens its own', async () => {
    const [one, other] = [`${'x'.repeat(199)}1`, `${'x'.repeat(199)}2`];
    const stored = await passwords.hash(one);
    expect(await passwords.verify(one, stored)).toBe(true);
    expect(await passwords.verify(other, stored)).toBe(false);
    expect(await passwords.verify(one.slice(0, 72), stored)).toBe(false);
  });

  test('keeps characters of many bytes apart, at the end of a long password too', async () => {
    const long = '密码🔑'.repeat(30);
    const stored = await passwords.hash(`${long}猫`);
    expect(await passwords.verify(`${long}猫`, stored)).toBe(true);
    expect(await passwords.verify(`${long}狗`, stored)).toBe(false);
  });

  test('opens to the same text however its letters are composed', async () => {
    const stored = await passwords.hash('e\u0301te\u0301 a\u0300 la montagne');
    expect(await passwords.verify('\u00e9t\u00e9 \u00e0 la montagne', stored)).toBe(true);
    expect(await passwords.verify('ete a la montagne', stored)).toBe(false);
  });

  test('is worth nothing without the pepper', async () => {
    const secret = generatePassword();
    const stored = await passwords.hash(secret);
    const elsewhere = openPasswords({ pepper: randomBytes(32).toString('base64'), rounds });
    expect(await elsewhere.verify(secret, stored)).toBe(false);
    // Nor where its name is forged, or left out.
    const [, theirs] = (await elsewhere.hash(secret)).split(':');
    expect(await elsewhere.verify(secret, stored.replace(/^m1:[0-9a-f]+/, `m1:${theirs}`))).toBe(false);
    expect(await passwords.verify(secret, stored.replace(/^m1:[0-9a-f]+:/, ''))).toBe(false);
  });

  test('of an older pepper opens while that is given, and is outdated', async () => {
    const older = [randomBytes(32), randomBytes(32)].map((bytes) => bytes.toString('base64'));
    const now = openPasswords({ pepper, previousPeppers: older, rounds });
    for (const each of older) {
      const stored = await openPasswords({ pepper: each, rounds }).hash('the same');
      expect(await now.verify('the same', stored)).toBe(true);
      expect(await now.verify('another', stored)).toBe(false);
      expect(now.isOutdated(stored)).toBe(true);
    }
    const fresh = await now.hash('the same');
    expect(now.isOutdated(fresh)).toBe(false);
    expect(await passwords.verify('the same', fresh)).toBe(true);
  });

  test('of a pepper that was not given is told of once, by its name', async () => {
    const told: string[] = [];
    const telling = openPasswords({ pepper, rounds, onUnknownPepper: (name) => told.push(name) });
    const stored = await openPasswords({ pepper: randomBytes(32).toString('base64'), rounds }).hash('p');
    for (let tries = 0; tries < 2; tries++) expect(await telling.verify('p', stored)).toBe(false);
    expect(await telling.verify('p', await telling.hash('p'))).toBe(true);
    expect(told).toEqual([stored.split(':')[1]]);
  });

  test('of one password differs each time', async () => {
    expect(await passwords.hash('the same')).not.toBe(await passwords.hash('the same'));
  });
});

describe('a hash of an older system', () => {
  test.each(['2a', '2b', '2y'])('verifies as $%s$, un-normalized, and is outdated', async (version) => {
    const stored = await plain('cafe\u0301 correct horse', version);
    expect(await passwords.verify('cafe\u0301 correct horse', stored)).toBe(true);
    expect(await passwords.verify('caf\u00e9 correct horse', stored)).toBe(false);
    expect(passwords.isOutdated(stored)).toBe(true);
  });

  test('opens to no more than the 72 bytes that it holds', async () => {
    const stored = await plain('x'.repeat(72), '2b');
    expect(await passwords.verify('x'.repeat(72), stored)).toBe(true);
    expect(await passwords.verify(`${'x'.repeat(72)}y`, stored)).toBe(false);
  });

  test('is outdated by its rounds too, and one of the policy’s form is not', async () => {
    const lower = await openPasswords({ pepper, rounds: rounds - 1 }).hash('p');
    const higher = await openPasswords({ pepper, rounds: rounds + 1 }).hash('p');
    expect(passwords.isOutdated(lower)).toBe(true);
    expect(passwords.isOutdated(await passwords.hash('p'))).toBe(false);
    expect(passwords.isOutdated(higher)).toBe(false);
  });
});

test.each([
  '',
  'no hash',
  '$2x$06$Zr4t3iGPRogck2uh5a9inO4jX.tsjo7h30vOxpVRjhg4gvn2/gA5i',
  '$2b$31$Zr4t3iGPRogck2uh5a9inO4jX.tsjo7h30vOxpVRjhg4gvn2/gA5i',
  '$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$hash',
  'm2:000000000000:$2b$06$Zr4t3iGPRogck2uh5a9inO4jX.tsjo7h30vOxpVRjhg4gvn2/gA5i',
])('what is no hash (%s) opens to nothing, and is no error', async (stored) => {
  expect(await passwords.verify('', stored)).toBe(false);
  expect(await passwords.verify('password', stored)).toBe(false);
});

test('an unknown user, a hash of a lower cost, an older form and another pepper take as long as a wrong password', async () => {
  const slow = openPasswords({ pepper, rounds: 11 });
  const stored = await slow.hash('a password');
  const others = [
    undefined,
    null,
    await openPasswords({ pepper, rounds: 8 }).hash('p'),
    await plain('p', '2a', 10),
    stored.replace(/^m1:[0-9a-f]+/, 'm1:000000000000'),
    'no hash',
  ];
  // The processor's time: what else runs on the machine does not count.
  const timed = async (hash: string | null | undefined) => {
    const before = process.cpuUsage();
    expect(await slow.verify('another', hash)).toBe(false);
    const { user, system } = process.cpuUsage(before);
    return user + system;
  };
  const hashes = [stored, ...others];
  const best = hashes.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < 5; round++) {
    for (const [at, hash] of hashes.entries()) best[at] = Math.min(best[at]!, await timed(hash));
  }
  for (const time of best) {
    // A missing hash would make it a ten-thousandth, one of 8 rounds an eighth, one of 10 a half.
    expect(time / best[0]!).toBeGreaterThan(0.6);
    expect(time / best[0]!).toBeLessThan(1.7);
  }
}, 60_000);

test('of a flood of sign-ins what is past the bound is turned away at once, and the rest is served', async () => {
  const two = openPasswords({ pepper, rounds: 4, atOnce: 2 });
  const outcomes = await Promise.allSettled(Array.from({ length: 100 }, () => two.verify('x', undefined)));
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(66);
  const [refused] = outcomes.filter((outcome) => outcome.status === 'rejected');
  expect(refused?.reason).toMatchObject({ code: 'unavailable' });
  expect(await two.verify('x', undefined)).toBe(false);
});

test('a failure gives its place free', async () => {
  const one = openPasswords({ pepper, rounds: 99, atOnce: 1 });
  for (let i = 0; i < 3; i++) await expect(one.hash('x')).rejects.toThrow();
});

test('hashing leaves the event loop free', async () => {
  const slow = openPasswords({ pepper, rounds: 12, atOnce: 1 });
  let done = false;
  const work = slow.hash('x').then(() => {
    done = true;
  });
  let turns = 0;
  while (!done) {
    await new Promise(setImmediate);
    turns++;
  }
  await work;
  expect(turns).toBeGreaterThan(100);
}, 60_000);

test('generated passwords differ and hold more than 128 bits', () => {
  const made = Array.from({ length: 1000 }, generatePassword);
  expect(new Set(made).size).toBe(1000);
  for (const password of made) expect(password).toMatch(/^([A-HJ-NP-Za-kmnp-z2-9]{5}-){4}[A-HJ-NP-Za-kmnp-z2-9]{5}$/);
});
