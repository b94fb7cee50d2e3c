import { describe, expect, test } from 'vitest';
import type { OutcomeAnswer } from './answer.ts';
import { figure } from './figures.ts';
import { differencesText, effectText, recommendationOf } from './recommendation.ts';
import { scoreOf } from './scoring.ts';

const days = (more: Partial<OutcomeAnswer> = {}): OutcomeAnswer => ({
  value: 120,
  low: 85,
  high: 171,
  confidence: 0.6,
  typical: 100,
  rows: 40,
  is_thin: false,
  is_amount: true,
  is_chance: false,
  features: ['team_size'],
  contributions: [],
  similar: [],
  unfamiliar: [],
  ...more,
});

describe('a recommendation', () => {
  test('gives figure, interval, reasons, what is unfamiliar and the most similar project, with numbers', () => {
    const told = recommendationOf(
      {
        duration_days: days({
          contributions: [
            { feature: 'team_size', value: 8, effect: 1.3 },
            { feature: 'metadata.client_code', value: 'A', effect: 0.8 },
            { feature: 'complexity_score', value: 3, effect: 1.01 },
          ],
          unfamiliar: [{ feature: 'problem_class', value: 'audio' }],
        }),
      },
      [{ name: 'Churn', similarity: 0.913, success_score: 81, duration_days: 110, cost: null }],
    );
    expect(told).toEqual([
      'Nothing is known of the success score: no finished project tells one; record success_score as projects end.',
      'Duration: 120 days, and in 4 of 5 such projects between 85 and 171 days.',
      'What moves the duration from 100 days of a typical project: team size 8 (+30 %) and client code “A” (−20 %).',
      'No finished project is like it in problem class (“audio”): what that does to the duration is a guess.',
      'Nothing is known of the cost: no finished project tells one; record compute_cost as projects end.',
      'Most like it is Churn (91 % alike): success score 81 points, duration 110 days.',
    ]);
  });

  test('says how little is known, and how wide an interval is', () => {
    const text = (more: Partial<OutcomeAnswer>) => recommendationOf({ duration_days: days(more) }, []).join('\n');
    expect(text({ is_thin: true, rows: 1 })).toMatch(/one finished project tells one, so this is their median/);
    expect(text({ is_thin: true, rows: 6 })).toMatch(/6 finished projects tell one/);
    expect(text({ low: 10, high: 200 })).toMatch(/the upper end of the interval is 20 times the lower/);
    expect(text({})).not.toMatch(/uncertain|Little/);
  });
});

test('a chance of success is said as one, and its interval is held against no outcome', () => {
  const chance = days({ value: 70, low: 60, high: 80, is_amount: false, is_chance: true });
  const [, thin] = recommendationOf({ success_score: { ...chance, is_thin: true } }, []);
  expect(recommendationOf({ success_score: chance }, [])[0]).toBe(
    'Success: 70 of 100 such projects; from what is known, that may be between 60 and 80.',
  );
  expect(thin).toContain('this is their share of successes');
  const ended = { start_date: null, completion_date: null, success_score: 100, compute_cost: null, metadata: {} };
  expect(scoreOf({ success_score: chance }, ended)?.success_score).toEqual({
    actual: 100,
    error: 30,
    relative_error: 0.3,
    within_interval: null,
  });
});

test('differences say by how much, and whether that is beyond what was uncertain before', () => {
  const text = (value: number, changed = ['team_size']) =>
    differencesText({ duration_days: days() }, { duration_days: days({ value }) }, changed);
  expect(text(96)).toEqual(['The duration becomes 96 days: 24 days less, 20 %, within the interval of before.']);
  expect(text(240)).toEqual(['The duration becomes 240 days: 120 days more, 100 %, beyond the interval of before.']);
  expect(text(120)).toEqual(['The changes make no difference to the duration.']);
  expect(text(120.5)).toEqual(['The duration becomes 121 days: 0.5 days more, within the interval of before.']);
  expect(text(120.01)).toEqual(['The changes make hardly any difference to the duration.']);
  const points = (value: number) =>
    differencesText(
      { success_score: days({ is_amount: false, value: 70 }) },
      { success_score: days({ is_amount: false, value }) },
      ['team_size'],
    );
  expect(points(70.0516)).toEqual([
    'The success score becomes 70.1 points: 0.1 points more, beyond the interval of before.',
  ]);
  expect(points(70.04)).toEqual(['The changes make hardly any difference to the success score.']);
  const untaught = expect.stringMatching(/^Nothing was learned about moon: too few finished projects tell it/);
  expect(text(120, ['metadata.moon'])).toEqual([untaught]);
  expect(text(120, ['metadata.moon', 'metadata.sun', 'metadata.final_cost'])).toEqual([
    expect.stringMatching(/^Nothing was learned about moon and sun: too few finished projects tell them, /),
    expect.stringMatching(/^Nothing is learned from final cost: by its name it says how a project ended/),
  ]);
  expect(text(240, ['team_size', 'metadata.moon'])).toEqual([expect.stringMatching(/becomes 240 days/), untaught]);
});

test('effects are read as factors of amounts and as points of scores', () => {
  expect([1.12, 0.5, 2.5].map((effect) => effectText({ is_amount: true }, effect))).toEqual([
    '+12 %',
    '−50 %',
    '× 2.5',
  ]);
  expect([4.142, -2, 0.0516].map((effect) => effectText({ is_amount: false }, effect))).toEqual([
    '+4.1 points',
    '−2 points',
    '+0.1 points',
  ]);
});

test('figures have three digits that count', () => {
  expect([12_345.6, 999.6, 87.34, 0.04567, 0, -3].map(figure)).toEqual([
    '12,346',
    '1,000',
    '87.3',
    '0.0457',
    '0',
    '-3',
  ]);
});

describe('a score', () => {
  const none = { start_date: null, completion_date: null, success_score: null, compute_cost: null };
  const project = { ...none, name: 'p', problem_class: null, complexity_score: null, team_size: null };
  const made = (more: object) => ({
    ...project,
    model_performance: null,
    business_impact: null,
    metadata: {},
    ...more,
  });

  test('is error and interval of each outcome that came, and null while nothing has', () => {
    expect(scoreOf({ duration_days: days() }, made({}))).toBeNull();
    expect(scoreOf({ duration_days: days() }, null)).toBeNull();
    const ended = made({ start_date: '2026-01-01', completion_date: '2026-03-02', success_score: 5 });
    expect(scoreOf({ duration_days: days() }, ended)).toEqual({
      success_score: null,
      duration_days: { actual: 60, error: -60, relative_error: 1, within_interval: false },
      cost: null,
    });
    const of = { success_score: days({ value: 3, low: 0, high: 9 }) };
    expect(scoreOf(of, made({ success_score: 0 }))?.success_score).toMatchObject({
      relative_error: null,
      within_interval: true,
    });
  });
});
