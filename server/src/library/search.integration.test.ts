import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';
import { indexNew } from '../search_terms/search_terms.ts';
import { facets } from './index_text.ts';

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

/** Artifacts that are there and are found as others are, without a request for each. */
const addMany = (named: readonly { name: string; tags?: string[]; description?: string; impact?: number }[]) =>
  app.ports.db.inTenant(app.tenants.a.id, async (tx) => {
    const rows = named.map(({ name, tags = [], description = '', impact = null }) => ({
      id: randomUUID(),
      ...{ name, tags, description, impact },
    }));
    await tx.sql(
      `INSERT INTO maestro.artifacts (tenant_id, artifact_id, name, type, tags, description, avg_impact_score,
                                      impact_low, created_by)
       SELECT $1, (a->>'id')::uuid, a->>'name', 'schema', ARRAY(SELECT jsonb_array_elements_text(a->'tags')),
              a->>'description', (a->>'impact')::float8, (a->>'impact')::float8 - 1, 'test' FROM jsonb_array_elements($2::jsonb) AS a`,
      [tx.tenantId, JSON.stringify(rows)],
    );
    const entries = rows.map(({ id, name, tags, description }) => ({
      id,
      parts: { name, tags, description, facets: [facets.type('schema'), ...tags.map(facets.tag)] },
    }));
    await indexNew(tx, 'artifact', entries);
  });

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
    expect((await names({ order_by: 'uses' })).slice(0, 2)).toEqual(['customer churn pipeline', 'fraud notebook']);
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

  test('without words puts first what adds most for sure, and behind it by use what nothing is known of', async () => {
    // The pipeline has two uses, the notebook one.
    expect((await names({})).slice(0, 3)).toEqual(['fraud notebook', 'churn model', 'customer churn pipeline']);
    expect(await names({ tags: ['telecom'] })).toEqual(['churn model', 'customer churn pipeline']);
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

  test('finds what is active however much that is deprecated fits better, and that too where it is asked for', async () => {
    const operator = (path: string, json: unknown) => app.send('PATCH', path, { as: app.operatorKey, json });
    await operator(`/api/v1/tenants/${app.tenants.a.slug}`, { max_artifacts: 2_000 });
    // More than are ranked, each better by its name than the active one by its description.
    for (let from = 0; from < 1_050; from += 25) {
      const some = Array.from({ length: 25 }, async (_, n) => {
        const made = await call('POST', '/artifacts', { name: `uplift ${from + n}`, type: 'schema', tags: ['crowd'] });
        const { artifact_id: id } = made.body as { artifact_id: string };
        expect((await call('POST', `/artifacts/${id}/deprecate`)).status).toBe(200);
        return id;
      });
      const [first] = await Promise.all(some);
      if (from === 0) ids.set('uplift', first as string);
    }
    await call('POST', '/artifacts', {
      name: 'campaigns',
      type: 'schema',
      tags: ['crowd'],
      description: 'with uplift',
    });
    expect(await names({ q: 'uplift' })).toEqual(['campaigns']);
    expect(await names({ tags: ['crowd'] })).toEqual(['campaigns']);
    expect(await names({ q: 'uplift', active_only: false, limit: 200 })).toHaveLength(200);
    expect(await names({ q: 'uplift 0', active_only: false })).toContain('uplift 0');
    await call('POST', `/artifacts/${ids.get('uplift')}/restore`);
    expect((await names({ q: 'uplift' })).sort()).toEqual(['campaigns', 'uplift 0']);
    await call('PATCH', `/artifacts/${ids.get('uplift')}`, { description: 'back again' });
    await call('POST', `/artifacts/${ids.get('uplift')}/deprecate`);
    await call('PATCH', `/artifacts/${ids.get('uplift')}`, { description: 'or not' });
    expect(await names({ q: 'uplift' })).toEqual(['campaigns']);
  }, 120_000);

  test('finds what has the least impact however little the words say of it, among a few of these and among many', async () => {
    const better = Array.from({ length: 2_500 }, (_, n) => ({ name: `lantern ${n}` }));
    const lit = (count: number, impact: number) =>
      Array.from({ length: count }, (_, n) => ({
        name: `harbour ${impact} ${n}`,
        description: `with one lantern among ${'many other words and '.repeat(5)} words`,
        impact,
      }));
    await addMany([...better, ...lit(3, 40)]);
    const search = { q: 'lantern', min_impact: 40, limit: 200 };
    expect(await names({ q: 'lantern', order_by: 'relevance' })).not.toContain('harbour 40 0');
    expect((await names(search)).sort()).toEqual(['harbour 40 0', 'harbour 40 1', 'harbour 40 2']);
    expect(await names({ ...search, tags: ['none'] })).toEqual([]);
    expect(await names({ ...search, q: 'lantern harbour', type: 'schema' })).toHaveLength(3);
    // More than are looked up one by one.
    await addMany(lit(2_100, 30));
    const some = await names({ ...search, min_impact: 30 });
    expect([some.length, some.filter((name) => !name.startsWith('harbour'))]).toEqual([200, []]);
    expect(await names({ min_impact: 40 })).toHaveLength(3);
  }, 60_000);

  test.each(['created_at', 'uses'])(
    'goes on in the order of %s where more have a tag than are put in order, since the page before',
    async (order_by) => {
      const tag = `crossing-${order_by}`;
      const add = (from: number, count: number) =>
        addMany(Array.from({ length: count }, (_, n) => ({ name: `${tag} ${from + n}`, tags: [tag] })));
      const page = async (page_token?: string) => {
        const answer = await call('POST', '/artifacts/search', { tags: [tag], order_by, limit: 1_000, page_token });
        expect(answer.status, answer.text).toBe(200);
        return answer.body as { items: { name: string }[]; next_page_token: string };
      };
      const of = ({ items }: { items: { name: string }[] }) => items.map(({ name }) => name);
      await add(0, 1_999);
      const first = await page();
      await add(1_999, 2);
      const second = await page(first.next_page_token);
      const seen = [...of(first), ...of(second)].filter((name) => Number(name.split(' ')[1]) < 1_999);
      if (order_by === 'created_at') expect(new Set(seen).size).toBe(1_999);
      else expect(seen.length).toBe(new Set(seen).size);
      // And back again, in the middle of the list.
      const newest = await page();
      const gone = await app.ports.db.inTenant(app.tenants.a.id, (tx) =>
        tx.sql(
          `DELETE FROM maestro.search_terms WHERE tenant_id = $1 AND subject_id IN (
             SELECT artifact_id FROM maestro.artifacts WHERE tenant_id = $1 AND name = ANY ($2)) RETURNING 1`,
          [tx.tenantId, of(newest).slice(0, 2)],
        ),
      );
      expect(gone.length).toBeGreaterThan(0);
      expect(of(await page(newest.next_page_token)).filter((name) => of(newest).includes(name))).toEqual([]);
    },
    60_000,
  );
});
