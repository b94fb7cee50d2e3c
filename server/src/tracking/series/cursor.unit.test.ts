import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { type Cursor, cursorLengthMax, readCursor, writeCursor } from './cursor.ts';

const idsOf = (count: number): string[] => Array.from({ length: count }, () => randomBytes(16).toString('hex'));

test('the longest cursor is no longer than a request may hold, and is read as it was written', () => {
  const runIds = idsOf(500);
  const places = new Map(
    runIds.map((runId) => [runId, { points: Number.MAX_SAFE_INTEGER, bucket: Number.MIN_SAFE_INTEGER }]),
  );
  const keys = Array.from({ length: 50 }, (_, at) => String.fromCharCode(1).repeat(248) + (at + 10));
  const cursor: Cursor = new Map(keys.map((key) => [key, { width: Number.MIN_VALUE, places }]));
  const text = writeCursor(cursor, runIds);
  expect(text.length).toBeLessThanOrEqual(cursorLengthMax(500, 50));
  expect(readCursor(text, runIds)).toEqual(cursor);
});

test('a cursor of other runs is refused', () => {
  const text = writeCursor(new Map(), idsOf(2));
  expect(() => readCursor(text, idsOf(2))).toThrow('cursor');
});
