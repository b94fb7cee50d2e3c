import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';
import { codeOf, commit, january } from '../../test/code_of.ts';
import { resolvePeople } from '../sources/people.ts';

let app: TestApp;

beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app?.stop());

const { ok, project, insert, record } = codeOf(() => app);
const leaveOut = (id: string, who: string) =>
  ok('PUT', `/projects/${id}/code/left-out`, { emails: [`${who}@example.org`], left_out: true });
const personOf = (id: string, who: string): Promise<string> =>
  app.ports.db.inTenant(app.tenants.a.id, async (tx) => {
    const rows = await tx.sql<{ person_id: string }>(
      'SELECT person_id FROM maestro.code_aliases WHERE tenant_id = $1 AND project_id = $2 AND email = $3',
      [tx.tenantId, id, `${who}@example.org`],
    );
    return rows[0]?.person_id as string;
  });

const git = (id: string) => ok<Record<string, unknown>>('GET', `/teams/${id}/git-metrics?${january}`);
const collaboration = (id: string) => ok('GET', `/teams/${id}/collaboration-analytics?${january}`);

describe('git metrics', () => {
  test('count commits of the span by who is not left out, merges apart', async () => {
    const id = await project();
    await record(id, [
      commit('ada', '2025-12-31T23:59:59Z'),
      commit('ada', '2026-01-01T00:00:00Z'),
      commit('bob', '2026-01-31T23:59:59Z'),
      commit('bob', '2026-01-31T23:59:59Z', [], { is_merge: true, additions: 0, deletions: 0 }),
      commit('cem', '2026-01-31T23:59:59Z'),
      commit('dee', '2026-01-31T23:59:59Z'),
      commit('ada', '2026-02-01T00:00:00Z'),
    ]);
    await leaveOut(id, 'cem');
    expect(await git(id)).toMatchObject({ people: 3, commits: 3, merges: 1, additions: 6, deletions: 3 });
  });

  test('of fewer than three people nothing is counted: each would know what the other did', async () => {
    const id = await project();
    const at = '2026-01-05T08:00:00Z';
    await record(id, [commit('ada', at, [['C', 'a']]), commit('bob', at), commit('cem', '2026-02-01T00:00:00Z')]);
    const nothing = { people: null, commits: null, merges: null, additions: null, deletions: null, changes: null };
    expect(await git(id)).toMatchObject({ ...nothing, bus_factor: 1, files: 1 });
    const opened = async (...people: string[]) => {
      for (const who of people) {
        const person_id = await personOf(id, who);
        await insert('code_changes', id, [
          { repository: 'r', change_key: randomUUID(), person_id, opened_at: at, updated_at: at },
        ]);
      }
    };
    await opened('ada', 'ada', 'bob');
    expect(await git(id)).toMatchObject(nothing);
    await opened('cem');
    expect(await git(id)).toMatchObject({ commits: null, changes: { opened: 4, merged: 0, reviewed_share: null } });
    await record(id, [commit('cem', at)]);
    expect(await git(id)).toMatchObject({ people: 3, commits: 3 });
    await leaveOut(id, 'cem');
    expect(await git(id)).toMatchObject(nothing);
  });

  test('tell how long changes wait for a review by somebody else and for their merge', async () => {
    const id = await project();
    const people = ['ada', 'bob', 'cem', 'ada'];
    await record(
      id,
      people.map((who) => commit(who, '2026-01-01T00:00:00Z')),
    );
    const ids = await Promise.all(people.map((who) => personOf(id, who)));
    const change = (change_key: string, opened_at: string, more: object) => ({
      repository: 'r',
      change_key,
      person_id: ids[Number(change_key) - 1],
      opened_at,
      updated_at: opened_at,
      ...more,
    });
    await insert('code_changes', id, [
      change('1', '2026-01-05T08:00:00Z', {
        first_commit_at: '2026-01-04T20:00:00Z',
        first_review_at: '2026-01-05T10:00:00Z',
        merged_at: '2026-01-05T12:00:00Z',
      }),
      change('2', '2026-01-06T08:00:00Z', { merged_at: '2026-01-06T09:00:00Z' }),
      change('3', '2026-01-07T08:00:00Z', { first_review_at: '2026-01-07T14:00:00Z' }),
      change('4', '2025-12-31T08:00:00Z', { merged_at: '2026-01-02T08:00:00Z' }),
    ]);
    expect(await git(id)).toMatchObject({
      changes: {
        opened: 3,
        merged: 3,
        reviewed_share: 1 / 3,
        hours_to_open: { count: 1, p50: 12 },
        hours_to_first_review: { count: 2, mean: 4, p50: 2 },
        hours_to_merge: { count: 3, p50: 4, max: 48 },
      },
    });
  });

  test('the bus factor is of the files as they are now, by the degree of authorship', async () => {
    const id = await project();
    const change = (who: string, ...paths: string[]) =>
      commit(
        who,
        '2026-01-05T08:00:00Z',
        paths.map((path) => ['C', path]),
      );
    await record(id, [
      change('ada', 'a1', 'a2', 'a3', 'old'),
      change('bob', 'b1', 'b2'),
      change('cem', 'c1'),
      commit('bob', '2026-01-06T08:00:00Z', [['D', 'old']]),
    ]);
    // Without ada, 3 of 6 files have an author: half; without bob, too, 1.
    expect(await git(id)).toMatchObject({ bus_factor: 2, files: 6, files_without_author: 0 });
    await leaveOut(id, 'bob');
    // What only bob changed is nobody's file: without ada, 1 of 4.
    expect(await git(id)).toMatchObject({ bus_factor: 1, files: 4, files_without_author: 0 });
  });

  test('the bus factor that was told before holds no more once two people turn out to be one', async () => {
    const id = await project();
    const made = (who: string, ...paths: string[]) =>
      commit(
        who,
        '2026-01-05T08:00:00Z',
        paths.map((path) => ['C', path]),
      );
    await record(id, [made('ada', 'a1', 'a2'), made('bob', 'b1', 'b2'), made('cem', 'c1')]);
    // Without ada, 3 of 5 files have an author; without bob, too, 1.
    expect(await git(id)).toMatchObject({ bus_factor: 2, files: 5 });
    const bob = { name: 'bob', email: 'bob@example.org', accounts: ['cem@example.org'] };
    await app.ports.db.inTenant(app.tenants.a.id, (tx) => resolvePeople(tx, id, [bob]));
    // Without the author of three, 2 of 5.
    expect(await git(id)).toMatchObject({ bus_factor: 1, files: 5 });
  });

  test('whoever changed a file nearly as much as its author is one too, and who hardly did is none', async () => {
    const id = await project();
    const change = (who: string, ...paths: string[]) =>
      commit(
        who,
        '2026-01-05T08:00:00Z',
        paths.map((path) => ['C', path]),
      );
    await record(id, [change('ada', 'a1', 'a2', 'a3', 'a4'), change('cem', 'c1'), change('bob', 'a1', 'a2')]);
    // Of a1, ada has 4.391 − 0.321 ln 2 = 4.168, and bob 3.457 − 0.321 ln 1 = 3.457: more than 3/4 of that, 3.126.
    // Without ada 3 of 5 have an author, without bob 1.
    expect(await git(id)).toMatchObject({ bus_factor: 2, files: 5 });
    // After 19 more of hers ada has 7.284, and bob 3.457 − 0.321 ln 20 = 2.495.
    await record(
      id,
      Array.from({ length: 19 }, () => change('ada', 'a1', 'a2')),
    );
    expect(await git(id)).toMatchObject({ bus_factor: 1, files: 5 });
  });
});

describe('collaboration', () => {
  test('ties are files changed by both and reviews, and nobody is named', async () => {
    const id = await project();
    const both = (who: string, path: string) => commit(who, '2026-01-05T08:00:00Z', [['C', path]]);
    await record(id, [both('ada', 'x'), both('bob', 'x'), both('cem', 'y'), both('dee', 'z')]);
    const [ada, cem] = [await personOf(id, 'ada'), await personOf(id, 'cem')];
    const at = '2026-01-05T08:00:00Z';
    await insert('code_changes', id, [
      { repository: 'r', change_key: '1', person_id: ada, opened_at: at, updated_at: at },
    ]);
    const review = { repository: 'r', change_key: '1', at, state: 'approved' };
    await insert('code_reviews', id, [
      { ...review, review_key: '1', person_id: cem },
      { ...review, review_key: '2', person_id: ada },
    ]);
    // ada–bob by x, ada–cem by the review; dee alone.
    const told = await collaboration(id);
    expect(told).toMatchObject({
      people: 4,
      graph: {
        ties: 2,
        density: 2 / 6,
        components: 2,
        largest_component_share: 0.75,
        degree_centralization: 4 / 6,
        drawing: null,
      },
    });
    expect(JSON.stringify(told)).not.toMatch(/ada|bob|cem|dee/);
    for (const person of [ada, cem]) expect(JSON.stringify(told)).not.toContain(person);
    await record(id, [both('eve', 'z')]);
    const drawn = await ok<{ graph: { drawing: { degrees: number[]; ties: { one: number }[] } } }>(
      'GET',
      `/teams/${id}/collaboration-analytics?${january}`,
    );
    // ada has two ties; who has one stands in no telling order.
    expect(drawn.graph.drawing.degrees).toEqual([2, 1, 1, 1, 1]);
    expect(drawn.graph.drawing.ties.map(({ one }) => one).slice(0, 2)).toEqual([0, 0]);
    expect(drawn.graph.drawing.ties).toHaveLength(3);
    expect(JSON.stringify(drawn)).not.toMatch(new RegExp(`ada|bob|cem|dee|eve|${ada}|${cem}`));
    await leaveOut(id, 'bob');
    await leaveOut(id, 'eve');
    expect(await collaboration(id)).toMatchObject({ people: 3, graph: { ties: 1, drawing: null } });
  });

  test('nights, weekends and long stretches are by each author’s own clock', async () => {
    const id = await project();
    const days = Array.from({ length: 7 }, (_, index) => `2026-01-${String(12 + index).padStart(2, '0')}`);
    await record(id, [
      // A Monday to a Sunday, each at noon.
      ...days.map((day) => commit('ada', `${day}T12:00:00Z`)),
      // 21:59 there; and 22:00 there of a Sunday, which is Monday in UTC.
      commit('bob', '2026-01-20T21:59:00+02:00'),
      commit('bob', '2026-01-18T22:00:00-05:00'),
      commit('cem', '2026-01-21T06:00:00Z'),
    ]);
    expect(await collaboration(id)).toMatchObject({
      working_pattern: { commits: 10, night_share: 0.1, weekend_share: 0.3, long_stretch_share: 0.7 },
    });
  });

  test('of fewer than three people nothing is said', async () => {
    const id = await project();
    await record(id, [commit('ada', '2026-01-05T03:00:00Z'), commit('bob', '2026-01-06T03:00:00Z')]);
    const nothing = { people: null, graph: null, working_pattern: null };
    expect(await collaboration(id)).toMatchObject(nothing);
    await record(id, [commit('cem', '2026-01-07T03:00:00Z')]);
    expect(await collaboration(id)).toMatchObject({ people: 3, working_pattern: { night_share: 1 } });
    await leaveOut(id, 'cem');
    expect(await collaboration(id)).toMatchObject(nothing);
  });
});
