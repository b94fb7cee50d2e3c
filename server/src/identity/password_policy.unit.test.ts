import { dictionary } from '@zxcvbn-ts/language-common';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { problemsOf, requireAcceptable } from './password_policy.ts';
import { generatePassword } from './passwords.ts';
import { defaultPolicy } from './policy.ts';

const alice = { email: 'alice.liddell@example.com', tenants: ['wonderland-labs'], mustUseFactor: false };
const check = (password: string, owner = alice) => problemsOf(password, defaultPolicy, owner);

describe('the length', () => {
  test('is 15 characters, and 8 beside a second factor', async () => {
    expect(await check('kxqv unwe mzip')).toEqual(['too_short']);
    expect(await check('kxqv unwe mzipo')).toEqual([]);
    const withFactor = { ...alice, mustUseFactor: true };
    expect(await check('kxqvunw', withFactor)).toEqual(['too_short']);
    expect(await check('kxqvunwe', withFactor)).toEqual([]);
  });

  test('counts code points, not units or bytes, and a composed letter once', async () => {
    const keys = [...'🔑🗝🚪🪟🧱🪜🧲🪛🔩🪝🧰🪚🔧🔨⛏'];
    expect(keys).toHaveLength(15);
    expect(await check(keys.join(''))).toEqual([]);
    expect(await check(keys.slice(1).join(''))).toEqual(['too_short']);
    expect(await check('e\u0301kxqvunwemzipo'.slice(0, 15))).toEqual(['too_short']);
  });

  test('is at most 1,024 bytes', async () => {
    const long = Array.from({ length: 1024 }, (_, at) => String.fromCharCode(97 + ((at * at) % 25))).join('');
    expect(await check(long)).toEqual([]);
    expect(await check(`${long}z`)).toEqual(['too_long']);
    expect(await check('密'.repeat(342))).toEqual(['too_long']);
  });

  test('is what the policy says', async () => {
    const policy = { ...defaultPolicy, passwordLengthMin: 20 };
    expect(await problemsOf('kxqv unwe mzipo', policy, alice)).toEqual(['too_short']);
    await expect(requireAcceptable('kxqv unwe mzipo', policy, alice, 'new_password')).rejects.toMatchObject({
      code: 'invalid_parameter',
      field: 'new_password',
      message: 'new_password: must have 20 characters or more',
    });
  });
});

test('there is no rule on which characters a password has', async () => {
  for (const password of [
    'kxqvunwemziporta',
    '947261058364920175',
    '~~^{<}>|;:?/.,#~',
    'один два тигра лежат',
    '       k       x   ',
  ]) {
    expect(await check(password), password).toEqual([]);
  }
});

test.each(['half \ud800 of a pair here', '\udc00 low one comes first', 'nul \0 in between them'])(
  '%j is no text to be hashed',
  async (password) => {
    expect(await check(password)).toEqual(['not_text']);
  },
);

describe('the commonest passwords are refused', () => {
  const ofLength = (least: number) => dictionary['passwords-common'].filter((word) => word.length >= least);

  test('all of a fitting length: more than 3,000 where 8 characters are enough', async () => {
    const words = ofLength(8);
    expect(words.length).toBeGreaterThan(3_000);
    for (const word of words) {
      expect(await check(word, { ...alice, mustUseFactor: true }), word).toContain('common');
    }
  });

  test('and the 3,000 commonest made long enough for 15: repeated, or with another one behind them', async () => {
    const words = dictionary['passwords-common'].slice(0, 3_000);
    for (const [at, word] of words.entries()) {
      const repeated = word.repeat(Math.ceil(15 / word.length));
      expect(await check(repeated), repeated).not.toEqual([]);
      const other = words[(at * 7 + 1) % 3_000] as string;
      if (word.length >= 3 && other.length >= 3 && word.length + other.length >= 15) {
        expect(await check(word + other), word + other).not.toEqual([]);
      }
    }
  });

  test.each([
    'PASSWORDPASSWORD',
    'PasswordPassword1',
    'P@ssw0rdP@ssw0rd',
    'password-password',
    'passwordpassword2026',
    '!!!passwordpassword',
    'aaaaaaaaaaaaaaaa',
    'abcabcabcabcabcabc',
    '123456789012345678',
    'qwertyuiopasdfghjkl',
    'abcdefghijklmnopqrs',
    'iloveyou iloveyou',
    'ＰＡＳＳＷＯＲＤＰＡＳＳＷＯＲＤ',
  ])('%s', async (password) => {
    expect(await check(password)).toEqual(['common']);
  });
});

test.each([
  'alice.liddell@example.com',
  'AliceLiddellAliceLiddell',
  'alice.liddell2026!',
  'maestromaestromaestro',
  'M@estro-M@estro-M@estro',
  'wonderland-labs',
  'Wonderland Labs 1',
  'maestro-wonderland-labs',
  'alicealicealice',
])('%s, which stands in the person’s context, is refused', async (password) => {
  expect(await check(password)).toEqual(['context']);
});

test('what only holds such a word somewhere is not refused', async () => {
  expect(await check('my password is a long sentence of my own')).toEqual([]);
  expect(await check('alice went down the hole after a rabbit')).toEqual([]);
});

test('generated passwords pass, and so does nearly every random text of 15 characters', async () => {
  for (let i = 0; i < 2_000; i++) expect(await check(generatePassword())).toEqual([]);
  const printable = fc.string({
    unit: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz0123456789 -'),
    minLength: 15,
    maxLength: 15,
  });
  let refused = 0;
  for (const password of fc.sample(printable, 2_000)) refused += (await check(password)).length;
  expect(refused).toBeLessThan(20);
});

test('no text makes the check slow or fail', async () => {
  await check('warm the list up, once');
  const hard = ['a'.repeat(1024), 'ab'.repeat(512), `${'a'.repeat(1023)}b`, '@1!'.repeat(341), 'pass1@!'.repeat(9)];
  const odd = fc.sample(fc.string({ unit: 'binary', maxLength: 300 }), 50);
  for (const password of [...hard, ...odd]) {
    // The processor's time: what else runs on the machine does not count.
    const before = process.cpuUsage();
    await check(password);
    expect(process.cpuUsage(before).user / 1000, password).toBeLessThan(100);
  }
}, 30_000);
