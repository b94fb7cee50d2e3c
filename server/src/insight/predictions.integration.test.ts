import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';
import { peopleOf } from '../../test/people.ts';
import { finishedProjects } from './history.fixture.ts';
import { keptOfNone, keptOfProject } from './prediction_queries.ts';

let app: TestApp;
let key: string;
let slug: string;
let tenantId: string;

beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app?.stop());

/** A tenant of the test's own. */
async function makeTenant(): Promise<{ slug: string; id: string; key: string }> {
  const json = { slug: `t-${randomUUID().slice(0, 8)}`, max_projects: 10_000 };
  const { id } = (await app.send('POST', '/api/v1/tenants', { as: app.operatorKey, json })).body as { id: string };
  const path = `/api/v1/tenants/${json.slug}/keys`;
  const made = await app.send('POST', path, { as: app.operatorKey, json: { name: 'k', role: 'tenant_admin' } });
  return { slug: json.slug, id, key: (made.body as { key: string }).key };
}
beforeEach(async () => {
  ({ slug, id: tenantId, key } = await makeTenant());
});

const as = (who: string, method: string, path: string, json?: unknown) =>
  app.send(method, `/api/v1${path}`, { as: who, ...(json === undefined ? {} : { json }) });
async function call<Body>(method: string, path: string, json?: unknown): Promise<Body> {
  const { status, body, text } = await as(key, method, path, json);
  expect(status, `${method} ${path}: ${text}`).toBeLessThan(300);
  return body as Body;
}

interface Interval {
  low: number;
  high: number;
}
interface Prediction {
  prediction_id: string | null;
  project_id: string | null;
  name: string | null;
  is_what_if: boolean;
  model_version: number | null;
  predicted_success_score: number | null;
  predicted_duration_days: number | null;
  predicted_cost: number | null;
  intervals: Record<string, Interval | null>;
  confidence: number;
  flags: string[];
  recommendation: string[];
  similar: { project_id: string; name: string; similarity: number }[];
  contributions: Record<string, { feature: string; label: string; effect: number; text: string }[] | null>;
  base: { predicted_duration_days: number | null } | null;
  differences: Record<string, number | null> | null;
  score: Record<string, { actual: number; error: number; within_interval: boolean } | null> | null;
}

const importAll = async (rows: unknown[], who = key) => {
  const body = rows.map((row) => JSON.stringify(row)).join('\n');
  const answer = await app.send('POST', '/api/v1/projects/import?format=jsonl', { as: who, body });
  expect(answer.status, answer.text).toBe(200);
};
const project = async (more: Record<string, unknown> = {}) =>
  (await call<{ project_id: string }>('POST', '/projects', { name: `n ${randomUUID()}`, ...more })).project_id;
const predict = (id: string) => call<Prediction>('POST', `/projects/${id}/predict`, {});

describe('a prediction', () => {
  test('of a tenant without finished projects says what is missing, in nulls and in words', async () => {
    const told = await predict(await project({ team_size: 3 }));
    expect(told).toMatchObject({
      predicted_success_score: null,
      predicted_duration_days: null,
      predicted_cost: null,
      intervals: { success_score: null, duration_days: null, cost: null },
      confidence: 0,
      model_version: null,
      flags: ['no_history'],
      similar: [],
    });
    expect(told.recommendation.join(' ')).toContain('record compute_cost as projects end');
  });

  test('of a tenant with few finished projects is their median with a wide interval, flagged as thin', async () => {
    await importAll(finishedProjects(5));
    const told = await predict(await project({ team_size: 3 }));
    const durations = finishedProjects(5).map(
      ({ start_date, completion_date }) => (Date.parse(completion_date) - Date.parse(start_date)) / 86_400_000,
    );
    expect(told.flags).toContain('thin');
    expect(told.predicted_duration_days).toBeCloseTo(durations.toSorted((a, b) => a - b)[2] as number, 3);
    const { low, high } = told.intervals.duration_days as Interval;
    expect(low).toBeLessThanOrEqual(Math.min(...durations));
    expect(high).toBeGreaterThanOrEqual(Math.max(...durations));
    expect(told.recommendation.join(' ')).toContain('5 finished projects');
  });

  test('is kept, listed, and scored by what comes when the project ends', async () => {
    await importAll(finishedProjects(30));
    const id = await project({ problem_class: 'vision', team_size: 6, start_date: '2026-01-01' });
    const asked = await predict(id);
    expect(asked).toMatchObject({ project_id: id, model_version: 1, score: null, is_what_if: false });
    const path = `/predictions/${asked.prediction_id}`;
    expect(await call('GET', path)).toEqual(asked);
    type Page = { items: Prediction[]; next_page_token: string | null };
    expect((await call<Page>('GET', '/predictions?scored=true')).items).toEqual([]);
    await call('PATCH', `/projects/${id}/success`, { completion_date: '2026-01-11', success_score: 70 });
    const met = await call<Prediction>('GET', path);
    expect(met.score?.duration_days).toMatchObject({
      actual: 10,
      error: 10 - (asked.predicted_duration_days as number),
      within_interval: false,
    });
    expect(met.score?.success_score).toMatchObject({ actual: 70 });
    expect(met.score?.cost).toBeNull();
    const { items } = await call<Page>('GET', `/predictions?scored=true&project_id=${id}`);
    expect(items).toMatchObject([{ prediction_id: asked.prediction_id, score: { duration_days: { actual: 10 } } }]);
    // Asked of a project that has ended it is no prediction: it is never scored.
    expect(await predict(id)).toMatchObject({ flags: expect.arrayContaining(['project_ended']), score: null });
    await call('DELETE', `/projects/${id}`);
    expect((await as(key, 'GET', path)).status).toBe(404);
  });

  test('is listed with what it tells, and those that may be scored yet or never are in one order, page by page', async () => {
    await importAll(finishedProjects(12));
    const [open, ended] = [await project({ team_size: 3 }), await project({ problem_class: 'never seen' })];
    const whatIf = (id?: string) =>
      call<Prediction>('POST', '/predictions', { ...(id ? { project_id: id } : {}), team_size: 4 });
    const told = [await predict(open), await whatIf(open), await predict(ended), await whatIf(), await predict(open)];
    await call('PATCH', `/projects/${ended}/success`, { success_score: 70 });
    const listed = async (path: string) => {
      type Page = { items: Prediction[]; next_page_token: string | null };
      const found: Prediction[] = [];
      for (let token: string | null = ''; token !== null && found.length < 9; ) {
        const page: Page = await call('GET', `${path}&limit=1${token && `&page_token=${token}`}`);
        found.push(...page.items);
        token = page.next_page_token;
      }
      return found;
    };
    const newest = told.toReversed();
    const met = await listed('/predictions?scored=true');
    expect(met).toMatchObject([{ prediction_id: told[2]?.prediction_id, score: { success_score: { actual: 70 } } }]);
    expect(met[0]?.flags).toEqual(told[2]?.flags);
    expect(told[2]?.flags).toContain('unfamiliar');
    const others = await listed('/predictions?scored=false');
    expect(others).toHaveLength(4);
    for (const [at, each] of newest.filter((one) => one !== told[2]).entries())
      expect(each).toMatchObject(others[at] as Prediction);
    expect((await listed('/predictions?')).map((one) => one.prediction_id)).toEqual(
      newest.map((one) => one.prediction_id),
    );
  });

  test('of changes to a project tells the difference that they make, and is never scored', async () => {
    await importAll(finishedProjects(40));
    const id = await project({ problem_class: 'ranking', team_size: 3, metadata: { industry: 'bank', rows: 200 } });
    const told = await call<Prediction>('POST', '/predictions', {
      project_id: id,
      team_size: 9,
      metadata: { rows: null },
    });
    expect(told).toMatchObject({ project_id: id, is_what_if: true });
    const { predicted_duration_days: before } = told.base ?? {};
    expect(told.differences?.duration_days).toBe((told.predicted_duration_days as number) - (before as number));
    expect(told.recommendation[0]).toMatch(/success score/);
    const untaught = await call<Prediction>('POST', '/predictions', { project_id: id, metadata: { moon: 'full' } });
    expect(untaught.recommendation[0]).toMatch(/^Nothing was learned about moon: too few finished projects tell it/);
    expect(untaught.differences).toMatchObject({ duration_days: 0 });
    expect((await predict(id)).predicted_duration_days).toBe(before);
    await call('PATCH', `/projects/${id}/success`, { success_score: 70 });
    expect(await call('GET', `/predictions/${told.prediction_id}`)).toMatchObject({ score: null });
  });

  test('names what it cannot read, and what nothing was learned about, of projects that are made and that are not', async () => {
    await importAll(
      finishedProjects(40).map((one, at) => ({
        ...one,
        metadata: { ...one.metadata, day: `2026-01-${10 + (at % 9)}` },
      })),
    );
    const id = await project({ team_size: 3, metadata: { rows: 200 } });
    const metadata = { rows: 'abc', day: 'soon', sizee: 5, cloud: { region: 2, zonee: 1 }, actual_days: 4 };
    for (const of of [{ project_id: id }, { name: 'q' }]) {
      const told = await call<Prediction>('POST', '/predictions', { ...of, metadata });
      const { recommendation } = told;
      expect(recommendation).toContain('The rows “abc” is no number: it counts as not known.');
      expect(recommendation).toContain('The day “soon” is no date such as 2026-11-26: it counts as not known.');
      expect(recommendation).toContainEqual(
        expect.stringMatching(/^Nothing was learned about cloud.zonee and sizee: /),
      );
      expect(recommendation).toContainEqual(expect.stringMatching(/^Nothing is learned from actual days: /));
      expect(await call('GET', `/predictions/${told.prediction_id}`)).toEqual(told);
      const read = await call<Prediction>('POST', '/predictions', { ...of, metadata: { rows: '7', day: 'n/a' } });
      expect(read.recommendation.join(' ')).not.toMatch(/counts as not known|Nothing (?:was|is) learned/);
    }
  });

  test('of a project that is not made is kept without one', async () => {
    await importAll(finishedProjects(12));
    const told = await call<Prediction>('POST', '/predictions', { name: 'Next', team_size: 4 });
    expect(told).toMatchObject({ project_id: null, name: 'Next', is_what_if: false, base: null, differences: null });
    expect(await call('GET', `/predictions/${told.prediction_id}`)).toEqual(told);
    const looked = await call<Prediction>('POST', '/predictions', { name: 'Look', keep: false });
    expect(looked.prediction_id).toBeNull();
    const { items } = await call<{ items: Prediction[] }>('GET', '/predictions');
    expect(items.map(({ name }) => name)).not.toContain('Look');
  });

  test('keeps a long text by its beginning, whatever character it is cut at', async () => {
    await importAll(finishedProjects(12));
    const industry = `${'x'.repeat(98)}😀 and more`;
    const told = await call<Prediction>('POST', '/predictions', { metadata: { industry } });
    expect(told.recommendation.join(' ')).toContain(`“${'x'.repeat(98)}…”`);
    expect(await call('GET', `/predictions/${told.prediction_id}`)).toEqual(told);
  });

  test('counts artifacts of the library that the project would use, and refuses those that are not there', async () => {
    await importAll(finishedProjects(12));
    const id = await project();
    const artifact = await call<{ artifact_id: string }>('POST', '/artifacts', { name: 'a', type: 'schema' });
    const json = { project_id: id, artifacts: [artifact.artifact_id] };
    const unknown = await call<Prediction>('POST', '/predictions', json);
    expect(unknown).toMatchObject({ is_what_if: true });
    expect(unknown.recommendation).toContain('“a”: its impact is not known.');
    const missing = await as(key, 'POST', '/predictions', { project_id: id, artifacts: [randomUUID()] });
    expect(missing.status).toBe(404);
  });

  test('is answered to who may only read, and then not kept', async () => {
    await importAll(finishedProjects(12));
    const id = await project();
    const made = await app.send('POST', `/api/v1/tenants/${slug}/keys`, {
      as: app.operatorKey,
      json: { name: 'v', role: 'viewer' },
    });
    const viewer = (made.body as { key: string }).key;
    const told = (await as(viewer, 'POST', `/projects/${id}/predict`, {})).body as Prediction;
    expect(told).toMatchObject({ prediction_id: null, project_id: id });
    expect(told.predicted_duration_days).toEqual(expect.any(Number));
    expect((await call<{ items: unknown[] }>('GET', '/predictions')).items).toEqual([]);
  });

  test('of a granted project is for whom it is granted to, and likens it to no project that they may not read', async () => {
    const people = peopleOf(app);
    await people.asAdmin('POST', '/roles', { name: 'little', permissions: ['tenant:read'] });
    const admin = app.tenants.a.keys.tenant_admin;
    await importAll(finishedProjects(20, randomUUID()), admin);
    const made = async (name: string) =>
      (await people.asAdmin<{ project_id: string }>('POST', '/projects', { name })).project_id;
    const [mine, other] = [await made(randomUUID()), await made(randomUUID())];
    const account = await people.account('little');
    const subject = { kind: 'service_account', id: account.id };
    const resource = { kind: 'project', id: mine };
    await people.asAdmin('POST', '/grants', { subject, resource, role: 'data_scientist' });
    const told = (await as(account.as, 'POST', `/projects/${mine}/predict`, {})).body as Prediction;
    expect(told.prediction_id).not.toBeNull();
    expect(told.similar).toEqual([]);
    const hidden = await people.asAdmin<Prediction>('POST', `/projects/${other}/predict`, {});
    expect((await as(account.as, 'GET', `/predictions/${told.prediction_id}`)).status).toBe(200);
    expect((await as(account.as, 'GET', `/predictions/${hidden.prediction_id}`)).status).toBe(404);
    expect((await as(account.as, 'POST', `/projects/${other}/predict`, {})).status).toBe(404);
    expect((await as(account.as, 'POST', '/predictions', { team_size: 3 })).status).toBe(403);
    const { items } = (await as(account.as, 'GET', '/predictions')).body as { items: Prediction[] };
    expect(items.map(({ project_id: id }) => id)).toEqual([mine]);
  });

  test('makes room for itself: of a project the newest are kept and the first that is scored, of no project the newest', async () => {
    type Page = { items: { prediction_id: string; created_at: string; is_what_if: boolean }[] };
    const id = await project({ start_date: '2026-01-01' });
    const [first, other] = [await predict(id), await project()];
    const insert = (of: string | null, isScored: boolean, count: number) =>
      app.ports.db.inTenant(tenantId, (tx) =>
        tx.sql(
          `INSERT INTO maestro.predictions (tenant_id, project_id, asked, answer, is_scored, created_by, created_at)
           SELECT $1, $2, '{"fields": {"team_size": 3}}', '{"outcomes": {}, "base": null}', $3, 'x', now() + n * interval '1 ms'
             FROM generate_series(1, $4::integer) AS n RETURNING 1`,
          [tenantId, of, isScored, count],
        ),
      );
    await insert(id, true, keptOfProject + 5);
    await insert(id, false, 7);
    await insert(other, true, 2);
    await insert(null, false, keptOfNone + 5);
    const last = await predict(id);
    const kept = (await call<Page>('GET', `/predictions?project_id=${id}&limit=200`)).items;
    const ids = kept.map(({ prediction_id }) => prediction_id);
    expect(ids).toHaveLength(keptOfProject + 1 + 7);
    expect(ids).toContain(first.prediction_id);
    expect(ids).toContain(last.prediction_id);
    expect((await call<Page>('GET', `/predictions?project_id=${other}`)).items).toHaveLength(2);
    await call('POST', '/predictions', { project_id: id, team_size: 4 });
    expect((await call<Page>('GET', `/predictions?project_id=${id}&limit=200`)).items).toHaveLength(ids.length + 1);
    await call('POST', '/predictions', { team_size: 4 });
    const ofNone = await app.ports.db.inTenant(tenantId, (tx) =>
      tx.sql('SELECT 1 FROM maestro.predictions WHERE tenant_id = $1 AND project_id IS NULL', [tenantId]),
    );
    expect(ofNone).toHaveLength(keptOfNone);
  });

  test('and the list of them refuse what they cannot read, by the name of the field', async () => {
    const id = await project();
    const refused = async (method: string, path: string, field: string, json?: unknown) =>
      expect((await as(key, method, path, json)).body).toMatchObject({ status: 400, field });
    await refused('POST', '/predictions', 'team_size', { team_size: 0 });
    await refused('POST', '/predictions', 'start_date', { start_date: 'soon' });
    await refused('POST', '/predictions', 'completion_date', { completion_date: '2026-01-01' });
    // What is predicted is not said, in whatever case it is written.
    for (const outcome of ['success_score', 'duration_days', 'compute_cost', 'completionDate']) {
      const json = { project_id: id, metadata: { [outcome]: 90 } };
      await refused('POST', '/predictions', `metadata.${outcome}`, json);
      await refused('POST', '/predictions', `metadata.${outcome}`, { metadata: json.metadata });
    }
    await refused('GET', '/predictions?since=yesterday', 'since');
    await refused('GET', '/predictions?since=0000-01-01T00:00:00Z', 'since');
    // No clock of PostgreSQL is so far ahead.
    await call('GET', `/predictions?until=${encodeURIComponent('2026-01-01T00:00:00+20:00')}`);
    await refused('GET', '/predictions?page_token=x', 'page_token');
    for (let count = 0; count < 3; count += 1) await predict(id);
    const first = await call<{ next_page_token: string; items: unknown[] }>('GET', '/predictions?limit=2');
    const token = first.next_page_token;
    const second = await call<{ items: unknown[] }>('GET', `/predictions?limit=2&page_token=${token}`);
    expect([first.items.length, second.items.length]).toEqual([2, 1]);
    await refused('GET', `/predictions?limit=2&scored=true&page_token=${token}`, 'page_token');
  });
});
