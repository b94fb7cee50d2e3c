import fc from 'fast-check';
import { expect, test } from 'vitest';
import { float8Array, int8Array, readNumbers } from './arrays.ts';

const items = (buffer: Buffer, read: (at: number) => number | bigint) =>
  Array.from({ length: buffer.readInt32BE(12) }, (_, index) => read(24 + 12 * index));

test('bigint[] carries every safe integer', () => {
  fc.assert(
    fc.property(fc.array(fc.maxSafeInteger(), { minLength: 1 }), (values) => {
      const buffer = int8Array(values);
      expect(items(buffer, (at) => buffer.readBigInt64BE(at))).toEqual(values.map(BigInt));
    }),
  );
});

test('double precision[] carries every double, NaN too', () => {
  fc.assert(
    fc.property(fc.array(fc.double(), { minLength: 1 }), (values) => {
      const buffer = float8Array(values);
      expect(items(buffer, (at) => buffer.readDoubleBE(at))).toEqual(values);
    }),
  );
});

test('the text of a number array reads as its numbers', () => {
  expect(readNumbers('{}')).toEqual([]);
  expect(readNumbers('{1,-2.5,1e+300}')).toEqual([1, -2.5, 1e300]);
  expect(readNumbers('{NaN,1}')).toEqual([Number.NaN, 1]);
});
