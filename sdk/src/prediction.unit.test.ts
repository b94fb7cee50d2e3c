import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { consoleInspect, jupyterDisplay, predictBy } from './predict.ts';
import type { PredictionAnswer } from './prediction_answer.ts';

const hostile = `<script>alert("x")</script>'&\u001b[2J`;
const effect = (label: string, value: string | number | null, by: number, text: string) => ({
  feature: label,
  label,
  value,
  effect: by,
  text,
});
const answer: PredictionAnswer = {
  prediction_id: null,
  project_id: '018f0000-0000-7000-8000-000000000000',
  name: hostile,
  is_what_if: true,
  asked: {},
  created_by: 'somebody',
  created_at: '2026-01-01T00:00:00.000Z',
  model_version: 3,
  predicted_success_score: null,
  predicted_duration_days: 50,
  predicted_cost: 1234.5,
  intervals: { success_score: null, duration_days: { low: 25, high: 100 }, cost: { low: 900, high: 2000 } },
  confidence: 0.625,
  flags: ['project_ended'],
  score: null,
  recommendation: [`Most like it is ${hostile}.`],
  similar: [{ project_id: 'x', name: hostile, similarity: 0.5, success_score: 1, duration_days: 1, cost: null }],
  typical: { success_score: null, duration_days: 40, cost: 1000 },
  contributions: {
    success_score: null,
    duration_days: [
      effect(hostile, hostile, 2, `${hostile}+100 %`),
      effect('team size', 3, 0.5, '−50 %'),
      effect('note', 'x', 0.996, '−0 %'),
    ],
    cost: [],
  },
  base: {
    predicted_success_score: null,
    predicted_duration_days: 40,
    predicted_cost: null,
    intervals: { success_score: null, duration_days: { low: 20, high: 80 }, cost: null },
  },
  differences: null,
};

const draw = async (more: Partial<PredictionAnswer> = {}) => {
  const post = async () => ({ data: structuredClone({ ...answer, ...more }) });
  return predictBy(post as never)('018f0000-0000-7000-8000-000000000000');
};

test('a notebook draws intervals and contributions, and what others wrote becomes no markup', async () => {
  const { 'text/html': html } = (await draw())[jupyterDisplay]();
  const tags = [...html.matchAll(/<\/?([a-z]+)(?: [a-z0-9-]+="[^"<>]*")*\/?>/g)];
  // Every < and > belongs to a tag of ours, and no tag loads or runs anything.
  expect(html.replace(/<\/?[a-z]+(?: [a-z0-9-]+="[^"<>]*")*\/?>/g, '')).not.toMatch(/[<>]/);
  const known = ['div', 'b', 'p', 'table', 'tr', 'th', 'td', 'ul', 'li', 'details', 'summary'];
  expect([...known, 'svg', 'line', 'rect', 'circle']).toEqual(expect.arrayContaining(tags.map(([, name]) => name)));
  expect(html).not.toMatch(/<script|href=|src=|style=|\son\w+=/);
  expect(html).toContain('What to expect of &lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&#39;&amp;');
  expect(html).toContain('Duration, changed</th><td>50 days (25 to 100)</td><td><svg');
  expect(html).toContain('<details open=""><summary>What moves the duration</summary><table><tr><td>&lt;script');
  // A factor of two to the right of the middle, and as much to the left.
  expect(html.match(/<rect x="(?:90|4)\.0" y="1" width="86\.0"/g)).toHaveLength(2);
  expect(html).toContain('<p>This project has ended');
});

test('a console draws them as text, without what would steer a terminal', async () => {
  const drawn = await draw();
  const text = inspect(drawn);
  expect(text).toBe(drawn[jupyterDisplay]()['text/plain']);
  expect(text).not.toMatch(/[^\P{Cc}\n]/u);
  expect(text).toContain('\nSuccess score       not known  -\n');
  expect(text).toMatch(/^Duration, as it is {2}40 days +20 to 80 {15}├─{7}●─{14}┤$/m);
  expect(text).toMatch(/^Duration, changed {3}50 days +25 to 100 {16}├─{9}●─{18}┤$/m);
  expect(text).toMatch(
    /\nWhat moves the duration:\n {2}<script.*\+100 % {12}│█{10}\n {2}team size .* −50 % .*█{10}│\n/,
  );
  expect(text).not.toMatch(/What moves the cost|−0 %/);
  expect(text).toMatch(/^This project has ended/m);
  expect(inspect({ far: { away: { it: drawn } } })).toContain('[Prediction]');
  expect(drawn[consoleInspect](0)).toBe(text);
});

test('what draws is no field of the answer, and a prediction of nothing is drawn too', async () => {
  expect(JSON.parse(JSON.stringify(await draw()))).toEqual(answer);
  expect(Object.getOwnPropertySymbols({ ...(await draw()) })).toEqual([]);
  const none = { success_score: null, duration_days: null, cost: null };
  const nothing = await draw({
    name: null,
    model_version: null,
    flags: ['no_history'],
    predicted_duration_days: null,
    predicted_cost: null,
    intervals: none,
    contributions: none,
    similar: [],
    base: null,
  });
  expect(inspect(nothing)).toMatch(
    /^What to expect \(nothing was learned yet\):\nOUTCOME.*\nSuccess score {2}not known/,
  );
  expect(nothing[jupyterDisplay]()['text/html']).not.toMatch(/svg|details|undefined|NaN/);
});
