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

test.each([
  ['marks in the wrong order', `a${'\u0301\u0323'.repeat(100_000)}`],
  ['marks by their halves of width', `a${'\uff9e\u0301'.repeat(100_000)}`],
  ['letters that are four words', '\ufdfa'.repeat(200_000)],
  ['changes of case', 'aB'.repeat(100_000)],
])('a text of nothing but %s is read as soon as any', (_, text) => {
  const { user, system } = process.cpuUsage();
  expect(wordsIn(text).length).toBeLessThan(200_000);
  const since = process.cpuUsage({ user, system });
  expect((since.user + since.system) / 1_000).toBeLessThan(400);
});

test('marks and characters that grow are read, as many as there may be', () => {
  expect(wordsIn('Việt Nâ\u0323m ㍿ q\u0307\u0323\u0301')).toEqual([
    'việt',
    'nậm',
    '株式',
    '式会',
    '会社',
    'q\u0323\u0307\u0301',
  ]);
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
