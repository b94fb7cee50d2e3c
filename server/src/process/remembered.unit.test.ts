import { expect, test } from 'vitest';
import { Remembered } from './remembered.ts';

test('a value is read once for each state, and again once it was forgotten', async () => {
  const remembered = new Remembered<string>(2);
  const reads: string[] = [];
  const ask = (key: string, state: string) =>
    remembered.of(key, state, async () => {
      reads.push(`${key} ${state}`);
      return `${key} in ${state}`;
    });
  expect([await ask('a', '1'), await ask('a', '1')]).toEqual(['a in 1', 'a in 1']);
  expect(await ask('a', '2')).toBe('a in 2');
  expect(reads).toEqual(['a 1', 'a 2']);
  await ask('b', '1');
  await ask('a', '2');
  await ask('c', '1');
  await ask('a', '2');
  expect(reads).toEqual(['a 1', 'a 2', 'b 1', 'c 1']);
  await ask('b', '1');
  expect(reads.at(-1)).toBe('b 1');
});
