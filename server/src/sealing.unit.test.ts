import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { masterOf } from './sealing.ts';

const keyText = () => randomBytes(32).toString('base64');

test('what is sealed opens with its key and its context, and does not show', () => {
  const sealer = masterOf(keyText());
  const sealed = sealer.seal('a seed', 'totp 1');
  expect(sealer.open(sealed, 'totp 1').toString()).toBe('a seed');
  expect(sealed.toString('latin1')).not.toContain('a seed');
});

test('the same text sealed twice is two texts', () => {
  const sealer = masterOf(keyText());
  expect(sealer.seal('x', 'c').equals(sealer.seal('x', 'c'))).toBe(false);
});

test('a sealed text of another context, of another key, or with any byte changed does not open', () => {
  const sealer = masterOf(keyText());
  const sealed = sealer.seal('a seed', 'totp 1');
  expect(() => sealer.open(sealed, 'totp 2')).toThrow();
  expect(() => masterOf(keyText()).open(sealed, 'totp 1')).toThrow();
  for (const at of sealed.keys()) {
    const changed = Buffer.from(sealed);
    changed[at]! ^= 1;
    expect(() => sealer.open(changed, 'totp 1')).toThrow();
  }
  expect(() => sealer.open(sealed.subarray(0, 20), 'totp 1')).toThrow();
});

test('a key of another length is refused', () => {
  expect(() => masterOf(randomBytes(16).toString('base64'))).toThrow('32 bytes');
});
