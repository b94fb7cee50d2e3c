import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CommandLine, expectFailure, json, said, startCommandLine } from './command_line.fixture.ts';

let line: CommandLine;

beforeAll(async () => {
  line = await startCommandLine();
});
afterAll(() => line?.stop());

const run = (...words: string[]) =>
  line.run([...words, '--tenant', 'tenant-a'], line.as(line.maestro.tenants.a.keys.tenant_admin));

test('a team is put together, changed and listed by the names of people and project', async () => {
  said(await run('project', 'create', 'Churn'));
  const team = (...words: string[]) => run('team', ...words, '--project', 'Churn');
  expect(said(await team('list'))).toMatch(/Nobody is on the team/);
  const added = await team('add', 'Ada', '--role', 'lead', '--experience', 'senior', '--json');
  expect(json<{ member_id: string }>(added)).toMatchObject({ name: 'Ada', experience_level: 'senior' });
  said(await team('update', 'Ada', '--hours', '12.5', '--role', 'data scientist'));
  expect(said(await team('list'))).toMatch(/^Ada +data scientist +senior +12\.5 +- /m);
  expectFailure(await team('remove', 'Ada'), 2, /add --yes/);
  said(await team('add', 'Ada', '--role', 'intern'));
  expectFailure(await team('remove', 'Ada', '--yes'), 1, /2 on the team are called 'Ada': give the id/);
  const [first] = json<{ member_id: string }[]>(await team('list', '--json'));
  said(await team('remove', (first as { member_id: string }).member_id, '--yes'));
  said(await team('remove', 'Ada', '--yes'));
  expectFailure(await team('remove', 'Ada', '--yes'), 1, /Nobody on the team is called 'Ada'/);
});

test('what is wrong is said', async () => {
  said(await run('project', 'create', 'Fraud'));
  const add = (...words: string[]) => run('team', 'add', 'Grace', '--role', 'x', '--project', 'Fraud', ...words);
  expectFailure(await add('--experience', 'guru'), 2, /junior/);
  expectFailure(await add('--hours', 'many'), 2, /expected a number/);
  expectFailure(await add('--performance', '101'), 1, /performance_score/);
  expectFailure(await add('--user', 'nobody@example.org'), 1, /nobody@example.org' of the tenant not found/);
  expectFailure(await run('team', 'list', '--project', 'None'), 1, /Project 'None' not found/);
});
