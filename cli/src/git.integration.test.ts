import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { access, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { withClient } from '../../server/src/db/roles.ts';
import type { Person } from '../../server/test/people.ts';
import { type CommandLine, expectFailure, json, said, startCommandLine } from './command_line.fixture.ts';
import { repositoryOf } from './git.ts';
import { type FakeCommit, file, makeRepository, type Repository } from './git_repository.fixture.ts';

let line: CommandLine;
let member: Person;
let project: string;
const repositories: Repository[] = [];

beforeAll(async () => {
  line = await startCommandLine();
  member = await line.people.member('data_scientist');
});
afterAll(async () => {
  for (const repository of repositories) await repository.remove();
  await line?.stop();
});
beforeEach(async () => {
  const made = await line.people.asAdmin<{ project_id: string }>('POST', '/projects', { name: randomUUID() });
  project = made.project_id;
});

async function repository(...commits: FakeCommit[]): Promise<Repository> {
  const made = await makeRepository();
  repositories.push(made);
  await made.add(commits);
  return made;
}

const words = (path: string, more: string[] = []) => [
  ...['git', 'sync', path, '--project', project, '--tenant', 'tenant-a', '--repository', 'r', ...more],
];
const sync = (path: string, ...more: string[]) => line.run(words(path, more), line.as(member.as));

/** Rows as the database has them. */
const rows = <Row extends object>(text: string): Promise<Row[]> =>
  withClient(line.maestro.database.superuser, async (client) => (await client.query<Row>(text, [project])).rows);

const people = () =>
  rows<{ name: string; email: string; commits: number }>(
    `SELECT p.name, p.email, count(c.sha)::integer AS commits
       FROM maestro.code_people p LEFT JOIN maestro.code_commits c USING (tenant_id, project_id, person_id)
      WHERE p.project_id = $1 GROUP BY p.person_id, p.name, p.email ORDER BY p.email`,
  );

const shares = () =>
  rows<{ path: string; name: string; changes: number }>(
    `SELECT f.path, p.name, f.changes FROM maestro.code_file_people f
       JOIN maestro.code_people p USING (tenant_id, project_id, person_id) WHERE f.project_id = $1 ORDER BY f.path, p.name`,
  );

const day = 86_400;
const at = (days: number): number => 1_700_000_000 + days * day;
const ada = 'Ada <ada@example.org>';
const bob = 'Bob <bob@example.org>';

function* many(count: number): Generator<FakeCommit> {
  for (let index = 0; index < count; index++) {
    const author = `P${index % 20} <p${index % 20}@example.org>`;
    yield { author, at: at(0) + index * 60, tree: [file(`d${index % 50}/f${index % 400}`, `${index}\n`)] };
  }
}

describe('git sync', () => {
  test('records each commit with its author, its times and the size of its change, and what is new the next time', async () => {
    const { path, add } = await repository(
      { author: ada, at: at(0), offset: '+0130', tree: [file('a', '1\n2\n'), file('odd\tname\nof a file', 'x\n')] },
      { author: bob, at: at(1), tree: [file('a', '1\n3\n')] },
    );
    expect(json(await sync(path, '--json'))).toMatchObject({ repository: 'r', read: 2, recorded: 2 });
    const commits = () =>
      rows(
        `SELECT authored_at, authored_offset, additions, deletions, files, is_merge, is_complete
           FROM maestro.code_commits WHERE project_id = $1 ORDER BY committed_at`,
      );
    const plain = { authored_offset: 0, is_merge: false, is_complete: true };
    expect(await commits()).toEqual([
      { ...plain, authored_at: new Date(at(0) * 1000), authored_offset: 90, additions: 3, deletions: 0, files: 2 },
      { ...plain, authored_at: new Date(at(1) * 1000), additions: 1, deletions: 1, files: 1 },
    ]);
    expect(said(await sync(path))).toBe('Nothing new in r.\n');
    await add([{ author: ada, at: at(2), tree: [file('b', '1\n')] }]);
    expect(json(await sync(path, '--json'))).toMatchObject({ read: 1, recorded: 1 });
    expect(await commits()).toHaveLength(3);
  });

  test('a commit of another branch comes with the merge that brought it, also where a sync was broken off between', async () => {
    const branch = [
      { author: ada, at: at(0), tree: [file('a', '1\n')] },
      { author: bob, at: at(1), tree: [file('b', '1\n')] },
      { author: bob, at: at(2), tree: [file('b', '2\n')] },
      { author: ada, at: at(3), tree: [file('c', '1\n')], parents: [1] },
      { author: ada, at: at(9), tree: [file('b', '2\n')], parents: [4, 3] },
      { author: ada, at: at(10), tree: [file('c', '2\n')] },
    ];
    const landings = async () =>
      (
        await rows<{ at: Date; landed: Date }>(
          'SELECT committed_at AS at, landed_at AS landed FROM maestro.code_commits WHERE project_id = $1 ORDER BY 1',
        )
      ).map((row) => [row.at, row.landed].map((time) => (time.getTime() / 1000 - at(0)) / day));
    const { path, git } = await repository(...branch);
    const landed = [
      [0, 0],
      [1, 9],
      [2, 9],
      [3, 3],
      [9, 9],
      [10, 10],
    ];
    expect(json(await sync(path, '--json'))).toMatchObject({ recorded: 6 });
    expect(await landings()).toEqual(landed);
    project = (await line.people.asAdmin<{ project_id: string }>('POST', '/projects', { name: randomUUID() }))
      .project_id;
    // What a broken-off one leaves: it was on the branch, at its first commit.
    const [, first = ''] = (await git('rev-list', '--reverse', '--topo-order', 'HEAD')).split('\n');
    said(await sync(path, '--revision', first));
    said(await sync(path));
    expect((await landings()).filter(([committed]) => committed !== 1)).toEqual(landed.filter(([at]) => at !== 1));
  });

  test('merges count as merges and nobody’s change; history beside the branch is read too', async () => {
    const { path } = await repository(
      { author: ada, at: at(0), tree: [file('a', '1\n')] },
      { author: bob, at: at(1), tree: [file('b', '1\n')] },
      { author: ada, at: at(2), tree: [file('c', '1\n')], parents: [1] },
      { author: ada, at: at(3), tree: [file('b', '1\n')], parents: [3, 2] },
    );
    expect(json(await sync(path, '--json'))).toMatchObject({ recorded: 4 });
    const merges = await rows('SELECT files, additions FROM maestro.code_commits WHERE project_id = $1 AND is_merge');
    expect(merges).toEqual([{ files: 0, additions: 0 }]);
    expect(await shares()).toEqual([
      { path: 'a', name: 'Ada', changes: 1 },
      { path: 'b', name: 'Bob', changes: 1 },
      { path: 'c', name: 'Ada', changes: 1 },
    ]);
  });

  test('who knows a file follows its renames, within a sync and across, and ends with the file', async () => {
    const long = Array.from({ length: 20 }, (_, index) => `line ${index}\n`).join('');
    const { path, add } = await repository(
      { author: ada, at: at(0), tree: [file('old', long), file('gone', 'x\n'), file('kept', 'y\n')] },
      { author: bob, at: at(1), tree: ['R old middle'] },
    );
    await sync(path);
    await add([
      { author: bob, at: at(2), tree: ['R middle new', 'D gone'] },
      { author: ada, at: at(3), tree: [file('new', `${long}more\n`)] },
    ]);
    await sync(path);
    expect(await shares()).toEqual([
      { path: 'kept', name: 'Ada', changes: 1 },
      { path: 'new', name: 'Ada', changes: 2 },
      { path: 'new', name: 'Bob', changes: 2 },
    ]);
  });

  test('people are one by their address in whatever case, and by .mailmap', async () => {
    const { path, mailmap } = await repository(
      { author: 'A. L. <ada@home.example>', at: at(0), tree: [file('a', '1\n')] },
      { author: 'Ada <ADA@example.org>', at: at(1), tree: [file('a', '2\n')] },
      { author: bob, at: at(2), tree: [file('a', '3\n')] },
    );
    await mailmap('Ada <ada@example.org> <ada@home.example>\n');
    await sync(path);
    expect(await people()).toEqual([
      { name: 'Ada', email: 'ada@example.org', commits: 2 },
      { name: 'Bob', email: 'bob@example.org', commits: 1 },
    ]);
  });

  test('a line that .mailmap gets later makes one person of those who were synced as two', async () => {
    const { path, mailmap } = await repository(
      { author: 'A. L. <ada@home.example>', at: at(0), tree: [file('a', '1\n')] },
      { author: ada, at: at(1), tree: [file('a', '2\n')] },
      { author: 'Bob <root@localhost>', at: at(2), tree: [file('b', '1\n')] },
      { author: 'Root <root@localhost>', at: at(3), tree: [file('b', '2\n')] },
    );
    await sync(path);
    expect(await people()).toHaveLength(3);
    // What several people committed under makes nobody one.
    await mailmap('Ada <ada@example.org> <ada@home.example>\nBob <bob@example.org> Bob <root@localhost>\n');
    expect(json(await sync(path, '--json'))).toMatchObject({ read: 0 });
    expect(await people()).toEqual([
      { name: 'Ada', email: 'ada@example.org', commits: 2 },
      { name: 'Root', email: 'root@localhost', commits: 2 },
    ]);
    expect(await shares()).toEqual([
      { path: 'a', name: 'Ada', changes: 2 },
      { path: 'b', name: 'Root', changes: 2 },
    ]);
  });

  test('of whoever is left out neither name nor address is stored, before or after', async () => {
    const { path, add } = await repository(
      { author: ada, at: at(0), tree: [file('a', '1\n')] },
      { author: bob, at: at(1), tree: [file('a', '2\n')] },
    );
    await sync(path, '--leave-out', 'ADA@example.org');
    expect(await people()).toEqual([
      { name: '', email: '', commits: 1 },
      { name: 'Bob', email: 'bob@example.org', commits: 1 },
    ]);
    await sync(path, '--leave-out', 'bob@example.org');
    await add([{ author: bob, at: at(2), tree: [file('a', '3\n')] }]);
    await sync(path);
    expect((await people()).map(({ name, email }) => name + email)).toEqual(['', '']);
    expect(await rows('SELECT 1 FROM maestro.code_aliases WHERE project_id = $1')).toEqual([]);
    const left = { emails: ['bob@example.org'], left_out: false };
    expect(await line.people.asAdmin('PUT', `/projects/${project}/code/left-out`, left)).toEqual({ changed: 1 });
    await add([{ author: bob, at: at(3), tree: [file('a', '4\n')] }]);
    await sync(path);
    expect(await people()).toContainEqual({ name: 'Bob', email: 'bob@example.org', commits: 1 });
  });

  test('what is synced is the project’s velocity, but for merges and whoever is left out', async () => {
    const { path } = await repository(
      { author: ada, at: at(0), tree: [file('a', '1\n')] },
      { author: ada, at: at(0) + 60, tree: [file('a', '2\n')] },
      { author: bob, at: at(1), tree: [file('b', '1\n')] },
      { author: ada, at: at(1), tree: [file('c', '1\n')], parents: [2] },
      { author: ada, at: at(1) + 60, tree: [], parents: [4, 3] },
    );
    await sync(path, '--leave-out', 'bob@example.org');
    const [from, to] = [0, 1].map((days) => new Date(at(days) * 1000).toISOString().slice(0, 10));
    const query = `bucket=day&from=${from}&to=${to}`;
    const { source, buckets } = await line.people.asAdmin<{ source: string; buckets: { sum: number }[] }>(
      'GET',
      `/metrics/${project}/velocity?${query}`,
    );
    expect({ source, sums: buckets.map(({ sum }) => sum) }).toEqual({ source: 'commits', sums: [2, 1] });
  });

  test('killed in the middle and started again it goes on where it was, and every commit is there once', async () => {
    const { path } = await repository(...many(12_000));
    const env = { PATH: process.env.PATH, ...line.as(member.as) };
    const bin = join(import.meta.dirname, '../bin/maestro.mjs');
    const child = spawn(process.execPath, [bin, ...words(path)], { env, stdio: 'ignore' });
    const ended = new Promise((resolve) => child.once('close', (_code, signal) => resolve(signal)));
    const count = async () =>
      (await rows<{ n: number }>('SELECT count(*)::integer AS n FROM maestro.code_commits WHERE project_id = $1'))[0]
        ?.n;
    while (((await count()) ?? 0) === 0 && child.exitCode === null);
    child.kill('SIGKILL');
    expect(await ended).toBe('SIGKILL');
    const before = (await count()) ?? 0;
    expect(before).toBeGreaterThan(0);
    expect(before).toBeLessThan(12_000);
    const { read, recorded } = json<{ read: number; recorded: number }>(await sync(path, '--json'));
    // The server may still record what was on its way when the other one was killed.
    expect(read).toBeLessThanOrEqual(12_000 - before);
    expect(recorded).toBeLessThanOrEqual(read);
    expect(await count()).toBe(12_000);
    const [changes] = await rows<{ n: number }>(
      'SELECT sum(changes)::integer AS n FROM maestro.code_file_people WHERE project_id = $1',
    );
    expect(changes?.n).toBe(12_000);
  }, 60_000);

  test('a repository’s configuration runs nothing', async () => {
    const { path, git, add } = await repository({ author: ada, at: at(0), tree: [file('a', '1\n')] });
    const trap = join(await mkdtemp(join(tmpdir(), 'maestro-trap-')), 'ran');
    const script = join(path, 'trap.sh');
    await writeFile(script, `#!/bin/sh\ntouch ${trap}\n`, { mode: 0o755 });
    const settings = {
      'diff.external': script,
      'core.fsmonitor': script,
      'diff.x.textconv': script,
      'gpg.program': script,
    };
    for (const [name, value] of Object.entries(settings)) await git('config', name, value);
    await git('config', 'log.showSignature', 'true');
    await add([{ author: ada, at: at(1), tree: [file('.gitattributes', '* diff=x\n'), file('a', '2\n')] }]);
    expect(json(await sync(path, '--json'))).toMatchObject({ recorded: 2 });
    await expect(access(trap)).rejects.toThrow('ENOENT');
  });

  test('a partial clone fetches nothing, by no program of its own, and is told of', async () => {
    const { path, git } = await repository({ author: ada, at: at(0), tree: [file('a', '1\n')] });
    const clone = join(await mkdtemp(join(tmpdir(), 'maestro-partial-')), 'clone');
    await git('config', 'uploadpack.allowFilter', 'true');
    await git('clone', '--quiet', '--no-checkout', '--filter=blob:none', `file://${path}`, clone);
    const trap = join(clone, 'ran');
    const script = join(clone, 'trap.sh');
    await writeFile(script, `#!/bin/sh\ntouch ${trap}\n`, { mode: 0o755 });
    await git('-C', clone, 'config', 'remote.origin.uploadpack', script);
    expectFailure(await sync(clone), 1, /clone is partial/);
    await expect(access(trap)).rejects.toThrow('ENOENT');
  });

  test('says what is wrong: no repository, no such commit, a shallow clone, no such project', async () => {
    const { path } = await repository(
      { author: ada, at: at(0), tree: [file('a', '1\n')] },
      { author: ada, at: at(1), tree: [] },
    );
    const empty = await mkdtemp(join(tmpdir(), 'maestro-empty-'));
    expectFailure(await sync(empty), 1, /git cannot read the repository: not a git repository/);
    expectFailure(await sync(join(empty, 'none')), 1, /no such directory/);
    expectFailure(await sync(path, '--revision', '--all'), 1, /no commit '--all'/);
    const clone = await makeRepository();
    repositories.push(clone);
    await clone.git('fetch', '--quiet', '--depth=1', `file://${path}`, 'main');
    expectFailure(await sync(clone.path, '--revision', 'FETCH_HEAD'), 1, /git fetch --unshallow/);
    const other = ['git', 'sync', path, '--tenant', 'tenant-a', '--project'];
    expectFailure(await line.run([...other, randomUUID()], line.as(member.as)), 1, /No project with id/);
    expectFailure(await line.run([...other, 'my project'], line.as(member.as)), 1, /'my project' not found/);
  });

  test('the name of a repository is that of its remote, without what signs in there', () => {
    expect(repositoryOf('https://user:word@github.com/owner/name.git')).toBe('github.com/owner/name');
    expect(repositoryOf('git@gitlab.example.com:group/sub/name.git')).toBe('gitlab.example.com/group/sub/name');
    expect(repositoryOf('ssh://git@host.example:2222/owner/name/')).toBe('host.example/owner/name');
    expect(repositoryOf('/srv/git/name.git')).toBeUndefined();
  });
});
