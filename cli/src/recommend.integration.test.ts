import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CommandLine, expectFailure, json, said, startCommandLine } from './command_line.fixture.ts';

let line: CommandLine;
let directory: string;
let file: string;

const document = `# Churn
Predict churn of customers from contracts and support tickets.

# Consent
Honour withdrawn consent by a ledger of revocations.
`;

beforeAll(async () => {
  line = await startCommandLine();
  directory = await mkdtemp(join(tmpdir(), 'maestro-requirements-'));
  file = join(directory, 'requirements.md');
  await writeFile(file, document);
});
afterAll(async () => {
  await line?.stop();
  await rm(directory, { recursive: true, force: true });
});

const from = (input: string, ...words: string[]) =>
  line.run([...words, '--tenant', 'tenant-a'], line.as(line.maestro.tenants.a.keys.tenant_admin), input);
const run = (...words: string[]) => from('', ...words);

test('requirements are stored, and say which projects are similar, and what it would take', async () => {
  expect(said(await run('recommend', 'similar', file))).toBe('No project has anything in common with it.\n');
  said(await run('project', 'create', 'Old', '--start', '2026-01-01'));
  said(await run('project', 'success', 'Old', '--completed', '2026-02-10', '--compute-cost', '250'));
  const stored = await from(
    'Churn of customers: contracts and support tickets.',
    'recommend',
    'store',
    '-',
    '--project',
    'Old',
  );
  expect(said(stored)).toBe('Stored the requirements of Old.\n');
  expect(said(await run('recommend', 'similar', file))).toMatch(/^Old +0\.\d\d +40 +250 +- .*churn/m);
  const { items } = json<{ items: { name: string }[] }>(
    await run('recommend', 'similar', file, '--limit', '1', '--json'),
  );
  expect(items).toEqual([expect.objectContaining({ name: 'Old' })]);

  const effort = said(await from(document, 'recommend', 'effort', '-', '--team-size', '3'));
  expect(effort).toMatch(/^Duration +40 days +[\d.]+ to [\d,.]+ +\|-*o-+\|$/m);
  expect(effort).toMatch(/^Cost +250 +[\d.]+ to [\d,.]+ +\|-*o-+\|$/m);
  expect(effort).not.toMatch(/\d{4}|\d\.\d{3}/);
  expect(effort).toMatch(/only 1 finished/);
  expect(said(await run('recommend', 'effort', file, '--project', 'Old'))).toMatch(/nothing to learn it from/);
});

test('what there is already and what is new is shown by section', async () => {
  const overlap = said(await run('recommend', 'overlap', file));
  expect(overlap).toMatch(/^Churn +\d+ % +Old › /m);
  expect(overlap).toMatch(/^Consent +0 % +- +- .*(?:ledger|consent)/m);
  expect(overlap).toMatch(/\d+ % of it is covered by projects so far\.\n$/);
});

test('artifacts are recommended, and a strategy says what is left to build', async () => {
  said(
    await run(
      'artifact',
      'create',
      'churn-features',
      '--type',
      'feature_pipeline',
      '--description',
      'Churn of customers from contracts and support tickets.',
    ),
  );
  const strategy = said(await run('recommend', 'strategy', file));
  expect(strategy).toMatch(/^Reuse churn-features: Fits “Churn”; 0 uses so far; its impact is not known\./m);
  expect(strategy).toMatch(/^Build “Consent”: .*revocation/m);
  expect(said(await run('recommend', 'artifacts', file))).toMatch(
    /^churn-features +feature_pipeline +0\.\d\d +\d+ % of what/m,
  );
  expect(said(await run('recommend', 'artifacts', '--problem-class', 'unheard-of'))).toMatch(/Nothing in the library/);
});

test('what is wrong is said', async () => {
  expectFailure(await run('recommend', 'similar'), 2, /either a file or --project/);
  expectFailure(await run('recommend', 'similar', file, '--project', 'Old'), 2, /either a file or --project/);
  expectFailure(await run('recommend', 'artifacts'), 2, /--problem-class/);
  expectFailure(await run('recommend', 'overlap', join(directory, 'none.md')), 1, /none\.md cannot be read \(ENOENT\)/);
  expectFailure(await run('recommend', 'effort', file, '--team-size', 'many'), 2, /expected a whole number/);
  expectFailure(await from('', 'recommend', 'overlap', '-'), 1, /text/);
  expectFailure(await run('recommend', 'store', file, '--project', 'None'), 1, /Project 'None' not found/);
});
