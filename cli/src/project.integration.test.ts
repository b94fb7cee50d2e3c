import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CommandLine, expectFailure, json, said, startCommandLine } from './command_line.fixture.ts';

let line: CommandLine;
let directory: string;

beforeAll(async () => {
  line = await startCommandLine();
  directory = await mkdtemp(join(tmpdir(), 'maestro-projects-'));
});
afterAll(async () => {
  await line?.stop();
  await rm(directory, { recursive: true, force: true });
});

const run = (...words: string[]) =>
  line.run(['project', ...words, '--tenant', 'tenant-a'], line.as(line.maestro.tenants.a.keys.tenant_admin));
const fileOf = async (name: string, content: string): Promise<string> => {
  const path = join(directory, name);
  await writeFile(path, content);
  return path;
};

test('create, show, update, success, list and delete do what they say', async () => {
  const made = json<{ project_id: string }>(
    await run('create', 'Churn 1', '--team-size', '4', '--start', '2025-01-02', '--meta', 'industry=retail', '--json'),
  );
  expect(made).toMatchObject({ name: 'Churn 1', team_size: 4, metadata: { industry: 'retail' } });
  expect(said(await run('update', 'Churn 1', '--meta', 'rows=3.5', '--problem-class', 'ranking'))).toMatch(/Changed/);
  expect(said(await run('success', made.project_id, '--success', '82.5', '--completed', '2025-03-01'))).toMatch(
    /outcome/,
  );
  const shown = said(await run('show', 'Churn 1'));
  expect(shown).toMatch(/^Success \(0–100\) +82\.5$/m);
  expect(shown).toMatch(/^meta industry +retail$/m);
  expect(shown).toMatch(/^meta rows +3\.5$/m);
  said(await run('create', 'Fraud 1'));
  expect(said(await run('list', '--search', 'chrun'))).toMatch(/^Churn 1 +ranking +2025-01-02 +2025-03-01 +82\.5 /m);
  const names = async (...words: string[]) =>
    json<{ name: string }[]>(await run('list', ...words, '--json')).map(({ name }) => name);
  expect(await names('--state', 'active')).toEqual(['Fraud 1']);
  expect(await names('--meta', 'industry=retail', '--success-min', '80')).toEqual(['Churn 1']);
  expect(await names('--order-by', 'name', '--order', 'desc', '--limit', '1')).toEqual(['Fraud 1']);
  expectFailure(await run('delete', 'Fraud 1'), 2, /add --yes/);
  expect(said(await run('delete', 'Fraud 1', '--yes'))).toBe('Deleted project Fraud 1.\n');
  expectFailure(await run('show', 'Fraud 1'), 1, /'Fraud 1' not found/);
});

test('what is wrong is said before anything is done, or by the server', async () => {
  expectFailure(await run('update', 'x'), 2, /Nothing to change/);
  expectFailure(await run('success', 'x'), 2, /Nothing to record/);
  expectFailure(await run('create', 'x', '--start', 'today'), 2, /2026-01-31/);
  expectFailure(await run('create', 'x', '--meta', 'industry'), 2, /KEY=VALUE/);
  expectFailure(await run('create', 'x', '--success', '101'), 1, /success_score/);
  expectFailure(await run('show', randomUUID()), 1, /No project with id/);
});

test('link puts an experiment into a project, and takes it out', async () => {
  said(await run('create', 'Linked'));
  const name = randomUUID();
  const made = await line.people.asAdmin<{ experiment_id: number }>('POST', '/experiments', { name });
  const experiment = String(made.experiment_id);
  expect(said(await run('link', 'Linked', experiment))).toBe(`Experiment ${experiment} is in project Linked.\n`);
  expect(said(await run('show', 'Linked'))).toContain(`${name} (${experiment})`);
  expect(said(await run('link', 'Linked', experiment, '--remove'))).toContain('is no more in project');
  expect(said(await run('show', 'Linked'))).not.toContain(name);
  expectFailure(await run('link', 'Linked', '987654'), 1, /No Experiment with id=987654/);
});

test('import takes a file by a map, and a dry run lists each bad row and imports nothing', async () => {
  const good = await fileOf('good.csv', 'Title;Weeks;start_date\n"A; 1";2;01.02.2025\nA 2;;\n');
  const how = ['--map', 'name:Title', '--map', 'duration_days:Weeks', '--unit', 'duration_days:weeks'];
  const words = ['import', good, ...how, '--delimiter', ';', '--date-format', 'DD.MM.YYYY'];
  expect(said(await run(...words, '--dry-run'))).toBe('Nothing is wrong: 2 projects would be imported.\n');
  expectFailure(await run('show', 'A; 1'), 1, /not found/);
  expect(said(await run(...words))).toBe('Imported 2 projects.\n');
  expect(json(await run('show', 'A; 1', '--json'))).toMatchObject({ completion_date: '2025-02-15' });

  const bad = await fileOf('bad.csv', 'name,team_size\nB 1,three\nA 2,1\nB 3,1\n');
  const listed = await run('import', bad, '--dry-run');
  expect(listed.code).toBe(1);
  expect(listed.stdout).toMatch(
    /^LINE +WHAT IS WRONG\n2 +team_size: expected a number.*\n3 +name: there is a project 'A 2'\n$/,
  );
  expect(listed.stderr).toMatch(/^maestro: 2 rows of .* cannot be imported\.\n$/);
  expectFailure(await run('import', bad), 1, /line 2: team_size: .* \(and 1 more row\)/);
  expectFailure(await run('show', 'B 3'), 1, /not found/);
  expectFailure(await run('import', bad, '--dry-run', '--skip-bad-rows'), 2, /cannot be used with/);
  const some = said(await run('import', bad, '--skip-bad-rows'));
  expect(some).toBe(`${listed.stdout}Imported 1 project, and skipped 2 rows.\n`);
  expect(json(await run('show', 'B 3', '--json'))).toMatchObject({ team_size: 1 });

  const lines = await fileOf('more.jsonl', '{"name":"C 1","rows":7}\n');
  expect(json(await run('import', lines, '--json'))).toMatchObject({ imported: 1, bad_rows: 0 });
  expectFailure(await run('import', join(directory, 'none.csv')), 2, /There is no file/);
  const viewer = line.as(line.maestro.tenants.a.keys.viewer);
  const refused = await line.run(['project', 'import', lines, '--tenant', 'tenant-a'], viewer);
  expectFailure(refused, 1, /does not include project:write/);
});

test('a key works in its own tenant where none is named, and the operator key in none', async () => {
  const { tenants } = line.maestro;
  const name = `Unnamed ${randomUUID()}`;
  const made = json<{ project_id: string }>(
    await line.run(['project', 'create', name, '--json'], line.as(tenants.b.keys.tenant_admin)),
  );
  expect(json(await line.run(['project', 'show', name, '--json'], line.as(tenants.b.keys.tenant_admin)))).toMatchObject(
    { project_id: made.project_id },
  );
  expectFailure(await line.run(['project', 'show', name], line.as(tenants.a.keys.tenant_admin)), 1, /not found/);
  expectFailure(await line.run(['project', 'show', name]), 1, /operator key gives no right inside a tenant/);
});
