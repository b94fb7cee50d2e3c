import { describe, expect, test } from 'vitest';
import { literal } from '../src/app/filter_literal.ts';
import { expectedAt, keyOf, operatorsOf, tokenEnd } from '../src/runs_table/completion.ts';
import { fieldOf } from '../src/runs_table/filter_words.ts';

const at = (text: string) => expectedAt(text, text.length);

describe('what is expected in a filter', () => {
  test.each([
    ['', 'field', ''],
    ['metr', 'field', 'metr'],
    ['metrics.', 'field', 'metrics.'],
    ['metrics.`val ac', 'field', 'metrics.`val ac'],
    ['metrics.loss ', 'operator', ''],
    ['metrics.loss <', 'value', ''],
    ['params.lr LIKE', 'operator', 'LIKE'],
    ['params.lr LIKE ', 'value', ''],
    ["params.lr = '0.", 'value', "'0."],
    ['metrics.loss < 1', 'value', '1'],
    ['metrics.loss < 1 ', 'and', ''],
    ['metrics.loss < 1 A', 'and', 'A'],
    ['metrics.loss < 1 AND ', 'field', ''],
    ['tags.team IS NOT NULL ', 'and', ''],
    ["tags.a = 'x' AND tags.`b c` != \"y's\" AND attributes.st", 'field', 'attributes.st'],
  ])('after %j is a %s, and %j is typed of it', (text, what, typed) => {
    expect(at(text)).toMatchObject({ what, typed, from: text.length - typed.length });
  });

  test('is told by what stands before the caret', () => {
    expect(expectedAt('metrics.lo < 1', 10)).toEqual({ what: 'field', from: 0, typed: 'metrics.lo' });
  });
});

test('a field says of which kind it is, and what it may be compared by', () => {
  expect(keyOf('min_metrics.`val loss`')).toEqual({ kind: 'metric', key: 'val loss' });
  expect(keyOf('attributes.status')).toBeUndefined();
  expect(operatorsOf('metrics.loss')).not.toContain('LIKE');
  expect(operatorsOf('params.lr')).toContain('IS NULL');
});

test('keys are quoted where they are more than a word, and values by the quotes that they do not hold', () => {
  expect(fieldOf({ kind: 'last', key: 'loss' })).toBe('metrics.loss');
  expect(fieldOf({ kind: 'max', key: 'val/acc' })).toBe('max_metrics.`val/acc`');
  expect(fieldOf({ kind: 'tag', key: 'a`b' })).toBe('tags."a`b"');
  expect(literal("it's")).toBe('"it\'s"');
});

test('what is wrong is shown to the end of its word', () => {
  const text = 'metrics.loss < one';
  expect(text.slice(15, tokenEnd(text, 15))).toBe('one');
  expect(tokenEnd(text, text.length)).toBe(text.length);
});
