import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  columnsOf,
  freshColumn,
  type GroupPath,
  pathsOf,
  pinnedFirst,
  type ShownColumn,
  textOfColumns,
  textOfPaths,
} from '../src/runs_table/column_ids.ts';
import { csvField } from '../src/runs_table/csv_field.ts';

const column: fc.Arbitrary<ShownColumn> = fc
  .record({
    kind: fc.constantFrom('last' as const, 'min' as const, 'max' as const, 'param' as const, 'tag' as const),
    key: fc.string({ minLength: 1, unit: 'binary' }),
    isPinned: fc.boolean(),
    width: fc.integer({ min: 60, max: 900 }),
  })
  .map(({ kind, key, isPinned, width }) => ({ ...freshColumn({ kind, key }, isPinned), width }));

test('columns come out of an address as they went in, whatever their names are', () => {
  fc.assert(
    fc.property(fc.uniqueArray(column, { selector: ({ id }) => id }), (columns) => {
      expect(columnsOf(textOfColumns(columns))).toEqual(pinnedFirst(columns));
    }),
  );
});

test('open groups do, too', () => {
  const part = fc.option(fc.string({ minLength: 1, unit: 'binary' }));
  fc.assert(
    fc.property(fc.array(fc.array(part, { minLength: 1, maxLength: 3 }), { maxLength: 4 }), (paths: GroupPath[]) => {
      expect(pathsOf(textOfPaths(paths))).toEqual(paths);
    }),
  );
});

test('what names no column is left out, and widths stay within their bounds', () => {
  expect(columnsOf('nonsense~m.~*name!5~name')).toEqual([
    { ...freshColumn({ kind: 'attribute', key: 'name' }, true), width: 60 },
  ]);
});

test.each([
  ['a,b', '"a,b"'],
  ['say "hi"', '"say ""hi"""'],
  ['=1+1', "'=1+1"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['-0.5', '-0.5'],
  [-1.5, '-1.5'],
  [null, ''],
])('%j is %s in a CSV file', (value, text) => {
  expect(csvField(value)).toBe(text);
});
