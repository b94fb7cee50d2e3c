import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';
import { startBackground } from './background.ts';
import { impactJob } from './impact_job.ts';
import { teachingTexts } from './impact_queries.ts';

/** Each estimate rests three times as long as it took, and a busy machine takes long. */
vi.setConfig({ testTimeout: 120_000 });

let app: TestApp;
let background: { close(): Promise<void> };
let key: string;
let slug: string;
let tenantId: string;

beforeAll(async () => {
  app = await startTestApp();
  background = startBackground({ ports: app.ports, jobs: [impactJob], debounceMs: 300 });
});
afterAll(async () => {
  await background?.close();
  await app?.stop();
});

const operator = (method: string, path: string, json: unknown) =>
  app.send(method, `/api/v1${path}`, { as: app.operatorKey, json });
async function call<Body>(method: string, path: string, json?: unknown): Promise<Body> {
  const { status, body, text } = await app.send(method, `/api/v1${path}`, {
    as: key,
    ...(json === undefined ? {} : { json }),
  });
  expect(status, text).toBeLessThan(300);
  return body as Body;
}
/** A tenant of the test's own. */
beforeEach(async () => {
  slug = `t-${randomUUID().slice(0, 8)}`;
  tenantId = ((await operator('POST', '/tenants', { slug })).body as { id: string }).id;
  key = ((await operator('POST', `/tenants/${slug}/keys`, { name: 'k', role: 'tenant_admin' })).body as { key: string })
    .key;
});

interface Effect {
  value: number;
  low: number;
  high: number;
  projects: number;
  evidence: string;
}
interface Artifact {
  artifact_id: string;
  name: string;
  avg_impact_score: number | null;
  impact_projects: number;
  impact: { success: Effect | null; duration: Effect | null; cost: Effect | null; computed_at: string } | null;
}
interface Analytics extends Artifact {
  evidence: string;
  impact_note: string;
}

const artifact = async (name: string) =>
  (await call<Artifact>('POST', '/artifacts', { name, type: 'schema', version: '1' })).artifact_id;
const project = async (name: string, more: Record<string, unknown> = {}) =>
  (await call<{ project_id: string }>('POST', '/projects', { name, ...more })).project_id;
const use = (of: string, by: string) => call('POST', `/artifacts/${of}/use`, { project_id: by });
const finish = (id: string, outcome: Record<string, unknown>) => call('PATCH', `/projects/${id}/success`, outcome);
const analytics = (id: string) => call<Analytics>('GET', `/artifacts/${id}/analytics`);
const until = <T>(check: () => Promise<T>) => vi.waitFor(check, { timeout: 40_000, interval: 50 });
/** Nothing is due any more. */
const settled = () =>
  until(async () =>
    expect(
      await app.ports.db.inTenant(tenantId, (tx) =>
        tx.sql(`SELECT marks FROM maestro.insight_due WHERE tenant_id = $1 AND what = 'impact'`, [tenantId]),
      ),
    ).toEqual([]),
  );
const width = ({ low, high }: Effect) => high - low;

async function importAll(rows: readonly (readonly (string | number)[])[]): Promise<string[]> {
  const { status, text } = await app.send('POST', '/api/v1/projects/import', {
    as: key,
    body: rows.map((row) => row.join(',')).join('\n'),
    headers: { 'content-type': 'text/csv' },
  });
  expect(status, text).toBeLessThan(300);
  const { items } = await call<{ items: { project_id: string; name: string }[] }>('GET', '/projects?limit=100');
  return rows.slice(1).map(([name]) => items.find((one) => one.name === name)!.project_id);
}

/** Projects of which every second uses `helps`, and every third `idles`; what helps adds 15 points and saves a third. */
async function history(count: number): Promise<{ helps: string; idles: string; projects: string[] }> {
  const [helps, idles] = [await artifact('helps'), await artifact('idles')];
  const rows = Array.from({ length: count }, (_, at) => {
    const days = (at % 2 === 0 ? 20 : 30) + ((at * 7) % 5);
    const end = new Date(Date.UTC(2026, 0, 1 + days)).toISOString().slice(0, 10);
    const success = 50 + ((at * 37) % 11) + (at % 2 === 0 ? 15 : 0);
    return [`p${at}`, 'ranking', 30 + (at % 5), '2026-01-01', end, success, 100 + ((at * 13) % 17)];
  });
  const header = 'name problem_class complexity_score start_date completion_date success_score compute_cost';
  const projects = await importAll([header.split(' '), ...rows]);
  await Promise.all([
    ...projects.filter((_, at) => at % 2 === 0).map((id) => use(helps, id)),
    ...projects.filter((_, at) => at % 3 === 0).map((id) => use(idles, id)),
  ]);
  return { helps, idles, projects };
}

test('finished projects give artifacts an impact with an interval, and more of them narrow it', async () => {
  const { helps, idles } = await history(12);
  await settled();
  const before = await analytics(helps);
  const { success, duration, cost } = before.impact!;
  expect(success).toMatchObject({ projects: 6, evidence: expect.stringMatching(/some|thin/) });
  expect(before.avg_impact_score).toBe(success!.value);
  expect(before.impact_projects).toBe(6);
  expect(success!.value).toBeGreaterThan(5);
  expect(success!.low).toBeLessThan(success!.value);
  expect(success!.high).toBeGreaterThan(success!.value);
  expect(duration!.value).toBeLessThan(0.9);
  expect(Math.abs(Math.log(cost!.value))).toBeLessThan(0.1);
  expect(before.impact_note).toContain('n = 6 projects');
  const idle = (await analytics(idles)).impact!.success!;
  expect(idle.low).toBeLessThan(0);
  type Told = { prediction_id: string; recommendation: string[] };
  const told = await call<Told>('POST', '/predictions', { name: 'next', artifacts: [idles, helps] });
  const sign = success!.low < 0 ? '−' : '\\+';
  expect(told.recommendation.slice(0, 3)).toEqual([
    expect.stringMatching(
      RegExp(
        `^“helps”: its estimated impact is \\+[\\d.]+ points of success, in 8 of 10 cases ${sign}[\\d.]+ to .*, from 6 `,
      ),
    ),
    expect.stringMatching(/^“idles”: its estimated impact is .* from 4 projects/),
    expect.stringMatching(/^The figures count artifacts by their type/),
  ]);
  expect(await call<Told>('GET', `/predictions/${told.prediction_id}`)).toEqual(told);

  const extra = await project('late', { problem_class: 'ranking', complexity_score: 30, start_date: '2026-01-01' });
  await use(helps, extra);
  await finish(extra, { success_score: 72 });
  await until(async () => expect((await analytics(helps)).impact_projects).toBe(7));
  const after = await analytics(helps);
  expect(after.impact!.success).not.toEqual(success);
  expect(Date.parse(after.impact!.computed_at)).toBeGreaterThan(Date.parse(before.impact!.computed_at));
  expect(width(after.impact!.success!)).toBeLessThan(width(success!));
});

test('an outcome that is corrected, a usage that comes later, and a project that goes, change the impact', async () => {
  const { helps, projects } = await history(8);
  await settled();
  const first = (await analytics(helps)).avg_impact_score!;
  await Promise.all(projects.filter((_, at) => at % 2 === 0).map((id) => finish(id, { success_score: 20 })));
  await until(async () => expect((await analytics(helps)).avg_impact_score).toBeLessThan(0));
  expect(first).toBeGreaterThan(0);
  await use(helps, projects[1]!);
  await until(async () => expect((await analytics(helps)).impact_projects).toBe(5));
  expect((await app.send('DELETE', `/api/v1/projects/${projects[1]}`, { as: key })).status).toBe(204);
  await until(async () => expect((await analytics(helps)).impact_projects).toBe(4));
  const none = { success_score: null, compute_cost: null, completion_date: null };
  await Promise.all(projects.toSpliced(1, 1).map((id) => finish(id, none)));
  await until(async () => expect(await analytics(helps)).toMatchObject({ impact: null, avg_impact_score: null }));
  expect(await analytics(helps)).toMatchObject({ impact_projects: 0, evidence: 'none' });
});

test('projects that are imported as finished teach at once', async () => {
  const id = await artifact('a');
  const open = await project('open', { problem_class: 'nlp' });
  await use(id, open);
  await finish(open, { success_score: 80 });
  await until(async () => expect(await analytics(id)).toMatchObject({ impact_projects: 1, evidence: 'none' }));
  const rows = Array.from({ length: 30 }, (_, at) => [`i${at}`, 'nlp', 40 + (at % 7)]);
  await importAll([['name', 'problem_class', 'success_score'], ...rows]);
  await until(async () => expect(await analytics(id)).toMatchObject({ impact_projects: 1, evidence: 'thin' }));
  const { impact, impact_note } = await analytics(id);
  expect(impact!.success!.value).toBeGreaterThan(0);
  expect(impact_note).toContain('too thin');
});

test('a usage has its own share once its project’s success is known: more in a project that did better', async () => {
  const { helps, idles, projects } = await history(12);
  const both = projects[0]!;
  await settled();
  const share = async (of: string, by: string) => {
    const { items } = await call<{ items: { project_id: string; impact_score: number | null }[] }>(
      'GET',
      `/artifacts/${of}/usages?limit=100`,
    );
    return items.find(({ project_id }) => project_id === by)!.impact_score;
  };
  const before = await share(helps, both);
  expect(before).toBeGreaterThan((await share(idles, both)) as number);
  const open = await project('open');
  await use(helps, open);
  await settled();
  expect(await share(helps, open)).toBeNull();
  await finish(both, { success_score: 99 });
  await until(async () => expect(await share(helps, both)).toBeGreaterThan((before as number) + 1));
  await finish(both, { success_score: null });
  await until(async () => expect(await share(helps, both)).toBeNull());
});

describe('the ranking', () => {
  test('by impact is by what an artifact adds at least: surely good before perhaps better, unknown ones last', async () => {
    const [sure, lucky, unknown] = [
      await artifact('sure word'),
      await artifact('lucky word'),
      await artifact('unknown word'),
    ];
    const score = (at: number) => 50 + ((at * 5) % 7) + (at % 2 === 0 ? 20 : 0) + (at === 1 ? 14 : 0);
    const rows = Array.from({ length: 24 }, (_, at) => [`p${at}`, score(at)]);
    const projects = await importAll([['name', 'success_score'], ...rows]);
    await Promise.all(projects.filter((_, at) => at % 2 === 0).map((id) => use(sure, id)));
    await use(lucky, projects[1]!);
    await use(unknown, await project('open'));
    await settled();
    const namesOf = ({ items }: { items: Artifact[] }) => items.map(({ name }) => name.split(' ')[0]);
    expect(namesOf(await call('GET', '/artifacts/top'))).toEqual(['sure', 'lucky', 'unknown']);
    const [top] = (await call<{ items: Artifact[] }>('GET', '/artifacts/top?limit=1')).items;
    expect(top!.impact!.success!.low).toBeGreaterThan(0);
    expect(namesOf(await call('GET', '/artifacts/top?by=uses'))[0]).toBe('sure');
    for (const q of ['word', '']) {
      const search = (json: object) =>
        call<{ items: Artifact[]; next_page_token: string | null }>('POST', '/artifacts/search', { q, ...json });
      expect(namesOf(await search({ order_by: 'impact' })), q).toEqual(['sure', 'lucky']);
      const first = await search({ order_by: 'impact', limit: 1 });
      expect(namesOf(await search({ order_by: 'impact', limit: 1, page_token: first.next_page_token })), q).toEqual([
        'lucky',
      ]);
      expect(namesOf(await search({ min_impact: top!.avg_impact_score })), q).toEqual(['sure']);
    }
    expect(namesOf(await call('POST', '/artifacts/search', { q: 'word' }))[0]).toBe('sure');
  });
});

test('one tenant’s projects teach nothing about another’s artifacts', async () => {
  await history(6);
  await settled();
  key = app.tenants.b.keys.tenant_admin;
  const id = await artifact('helps');
  await use(id, await project('open'));
  expect(await analytics(id)).toMatchObject({ impact: null, impact_projects: 0 });
});

test('of more projects than teach, those that use artifacts do, and then those that were completed last', async () => {
  const rows = [2019, 2024, 2021].map((year, at) => [`p${at}`, `${year}-01-01`, `${year}-03-01`, 80]);
  const ids = await importAll([['name', 'start_date', 'completion_date', 'success_score'], ...rows]);
  await use(await artifact('of the oldest'), ids[0] as string);
  const { projects } = await app.ports.db.inTenant(tenantId, (tx) => teachingTexts(tx, 2));
  const taught = (JSON.parse(projects) as { project_id: string }[]).map(({ project_id }) => project_id);
  expect(taught).toEqual([ids[0], ids[1]]);
});
