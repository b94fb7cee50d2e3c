import { describe, expect, test } from 'vitest';
import { bestOf, differenceOf, isLowerBetter } from '../src/compare/direction.ts';
import { lineDiff } from '../src/compare/line_diff.ts';
import { beside } from '../src/files/beside.ts';
import { csvRows, separatorOf } from '../src/files/csv.ts';
import { tableIn } from '../src/files/json_table.ts';
import { readJson, writtenNumber } from '../src/files/json_text.ts';
import { kindOf, mediaTypeOf } from '../src/files/kinds.ts';
import { cellsOf } from '../src/files/notebook.ts';
import { TextLines, wholeLines } from '../src/files/text_lines.ts';
import { mlmodelOf } from '../src/models/mlmodel.ts';
import { webOf } from '../src/runs/code_of_run.ts';

const bytes = (text: string): ArrayBuffer => new TextEncoder().encode(text).buffer as ArrayBuffer;

describe('separated values', () => {
  const rowsOf = (...of: Parameters<typeof csvRows>) => csvRows(...of).rows;

  test('quotes hold separators, line breaks and doubled quotes', () => {
    expect(rowsOf('a,b\r\n"x, ""y""\nz",2\n,\n', ',', true)).toEqual([
      ['a', 'b'],
      ['x, "y"\nz', '2'],
      ['', ''],
    ]);
    expect(rowsOf('a,', ',', true)).toEqual([['a', '']]);
    expect(rowsOf('a\tb', '\t', true)).toEqual([['a', 'b']]);
  });

  test('the last row of a part of a file is left out, for it may go on', () => {
    expect(rowsOf('a,b\n1,2\n3,', ',', false)).toEqual([
      ['a', 'b'],
      ['1', '2'],
    ]);
    expect(rowsOf('a\n"an open quote, 1', ',', false)).toEqual([['a']]);
  });

  test('rows in front of a fault are kept, and the fault is told', () => {
    for (const end of ['\n', '\r\n', '\r']) {
      const { rows, fault } = csvRows(['a,b', '"1",2', '"3"4,5', '6,7'].join(end), ',', true);
      expect(rows).toEqual([
        ['a', 'b'],
        ['1', '2'],
      ]);
      expect(fault?.message).toBe('line 3: expected a delimiter after the closing quote');
    }
    const { rows, fault } = csvRows('a\n1\n"open', ',', true);
    expect(rows).toEqual([['a'], ['1']]);
    expect(fault?.message).toBe('a quote in the record on line 3 is not closed');
  });

  test('the separator is the one that the first line has', () => {
    expect(separatorOf('a.csv', 'a;b;c\n1,5;2;3')).toBe(';');
    expect(separatorOf('a.tsv', 'a,b')).toBe('\t');
    expect(separatorOf('a.csv', 'a,b')).toBe(',');
  });
});

test('JSON is shown with the digits that it is written with, also where numbers do not reach', () => {
  const read = readJson('{"id": 12345678901234567890, "n": -9007199254740993, "far": 1e400, "one": 1.0, "t": "1e400"}');
  const shown = Object.values(read as object).map((value) => writtenNumber(value) ?? value);
  expect(shown).toEqual(['12345678901234567890', '-9007199254740993', '1e400', 1, '1e400']);
  expect(tableIn(readJson('[{"id": 12345678901234567890}]'))?.rows).toEqual([['12345678901234567890']]);
  expect(readJson('{"a": [1, 2.5, 9007199254740991]}')).toEqual({ a: [1, 2.5, 9007199254740991] });
  expect(() => readJson('{"a": 1234567890123456789')).toThrow(SyntaxError);
  const shownOf = (number: string) => {
    const [value] = readJson(`[${number}]`) as [unknown];
    return writtenNumber(value) ?? value;
  };
  for (const number of [
    '0.12345678901234567890',
    '-1.0000000000000000001',
    '1e-400',
    '1E-324',
    '12345678901234567e5',
  ]) {
    expect(shownOf(number)).toBe(number);
  }
  // Written otherwise, these are what they are read as.
  const same = ['0.30000000000000004', '1.50000000000000000000', '100000000000000000000000', '1.7976931348623157E+308'];
  for (const number of [...same, '-0.000000000000000000', '0e-999', '1234.5678e-100', '0.00000000000000000000012']) {
    expect(shownOf(number)).toBe(Number(number));
  }
  expect(readJson(`${'['.repeat(9_000)}0.12345678901234567890${']'.repeat(9_000)}`)).toBeInstanceOf(Array);
  const long = `0.1${'0'.repeat(300_000)}1`;
  const began = performance.now();
  expect(shownOf(long)).toBe(long);
  expect(performance.now() - began).toBeLessThan(1_000);
});

describe('texts', () => {
  test('lines and characters that a piece cuts are joined with the next one', () => {
    const all = new Uint8Array(bytes('one\nzwölf\r\nthree'));
    for (let cut = 0; cut <= all.length; cut += 1) {
      const text = new TextLines();
      text.add(all.slice(0, cut).buffer, false);
      text.add(all.slice(cut).buffer, true);
      expect(text.lines).toEqual(['one', 'zwölf', 'three']);
    }
  });

  test('a piece of the middle of a file begins with its first whole line', () => {
    expect(wholeLines(bytes('rest of one\ntwo\nthree\n'), false).lines).toEqual(['two', 'three']);
    expect(wholeLines(bytes('one\ntwo'), true).lines).toEqual(['one', 'two']);
  });

  test('the longest common lines stay, in their order', () => {
    expect(lineDiff(['a', 'b', 'c'], ['a', 'x', 'c', 'd'])).toEqual([
      { kind: 'same', line: 'a' },
      { kind: 'removed', line: 'b' },
      { kind: 'added', line: 'x' },
      { kind: 'same', line: 'c' },
      { kind: 'added', line: 'd' },
    ]);
  });
});

test('what a file names relative to itself is among its own files; what leads elsewhere is not', () => {
  const from = (reference: string) => beside('docs/a b/README.md', reference);
  expect(from('img/plot.png')).toBe('docs/a b/img/plot.png');
  expect(from('./my%20plot.png?raw=true#x')).toBe('docs/a b/my plot.png');
  expect(from('../other.csv')).toBe('docs/other.csv');
  expect(from('../../../../top.csv')).toBe('top.csv');
  expect(from('/data/x.csv')).toBe('data/x.csv');
  expect(from('img/')).toBe('docs/a b/img');
  expect(from('100%.csv')).toBe('docs/a b/100%.csv');
  expect(beside('100% #1/a.md', 'b.md')).toBe('100% #1/b.md');
  const away = [
    'https://example.org/x.png',
    '//example.org/x.png',
    'mailto:a@example.org',
    'javascript:1',
    '#part',
    '',
    'http://[',
  ];
  expect(away.filter((reference) => from(reference) !== undefined)).toEqual([]);
});

describe('kinds of files', () => {
  test('what may hold scripts is never given to the browser as a picture', () => {
    expect(kindOf('a.SVG')).toBe('sandbox');
    expect(kindOf('a.html')).toBe('sandbox');
    expect(kindOf('MLmodel')).toBe('text');
    expect(kindOf('weights.safetensors')).toBe('unknown');
    expect(mediaTypeOf('photo.JPG', 'image')).toBe('image/jpeg');
  });

  test('a table of mlflow.log_table and a list of objects are tables, other JSON is not', () => {
    expect(tableIn({ columns: ['a'], data: [[1], [null]] })).toEqual({ head: ['a'], rows: [['1'], ['']] });
    expect(tableIn([{ a: 1 }, { b: { c: 2 } }])).toEqual({
      head: ['a', 'b'],
      rows: [
        ['1', ''],
        ['', '{"c":2}'],
      ],
    });
    for (const other of [null, 3, [], [1], { columns: 1 }, { columns: [], data: [1] }]) {
      expect(tableIn(other)).toBeUndefined();
    }
  });

  test('pictures of a notebook are pictures alone: what is no base64 is none', () => {
    const outputs = [
      { output_type: 'display_data', data: { 'image/png': 'aGFsbG8=' } },
      { output_type: 'display_data', data: { 'image/png': '"><script>' } },
      { output_type: 'display_data', data: { 'image/svg+xml': '<svg/>' } },
    ];
    const [cell] = cellsOf({ cells: [{ cell_type: 'code', source: ['a\n', 'b'], outputs }] }) ?? [];
    expect(cell).toMatchObject({
      source: 'a\nb',
      outputs: [
        { kind: 'image', url: 'data:image/png;base64,aGFsbG8=' },
        { kind: 'html', html: '<svg/>' },
      ],
    });
    for (const other of [null, [], { cells: 3 }]) expect(cellsOf(other)).toBeUndefined();
  });

  test('an MLmodel file tells flavors and signature, folded as PyYAML folds them', () => {
    const inputs = `  inputs: '[{"type": "double",\n    "name": "it''s"}]'`;
    const content = `flavors:\n  sklearn:\n    code: null\nsignature:\n${inputs}\n  outputs: null\n`;
    expect(mlmodelOf(content)).toEqual({
      flavors: ['sklearn'],
      inputs: [{ name: "it's", type: 'double' }],
      outputs: [],
    });
  });
});

describe('comparing', () => {
  test('a difference is better or worse by the direction of its metric', () => {
    expect(isLowerBetter('val/loss', [])).toBe(true);
    expect(isLowerBetter('accuracy', [])).toBe(false);
    expect(isLowerBetter('accuracy', ['accuracy'])).toBe(true);
    expect(differenceOf(2, 1, true)).toEqual({ delta: 1, verdict: 'worse' });
    expect(differenceOf(2, 1, false)).toEqual({ delta: 1, verdict: 'better' });
    expect(differenceOf(1, 1, false)).toEqual({ delta: 0, verdict: 'same' });
    for (const none of ['NaN', null]) expect(differenceOf(none, 1, false)).toBeUndefined();
  });

  test('the best is a number, and none where all are alike', () => {
    expect(bestOf([3, 'NaN', 1, null], true)).toBe(1);
    expect(bestOf([3, 'NaN', 1, null], false)).toBe(3);
    expect(bestOf([1, 1], true)).toBeUndefined();
    expect(bestOf([1], true)).toBeUndefined();
  });

  test('a repository leads to the web only where its address is one', () => {
    expect(webOf('git@github.com:a/b.git')).toBe('https://github.com/a/b');
    expect(webOf('https://example.org/a/b.git')).toBe('https://example.org/a/b');
    for (const other of ['javascript:alert(1)', 'https://x.org/a?b=javascript:', '/srv/git/a', undefined]) {
      expect(webOf(other)).toBeUndefined();
    }
  });
});
