import { describe, expect, test } from 'vitest';
import type { ProjectRow } from '../projects/queries.ts';
import { chooseFeatures, type Known, labelOf, rowOf } from './features.ts';
import { lessonsOf } from './histories.ts';
import { hasEnded, outcomesOf } from './outcomes.ts';

const none = { problem_class: null, complexity_score: null, team_size: null, start_date: null };
const knownBy = (metadata: Record<string, unknown>, more: Partial<Known> = {}): Known => ({
  project: { ...none, metadata },
  reuse: {},
  process: {},
  ...more,
});
const kinds = (all: Known[]) => Object.fromEntries(chooseFeatures(all).map(({ name, kind }) => [name, kind]));
const ten = <T>(of: (at: number) => T) => Array.from({ length: 10 }, (_, at) => of(at));

describe('metadata are features', () => {
  test('by what their values are, one level deep', () => {
    const all = ten((at) =>
      knownBy({
        size: at,
        asText: `${at}.5`,
        day: `2026-01-${10 + at}`,
        kind: at % 2 === 0 ? 'a' : 'b',
        isNew: at % 3 === 0,
        team: { site: at % 2 === 0 ? 'Oslo' : 'Bergen', deep: { er: 1 } },
        about: `a text of several words, number ${at}`,
        id: `id-${at}`,
        list: [1, 2],
      }),
    );
    expect(kinds(all)).toEqual({
      'metadata.size': 'numeric',
      'metadata.asText': 'numeric',
      'metadata.day': 'date',
      'metadata.kind': 'categorical',
      'metadata.isNew': 'categorical',
      'metadata.team.site': 'categorical',
      'metadata.about': 'text',
    });
    const features = chooseFeatures(all);
    expect(rowOf(features, all[3] as Known)).toContain('Bergen');
    expect(rowOf(features, knownBy({ size: 'many', asText: '7' }))).toContain(7);
    expect(rowOf(features, knownBy({ size: 'many' }))).not.toContain('many');
  });

  test('although a few values are odd, or say that nobody knows', () => {
    const odd = (unknown: string, every: number) =>
      Array.from({ length: 40 }, (_, at) =>
        knownBy({
          size: at % every === 0 ? unknown : at,
          day: at % every === 0 ? unknown : `2026-01-${10 + (at % 20)}`,
        }),
      );
    for (const unknown of ['NA', '?', '-', 'null', 'N/A']) {
      const all = odd(unknown, 3);
      expect(kinds(all)).toEqual({ 'metadata.size': 'numeric', 'metadata.day': 'date' });
      expect(rowOf(chooseFeatures(all), all[3] as Known)).toEqual([null, null]);
    }
    const all = odd('tbd', 20);
    expect(kinds(all)).toEqual({ 'metadata.size': 'numeric', 'metadata.day': 'date' });
    expect(rowOf(chooseFeatures(all), all[20] as Known)).toEqual([null, null]);
    expect(kinds(odd('tbd', 15))).toEqual({});
  });

  test('unless few projects have them, all have the same, or their name says how it ended', () => {
    const all = ten((at) =>
      knownBy({
        constant: 1,
        ...(at < 2 ? { rare: at } : {}),
        duration_days: at,
        actual_cost: at,
        Final: at,
        'Actual cost': at,
        'final-days': at,
        compute_cost: at,
        success_score: at,
        completion_date: `2026-01-${10 + at}`,
        outcome_score: at,
        result: { of: at },
        actualCost: at,
        ActualDurationDays: at,
        durationDays: at,
        'FINAL COST': at,
        successScore: at,
        'completion-date': `2026-01-${10 + at}`,
        resultMAE: at,
        _outcome: at,
        costs: { actualTotal: at, final: at },
        'costs.actual': at,
      }),
    );
    expect(kinds(all)).toEqual({});
    expect(kinds(ten((at) => knownBy({ finalist: at, actuality: at, endResult: at })))).toEqual({
      'metadata.finalist': 'numeric',
      'metadata.actuality': 'numeric',
      'metadata.endResult': 'numeric',
    });
  });

  test('and no more than forty of them', () => {
    const all = ten((at) => knownBy(Object.fromEntries(Array.from({ length: 60 }, (_, key) => [`k${key}`, at * key]))));
    expect(Object.keys(kinds(all)).length).toBeLessThanOrEqual(40);
  });
});

test('the team, its reuse and its process are features; who is on the team is its size where nobody said it', () => {
  const all = ten((at) =>
    knownBy(
      {},
      {
        team: { members: at, experience: at % 4, seniors: at / 10 },
        reuse: { schema: at % 3 },
        process: { lead_time: at },
      },
    ),
  );
  expect(Object.keys(kinds(all)).sort()).toEqual(
    ['process.lead_time', 'reuse', 'reuse.schema', 'team.experience', 'team.seniors', 'team_size'].sort(),
  );
  const features = chooseFeatures(all);
  const at = features.findIndex(({ name }) => name === 'team_size');
  expect(rowOf(features, all[7] as Known)[at]).toBe(7);
  expect(rowOf(features, { ...(all[7] as Known), project: { ...none, team_size: 3, metadata: {} } })[at]).toBe(3);
});

test('features have names that people read', () => {
  expect(labelOf('team_size')).toBe('team size');
  expect(labelOf('metadata.client_code')).toBe('client code');
  expect(labelOf('process.lead_time')).toBe('mean lead time in the first 30 days');
  // None counted may be some later on: the label says of which days it is.
  expect(labelOf('reuse')).toBe('artifacts reused in the first 30 days');
  expect(labelOf('reuse.schema')).toBe('artifacts of type schema reused in the first 30 days');
});

const project = (more: Partial<ProjectRow>): ProjectRow => ({
  ...none,
  project_id: 'p',
  name: 'p',
  completion_date: null,
  success_score: null,
  model_performance: null,
  compute_cost: null,
  business_impact: null,
  metadata: {},
  created_by: 'x',
  created_at: new Date(0),
  updated_at: new Date(0),
  ...more,
});

describe('what came of a project', () => {
  test('is its days, its cost where that is more than nothing, and its score', () => {
    const days = { start_date: '2026-01-01', completion_date: '2026-01-11' };
    expect(outcomesOf(project({ ...days, compute_cost: 0, success_score: 0 }))).toEqual({
      success_score: 0,
      duration_days: 10,
      cost: null,
    });
    expect(outcomesOf(project({ start_date: '2026-01-01', completion_date: '2026-01-01' })).duration_days).toBe(1);
    expect(outcomesOf(project({ metadata: { duration_days: 12 } })).duration_days).toBe(12);
  });

  test('is known once it has ended', () => {
    expect(hasEnded(project({ start_date: '2026-01-01', compute_cost: 5 }))).toBe(false);
    expect(hasEnded(project({ completion_date: '2026-01-01' }))).toBe(true);
    expect(hasEnded(project({ success_score: 5 }))).toBe(true);
    expect(hasEnded(project({ compute_cost: 5 }))).toBe(true);
    expect(hasEnded(project({ metadata: { duration_days: 5 } }))).toBe(true);
    expect(hasEnded(project({ metadata: { duration_days: 'long' } }))).toBe(false);
    expect(hasEnded(project({ start_date: '2026-01-01', metadata: { duration_days: 5 } }))).toBe(false);
  });
});

describe('lessons', () => {
  const projects = ten((at) =>
    project({
      project_id: `p${at}`,
      team_size: at,
      start_date: `2026-01-${10 + at}`,
      completion_date: '2026-03-01',
      ...(at < 6 ? { compute_cost: 1 + at } : {}),
      success_score: at % 2 === 0 ? 0 : 100,
      metadata: { estimated_duration_days: at },
    }),
  );
  const lessons = lessonsOf(projects.map((each) => ({ project: each, reuse: {}, process: {} })));
  const of = (outcome: string) => lessons.find((each) => each.outcome === outcome);

  test('teach an outcome from the projects that tell it, and never from when they began what grows with time', () => {
    expect(of('cost')?.projects).toEqual(['p0', 'p1', 'p2', 'p3', 'p4', 'p5']);
    const names = (outcome: string) => of(outcome)?.history.features.map(({ name }) => name);
    expect(names('success_score')).toContain('start_date');
    expect(names('cost')).not.toContain('start_date');
    expect(names('duration_days')).not.toContain('start_date');
  });

  test('know what people estimated, and that success is a chance where all scores are 0 or 100', () => {
    const { history } = of('duration_days') as (typeof lessons)[number];
    expect(history.features[history.estimate as number]?.name).toBe('metadata.estimated_duration_days');
    expect(of('cost')?.history.estimate).toBeUndefined();
    expect(of('success_score')?.history).toMatchObject({ scale: 'success', outcomes: ten((at) => at % 2) });
  });

  test('of success know the durations and costs that came, and what people estimated of them', () => {
    const { features, others } = (of('success_score') as (typeof lessons)[number]).history;
    const days = ten((at) => 50 - at);
    expect(others).toEqual([
      { outcomes: days, estimate: features.findIndex(({ name }) => name === 'metadata.estimated_duration_days') },
      { outcomes: [1, 2, 3, 4, 5, 6, null, null, null, null], estimate: undefined },
    ]);
    expect(of('duration_days')?.history.others).toBeUndefined();
  });
});
