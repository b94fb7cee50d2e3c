import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rangeOf } from './send.ts';

describe('rangeOf', () => {
  it.each([
    [undefined, undefined],
    ['bytes=0-4', { start: 0, end: 4 }],
    ['bytes=2-', { start: 2, end: 9 }],
    ['bytes=-3', { start: 7, end: 9 }],
    ['bytes=-30', { start: 0, end: 9 }],
    ['bytes=0-999', { start: 0, end: 9 }],
    ['bytes=9-9', { start: 9, end: 9 }],
    ['bytes=10-', 'none'],
    ['bytes=-0', 'none'],
    ['bytes=4-2', undefined],
    ['bytes=0-1,3-4', undefined],
    ['lines=0-1', undefined],
    ['bytes=a-b', undefined],
  ])('reads %j of ten bytes as %j', (header, range) => {
    expect(rangeOf(header, 10)).toEqual(range);
  });

  it('never leaves the file', () => {
    const bound = fc.option(fc.nat(50), { nil: '' });
    fc.assert(
      fc.property(bound, bound, fc.nat(40), (first, last, size) => {
        const range = rangeOf(`bytes=${first}-${last}`, size);
        if (range === undefined || range === 'none') return;
        expect(range.start).toBeGreaterThanOrEqual(0);
        expect(range.start).toBeLessThanOrEqual(range.end);
        expect(range.end).toBeLessThan(size);
      }),
    );
  });
});
