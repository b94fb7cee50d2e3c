import { expect, test } from 'vitest';
import { containment, coveredMin, overlapOf, partsOf } from './text_overlap.ts';

const telling = (word: string): number => (word === 'model' ? 0.1 : 1);

test('each section is covered by the best section of each document, with what they share and what is left', () => {
  const document = partsOf('# Features\nchurn features from contracts\n# Serving\nan endpoint with latency of 50 ms');
  const known = [
    { id: 'old', parts: partsOf('# Data\ncontracts give features of churn\n# Report\nslides') },
    { id: 'other', parts: partsOf('# Model\nchurn model') },
  ];
  const { sections, share } = overlapOf(document, known, telling, { coverers: 2, words: 3 });
  const [features, serving] = sections as [(typeof sections)[number], (typeof sections)[number]];
  expect(features.by.map(({ id, part }) => [id, part.title])).toEqual([
    ['old', 'Data'],
    ['other', 'Model'],
  ]);
  expect(features.degree).toBeCloseTo(1);
  expect(features.by[0]?.shared).toEqual(['feature', 'churn', 'contract']);
  expect(serving.degree).toBe(0);
  expect(serving.degree).toBeLessThan(coveredMin);
  expect(serving.left).toEqual(['endpoint', 'latency', 'ms']);
  expect(share).toBeCloseTo(4 / 8);
});

test('a long document covers no section by having its words in many places', () => {
  const document = partsOf('churn contracts latency endpoint');
  const long = { id: 'long', parts: partsOf('# a\nchurn\n# b\ncontracts\n# c\nlatency\n# d\nendpoint') };
  expect(overlapOf(document, [long], telling, { coverers: 1, words: 3 }).share).toBeCloseTo(1 / 4);
});

test('words count by how much they tell', () => {
  const [text, other] = [
    new Map([
      ['churn', 1],
      ['model', 1],
    ]),
    new Map([['model', 5]]),
  ];
  expect(containment(text, other, telling)).toBeCloseTo(0.1 / 1.1);
  expect(containment(new Map(), other, telling)).toBe(0);
});

test('an empty document overlaps with nothing', () => {
  expect(overlapOf([], [], telling, { coverers: 1, words: 1 })).toEqual({ sections: [], share: 0 });
});
