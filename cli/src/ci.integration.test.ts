import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { withClient } from '../../server/src/db/roles.ts';
import type { Person } from '../../server/test/people.ts';
import { type CommandLine, expectFailure, json, said, startCommandLine } from './command_line.fixture.ts';

let line: CommandLine;
let member: Person;
let directory: string;
let project: string;

beforeAll(async () => {
  line = await startCommandLine();
  member = await line.people.member('data_scientist');
  directory = await mkdtemp(join(tmpdir(), 'maestro-junit-'));
  const made = await line.people.asAdmin<{ project_id: string }>('POST', '/projects', { name: randomUUID() });
  project = made.project_id;
});
afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
  await line?.stop();
});

async function report(name: string, cases: string): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, `<testsuite timestamp="2026-05-15T15:20:00Z">${cases}</testsuite>`);
  return path;
}

const run = (words: string[], environment: Record<string, string> = {}) =>
  line.run(['ci', 'report', ...words, '--project', project, '--tenant', 'tenant-a'], {
    ...line.as(member.as),
    ...environment,
  });

const builds = () =>
  withClient(line.maestro.database.superuser, async (client) => {
    const text = `SELECT repository, run_key, workflow, branch, status, started_at, finished_at, tests, tests_failed
                    FROM maestro.ci_runs WHERE project_id = $1 ORDER BY run_key`;
    return (await client.query(text, [project])).rows;
  });

test('ci report records the tests of all files as one build, and once however often it is sent', async () => {
  const files = [
    await report('a.xml', '<testcase time="2"/>'),
    await report('b.xml', '<testcase time="3"><failure/></testcase>'),
  ];
  expect(said(await run(files))).toBe('Recorded 2 tests in 5.0 s: 1 failed, 0 skipped.\n');
  expect(json(await run([...files, '--json']))).toMatchObject({ status: 'failure', tests: 2, failed: 1, seconds: 5 });
  expect(await builds()).toEqual([
    expect.objectContaining({
      run_key: expect.stringMatching(/^report:[0-9a-f]{64}$/),
      status: 'failure',
      started_at: new Date('2026-05-15T15:20:00Z'),
      finished_at: new Date('2026-05-15T15:20:05Z'),
      tests: 2,
      tests_failed: 1,
    }),
  ]);
});

test('within GitHub Actions and GitLab CI/CD the build is named as its webhook names it', async () => {
  const file = await report('c.xml', '<testcase/>');
  const ofGithub = {
    GITHUB_ACTIONS: 'true',
    GITHUB_RUN_ID: '289782451',
    GITHUB_RUN_ATTEMPT: '2',
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_REPOSITORY: 'octo-org/octo-repo',
    GITHUB_WORKFLOW: 'Build',
    GITHUB_REF_NAME: 'main',
    GITHUB_SHA: 'a'.repeat(40),
  };
  said(await run([file], ofGithub));
  said(
    await run([file], { CI_PIPELINE_ID: '31', CI_SERVER_HOST: 'gitlab.example.com', CI_PROJECT_PATH: 'mike/diaspora' }),
  );
  expect(await builds()).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        run_key: 'github:289782451:2',
        repository: 'github.com/octo-org/octo-repo',
        workflow: 'Build',
        branch: 'main',
        status: 'success',
      }),
      expect.objectContaining({ run_key: 'gitlab:31', repository: 'gitlab.example.com/mike/diaspora' }),
    ]),
  );
});

test('ci report says what is wrong with a file', async () => {
  expectFailure(await run([join(directory, 'none.xml')]), 1, /none\.xml cannot be read/);
  const path = join(directory, 'bad.xml');
  await writeFile(path, '<!DOCTYPE a><testsuite/>');
  expectFailure(await run([path]), 1, /bad\.xml is no JUnit report: it declares a document type/);
});
