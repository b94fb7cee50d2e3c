import { expect, test } from 'vitest';
import { wholeLines } from './whole_lines.ts';

const rows = Array.from({ length: 50 }, (_, n) => `{"n":${n},"end":{"lines":1}}\n`).join('');
const end = '{"end":{"lines":50}}\n';

/** In pieces of `size` bytes. */
async function* piecesOf(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function textOf(text: string, size: number, isEndWanted = false): Promise<string> {
  return Buffer.concat(await Array.fromAsync(wholeLines(piecesOf(text, size), isEndWanted))).toString();
}

test.each([1, 7, 100, 100_000])(
  'an export that is whole is given, however it is cut into pieces (of %d bytes)',
  async (size) => {
    expect(await textOf(rows + end, size)).toBe(rows);
    expect(await textOf(rows + end, size, true)).toBe(rows + end);
    expect(await textOf('{"end":{"lines":0}}\n', size)).toBe('');
  },
);

test.each([
  ['nothing', ''],
  ['rows alone', rows],
  ['half a last line', rows + end.slice(0, -1)],
  ['a row that looks like it', `${rows}{"n":1,"end":{"lines":1}}\n`],
])('%s is no export that is whole', async (_what, text) => {
  await expect(textOf(text, 100)).rejects.toThrow('broke off before its end');
});
