import { expect, test } from 'vitest';
import { CsvReader } from './csv.ts';

/** All records, read in pieces of every length from one character on. */
function read(text: string, delimiter?: string): unknown[] {
  const inPieces = (length: number) => {
    const reader = new CsvReader(delimiter);
    const found = [];
    for (let at = 0; at < text.length; at += length) found.push(...reader.push(text.slice(at, at + length)));
    return [...found, ...reader.end()].map(({ line, fields }) => [line, ...fields]);
  };
  const whole = inPieces(text.length + 1);
  for (let length = 1; length <= text.length; length++) expect(inPieces(length), `by ${length}`).toEqual(whole);
  return whole;
}

test.each<[string, string, unknown[]]>([
  [
    'fields and records',
    'a,b\n1,2\n',
    [
      [1, 'a', 'b'],
      [2, '1', '2'],
    ],
  ],
  [
    'a last line without a break',
    'a,b\n1,2',
    [
      [1, 'a', 'b'],
      [2, '1', '2'],
    ],
  ],
  [
    'CRLF, and CR alone',
    'a\r\nb\rc',
    [
      [1, 'a'],
      [2, 'b'],
      [3, 'c'],
    ],
  ],
  [
    'empty fields, quoted ones too',
    'a,,\n"",b\n',
    [
      [1, 'a', '', ''],
      [2, '', 'b'],
    ],
  ],
  ['delimiters and doubled quotes in quotes', '"a,b","say ""hi"""\n', [[1, 'a,b', 'say "hi"']]],
  ['a quote of its own', '""""', [[1, '"']]],
  [
    'line breaks in quotes, which count',
    '"a\nb\r\nc",1\nd,2\n',
    [
      [1, 'a\nb\r\nc', '1'],
      [4, 'd', '2'],
    ],
  ],
  ['quotes within a field as they are', 'it"s,5"', [[1, 'it"s', '5"']]],
  [
    'no empty lines',
    '\n\na\n\n\r\nb\n\n',
    [
      [3, 'a'],
      [6, 'b'],
    ],
  ],
  [
    'a line that is an empty text',
    '""\na',
    [
      [1, ''],
      [2, 'a'],
    ],
  ],
  ['characters of any length', 'é,\u{1f600}\n', [[1, 'é', '\u{1f600}']]],
  ['nothing', '', []],
])('CSV reads as %s', (_what, text, records) => {
  expect(read(text)).toEqual(records);
});

test('CSV may have another delimiter', () => {
  expect(read('a;b,c\n1;2\n', ';')).toEqual([
    [1, 'a', 'b,c'],
    [2, '1', '2'],
  ]);
});

test.each([
  ['a\n"b"c\n', /line 2: expected a delimiter after the closing quote/],
  ['a\n"b\nc\n', /a quote in the record on line 2 is not closed/],
])('CSV that is none is refused by its line: %j', (text, words) => {
  const reader = new CsvReader();
  expect(() => [reader.push(text), reader.end()]).toThrow(words);
});

test.each([
  ['a quote', '"', 'x'],
  ['empty fields', '', ','],
])('a record without an end is refused before it fills the memory: %s', (_of, beginning, rest) => {
  const reader = new CsvReader();
  reader.push(beginning);
  expect(() => {
    for (let piece = 0; piece < 100; piece++) reader.push(rest.repeat(100_000));
  }).toThrow(/record on line 1 is longer/);
});
