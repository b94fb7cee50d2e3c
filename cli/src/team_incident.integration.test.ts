import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CommandLine, expectFailure, json, said, startCommandLine } from './command_line.fixture.ts';

let line: CommandLine;

beforeAll(async () => {
  line = await startCommandLine();
  said(await run('project', 'create', 'Churn'));
});
afterAll(() => line?.stop());

const run = (...words: string[]) =>
  line.run([...words, '--tenant', 'tenant-a'], line.as(line.maestro.tenants.a.keys.data_scientist));
const incident = (...words: string[]) => run('team', 'incident', ...words, '--project', 'Churn');

test('an incident is recorded, resolved, listed, shown and removed', async () => {
  expect(said(await incident('list'))).toBe('No incidents.\n');
  said(await incident('record', 'INC/7', '--started', '2026-01-05T08:00:00Z', '--environment', 'staging'));
  expect(said(await incident('list'))).toMatch(/^INC\/7 +staging +2026-01-05T08:00:00.000Z +- +-$/m);
  expect(said(await incident('resolve', 'INC/7', '--at', '2026-01-05T09:30:00Z'))).toMatch(/after 1\.5 hours/);
  expect(json(await incident('show', 'INC/7', '--json'))).toEqual({
    incident_key: 'INC/7',
    environment: 'staging',
    started_at: '2026-01-05T08:00:00.000Z',
    resolved_at: '2026-01-05T09:30:00.000Z',
  });
  const now = json<{ resolved_at: string | null }>(await incident('record', 'INC-8', '--json'));
  expect(now.resolved_at).toBeNull();
  expect(json(await incident('list', '--to', '2026-01-31', '--json'))).toHaveLength(1);
  expect(json(await incident('list', '--environment', 'production', '--json'))).toMatchObject([
    { incident_key: 'INC-8' },
  ]);
  expect(json(await incident('remove', 'INC-8', '--yes', '--json'))).toEqual({ incident_key: 'INC-8' });
  expectFailure(await incident('show', 'INC-8'), 1, /no incident 'INC-8'/);
  expectFailure(await incident('resolve', 'INC/7', '--at', '2026-01-05T07:00:00Z'), 1, /resolved_at: expected a time/);
});

test('what is recorded again keeps what is not given', async () => {
  const first = ['--started', '2026-01-05T08:00:00Z', '--resolved', '2026-01-05T09:00:00Z', '--environment', 'staging'];
  const made = json(await incident('record', 'INC-9', ...first, '--json'));
  expect(json(await incident('record', 'INC-9', '--json'))).toEqual(made);
  expect(json(await incident('record', 'INC-9', '--resolved', '2026-01-05T10:00:00Z', '--json'))).toEqual({
    ...(made as object),
    resolved_at: '2026-01-05T10:00:00.000Z',
  });
});

test('what is no time is wrong usage, and a misspelt command is answered with the nearest', async () => {
  expectFailure(await incident('record', 'X', '--started', 'yesterday'), 2, /expected a date/);
  expect(await incident('reslve', 'X')).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^maestro: .*\n?.*resolve\?/),
  });
});
