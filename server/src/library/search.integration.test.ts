import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';

let app: TestApp;
let as: string;
const ids = new Map<string, string>();

const call = (method: string, path: string, json?: unknown) =>
  app.send(method, `/api/v1${path}`, { as, ...(json === undefined ? {} : { json }) });

const impact = (name: string, score: number) =>
  app.ports.db.inTenant(app.tenants.a.id, (tx) =>
    tx.sql(
      `UPDATE maestro.artifacts SET avg_impact_score = $3::float8, impact_low = $3::float8 - 1, impact_projects = 9
        WHERE tenant_id = $1 AND name = $2`,
      [tx.tenantId, name, score],
    ),
  );

beforeAll(async () => {
  app = await startTestApp();
  as = app.tenants.a.keys.tenant_admin;
  const artifacts: [string, string, string[]][] = [
    ['customer churn pipeline', 'feature_pipeline', ['nlp', 'telecom']],
    ['churn model', 'model_template', ['telecom']],
    ['fraud notebook', 'notebook', ['graph']],
    ['retired churn notebook', 'notebook', ['telecom']],
    ['demand forecasting', 'notebook', []],
  ];
  for (const [name, type, tags] of artifacts) {
    const made = await call('POST', '/artifacts', { name, type, tags, version: '1' });
    ids.set(name, (made.body as { artifact_id: string }).artifact_id);
  }
  await call('POST', `/artifacts/${ids.get('retired churn notebook')}/deprecate`);
  for (const name of ['one', 'two', 'three']) {
    const project = await call('POST', '/projects', { name });
    const { project_id } = project.body as { project_id: string };
    await call('POST', `/artifacts/${ids.get('customer churn pipeline')}/use`, { project_id });
    if (name === 'one') await call('POST', `/artifacts/${ids.get('fraud notebook')}/use`, { project_id });
  }
  await impact('fraud notebook', 12);
  await impact('churn model', 0.5);
});
afterAll(() => app?.stop());

async function names(search: Record<string, unknown>): Promise<string[]> {
  const answer = await call('POST', '/artifacts/search', search);
  expect(answer.status, answer.text).toBe(200);
  return (answer.body as { items: { name: string }[] }).items.map(({ name }) => name);
}

describe('a search of the library', () => {
  test('finds by words, also misspelt and only begun, without what is deprecated', async () => {
    expect((await names({ q: 'churn', order_by: 'relevance' })).sort()).toEqual([
      'churn model',
      'customer churn pipeline',
    ]);
    expect(await names({ q: 'custmer chrun' })).toEqual(['customer churn pipeline']);
    expect(await names({ q: 'forecas' })).toEqual(['demand forecasting']);
    expect(await names({ q: 'chrun notebok', active_only: false })).toEqual(['retired churn notebook']);
  });

  test('ranks by relevance, raised by use, or by one of relevance, use and impact', async () => {
    expect(await names({ q: 'churn' })).toEqual(['customer churn pipeline', 'churn model']);
    expect(await names({ q: 'churn', order_by: 'relevance' })).toEqual(['churn model', 'customer churn pipeline']);
    expect(await names({ q: 'churn', order_by: 'impact' })).toEqual(['churn model']);
    expect((await names({})).slice(0, 2)).toEqual(['customer churn pipeline', 'fraud notebook']);
    expect(await names({ order_by: 'impact' })).toEqual(['fraud notebook', 'churn model']);
    expect(await names({ order_by: 'created_at' })).toEqual([
      'demand forecasting',
      'fraud notebook',
      'churn model',
      'customer churn pipeline',
    ]);
  });

  test('keeps to tags, type and the least impact', async () => {
    expect((await names({ tags: ['telecom'] })).sort()).toEqual(['churn model', 'customer churn pipeline']);
    expect(await names({ tags: ['telecom', 'nlp'] })).toEqual(['customer churn pipeline']);
    expect(await names({ type: 'notebook' })).toEqual(['fraud notebook', 'demand forecasting']);
    expect(await names({ min_impact: 5 })).toEqual(['fraud notebook']);
    expect(await names({ q: 'churn', tags: ['telecom'], min_impact: 0.1 })).toEqual(['churn model']);
    expect(await names({ tags: ['none'] })).toEqual([]);
  });

  test('follows what an artifact becomes', async () => {
    await call('PATCH', `/artifacts/${ids.get('demand forecasting')}`, { name: 'sales outlook', tags: ['retail'] });
    expect(await names({ q: 'forecasting' })).toEqual([]);
    expect(await names({ q: 'sales', tags: ['retail'] })).toEqual(['sales outlook']);
  });

  test.each([{ q: 'churn', active_only: false }, { active_only: false }, { type: 'notebook', active_only: false }])(
    'gives %j page by page, each artifact once, and its token to no other search',
    async (search) => {
      const all = await names(search);
      const found: string[] = [];
      let page_token: string | undefined;
      do {
        const answer = await call('POST', '/artifacts/search', { ...search, limit: 1, page_token });
        const body = answer.body as { items: { name: string }[]; next_page_token: string | null };
        found.push(...body.items.map(({ name }) => name));
        if (page_token === undefined) {
          const wrong = { ...search, q: 'other', page_token: body.next_page_token };
          expect((await call('POST', '/artifacts/search', wrong)).body).toMatchObject({
            status: 400,
            field: 'page_token',
          });
        }
        page_token = body.next_page_token ?? undefined;
      } while (page_token !== undefined);
      expect(found).toEqual(all);
      expect(found.length).toBeGreaterThan(1);
    },
  );
});
