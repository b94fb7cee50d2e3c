import { createHmac, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startTestApp, type TestAnswer, type TestApp } from '../../test/app.ts';
import { type People, peopleOf } from '../../test/people.ts';
import { withClient } from '../db/roles.ts';
import { github, gitlab, sha } from './deliveries.fixture.ts';

interface Hook {
  webhook_id: string;
  url: string;
  secret: string;
}

let app: TestApp;
let people: People;
let project: string;
let hook: Hook;

const makeHook = (kind: 'github' | 'gitlab') => people.asAdmin<Hook>('POST', `/projects/${project}/webhooks`, { kind });

beforeAll(async () => {
  app = await startTestApp();
  people = peopleOf(app);
});
afterAll(() => app?.stop());
beforeEach(async () => {
  project = (await people.asAdmin<{ project_id: string }>('POST', '/projects', { name: randomUUID() })).project_id;
  hook = await makeHook('github');
});

const rows = <Row extends object>(table: string, columns: string): Promise<Row[]> =>
  withClient(app.database.superuser, async (client) => {
    const text = `SELECT ${columns} FROM maestro.${table} WHERE project_id = $1 ORDER BY 1`;
    return (await client.query<Row>(text, [project])).rows;
  });

const post = (body: string, headers: Record<string, string>, to = hook): Promise<TestAnswer> =>
  app.send('POST', new URL(to.url).pathname, { body, headers: { 'content-type': 'application/json', ...headers } });

const signed = (body: string, secret: string): string =>
  `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;

function fromGithub(event: string, payload: unknown, more: Record<string, string> = {}): Promise<TestAnswer> {
  const body = JSON.stringify(payload);
  const headers = {
    'x-github-event': event,
    'x-github-delivery': randomUUID(),
    'x-hub-signature-256': signed(body, hook.secret),
  };
  return post(body, { ...headers, ...more });
}

const fromGitlab = (payload: unknown, more: Record<string, string> = {}): Promise<TestAnswer> =>
  post(JSON.stringify(payload), { 'x-gitlab-token': hook.secret, 'idempotency-key': randomUUID(), ...more });

/** What all kinds of deliveries leave behind, without what the tables alone know. */
async function told() {
  return {
    commits: await rows('code_commits', 'repository, sha, authored_offset, files, is_merge, is_complete'),
    changes: await rows(
      'code_changes',
      'change_key, opened_at, first_review_at, merged_at, merge_sha, additions, commits',
    ),
    reviews: await rows('code_reviews', 'review_key, state'),
    builds: await rows('ci_runs', 'run_key, workflow, branch, status, started_at, finished_at'),
    deployments: await rows('deployments', 'deployment_key, environment, status, at, sha'),
    releases: await rows('code_releases', 'tag, at, is_prerelease'),
  };
}

const ofGithub = {
  commits: [
    {
      repository: 'github.com/octo-org/octo-repo',
      sha: sha('a'),
      authored_offset: 120,
      files: 2,
      is_merge: false,
      is_complete: false,
    },
  ],
  changes: [
    {
      change_key: '7',
      opened_at: new Date('2026-05-15T15:20:33Z'),
      first_review_at: new Date('2026-05-15T16:20:33Z'),
      merged_at: new Date('2026-05-16T09:00:00Z'),
      merge_sha: sha('c'),
      additions: 10,
      commits: 1,
    },
  ],
  reviews: [{ review_key: '2626884', state: 'approved' }],
  builds: [
    {
      run_key: 'github:289782451:1',
      workflow: 'Build',
      branch: 'main',
      status: 'success',
      started_at: new Date('2026-05-15T15:20:00Z'),
      finished_at: new Date('2026-05-15T15:25:00Z'),
    },
  ],
  deployments: [
    {
      deployment_key: 'github:145988746',
      environment: 'production',
      status: 'success',
      at: new Date('2026-05-15T15:28:00Z'),
      sha: sha('a'),
    },
  ],
  releases: [{ tag: 'v1.0.0', at: new Date('2026-05-15T15:29:53Z'), is_prerelease: false }],
};

describe('a webhook of GitHub', () => {
  test('records pushes, changes, reviews, builds, deployments and releases, in whatever order they come', async () => {
    const events = Object.entries(github).filter(([name]) => name !== 'ping');
    for (const [name, payload] of events) {
      const answer = await fromGithub(name, payload);
      expect([name, answer.status, answer.body]).toEqual([name, 200, { outcome: 'recorded' }]);
    }
    expect(await told()).toEqual(ofGithub);
    project = (await people.asAdmin<{ project_id: string }>('POST', '/projects', { name: randomUUID() })).project_id;
    hook = await makeHook('github');
    for (const [name, payload] of events.reverse()) expect((await fromGithub(name, payload)).status).toBe(200);
    expect(await told()).toEqual(ofGithub);
    const named = await rows('code_people', 'name, email');
    expect(named).toHaveLength(2);
  });

  test('a ping, a push of a tag and an event of no concern record nothing; one to another branch, no commits', async () => {
    for (const [name, payload] of [
      ['ping', github.ping],
      ['push', { ...github.push, ref: 'refs/tags/v1' }],
      ['push', { ...github.push, ref: 'refs/heads/side', created: true, commits: [] }],
      ['star', { action: 'created', repository: github.push.repository }],
    ] as const) {
      expect((await fromGithub(name, payload)).body).toEqual({ outcome: 'ignored' });
    }
    const side = { ...github.push, ref: 'refs/heads/side' };
    expect((await fromGithub('push', side)).body).toEqual({ outcome: 'recorded' });
    expect(await rows('code_commits', 'sha')).toEqual([]);
  });

  test('a delivery that comes again is ignored: by its name, and by its body under another name', async () => {
    const again = { 'x-github-delivery': randomUUID() };
    expect((await fromGithub('release', github.release, again)).body).toEqual({ outcome: 'recorded' });
    expect((await fromGithub('push', github.push, again)).body).toEqual({ outcome: 'repeated' });
    expect((await fromGithub('release', github.release)).body).toEqual({ outcome: 'repeated' });
    expect(await rows('code_commits', 'sha')).toEqual([]);
  });

  test('a false signature, none, a webhook that is not there and one of another tenant answer the same 404', async () => {
    const body = JSON.stringify(github.push);
    const event = { 'x-github-event': 'push' };
    const good = signed(body, hook.secret);
    const path = new URL(hook.url).pathname;
    const answers = [
      await post(body, event),
      await post(body, { ...event, 'x-hub-signature-256': signed(body, 'another') }),
      await post(`${body} `, { ...event, 'x-hub-signature-256': good }),
      await post(
        body,
        { ...event, 'x-hub-signature-256': good },
        { ...hook, url: hook.url.replace(hook.webhook_id, randomUUID()) },
      ),
      await post(
        body,
        { ...event, 'x-hub-signature-256': good },
        { ...hook, url: hook.url.replace('tenant-a', 'tenant-b') },
      ),
      await post(body, { ...event, 'x-gitlab-token': hook.secret }),
      await post('no JSON', event),
    ];
    const texts = answers.map(({ status, text }) => `${status} ${text.replace(/"request_id":"[^"]*"/, '')}`);
    expect(new Set(texts).size).toBe(1);
    expect(texts[0]).toMatch(/^404 /);
    expect(path).toContain('/api/v1/hooks/tenant-a/');
    expect(await rows('webhook_deliveries', 'delivery_id')).toEqual([]);
    const log = await people.asAdmin<{ items: { action: string; outcome: string }[] }>(
      'GET',
      '/audit?action=webhook.receive',
    );
    expect(log.items[0]).toMatchObject({ outcome: 'refused' });
  });

  test('one that was deleted takes nothing any more; nor does one of a project that is not there', async () => {
    const path = `/projects/${project}/webhooks`;
    const listed = await people.asAdmin<{ items: object[] }>('GET', path);
    expect(listed.items).toEqual([expect.objectContaining({ webhook_id: hook.webhook_id, kind: 'github' })]);
    expect(JSON.stringify(listed)).not.toContain(hook.secret);
    await people.asAdmin('DELETE', `${path}/${hook.webhook_id}`);
    expect((await fromGithub('push', github.push)).status).toBe(404);
    hook = await makeHook('github');
    await withClient(app.database.superuser, (client) =>
      client.query('DELETE FROM maestro.projects WHERE project_id = $1', [project]),
    );
    expect((await fromGithub('push', github.push)).status).toBe(404);
  });

  test('what has not the known form is a 400 that names the member, and can come again', async () => {
    const { repository: _, ...lame } = github.push;
    const answer = await fromGithub('push', lame);
    expect([answer.status, answer.text]).toEqual([
      400,
      expect.stringContaining('payload.repository: expected an object'),
    ]);
    expect((await fromGithub('push', github.push)).body).toEqual({ outcome: 'recorded' });
  });

  test.each<[string, keyof typeof github, (text: string) => string]>([
    ['a commit’s id that is none', 'push', (text) => text.replace(`"id":"${sha('a')}"`, '"id":"abc"')],
    ['a time before all times', 'push', (text) => text.replace('2026-05-15T17:19:00+02:00', '0000-01-01T00:00:00Z')],
    [
      'a time after all times',
      'release',
      (text) => text.replaceAll('2026-', '9999-').replace(/9999-\d\d-\d\dT[\d:]+Z/g, '9999-12-31T23:00:00-14:00'),
    ],
    [
      'a number that is a long text',
      'pull_request',
      (text) => text.replaceAll('"number":7', `"number":"${'7'.repeat(300)}"`),
    ],
    [
      'a long id of a review',
      'pull_request_review',
      (text) => text.replace(/"id":2626884/, `"id":"${'7'.repeat(300)}"`),
    ],
    ['a long id of a build', 'workflow_run', (text) => text.replace(/"id":\d+/g, `"id":"${'7'.repeat(300)}"`)],
    ['a long id of a deployment', 'deployment', (text) => text.replace(/"id":\d+/g, `"id":"${'7'.repeat(300)}"`)],
    [
      'a long name of somebody',
      'push',
      (text) => text.replace('The Octocat', 'İ'.repeat(400)).replace('octocat@github.example', 'İ'.repeat(400)),
    ],
  ])('with %s it answers, and not with a 500', async (_name, event, change) => {
    const text = JSON.stringify(github[event]);
    expect(change(text)).not.toBe(text);
    const answer = await fromGithub(event, JSON.parse(change(text)));
    expect([200, 400], answer.text).toContain(answer.status);
  });

  test('a delivery to a webhook that is not there is answered before its body comes', async () => {
    const { hostname, port } = new URL(app.url);
    const socket = connect(Number(port), hostname);
    const path = `/api/v1/hooks/tenant-a/${randomUUID()}`;
    socket.write(`POST ${path} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nContent-Type: application/json\r\n`);
    socket.write('Content-Length: 1000000\r\n\r\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    expect(answer.toString()).toMatch(/^HTTP\/1.1 404 /);
  });

  test('a body past 5 MB is refused before it is read', async () => {
    const large = ' '.repeat(5 * 1024 * 1024 + 1);
    expect((await post(large, { 'x-hub-signature-256': signed(large, hook.secret) })).status).toBe(413);
  });

  test('its secret is sealed in the database', async () => {
    const [row] = await rows<{ sealed_secret: Buffer }>('webhooks', 'sealed_secret');
    expect(row?.sealed_secret.includes(hook.secret)).toBe(false);
    expect(row?.sealed_secret.length).toBeGreaterThan(hook.secret.length);
  });
});

describe('a webhook of GitLab', () => {
  beforeEach(async () => {
    hook = await makeHook('gitlab');
  });

  test('records pushes, changes, approvals, notes, pipelines, deployments and releases', async () => {
    for (const payload of Object.values(gitlab)) {
      const answer = await fromGitlab(payload);
      expect([payload.object_kind, answer.status, answer.text]).toEqual([
        payload.object_kind,
        200,
        '{"outcome":"recorded"}',
      ]);
    }
    expect(await told()).toMatchObject({
      commits: [{ repository: 'gitlab.example.com/mike/diaspora', sha: sha('d'), authored_offset: 120, files: 1 }],
      changes: [{ change_key: '3', first_review_at: new Date('2026-03-03T17:50:00Z'), merged_at: null }],
      reviews: [{ state: 'approved' }, { review_key: 'note:1244', state: 'commented' }],
      builds: [{ run_key: 'gitlab:31', status: 'failure', finished_at: new Date('2026-03-03T15:26:29Z') }],
      deployments: [{ environment: 'staging', status: 'success', at: new Date('2026-03-03T19:50:00Z'), sha: sha('d') }],
      releases: [{ tag: 'v1.1' }],
    });
  });

  test('takes a signature of Standard Webhooks, of now, and then no plain token in its place', async () => {
    const body = JSON.stringify(gitlab.push);
    const sign = (at: number) => {
      const key = Buffer.from(hook.secret.slice('whsec_'.length), 'base64');
      const digest = createHmac('sha256', key).update(`d1.${at}.${body}`).digest('base64');
      return { 'webhook-id': 'd1', 'webhook-timestamp': String(at), 'webhook-signature': `v1,AAAA v1,${digest}` };
    };
    const now = Math.floor(Date.now() / 1000);
    expect((await post(body, sign(now - 600))).status).toBe(404);
    expect((await post(body, { ...sign(now), 'webhook-timestamp': String(now + 1) })).status).toBe(404);
    const unsigned = { ...sign(now), 'webhook-signature': 'v1,AAAA', 'x-gitlab-token': hook.secret };
    expect((await post(body, unsigned)).status).toBe(404);
    expect((await post(body, sign(now))).body).toEqual({ outcome: 'recorded' });
    expect((await post(body, sign(now))).body).toEqual({ outcome: 'repeated' });
  });
});
