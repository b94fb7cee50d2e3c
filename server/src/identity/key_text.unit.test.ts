import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hashOfKey, looksLikeKey, mintKey, tenantOfKey } from './key_text.ts';

test('a key names its tenant, whatever the tenant’s id', () => {
  fc.assert(fc.property(fc.uuid(), (tenantId) => tenantOfKey(mintKey(tenantId).text) === tenantId));
  for (const edge of ['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff']) {
    expect(tenantOfKey(mintKey(edge).text)).toBe(edge);
  }
});

test('two keys of a tenant share neither text nor hash, and show nothing of their secret but four characters', () => {
  const tenantId = randomUUID();
  const [one, two] = [mintKey(tenantId), mintKey(tenantId)];
  expect(one.text).not.toBe(two.text);
  expect(one.hash).not.toEqual(two.hash);
  expect(one.hash).toEqual(hashOfKey(one.text));
  expect(one.text.startsWith(one.shown)).toBe(true);
  expect(one.shown).toHaveLength('mst_'.length + 22 + 4);
});

test('a key with one character changed is refused before any query', () => {
  const { text } = mintKey(randomUUID());
  const digit = fc.constantFrom(...'09AZaz-_. ');
  fc.assert(
    fc.property(fc.integer({ min: 4, max: text.length - 1 }), digit, (at, other) => {
      fc.pre(text[at] !== other);
      expect(tenantOfKey(text.slice(0, at) + other + text.slice(at + 1))).toBeUndefined();
    }),
  );
});

test('no other text is taken for a key', () => {
  fc.assert(fc.property(fc.string(), (text) => tenantOfKey(text) === undefined));
  fc.assert(fc.property(fc.stringMatching(/^mst_[0-9A-Za-z]{71}$/), (text) => tenantOfKey(text) === undefined));
  expect(looksLikeKey('eyJhbGciOi')).toBe(false);
});
