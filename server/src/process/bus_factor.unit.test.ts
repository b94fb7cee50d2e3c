import { expect, test } from 'vitest';
import { busFactorOf } from './bus_factor.ts';

const of = (...groups: [authors: string, files: number][]) =>
  busFactorOf(groups.map(([authors, files]) => ({ authors: [...authors], files })));

test('where one person alone knows more than half of the files, the factor is one', () => {
  expect(of(['a', 6], ['b', 4])).toEqual({ bus_factor: 1, files: 10, files_without_author: 0 });
});

test('exactly half of the files with an author is not yet too few', () => {
  // Without a, 5 of 10 remain: b leaves, too.
  expect(of(['a', 5], ['b', 3], ['c', 2]).bus_factor).toBe(2);
});

test('a file that two know has an author until both have left', () => {
  // a: 9, b: 8, c: 2. Without a, 9 of 10 remain; without b, 2.
  expect(of(['ab', 7], ['a', 1], ['bc', 1], ['ac', 1]).bus_factor).toBe(2);
});

test('files that nobody is an author of have none from the beginning', () => {
  expect(of(['', 6], ['a', 4])).toEqual({ bus_factor: 0, files: 10, files_without_author: 6 });
  expect(of(['', 5], ['a', 5])).toEqual({ bus_factor: 1, files: 10, files_without_author: 5 });
});

test('no files have no factor', () => {
  expect(of()).toEqual({ bus_factor: 0, files: 0, files_without_author: 0 });
});
