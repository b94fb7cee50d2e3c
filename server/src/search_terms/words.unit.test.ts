import { expect, test } from 'vitest';
import { isSpelt, likenessOf, similarityOf, slipsBetween, trigramsOf, wordsOf } from './words.ts';

test('words are runs of letters and digits, whatever stands between them', () => {
  expect(wordsOf('Churn_Model-v2.1 (für Müller)')).toEqual(['churn', 'model', 'v2', '1', 'für', 'müller']);
  expect(wordsOf('  … ')).toEqual([]);
});

test('trigrams and similarity are as pg_trgm has them', () => {
  expect([...trigramsOf('cat')]).toEqual(['  c', ' ca', 'cat', 'at ']);
  // SELECT similarity('word', 'words') gives 0.571429 in pg_trgm.
  expect(similarityOf('word', 'words')).toBeCloseTo(4 / 7);
  expect(similarityOf('word', 'word')).toBe(1);
});

test('slips are letters left out, added, exchanged and swapped', () => {
  expect(slipsBetween('churn', 'chrun')).toBe(1);
  expect(slipsBetween('churn', 'chrn')).toBe(1);
  expect(slipsBetween('churn', 'churrn')).toBe(1);
  expect(slipsBetween('kitten', 'sitting')).toBe(3);
  expect(slipsBetween('', 'ab')).toBe(2);
});

test('a misspelt word is like what was meant and not like another', () => {
  expect(likenessOf('chrun', 'churn')).toBeGreaterThan(0);
  expect(likenessOf('recomender', 'recommender')).toBeGreaterThan(0.5);
  expect(likenessOf('churn', 'fraud')).toBe(0);
  expect(likenessOf('cat', 'dog')).toBe(0);
});

test('numbers and ids are not taken for misspellings', () => {
  expect(['2024', 'v2', 'a1b2', 'ab', 'churn', 'größe'].filter(isSpelt)).toEqual(['churn', 'größe']);
});
