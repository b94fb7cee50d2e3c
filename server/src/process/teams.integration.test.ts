import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';
import { untilWaiting } from '../../test/lock_waits.ts';
import { type People, peopleOf } from '../../test/people.ts';
import { withClient } from '../db/roles.ts';

let app: TestApp;
let people: People;

beforeAll(async () => {
  app = await startTestApp();
  people = peopleOf(app);
});
afterAll(() => app?.stop());

const send = (method: string, path: string, json?: unknown) =>
  app.send(method, `/api/v1${path}`, {
    as: app.tenants.a.keys.data_scientist,
    ...(json === undefined ? {} : { json }),
  });

const project = async (): Promise<string> =>
  ((await send('POST', '/projects', { name: randomUUID() })).body as { project_id: string }).project_id;

interface Member {
  member_id: string;
  name: string;
}

async function add(of: string, member: object): Promise<Member> {
  const answer = await send('POST', `/teams/${of}/members`, member);
  expect(answer.status, answer.text).toBe(201);
  return answer.body as Member;
}

interface Page {
  items: Member[];
  next_page_token: string | null;
}

const list = async (of: string, query = ''): Promise<Page> =>
  (await send('GET', `/teams/${of}/members${query}`)).body as Page;

test('a team is listed by name, page by page, also where people share a name', async () => {
  const of = await project();
  for (const name of ['Grace', 'Ada', 'Ada', 'Émilie', 'Barbara']) await add(of, { name, role: 'engineer' });
  const names: string[] = [];
  let query = '?limit=2';
  for (;;) {
    const page = await list(of, query);
    names.push(...page.items.map(({ name }) => name));
    if (page.next_page_token === null) break;
    query = `?limit=2&page_token=${page.next_page_token}`;
  }
  expect(names).toEqual(['Ada', 'Ada', 'Barbara', 'Grace', 'Émilie']);
});

test('a change keeps what it does not name, and takes back what it names null', async () => {
  const of = await project();
  const { member_id: id } = await add(of, {
    name: 'Ada',
    role: 'lead',
    experience_level: 'senior',
    performance_score: 90,
  });
  const path = `/teams/${of}/members/${id}`;
  const changed = await send('PATCH', path, { contribution_hours: 12.5, performance_score: null });
  expect(changed.body).toMatchObject({
    name: 'Ada',
    experience_level: 'senior',
    contribution_hours: 12.5,
    performance_score: null,
  });
  expect((await send('DELETE', path)).status).toBe(204);
  expect((await send('DELETE', path)).status).toBe(404);
  expect((await send('PATCH', path, { role: 'x' })).status).toBe(404);
  expect((await list(of)).items).toEqual([]);
});

test('a user is on a team once, and is a member of the tenant', async () => {
  const of = await project();
  const ada = await people.member('viewer');
  const stranger = await people.member('viewer', 'tenant-b');
  const { member_id: first } = await add(of, { name: 'Ada', role: 'lead', user_id: ada.id });
  const twice = await send('POST', `/teams/${of}/members`, { name: 'Ada', role: 'x', user_id: ada.id });
  expect([twice.status, twice.body]).toMatchObject([409, { field: 'user_id' }]);
  const { member_id: other } = await add(of, { name: 'A. L.', role: 'x' });
  const joined = await send('PATCH', `/teams/${of}/members/${other}`, { user_id: ada.id });
  expect([joined.status, joined.body]).toMatchObject([409, { field: 'user_id' }]);
  expect((await send('PATCH', `/teams/${of}/members/${first}`, { user_id: ada.id })).status).toBe(200);
  const foreign = await send('POST', `/teams/${of}/members`, { name: 'X', role: 'x', user_id: stranger.id });
  expect([foreign.status, foreign.body]).toMatchObject([404, { field: 'user_id' }]);
  await add(await project(), { name: 'Ada', role: 'x', user_id: ada.id });
});

test('a score is shown to whoever may write to the project, by role or grant, and to its person; hours to all', async () => {
  const of = await project();
  const [ada, bob] = [await people.member('viewer'), await people.member('viewer')];
  await add(of, { name: 'Ada', role: 'x', user_id: ada.id, performance_score: 91, contribution_hours: 5 });
  await add(of, { name: 'Bob', role: 'x', user_id: bob.id, performance_score: 42, contribution_hours: 6 });
  await add(of, { name: 'Cem', role: 'x', performance_score: 7, contribution_hours: 7 });
  const seenBy = async (as: string) => {
    const { items } = (await people.native(as, 'GET', `/teams/${of}/members`)).body as {
      items: { performance_score: number | null; contribution_hours: number | null }[];
    };
    expect(items.map(({ contribution_hours }) => contribution_hours)).toEqual([5, 6, 7]);
    return items.map(({ performance_score }) => performance_score);
  };
  expect(await seenBy(app.tenants.a.keys.data_scientist)).toEqual([91, 42, 7]);
  expect(await seenBy(app.tenants.a.keys.viewer)).toEqual([null, null, null]);
  expect(await seenBy(ada.as)).toEqual([91, null, null]);
  const grant = { resource: { kind: 'project', id: of }, permissions: ['project:read', 'project:write'] };
  await people.asAdmin('POST', '/grants', { subject: { kind: 'user', id: bob.id }, ...grant });
  expect(await seenBy(bob.as)).toEqual([91, 42, 7]);
});

test.each([
  ['name', { role: 'x' }],
  ['role', { name: 'x', role: '' }],
  ['experience_level', { name: 'x', role: 'x', experience_level: 'guru' }],
  ['contribution_hours', { name: 'x', role: 'x', contribution_hours: -1 }],
  ['performance_score', { name: 'x', role: 'x', performance_score: 101 }],
  ['user_id', { name: 'x', role: 'x', user_id: 'ada' }],
])('what is wrong of %s is said by its name', async (field, member) => {
  const answer = await send('POST', `/teams/${await project()}/members`, member);
  expect([answer.status, answer.body]).toMatchObject([400, { field }]);
});

test('a project that is deleted takes its team along', async () => {
  const of = await project();
  await add(of, { name: 'Ada', role: 'lead' });
  const asEngineer = { as: app.tenants.a.keys.ml_engineer };
  expect((await app.send('DELETE', `/api/v1/projects/${of}`, asEngineer)).status).toBe(204);
  expect((await send('GET', `/teams/${of}/members`)).status).toBe(404);
});

test.each([
  ['somebody who is put on the team', 'POST', 'members', { name: 'Ada', role: 'lead' }],
  ['an incident that is recorded', 'PUT', 'incidents/1', { started_at: '2026-01-05T10:00:00Z' }],
])('of a project that is deleted at that moment, %s is told that there is none', async (_what, method, path, json) => {
  const of = await project();
  const answer = await withClient(app.database.superuser, async (client) => {
    await client.query('BEGIN');
    await client.query('DELETE FROM maestro.projects WHERE tenant_id = $1 AND project_id = $2', [app.tenants.a.id, of]);
    const sent = send(method, `/teams/${of}/${path}`, json);
    await untilWaiting(client, 1);
    await client.query('COMMIT');
    return sent;
  });
  expect(answer.status, answer.text).toBe(404);
});
