import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';

let app: TestApp;
let key: string;
let slug: string;
let tenantId: string;

beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app?.stop());

const operator = (method: string, path: string, json: unknown) =>
  app.send(method, `/api/v1${path}`, { as: app.operatorKey, json });

/** A tenant of the test's own. */
beforeEach(async () => {
  slug = `t-${randomUUID().slice(0, 8)}`;
  tenantId = ((await operator('POST', '/tenants', { slug })).body as { id: string }).id;
  const made = await operator('POST', `/tenants/${slug}/keys`, { name: 'k', role: 'tenant_admin' });
  key = (made.body as { key: string }).key;
});

const call = (method: string, path: string, json?: unknown) =>
  app.send(method, `/api/v1${path}`, { as: key, ...(json === undefined ? {} : { json }) });

interface Project extends Record<string, unknown> {
  project_id: string;
  name: string;
}
async function made(name: string, more: Record<string, unknown> = {}): Promise<Project> {
  const { status, body, text } = await call('POST', '/projects', { name, ...more });
  expect(status, text).toBe(201);
  return body as Project;
}

interface Page {
  items: Project[];
  next_page_token: string | null;
}
const list = async (query = '') => (await call('GET', `/projects?${query}`)).body as Page;
const names = async (query = '') => (await list(query)).items.map(({ name }) => name);

/** Names of all pages of two. */
async function paged(query: string): Promise<string[]> {
  const found: string[] = [];
  for (let token: string | null = ''; token !== null; ) {
    const page: Page = await list(`${query}&limit=2${token && `&page_token=${token}`}`);
    found.push(...page.items.map(({ name }) => name));
    token = page.next_page_token;
  }
  return found;
}

const events = (action: string) =>
  app.ports.db.inTenant(tenantId, (tx) =>
    tx.sql('SELECT target, outcome, detail FROM maestro.audit_events WHERE tenant_id = $1 AND action = $2', [
      tenantId,
      action,
    ]),
  );

describe('the list of projects', () => {
  beforeEach(async () => {
    await made('a', {
      problem_class: 'ranking',
      team_size: 3,
      start_date: '2024-01-01',
      completion_date: '2024-03-01',
    });
    await made('b', { success_score: 90.5, team_size: 5, start_date: '2025-01-01', metadata: { industry: 'retail' } });
    await made('c', { success_score: 20, team_size: 3, metadata: { industry: 'bank', rows: 3 } });
    await made('d', { success_score: 20, problem_class: 'ranking', completion_date: '2025-06-01' });
    await made('e', { metadata: { rows: 3.5 } });
  });

  test('orders by any field either way, across pages, with those without a value last', async () => {
    expect(await paged('')).toEqual(['e', 'd', 'c', 'b', 'a']);
    expect(await paged('order_by=name&order=asc')).toEqual(['a', 'b', 'c', 'd', 'e']);
    const up = await paged('order_by=success_score&order=asc');
    expect([new Set(up.slice(0, 2)), up[2], new Set(up.slice(3))]).toEqual([new Set('cd'), 'b', new Set('ae')]);
    const down = await paged('order_by=success_score&order=desc');
    expect([down[0], new Set(down.slice(1, 3)), new Set(down.slice(3))]).toEqual(['b', new Set('cd'), new Set('ae')]);
    for (const field of ['problem_class', 'complexity_score', 'start_date', 'compute_cost', 'updated_at']) {
      expect(new Set(await paged(`order_by=${field}&order=asc`)), field).toEqual(new Set('abcde'));
    }
    expect((await call('GET', '/projects?order_by=metadata')).body).toMatchObject({ status: 400, field: 'order_by' });
  });

  test('filters by each field, and by all that is given', async () => {
    const filtered = (query: string) => names(`${query}&order_by=name&order=asc`);
    expect(await filtered('problem_class=ranking')).toEqual(['a', 'd']);
    expect(await filtered('state=finished')).toEqual(['a', 'd']);
    expect(await filtered('state=active')).toEqual(['b', 'c', 'e']);
    expect(await filtered('started_from=2024-01-01&started_until=2024-12-31')).toEqual(['a']);
    expect(await filtered('completed_from=2024-03-02')).toEqual(['d']);
    expect(await filtered('success_min=20&success_max=90')).toEqual(['c', 'd']);
    expect(await filtered('team_size_min=4&team_size_max=5')).toEqual(['b']);
    expect(await filtered('metadata=industry:retail')).toEqual(['b']);
    expect(await filtered('metadata=rows:3&metadata=industry:bank')).toEqual(['c']);
    expect(await filtered('state=active&problem_class=ranking')).toEqual([]);
    expect((await call('GET', '/projects?metadata=industry')).body).toMatchObject({ status: 400, field: 'metadata' });
  });

  test('finds by words, beginnings and misspellings of the name, the class and the metadata, the best first', async () => {
    await made('Customer churn', { problem_class: 'classification', metadata: { industry: 'telecommunication' } });
    const { project_id: id } = await made('Forecast of demand', { metadata: { about: ['churn of shops'] } });
    expect(await names('q=churn')).toEqual(['Customer churn', 'Forecast of demand']);
    expect(await names('q=chrun')).toEqual(['Customer churn', 'Forecast of demand']);
    await made('A churning market');
    expect(await paged('q=churn')).toHaveLength(3);
    expect(await names('q=churn&limit=3')).toEqual(await paged('q=churn'));
    expect(await names('q=CLASSIF')).toEqual(['Customer churn']);
    expect(await names('q=churn&order_by=name&order=desc&metadata=industry:telecommunication')).toEqual([
      'Customer churn',
    ]);
    expect(await names('q=nothing')).toEqual([]);
    await call('PATCH', `/projects/${id}`, { name: 'Sales', metadata: {} });
    expect(await names('q=forecast')).toEqual([]);
    expect(await names('q=sales')).toEqual(['Sales']);
    await call('DELETE', `/projects/${id}`);
    expect(await names('q=sales')).toEqual([]);
    expect((await call('GET', '/projects?order_by=relevance')).body).toMatchObject({ field: 'order_by' });
  });

  test('takes a token of the same list alone', async () => {
    const { next_page_token: token } = await list('limit=2');
    expect((await call('GET', `/projects?limit=3&page_token=${token}`)).status).toBe(200);
    for (const query of [`page_token=x`, `state=active&page_token=${token}`, `order=asc&page_token=${token}`]) {
      expect((await call('GET', `/projects?${query}`)).body).toMatchObject({ status: 400, field: 'page_token' });
    }
    const [fingerprint] = JSON.parse(Buffer.from(token as string, 'base64url').toString()) as string[];
    const forged = Buffer.from(JSON.stringify([fingerprint, 'value', 'never', 'nobody'])).toString('base64url');
    expect((await call('GET', `/projects?page_token=${forged}`)).body).toMatchObject({ field: 'page_token' });
  });
});

describe('a project', () => {
  test('is changed in what is given, and by nothing that cannot be', async () => {
    const { project_id: id } = await made('first', { start_date: '2025-01-01', team_size: 3 });
    await made('taken');
    const change = (json: unknown) => call('PATCH', `/projects/${id}`, json);
    expect((await change({ name: 'other', team_size: null, metadata: { a: 1 } })).body).toMatchObject({
      ...{ name: 'other', team_size: null, start_date: '2025-01-01', metadata: { a: 1 } },
    });
    expect((await change({ name: 'taken' })).body).toMatchObject({ status: 409, field: 'name' });
    expect((await change({ completion_date: '2024-12-31' })).body).toMatchObject({
      ...{ status: 400, field: 'completion_date', detail: expect.stringContaining('2025-01-01') },
    });
    expect((await change({ success_score: 3 })).status).toBe(400);
    expect((await call('GET', `/projects/${id}`)).body).toMatchObject({ name: 'other', completion_date: null });
    const early = { name: 'x', start_date: '2025-02-01', completion_date: '2025-01-01' };
    expect((await call('POST', '/projects', early)).body).toMatchObject({ status: 400, field: 'completion_date' });
  });

  test('has its outcome recorded with a row in the audit', async () => {
    const { project_id: id } = await made('p');
    const outcome = { success_score: 87.5, compute_cost: 12, completion_date: '2025-02-03' };
    expect((await call('PATCH', `/projects/${id}/success`, outcome)).body).toMatchObject(outcome);
    expect(await events('project.success')).toEqual([{ target: id, outcome: 'success', detail: outcome }]);
    expect((await call('PATCH', `/projects/${id}/success`, { success_score: 101 })).body).toMatchObject({
      field: 'success_score',
    });
    expect((await call('PATCH', `/projects/${randomUUID()}/success`, outcome)).status).toBe(404);
  });

  test('is deleted with a row in the audit', async () => {
    const { project_id: id } = await made('p');
    expect((await call('DELETE', `/projects/${id}`)).status).toBe(204);
    expect(await events('project.delete')).toEqual([{ target: id, outcome: 'success', detail: { name: 'p' } }]);
    expect((await call('GET', `/projects/${id}`)).status).toBe(404);
    expect((await call('DELETE', `/projects/${id}`)).status).toBe(404);
  });
});

describe('the projects of a tenant', () => {
  const used = async () => ((await call('GET', '/tenant/usage')).body as { projects: unknown }).projects;

  test('are no more than its limit however many are made at once', async () => {
    await operator('PATCH', `/tenants/${slug}`, { max_projects: 7 });
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, each) => call('POST', '/projects', { name: `${each}` })),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(7);
    const refused = answers.find(({ status }) => status !== 201)?.body;
    expect(refused).toMatchObject({ status: 429, detail: expect.stringContaining('may have 7 projects') });
    expect(await used()).toEqual({ used: 7, max: 7 });
    expect((await list()).items).toHaveLength(7);
  });

  test('make room when one is deleted, and a refused one takes none', async () => {
    await operator('PATCH', `/tenants/${slug}`, { max_projects: 2 });
    const { project_id: id } = await made('a');
    await made('b');
    expect((await call('POST', '/projects', { name: 'c' })).status).toBe(429);
    expect((await call('POST', '/projects', { name: 'a' })).status).toBe(409);
    await Promise.all([1, 2].map(() => call('DELETE', `/projects/${id}`)));
    expect(await used()).toEqual({ used: 1, max: 2 });
    await made('c');
    expect(await used()).toEqual({ used: 2, max: 2 });
  });
});
