import { expect, test } from 'vitest';
import { readHead } from '../src/import/table_head.ts';

const fileOf = (...content: (string | Uint8Array<ArrayBuffer>)[]): Blob => new Blob(content);

test.each([
  ['name,score\nA,1\n', ',', ['name', 'score']],
  ['\uFEFFname;score\nA;0,5', ';', ['name', 'score']],
  ['"name";"score"\n"A";"1"\n', ';', ['name', 'score']],
])('a table is read by the delimiter that gives the most columns: %j', async (text, delimiter, columns) => {
  expect(await readHead(fileOf(text))).toMatchObject({ delimiter, columns });
});

test('a table that is longer than what is looked at may be cut within a character', async () => {
  const row = `A,${'é'.repeat(1_000)}\n`;
  expect((await readHead(fileOf('name,xy\n', row.repeat(50)))).rows).toHaveLength(5);
});

test.each([
  ['empty', fileOf(), /is empty/],
  ['blank', fileOf('\n \n'), /is empty/],
  ['a workbook', fileOf(Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0, 8, 0xff, 0xfe)), /no text in UTF-8/],
  ['text of 16 bits', fileOf(new Uint8Array(new Uint16Array([0x6e, 0x61, 0x0a]).buffer)), /no text in UTF-8/],
  ['a header alone', fileOf('name,score\n'), /a header and no row/],
])('a file that is %s is refused before anything is asked of it', async (_, file, why) => {
  await expect(readHead(file)).rejects.toThrow(why);
});
