import { expect, test } from 'vitest';
import {
  bm25,
  cosine,
  cosines,
  normalization,
  saturation,
  shareOf,
  tellingOf,
  tellingWords,
} from './text_similarity.ts';
import { countsOf, wordsIn } from './text_words.ts';

const texts = [
  'predict churn of customers from contracts and events',
  'forecast demand of stores from sales and weather',
  'detect fraud in card payments',
  'rank products for customers of stores',
].map((text) => {
  const words = wordsIn(text);
  return { counts: countsOf(words), length: words.length };
});
const corpus = {
  documents: texts.length,
  meanLength: texts.reduce((sum, { length }) => sum + length, 0) / texts.length,
  documentsWith: (word: string) => texts.filter(({ counts }) => counts.has(word)).length,
};
const telling = tellingOf(corpus);

test('a word tells more the fewer documents have it', () => {
  expect(telling('customer')).toBeCloseTo(Math.log(1 + 2.5 / 2.5));
  expect(telling('churn')).toBeCloseTo(Math.log(1 + 3.5 / 1.5));
  expect(telling('unheard')).toBeGreaterThan(telling('churn'));
  expect(tellingOf({ ...corpus, documentsWith: () => 9 })('all')).toBeGreaterThan(0);
});

test('BM25 is what its formula says', () => {
  const [document] = texts as [(typeof texts)[number]];
  const text = { counts: countsOf(['churn', 'customer', 'nothing']), length: 3 };
  const of = (length: number) =>
    1 / (1 + saturation * (1 - normalization + (normalization * length) / corpus.meanLength));
  const expected = of(3) * of(document.length) * (telling('churn') + telling('customer'));
  expect(bm25(text, document, corpus, telling)).toBeCloseTo(expected);
  expect(shareOf(3, corpus.meanLength, corpus.meanLength)).toBeCloseTo(3 / 4.2);
});

test('cosine is 1 for the same text, 0 for texts without a common word, and the same both ways', () => {
  const [one, other, third] = texts as [(typeof texts)[number], (typeof texts)[number], (typeof texts)[number]];
  expect(cosine(one.counts, one.counts, telling)).toBeCloseTo(1);
  expect(cosine(one.counts, third.counts, telling)).toBe(0);
  const last = texts[3] as typeof one;
  expect(cosine(one.counts, last.counts, telling)).toBeCloseTo(cosine(last.counts, one.counts, telling));
  expect(cosine(one.counts, last.counts, telling)).toBeGreaterThan(0);
  expect(cosine(one.counts, other.counts, telling)).toBeLessThan(0.2);
  expect(cosine(new Map(), one.counts, telling)).toBe(0);
});

test('cosines of many texts are those of each pair', () => {
  const counts = [...texts.map((text) => text.counts), new Map<string, number>()];
  for (const [one, row] of cosines(counts, telling).entries()) {
    for (const [other, value] of row.entries()) {
      expect(value).toBeCloseTo(
        cosine(counts[one] as (typeof counts)[0], counts[other] as (typeof counts)[0], telling),
      );
    }
  }
});

test('the most telling words come first', () => {
  const counts = countsOf(['customer', 'churn', 'churn', 'event']);
  expect(tellingWords(counts, telling, 2)).toEqual(['churn', 'event']);
  expect(tellingWords(counts, telling, 9, (word) => word !== 'churn')).toEqual(['event', 'customer']);
});
