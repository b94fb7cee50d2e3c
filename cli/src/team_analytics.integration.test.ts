import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CommandLine, expectFailure, json, said, startCommandLine } from './command_line.fixture.ts';

let line: CommandLine;
let project: string;

beforeAll(async () => {
  line = await startCommandLine();
  project = json<{ project_id: string }>(await run('project', 'create', 'Churn', '--json')).project_id;
  const commits = ['ada', 'bob', 'cem'].map((name, index) => ({
    sha: String(index).padStart(40, '0'),
    name,
    email: `${name}@example.org`,
    authored_at: '2026-01-10T23:00:00Z',
    committed_at: '2026-01-10T23:00:00Z',
    additions: 5,
    deletions: 1,
    files: 1,
    is_merge: false,
    changes: [['C', index < 2 ? 'x' : 'y']],
  }));
  const sent = await line.maestro.send('POST', `/api/v1/projects/${project}/code/commits`, {
    as: line.maestro.tenants.a.keys.data_scientist,
    json: { repository: 'r', commits },
  });
  expect(sent.status, sent.text).toBe(200);
});
afterAll(() => line?.stop());

const run = (...words: string[]) =>
  line.run([...words, '--tenant', 'tenant-a'], line.as(line.maestro.tenants.a.keys.tenant_admin));
const january = ['--from', '2026-01-01', '--to', '2026-01-31'];
const team = (...words: string[]) => run('team', ...words, '--project', 'Churn', ...january);

test('the code of a team, its builds and how it works together are shown as a whole', async () => {
  const git = said(await team('git'));
  expect(git).toMatch(/^Commits +3, and 0 merges$/m);
  expect(git).toMatch(/^Bus factor +3, of 2 files \(0 without an author\)$/m);
  expect(git).toMatch(/^Changes +fewer than three people/m);
  const ci = said(await team('ci', '--environment', 'staging'));
  expect(ci).toMatch(/^Counted +releases$/m);
  expect(ci).toMatch(/^Change failure rate +-$/m);
  const collaboration = said(await team('collaboration'));
  expect(collaboration).toMatch(/^Ties +1, 33\.3333 % of all pairs$/m);
  expect(collaboration).toMatch(/^Commits at night +100 %$/m);
  expect(collaboration).not.toMatch(/ada|bob|cem/);
  expect(json(await team('collaboration', '--json'))).toMatchObject({ people: 3, graph: { components: 2 } });
});

test('of a team without anybody it is said that nothing is, and of a wrong day what was expected', async () => {
  said(await run('project', 'create', 'Fraud'));
  expect(said(await run('team', 'collaboration', '--project', 'Fraud'))).toMatch(/fewer than three/);
  const git = said(await run('team', 'git', '--project', 'Fraud'));
  expect(git).toMatch(/^Commits +fewer than three people/m);
  expect(git).toMatch(/^Bus factor +0, of 0 files/m);
  expectFailure(await run('team', 'git', '--project', 'Fraud', '--from', '2026-13-01'), 1, /from/);
});
