import { afterAll, beforeAll, expect, test } from 'vitest';
import { finishedProjects } from '../../server/src/insight/history.fixture.ts';
import { type CommandLine, expectFailure, json, said, startCommandLine } from './command_line.fixture.ts';

let line: CommandLine;

beforeAll(async () => {
  line = await startCommandLine();
});
afterAll(() => line?.stop());

const run = (...words: string[]) =>
  line.run([...words, '--tenant', 'tenant-a'], {
    ...line.as(line.maestro.tenants.a.keys.tenant_admin),
    LANG: 'en_US.UTF-8',
  });

/** A process for each command: on a busy machine they take long. */
const patience = 120_000;

test('a history teaches, and what was learned is shown', { timeout: patience }, async () => {
  expect(said(await run('insight', 'model'))).toMatch(/Nothing was learned yet/);
  expect(said(await run('insight', 'train'))).toMatch(/nothing to learn from/);
  const body = finishedProjects(40)
    .map((each) => JSON.stringify(each))
    .join('\n');
  const as = line.maestro.tenants.a.keys.tenant_admin;
  await line.maestro.send('POST', '/api/v1/projects/import?format=jsonl', { as, body });
  expect(said(await run('insight', 'train'))).toBe('Learned model 1.\n');
  expect(said(await run('insight', 'train'))).toMatch(/Model 1 has learned from these data already/);
  const told = said(await run('insight', 'model'));
  expect(told).toMatch(/^duration in days +40 /m);
  expect(told).toMatch(/^The duration in days depends on +.*team size \d/m);
  expect(said(await run('insight', 'models'))).toMatch(/^1 .* cost +40 /m);
});

test('a project is predicted with its interval drawn, changed, and scored when it ends', {
  timeout: patience,
}, async () => {
  said(
    await run('project', 'create', 'Churn', '--problem-class', 'vision', '--team-size', '4', '--start', '2026-01-01'),
  );
  const plain = said(await run('predict', 'Churn'));
  expect(plain).toMatch(/^What to expect of Churn \(model 1, confidence \d\.\d\d\):$/m);
  expect(plain).toMatch(/^Duration +[\d.,]+ days +[\d.,]+ to [\d.,]+ +├─*●─*┤$/m);
  expect(plain).toMatch(/in 4 of 5 such projects between/);
  expect(plain).toMatch(/^MOST LIKE IT +ALIKE +SUCCESS +DAYS +COST$/m);
  const changed = said(await run('predict', 'Churn', '--set', 'team_size=9', '--set', 'industry=bank'));
  expect(changed).toMatch(/^Duration, as it is .*\nDuration, changed /m);
  expect(changed).toMatch(/The duration becomes/);
  const made = json<{ name: string; predicted_cost: number }>(
    await run('predict', '--name', 'Next', '--set', 'team_size=4', '--json'),
  );
  expect(made).toMatchObject({ name: 'Next', predicted_cost: expect.any(Number) });
  expect(plain).not.toMatch(/has ended/);
  said(await run('project', 'success', 'Churn', '--completed', '2026-01-03', '--success', '50'));
  expect(said(await run('predict', 'Churn'))).toMatch(/^What to expect .*\nThis project has ended, .* not scored\.$/m);
  expect(said(await run('insight', 'predictions', '--project', 'Churn', '--scored', 'yes'))).toMatch(
    /^Churn .* \(was 2, outside\)/m,
  );
});

test('without UTF-8 the interval is drawn in ASCII', { timeout: patience }, async () => {
  const words = ['predict', '--set', 'team_size=4', '--tenant', 'tenant-a'];
  const answer = await line.run(words, line.as(line.maestro.tenants.a.keys.tenant_admin));
  expect(said(answer)).toMatch(/^Cost +.*\|-*o-*\|$/m);
});

test('what is wrong is said', { timeout: patience }, async () => {
  expectFailure(await run('predict'), 2, /Name a project/);
  expectFailure(await run('predict', 'Churn', '--name', 'x'), 2, /leave one of the two away/);
  expectFailure(await run('predict', 'None'), 1, /Project 'None' not found/);
  expectFailure(await run('predict', 'Churn', '--set', 'team_size=many'), 2, /expected a number for team_size/);
  expectFailure(await run('predict', 'Churn', '--set', 'team_size=0'), 1, /team_size/);
  expectFailure(await run('insight', 'predictions', '--scored', 'maybe'), 2, /'yes' or 'no'/);
});
