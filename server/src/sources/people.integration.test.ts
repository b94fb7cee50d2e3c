import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type AuditApp, startAuditApp } from '../audit/audit_app.fixture.ts';
import { github, sha } from './deliveries.fixture.ts';
import { recordEvent } from './events.ts';
import { githubEvent } from './github.ts';
import { Payload } from './payload.ts';

let maestro: AuditApp;
let project: string;
beforeAll(async () => {
  maestro = await startAuditApp();
});
afterAll(() => maestro?.stop());
beforeEach(async () => {
  const made = await maestro.asAdmin('POST', '/projects', { name: randomUUID() });
  project = (made.body as { project_id: string }).project_id;
});

const tell = (name: string, payload: unknown): Promise<void> =>
  maestro.ports.db.inTenant(maestro.tenants.a.id, async (tx) => {
    const event = githubEvent(name, new Payload(payload));
    if (event) await recordEvent(tx, project, event);
  });

const commit = (name: string, email: string, id: string, more: object = {}) => ({
  sha: id,
  name,
  email,
  authored_at: '2026-05-15T17:19:00+02:00',
  committed_at: '2026-05-15T15:19:00Z',
  additions: 5,
  deletions: 1,
  files: 1,
  is_merge: false,
  changes: [['C', 'README.md']],
  ...more,
});

async function send(...commits: object[]): Promise<unknown> {
  const repository = 'github.com/octo-org/octo-repo';
  const answer = await maestro.asAdmin('POST', `/projects/${project}/code/commits`, { repository, commits });
  expect(answer.status, answer.text).toBe(200);
  return answer.body;
}

const people = () =>
  maestro.rows(
    `SELECT p.name, p.email, count(c.sha)::integer AS commits
       FROM maestro.code_people p LEFT JOIN maestro.code_commits c USING (tenant_id, project_id, person_id)
      WHERE p.project_id = $1 GROUP BY p.person_id, p.name, p.email ORDER BY p.name`,
    [project],
  );

test('an account and an address that a push names together are one person from then on, with all that either did', async () => {
  await tell('pull_request', github.pull_request);
  await send(commit('The Octocat', 'octocat@github.example', sha('b')));
  expect(await people()).toHaveLength(2);
  await tell('push', github.push);
  expect(await people()).toEqual([{ name: 'The Octocat', email: 'octocat@github.example', commits: 2 }]);
  const changes = await maestro.rows('SELECT person_id FROM maestro.code_changes WHERE project_id = $1', [project]);
  expect(changes).toHaveLength(1);
});

test('a commit that a push told of is completed by the history, once', async () => {
  await tell('push', github.push);
  const sizes = () =>
    maestro.rows('SELECT additions, is_complete FROM maestro.code_commits WHERE project_id = $1', [project]);
  expect(await sizes()).toEqual([{ additions: 0, is_complete: false }]);
  const whole = commit('The Octocat', 'octocat@github.example', sha('a'));
  expect(await send(whole)).toEqual({ recorded: 1 });
  expect(await send(whole)).toEqual({ recorded: 0 });
  await tell('push', github.push);
  expect(await sizes()).toEqual([{ additions: 5, is_complete: true }]);
  const shares = await maestro.rows('SELECT changes FROM maestro.code_file_people WHERE project_id = $1', [project]);
  expect(shares).toEqual([{ changes: 1 }]);
});

test('of whoever is left out no address stays, also where a later push names one that was known by itself', async () => {
  await tell('pull_request', github.pull_request);
  const path = `/projects/${project}/code/left-out`;
  expect((await maestro.asAdmin('PUT', path, { emails: ['octocat@github.example'] })).body).toEqual({ changed: 1 });
  await tell('push', github.push);
  expect(await people()).toEqual([{ name: '', email: '', commits: 1 }]);
  expect(await maestro.rows('SELECT email FROM maestro.code_aliases WHERE project_id = $1', [project])).toEqual([]);
  await tell('pull_request', github.pull_request);
  expect(await people()).toHaveLength(1);
});

test('a review by somebody who is left out, or who turns out to be the author, is none by another', async () => {
  const reviewedAt = async () =>
    (await maestro.rows('SELECT first_review_at AS at FROM maestro.code_changes WHERE project_id = $1', [project])).map(
      ({ at }) => (at as Date | null)?.toISOString(),
    );
  const review = (id: number, login: string, submitted_at: string) => ({
    ...github.pull_request_review,
    review: { ...github.pull_request_review.review, id, submitted_at, user: { login } },
  });
  await tell('pull_request_review', review(1, 'hubot', '2026-05-15T16:00:00Z'));
  await tell('pull_request_review', review(2, 'other', '2026-05-15T17:00:00Z'));
  await tell('pull_request_review', review(3, 'cem', '2026-05-15T18:00:00Z'));
  expect(await reviewedAt()).toEqual(['2026-05-15T16:00:00.000Z']);
  const path = `/projects/${project}/code/left-out`;
  expect((await maestro.asAdmin('PUT', path, { emails: ['github:hubot'] })).body).toEqual({ changed: 1 });
  expect(await reviewedAt()).toEqual(['2026-05-15T17:00:00.000Z']);
  await tell('pull_request_review', review(4, 'hubot', '2026-05-15T16:30:00Z'));
  expect(await reviewedAt()).toEqual(['2026-05-15T17:00:00.000Z']);
  // A push of each account ties it to one address: octocat and other are one person.
  const author = { name: 'The Octocat', email: 'octocat@github.example', username: 'other' };
  await tell('push', github.push);
  await tell('push', { ...github.push, commits: [{ ...github.push.commits[0], id: sha('b'), author }] });
  expect(await reviewedAt()).toEqual(['2026-05-15T18:00:00.000Z']);
});

test('what is long or strange in a commit is recorded, or a 400', async () => {
  await send(commit('İ'.repeat(200), '', sha('a')), commit('Long', 'İ'.repeat(320), sha('b')));
  await send(commit('Far', 'far@example.org', sha('c'), { authored_at: '2026-05-15T17:19:00+18:00' }));
  const statusOf = async (more: object) => {
    const commits = [commit('Ada', 'ada@example.org', sha('d'), more)];
    return (await maestro.asAdmin('POST', `/projects/${project}/code/commits`, { repository: 'r', commits })).status;
  };
  for (const time of ['0000-01-01T00:00:00Z', '9999-12-31T23:59:59-14:00', '2016-12-31T23:59:60Z']) {
    expect([time, await statusOf({ committed_at: time })]).toEqual([time, 400]);
    expect([time, await statusOf({ authored_at: time })]).toEqual([time, 400]);
  }
  const random = Array.from({ length: 1000 }, () => String.fromCharCode(0x4e00 + Math.random() * 20_000)).join('');
  expect(await statusOf({ changes: [['C', random]] })).toBe(400);
});

test('erasing a person makes commits say nobody’s name, and keeps out whoever was left out', async () => {
  const user = await maestro.makeUser({ tenant: 'tenant-a', role: 'data_scientist' });
  await send(commit('Grace', user.email.toUpperCase(), sha('b')));
  const other = (await maestro.asAdmin('POST', '/projects', { name: randomUUID() })).body as { project_id: string };
  const path = `/projects/${other.project_id}/code/left-out`;
  expect((await maestro.asAdmin('PUT', path, { emails: [user.email] })).body).toEqual({ changed: 1 });
  expect((await maestro.asOperator('DELETE', `/users/${user.id}`)).status).toBe(204);
  const { erased } = (await maestro.asOperator('GET', `/erasures/${user.id}`)).body as { erased: object };
  expect(erased).toMatchObject({ code_people: 1, code_left_out: 1 });
  expect(await people()).toEqual([{ name: 'a deleted user', email: '', commits: 1 }]);
  const aliases = await maestro.rows('SELECT email FROM maestro.code_aliases WHERE project_id = $1', [project]);
  expect(aliases).toEqual([]);
  project = other.project_id;
  await send(commit('Grace', user.email, sha('c')));
  expect(await people()).toEqual([{ name: '', email: '', commits: 1 }]);
});

test('commits without an address are told apart by name; what is no commit is a 400 that names the field', async () => {
  await send(commit('Ada', '', sha('a')), commit('Bob', '', sha('b')), commit('Ada', '', sha('c')));
  expect(await people()).toEqual([
    { name: 'Ada', email: '', commits: 2 },
    { name: 'Bob', email: '', commits: 1 },
  ]);
  const wrong = await maestro.asAdmin('POST', `/projects/${project}/code/commits`, {
    repository: 'r',
    commits: [commit('Ada', '', 'x')],
  });
  expect([wrong.status, wrong.text]).toEqual([400, expect.stringContaining('sha')]);
});

test('commits of two thousand million lines each are counted together', async () => {
  const many = { additions: 2_147_483_647, deletions: 2_147_483_647 };
  await send(commit('a', 'a@x.example', sha('1'), many), commit('a', 'a@x.example', sha('2'), many));
  const cells = await maestro.rows(
    `SELECT additions::float8, deletions::float8 FROM maestro.code_person_cells WHERE project_id = $1 AND period = 'day'`,
    [project],
  );
  expect(cells).toEqual([{ additions: 4_294_967_294, deletions: 4_294_967_294 }]);
});

test('more addresses in one call than it may name are refused, whoever has them', async () => {
  const people = Array.from({ length: 11 }, (_, person) => ({
    name: `p ${person}`,
    email: `p${person}@x.example`,
    addresses: Array.from({ length: 100 }, (_address, place) => `p${person}-${place}@x.example`),
  }));
  const body = { repository: 'github.com/octo-org/octo-repo', commits: [], people };
  const answer = await maestro.asAdmin('POST', `/projects/${project}/code/commits`, body);
  expect(answer.status).toBe(400);
  expect(answer.body).toMatchObject({ field: 'people' });
});
