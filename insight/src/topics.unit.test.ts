import { expect, test } from 'vitest';
import type { History, Row } from './history.ts';
import { learn, predict } from './learning.ts';
import { randomOf } from './numbers.ts';
import { alongTopic, learnTopics } from './topics.ts';

/** Histories are learned from. */
const patience = 60_000;

const boilers = ['replace the boiler and its pipes', 'boiler conversion', 'new pipes for heating, boiler room'];
const windows = ['paint all windows', 'windows and doors painted', 'repair of window frames and doors'];

function descriptions(count: number, seed: number): { text: string; isBoiler: boolean }[] {
  const random = randomOf(seed);
  return Array.from({ length: count }, () => {
    const isBoiler = random() < 0.5;
    const texts = isBoiler ? boilers : windows;
    return { text: texts[Math.floor(3 * random())]!, isBoiler };
  });
}

test('texts that share words lie on the same side of a topic', () => {
  const projects = descriptions(40, 1);
  const [first] = learnTopics(projects.map(({ text }) => text));
  const [one, other, third] = ['boiler and pipes', 'boiler', 'windows and doors'].map((text) =>
    Math.sign(alongTopic(first!, text)),
  );
  expect(one).toBe(other);
  expect(one).toBe(-third!);
});

test('a text without a word that was seen lies nowhere', () => {
  const topics = learnTopics(descriptions(40, 2).map(({ text }) => text));
  expect(topics.map((topic) => alongTopic(topic, 'quantum dots'))).toEqual(topics.map(() => 0));
});

test('texts that share no words, and those of a few projects, have no topics', () => {
  expect(learnTopics(Array.from({ length: 40 }, (_, at) => `word${String.fromCharCode(97 + at)} alone`))).toEqual([]);
  expect(learnTopics(boilers)).toEqual([]);
});

test(
  'what projects are about is learned from their descriptions',
  () => {
    const historyOf = (count: number, seed: number): History => {
      const random = randomOf(seed);
      const projects = descriptions(count, seed);
      return {
        features: [
          { name: 'description', kind: 'text' },
          { name: 'chance', kind: 'numeric' },
        ],
        rows: projects.map(({ text }): Row => [text, random()]),
        outcomes: projects.map(({ isBoiler }) => (isBoiler ? 900 : 100) * Math.exp(0.4 * random())),
        scale: 'amount',
      };
    };
    const { model } = learn(historyOf(60, 3), 1);
    const [boiler, window] = predict(model, [
      ['the boiler and the pipes', 0.5],
      ['windows, doors', 0.5],
    ]);
    expect(boiler!.value / window!.value).toBeGreaterThan(3);
    expect(predict(JSON.parse(JSON.stringify(model)), [[null, 0.5]])).toEqual(predict(model, [[null, 0.5]]));
  },
  patience,
);
