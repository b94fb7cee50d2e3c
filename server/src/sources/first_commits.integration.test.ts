import { createHmac, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';
import { type People, peopleOf } from '../../test/people.ts';
import { withClient } from '../db/roles.ts';
import { github, githubBranch, gitlab, gitlabBranch, sha } from './deliveries.fixture.ts';

let app: TestApp;
let people: People;
let project: string;
let hook: { url: string; secret: string };

beforeAll(async () => {
  app = await startTestApp();
  people = peopleOf(app);
});
afterAll(() => app?.stop());

async function begin(kind: 'github' | 'gitlab'): Promise<void> {
  project = (await people.asAdmin<{ project_id: string }>('POST', '/projects', { name: randomUUID() })).project_id;
  hook = await people.asAdmin('POST', `/projects/${project}/webhooks`, { kind });
}

async function deliver(payload: unknown, event?: string): Promise<void> {
  const body = JSON.stringify(payload);
  const signature = `sha256=${createHmac('sha256', hook.secret).update(body).digest('hex')}`;
  const headers: Record<string, string> =
    event === undefined
      ? { 'x-gitlab-token': hook.secret, 'idempotency-key': randomUUID() }
      : { 'x-github-event': event, 'x-github-delivery': randomUUID(), 'x-hub-signature-256': signature };
  const answer = await app.send('POST', new URL(hook.url).pathname, {
    body,
    headers: { 'content-type': 'application/json', ...headers },
  });
  expect([answer.status, answer.body]).toEqual([200, { outcome: 'recorded' }]);
}

const rows = <Row extends object>(text: string): Promise<Row[]> =>
  withClient(app.database.superuser, async (client) => (await client.query<Row>(text, [project])).rows);
const firstCommits = async (): Promise<(string | undefined)[]> =>
  (
    await rows<{ at: Date | null }>(
      'SELECT first_commit_at AS at FROM maestro.code_changes WHERE project_id = $1 ORDER BY change_key',
    )
  ).map(({ at }) => at?.toISOString());
const metrics = (path: string, from: string, to: string) =>
  people.asAdmin<Record<string, never>>('GET', `/teams/${project}/${path}?from=${from}&to=${to}`);

const pull = (more: object = {}) => ({
  ...github.pull_request,
  pull_request: { ...github.pull_request.pull_request, ...more },
});

describe('of a pull request of GitHub', () => {
  beforeEach(() => begin('github'));

  test('the first commit is the oldest pushed to its branch, in whatever order that is told', async () => {
    const deliveries = [
      [githubBranch.made, 'push'],
      [pull(), 'pull_request'],
      [githubBranch.pushed, 'push'],
    ] as const;
    for (const order of [deliveries, deliveries.toReversed()]) {
      for (const [payload, event] of order) await deliver(payload, event);
      expect(await firstCommits()).toEqual(['2026-05-14T09:00:00.000Z']);
      await begin('github');
    }
  });

  test('what a merge of the default branch brings to its branch is no first commit', async () => {
    await deliver({ ...github.push, commits: [{ ...github.push.commits[0], id: sha('7') }] }, 'push');
    await deliver(githubBranch.made, 'push');
    await deliver(githubBranch.pushed, 'push');
    await deliver(pull(), 'pull_request');
    expect(await firstCommits()).toEqual(['2026-05-14T09:00:00.000Z']);
  });

  test('a branch of the same name that comes later tells nothing of it, nor does it of the later one', async () => {
    await deliver(githubBranch.made, 'push');
    await deliver(pull(), 'pull_request');
    await deliver(githubBranch.deleted, 'push');
    const later = { ...github.push.commits[0], id: sha('5'), timestamp: '2026-06-01T08:00:00Z' };
    await deliver({ ...githubBranch.made, commits: [later] }, 'push');
    const opened = '2026-06-02T08:00:00Z';
    await deliver(pull({ number: 8, created_at: opened, updated_at: opened }), 'pull_request');
    expect(await firstCommits()).toEqual(['2026-05-14T09:00:00.000Z', '2026-06-01T08:00:00.000Z']);
  });

  test('the first commit of the next change of a branch that goes on after a merge is written after it', async () => {
    await deliver(githubBranch.made, 'push');
    await deliver(pull(), 'pull_request');
    // Told late, after the merge.
    await deliver(githubBranch.pushed, 'push');
    const later = { ...github.push.commits[0], id: sha('5'), timestamp: '2026-06-01T08:00:00Z' };
    await deliver({ ...githubBranch.pushed, commits: [later] }, 'push');
    const opened = '2026-06-02T08:00:00Z';
    const times = { created_at: opened, updated_at: opened, closed_at: null, merged_at: null };
    await deliver(pull({ number: 8, ...times }), 'pull_request');
    expect(await firstCommits()).toEqual(['2026-05-14T09:00:00.000Z', '2026-06-01T08:00:00.000Z']);
  });

  test('a fork’s branch is another one, also where the fork is gone', async () => {
    await deliver(githubBranch.made, 'push');
    const { head } = github.pull_request.pull_request;
    await deliver(pull({ number: 8, head: { ...head, repo: { ...head.repo, id: 2 } } }), 'pull_request');
    await deliver(pull({ number: 9, head: { ...head, repo: null } }), 'pull_request');
    expect(await firstCommits()).toEqual([undefined, undefined]);
  });

  test('how long it took to open is told, and squashed it is deployed after all that time', async () => {
    await deliver(githubBranch.made, 'push');
    await deliver(pull(), 'pull_request');
    // Another one that was merged by the same commit makes it no second one.
    await deliver(pull({ number: 8, head: null }), 'pull_request');
    const deployed = (id: number, created_at: string, of: string) => ({
      ...github.deployment_status,
      deployment: { ...github.deployment_status.deployment, id, sha: of },
      deployment_status: { ...github.deployment_status.deployment_status, created_at },
    });
    await deliver(deployed(1, '2026-05-10T09:00:00Z', sha('1')), 'deployment_status');
    const squashed = { ...github.push.commits[0], id: sha('c'), timestamp: '2026-05-16T09:00:00Z' };
    await deliver({ ...github.push, commits: [squashed] }, 'push');
    await deliver(deployed(2, '2026-05-16T10:00:00Z', sha('c')), 'deployment_status');
    expect(await metrics('cicd-metrics', '2026-05-01', '2026-05-31')).toMatchObject({
      dora: { lead_time_hours: { count: 1, p50: 49 } },
    });
    const [change] = await rows<{ hours: number }>(
      `SELECT extract(epoch FROM opened_at - first_commit_at)::float / 3600 AS hours FROM maestro.code_changes
        WHERE project_id = $1 AND change_key = '7'`,
    );
    expect(change?.hours).toBeCloseTo(30.34, 2);
  });

  test('commits that a merge brings are deployed after it, however long before a deployment they were committed', async () => {
    const deployed = (id: number, created_at: string) => ({
      ...github.deployment_status,
      deployment: { ...github.deployment_status.deployment, id, sha: sha(String(id)) },
      deployment_status: { ...github.deployment_status.deployment_status, created_at },
    });
    const [commit] = github.push.commits;
    const brought = { ...commit, id: sha('e'), timestamp: '2026-05-11T09:00:00Z' };
    const merge = { ...commit, id: sha('f'), message: 'Merge pull request #7', timestamp: '2026-05-13T09:00:00Z' };
    await deliver({ ...github.push, commits: [brought, merge] }, 'push');
    await deliver(deployed(1, '2026-05-10T09:00:00Z'), 'deployment_status');
    await deliver(deployed(2, '2026-05-12T09:00:00Z'), 'deployment_status');
    await deliver(deployed(3, '2026-05-14T09:00:00Z'), 'deployment_status');
    expect(await metrics('cicd-metrics', '2026-05-01', '2026-05-31')).toMatchObject({
      dora: { lead_time_hours: { count: 1, p50: 72 } },
    });
  });
});

describe('of a merge request of GitLab', () => {
  beforeEach(() => begin('gitlab'));

  test('the first commit is the oldest pushed to its branch', async () => {
    await deliver(gitlabBranch);
    await deliver(gitlab.merge_request);
    expect(await firstCommits()).toEqual(['2026-03-02T10:00:00.000Z']);
  });

  test('a fork’s branch is another one', async () => {
    await deliver(gitlabBranch);
    const { object_attributes: of } = gitlab.merge_request;
    await deliver({ ...gitlab.merge_request, object_attributes: { ...of, source_project_id: 2 } });
    expect(await firstCommits()).toEqual([undefined]);
  });
});

describe('of accounts of GitHub that were deleted', () => {
  beforeEach(() => begin('github'));

  test('pull requests, reviews and builds are recorded as of the ghost that GitHub shows', async () => {
    const ghost = { login: 'ghost', id: 10137, type: 'User' };
    await deliver({ ...pull({ user: null }), sender: ghost }, 'pull_request');
    const { pull_request_review: told, workflow_run: built } = github;
    const review = { ...told.review, user: null };
    await deliver(
      { ...told, review, pull_request: { ...told.pull_request, number: 8 }, sender: ghost },
      'pull_request_review',
    );
    const run = { ...built.workflow_run, actor: null, triggering_actor: null, head_repository: null };
    await deliver({ ...built, workflow_run: run, sender: ghost }, 'workflow_run');
    expect(await rows('SELECT name FROM maestro.code_people WHERE project_id = $1 ORDER BY name')).toEqual([
      { name: 'ghost' },
      { name: 'octocat' },
    ]);
    expect(await rows('SELECT state FROM maestro.code_reviews WHERE project_id = $1')).toEqual([{ state: 'approved' }]);
    expect(await rows('SELECT status FROM maestro.ci_runs WHERE project_id = $1')).toEqual([{ status: 'success' }]);
  });
});
