import { expect, test } from 'vitest';
import type { Answer, OutcomeAnswer } from './answer.ts';
import { nearestOf } from './prediction_schema.ts';

const by = (confidence: number, likeness: Record<string, number>) =>
  ({
    confidence,
    similar: Object.entries(likeness).map(([project_id, similarity]) => ({ project_id, similarity })),
  }) as unknown as OutcomeAnswer;

test('projects are alike by what is known: an outcome that nothing foretells finds none', () => {
  const answer: Answer = {
    success_score: by(0.01, { chance: 1, alike: 0.3 }),
    cost: by(0.8, { chance: 0.2, alike: 0.9 }),
    duration_days: by(0.6, { chance: 0.1, alike: 0.8, 'has no cost': 0.7 }),
  };
  const found = nearestOf(answer, null);
  expect(found.map(({ project_id }) => project_id)).toEqual(['alike', 'has no cost', 'chance']);
  expect(found[0]?.similarity).toBeCloseTo((0.01 * 0.3 + 0.8 * 0.9 + 0.6 * 0.8) / 1.41, 4);
  expect(found[2]?.similarity).toBeLessThan(0.2);
  expect(nearestOf(answer, 'alike').map(({ project_id }) => project_id)).toEqual(['has no cost', 'chance']);
});

test('a project of which only an outcome tells that nothing foretells is none of them', () => {
  const answer: Answer = { success_score: by(0.8, { b: 0.9 }), cost: by(0, { a: 1, b: 0.1 }) };
  expect(nearestOf(answer, null).map(({ project_id }) => project_id)).toEqual(['b']);
});

test('where nothing is known of any outcome, each counts alike', () => {
  const found = nearestOf({ cost: by(0, { a: 0.4, b: 0.2 }), success_score: by(0, { a: 0.2, b: 0.8 }) }, null);
  expect(found).toEqual([
    { project_id: 'b', similarity: 0.5 },
    { project_id: 'a', similarity: 0.3 },
  ]);
});
