import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { openPasswordMarks } from './spraying.ts';

const pepper = () => randomBytes(32).toString('base64');

test('the mark of a password is the same in every process that has the key, and another one under another key', () => {
  const shared = pepper();
  expect(openPasswordMarks(shared)('Spring in Paris')).toBe(openPasswordMarks(shared)('Spring in Paris'));
  expect(openPasswordMarks(pepper())('Spring in Paris')).not.toBe(openPasswordMarks(shared)('Spring in Paris'));
});

test('a password in other letters has the same mark', () => {
  const markOf = openPasswordMarks(pepper());
  for (const spelling of ['SPRING IN PARIS', 'spring in paris', 'Ｓpring in Paris', 'Spring in Paris ']) {
    expect(markOf(spelling)).toBe(markOf('Spring in Paris'));
  }
});

test('a mark is too short to find a strong password by, and long enough to tell those in use apart', () => {
  const markOf = openPasswordMarks(pepper());
  const bits = Buffer.from(markOf('Spring in Paris'), 'base64url').length * 8;
  // A password of 15 random letters has 70.
  expect(bits).toBeLessThanOrEqual(24);
  const marks = new Set(Array.from({ length: 1000 }, (_, n) => markOf(`password ${n}`)));
  expect(marks.size).toBeGreaterThan(990);
});
