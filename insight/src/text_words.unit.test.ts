import { expect, test } from 'vitest';
import { countsOf, singularOf, wordsIn } from './text_words.ts';

test('words are compared in lower case and of one form, without those that say nothing', () => {
  expect(wordsIn('The models MUST predict customers’ churn; categories, classes, analyses.')).toEqual([
    'model',
    'predict',
    'customer',
    'churn',
    'category',
    'classe',
    'analyse',
  ]);
});

test('identifiers are found by their parts and as a whole', () => {
  expect(wordsIn('getUserIds(feature_store, HTTPServer2)')).toEqual([
    'getuserid',
    'user',
    'ids',
    'feature',
    'store',
    'httpserver2',
    'http',
    'server2',
  ]);
  expect(wordsIn('XGBoost')).toContain('xgboost');
});

test('texts of any script have words, and bare numbers and single letters are none', () => {
  expect(wordsIn('Größe größe GRÖSSE ﬁne x 42 3.5 v2')).toEqual(['größe', 'größe', 'grösse', 'fine', 'v2']);
  expect(wordsIn('客户流失预测')).toEqual(['客户', '户流', '流失', '失预', '预测']);
  expect(wordsIn('прогноз спроса')).toEqual(['прогноз', 'спроса']);
  expect(wordsIn('')).toEqual([]);
  expect(wordsIn('🎵 — … \u0000')).toEqual([]);
});

test('plurals and singulars are one, and other endings stay', () => {
  expect(['queries', 'query', 'buses', 'bus', 'class', 'series', 'gas'].map(singularOf)).toEqual([
    'query',
    'query',
    'buse',
    'bus',
    'class',
    'sery',
    'gas',
  ]);
});

test('counts are of each word', () => {
  expect([...countsOf(['a', 'b', 'a'])]).toEqual([
    ['a', 2],
    ['b', 1],
  ]);
});
