import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CommandLine, expectFailure, json, said, startCommandLine } from './command_line.fixture.ts';

let line: CommandLine;

beforeAll(async () => {
  line = await startCommandLine();
});
afterAll(() => line?.stop());

const run = (...words: string[]) =>
  line.run([...words, '--tenant', 'tenant-a'], line.as(line.maestro.tenants.a.keys.tenant_admin));

test('measurements are recorded, summarized and seen over time', async () => {
  said(await run('project', 'create', 'Churn'));
  const metrics = (...words: string[]) => run('metrics', ...words, '--project', 'Churn');
  expect(said(await metrics('summary'))).toMatch(/Nothing is measured yet/);
  expect(said(await metrics('velocity'))).toBe('Nothing is measured.\n');
  for (const [day, value] of [
    ['2026-01-05', '2'],
    ['2026-01-12', '4'],
    ['2026-01-19', '6'],
    ['2026-01-26', '8'],
  ] as const) {
    said(await metrics('add', 'review_hours', '--value', value, '--at', day, '--key', day));
  }
  expect(said(await metrics('add', 'review_hours', '--value', '9', '--key', '2026-01-05'))).toMatch(/before/);
  expect(said(await metrics('summary'))).toMatch(/^review_hours +4 +5 +4 +8 +8 /m);
  const january = ['--type', 'review_hours', '--from', '2026-01-05', '--to', '2026-02-01'];
  const shown = said(await metrics('velocity', ...january));
  expect(shown).toMatch(/^2026-01-12 +1 +4$/m);
  expect(shown).toMatch(/^Trend: \w+, 2 a week.*\(4 weeks\)\.$/m);
  const velocity = json<{ trend: { slope: number } }>(await metrics('velocity', ...january, '--json'));
  expect(velocity.trend.slope).toBe(2);
});

test('what is wrong is said', async () => {
  said(await run('project', 'create', 'Fraud'));
  const metrics = (...words: string[]) => run('metrics', ...words, '--project', 'Fraud');
  expectFailure(await metrics('add', 'x', '--value', 'many'), 2, /expected a number/);
  expectFailure(await metrics('add', 'No Type', '--value', '1'), 1, /metric_type/);
  expectFailure(await metrics('velocity', '--bucket', 'year'), 2, /day, week, month/);
  expectFailure(await metrics('summary', '--from', 'today'), 1, /from/);
  expectFailure(await run('metrics', 'summary', '--project', 'None'), 1, /Project 'None' not found/);
});
