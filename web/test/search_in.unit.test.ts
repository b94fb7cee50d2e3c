import { expect, test } from 'vitest';
import { foundIn, isExpression, isTooCostly, matching } from '../src/app/search_in.ts';

const names = ['system/cpu', 'val/loss', 'train/loss', 'train/acc10', 'train/acc9', 'a(b'];

test('names are found by a text, by an expression between slashes, and by one that is broken as the text it is', () => {
  expect(foundIn(names, ' LOSS ')).toEqual(['val/loss', 'train/loss']);
  expect(foundIn(names, '/^train/acc\\d$/')).toEqual(['train/acc9']);
  expect(foundIn(names, '/a(/')).toEqual(['a(b']);
  expect(matching(names, '^train/ACC\\d$')).toEqual(['train/acc9']);
  expect(matching(names, 'a(')).toEqual(['a(b']);
  expect(matching(names, '')).toEqual(names);
});

test('an expression that could try for ever is taken as a text, whatever its names', () => {
  const long = `${'a'.repeat(249)}!`;
  const costly = [
    '(a+)+$',
    '(a|a)*$',
    '(?:a{1,9}){1,99}$',
    `${'a?'.repeat(50)}z`,
    `${'(a|a)'.repeat(40)}z`,
    `${'a*'.repeat(9)}z`,
    `${'[a(]*'.repeat(9)}\\)z`,
  ];
  for (const pattern of costly) {
    expect(isTooCostly(pattern, [long]), pattern).toBe(true);
    expect(matching([long, pattern], pattern)).toEqual([pattern]);
  }
  expect(foundIn([long], '/(a+)+$/')).toEqual([]);
});

test('what readers look for among a thousand names is an expression', () => {
  const thousand = Array.from({ length: 1_000 }, (_, at) => `layers/${at}/attention/output/gradient`);
  for (const pattern of [
    '^layers/(1|2|3)/.*grad.*',
    '.*attention.*gradient.*',
    '(attention|mlp)/(input|output)/(gradient|weight)$',
    '^(?:layers|heads)/[0-9]+/attention/.+$',
    'colou?r|loss|acc|gradient|f1|recall|precision',
    '\\d{2}/.*output',
  ]) {
    expect(isTooCostly(pattern, thousand), pattern).toBe(false);
    expect(matching(thousand, pattern).length, pattern).toBeGreaterThan(0);
  }
});

test('what is no expression is told from one that matches nothing', () => {
  expect(['(((', '[a', 'a{2,1}', '*'].map(isExpression)).toEqual([false, false, false, false]);
  expect(['', 'loss', '^train/(a|b)$'].map(isExpression)).toEqual([true, true, true]);
});
