import { describe, expect, test } from 'vitest';
import { readMap } from './history_map.ts';
import { readHistories } from './history_table.ts';

const map = readMap({
  id: 'name',
  features: { size: 'numeric', kind: 'categorical', began: 'date' },
  outcomes: { cost: 'hours', success: 'well' },
  estimates: { cost: 'planned' },
});
const header = 'name,size,kind,began,planned,hours,well';
const read = (...lines: string[]) => readHistories([header, ...lines].join('\n'), map);

describe('a table of finished projects', () => {
  test('is read as its map says: one history for each outcome', () => {
    const [cost, success] = read('a,1.5,web,2026-01-31,10,12,yes', 'b,2e3,,2026-01,,8,no', 'c,NA,"x, y",2026,7,9,1');
    expect(cost).toEqual({
      name: 'cost',
      column: 'hours',
      history: {
        features: map.features,
        rows: [
          [1.5, 'web', '2026-01-31', 10],
          [2000, null, '2026-01-01', null],
          [null, 'x, y', '2026-01-01', 7],
        ],
        outcomes: [12, 8, 9],
        scale: 'amount',
        estimate: 3,
      },
      lines: [2, 3, 4],
      ids: ['a', 'b', 'c'],
      leftOut: [],
    });
    expect(success?.history).toEqual({
      ...cost?.history,
      outcomes: [1, 0, 1],
      scale: 'success',
      estimate: undefined,
      others: [{ outcomes: [12, 8, 9], estimate: 3 }],
    });
  });

  test('may begin with a byte order mark, end its lines in CRLF, and have quoted line breaks', () => {
    const text = `\u{feff}${header}\r\n"a\r\nb",1,web,2026-01-31,10,12,true\r\nc,1,web,2026-01-31T10:00:00Z,10,12,FALSE\r\n`;
    const [cost, success] = readHistories(text, map);
    expect(cost).toMatchObject({ ids: ['a\r\nb', 'c'], lines: [2, 4] });
    expect(success?.history.outcomes).toEqual([1, 0]);
  });

  test('may have another delimiter', () => {
    const text = `${header}\na,1,"web,x",2026-01-31,10,12,1`.replaceAll(/,(?!x)/g, ';');
    expect(readHistories(text, map, ';')[0]?.history.rows).toEqual([[1, 'web,x', '2026-01-31', 10]]);
  });

  test('has success as a score where any value is neither 0 nor 1', () => {
    const [, success] = read('a,1,web,,,1,87.5', 'b,1,web,,,1,0', 'c,1,web,,,1,1');
    expect(success?.history).toMatchObject({ outcomes: [87.5, 0, 1], scale: 'score' });
  });

  test('leaves a row out of an outcome that it has no possible value of, and says why', () => {
    const [cost, success] = read('a,1,,,,,1', 'b,1,,,,0,1', 'c,1,,,,-5,0', 'd,1,,,,7,101', 'e,1,,,,7,n/a');
    expect(cost).toMatchObject({
      ids: ['d', 'e'],
      leftOut: [
        { line: 2, reason: 'no value' },
        { line: 3, reason: 'expected an amount above 0, got 0' },
        { line: 4, reason: 'expected an amount above 0, got -5' },
      ],
    });
    expect(success).toMatchObject({
      ids: ['a', 'b', 'c'],
      leftOut: [
        { line: 5, reason: 'expected a score from 0 to 100, got 101' },
        { line: 6, reason: 'no value' },
      ],
    });
    expect(success?.history.others).toEqual([{ outcomes: [null, 0, -5], estimate: 3 }]);
  });

  test.each([
    ['a,"1,234.5",,,,1,1', /^line 2: size: expected a number such as 1234\.5, got '1,234\.5'$/],
    ['a,$3.4M,,,,1,1', /^line 2: size: expected a number such as 1234\.5, got '\$3\.4M'$/],
    ['a,0x10,,,,1,1', /^line 2: size: expected a number/],
    ['a,1e999,,,,1,1', /^line 2: size: expected a number/],
    ['a,1,,31.01.2026,,1,1', /^line 2: began: expected a date such as 2026-11-26, got '31\.01\.2026'$/],
    ['a,1,,2026-02-30,,1,1', /^line 2: began: expected a date/],
    ['a,1,,,ten,1,1', /^line 2: planned: expected a number .*got 'ten'$/],
    ['a,1,,,,twelve,1', /^line 2: hours: expected a number .*got 'twelve'$/],
    ['a,1,,,,1,maybe', /^line 2: well: expected a number .*got 'maybe'$/],
    ['a,1,,,,1,constructor', /^line 2: well: expected a number .*got 'constructor'$/],
    ['a,1,,,,1', /^line 2: expected 7 fields, as the header has; got 6$/],
    ['"a,1,,,,1,1', /^a quote in the record on line 2 is not closed$/],
  ])('is refused by the line whose values cannot be read: %s', (line, words) => {
    expect(() => read(line)).toThrow(words);
  });

  test('with many faults is refused by the first ones and how many more there are', () => {
    expect(() => read(...new Array<string>(9).fill('a,x,,,,1,1'))).toThrow(
      /^line 2: .*; line 3: .*; line 4: .*; and 6 more$/,
    );
  });

  test('without a column of the map, or with two, is refused by its name', () => {
    expect(() => readHistories('name,size\na,1', map)).toThrow(
      /^features: the file has no column 'kind'; it has name, size$/,
    );
    expect(() => readHistories(`${header},kind\n`, map)).toThrow(/^features: the file has two columns 'kind'$/);
    expect(() => readHistories(header.replace('hours', 'h'), map)).toThrow(
      /^outcomes: cost: the file has no column 'ho/,
    );
    expect(() => readHistories(header.replace('name', 'n'), map)).toThrow(/^id: the file has no column 'name'/);
    expect(() => readHistories('', map)).toThrow(/^expected CSV with a header, got nothing$/);
  });
});
