import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';
import { withClient } from '../db/roles.ts';

let app: TestApp;

beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app?.stop());

const send = (method: string, path: string, json?: unknown, as = app.tenants.a.keys.data_scientist) =>
  app.send(method, `/api/v1${path}`, { as, ...(json === undefined ? {} : { json }) });

async function project(fields: object = {}): Promise<string> {
  const made = await send('POST', '/projects', { name: randomUUID(), ...fields });
  expect(made.status, made.text).toBe(201);
  return (made.body as { project_id: string }).project_id;
}

async function store(specs: { project_id: string; text: string }[]): Promise<void> {
  const answer = await send('POST', '/ml/embed-specs', { specs });
  expect(answer.status, answer.text).toBe(200);
  expect(answer.body).toEqual({ stored: specs.length, by: 'bm25' });
}

interface Similar {
  project_id: string;
  similarity: number;
  basis: string;
  by: string;
  shared_terms: string[];
}

async function find(json: object, as?: string): Promise<Similar[]> {
  const answer = await send('POST', '/ml/find-similar-projects', json, as);
  expect(answer.status, answer.text).toBe(200);
  return (answer.body as { items: Similar[] }).items;
}

const count = (table: string): Promise<number> =>
  withClient(app.database.superuser, async (client) => {
    const { rows } = await client.query(`SELECT count(*)::int AS n FROM maestro.${table} WHERE tenant_id = $1`, [
      app.tenants.a.id,
    ]);
    return rows[0].n;
  });

const churn = `# Goals
Predict which customers churn within 90 days from contracts and support tickets.
# Serving
A nightly batch writes churn scores into the warehouse.`;
const fraud = `# Goals
Detect fraudulent card payments in real time from transactions.
# Serving
An endpoint answers within 50 ms.`;

let ids: Record<'churn' | 'fraud' | 'named', string>;

beforeEach(async () => {
  const { items } = (await send('GET', '/projects?limit=100')).body as { items: { project_id: string }[] };
  for (const { project_id } of items) {
    await send('DELETE', `/projects/${project_id}`, undefined, app.tenants.a.keys.ml_engineer);
  }
  ids = {
    churn: await project({
      start_date: '2026-01-01',
      completion_date: '2026-03-02',
      compute_cost: 120,
      success_score: 80,
    }),
    fraud: await project(),
    named: await project({
      name: `Tickets of customers ${randomUUID()}`,
      problem_class: 'ranking',
      metadata: { about: 'support tickets that are urgent', duration_days: 31 },
    }),
  };
  await store([
    { project_id: ids.churn, text: churn },
    { project_id: ids.fraud, text: fraud },
  ]);
});

describe('similar projects', () => {
  test('are found by requirements, else by what else is said of them, with what came of them', async () => {
    const found = await find({ text: 'Which customers will churn? We have contracts and support tickets.' });
    expect(found.map(({ project_id, basis }) => [project_id, basis])).toEqual([
      [ids.churn, 'requirements'],
      [ids.named, 'description'],
    ]);
    expect(found[0]).toMatchObject({
      by: 'bm25',
      completion_date: '2026-03-02',
      duration_days: 60,
      compute_cost: 120,
      success_score: 80,
    });
    expect(found[0]?.shared_terms.toSorted()).toEqual(['churn', 'contract', 'customer', 'support', 'ticket']);
    expect(found[1]).toMatchObject({ duration_days: 31, completion_date: null });
    expect(found[0]?.similarity).toBeGreaterThan(found[1]?.similarity as number);
  });

  test('have similarity 1 where the text is the same, and a project is not like itself', async () => {
    const [first] = await find({ text: churn });
    expect(first?.project_id).toBe(ids.churn);
    expect(first?.similarity).toBeCloseTo(1);
    const others = await find({ project_id: ids.churn });
    expect(others.map(({ project_id }) => project_id)).toEqual([ids.named, ids.fraud]);
    expect(await find({ project_id: ids.churn, limit: 1 })).toHaveLength(1);
  });

  test('are found by what requirements say now, and not at all once the project is gone', async () => {
    await store([{ project_id: ids.churn, text: 'Forecast demand of stores.' }]);
    expect((await find({ text: 'churn' })).map(({ project_id }) => project_id)).toEqual([]);
    expect((await find({ text: 'demand' })).map(({ project_id }) => project_id)).toEqual([ids.churn]);
    for (const id of Object.values(ids)) {
      await send('DELETE', `/projects/${id}`, undefined, app.tenants.a.keys.ml_engineer);
    }
    expect(await find({ text: 'demand' })).toEqual([]);
    // Not even the words stay.
    expect(await Promise.all(['project_specs', 'spec_terms', 'spec_words'].map(count))).toEqual([0, 0, 0]);
  });

  test('of other tenants do not exist', async () => {
    const other = app.tenants.b.keys.tenant_admin;
    expect(await find({ text: churn }, other)).toEqual([]);
    expect((await send('POST', '/ml/find-similar-projects', { project_id: ids.churn }, other)).status).toBe(404);
    const specs = [{ project_id: ids.churn, text: 'x y z' }];
    expect((await send('POST', '/ml/embed-specs', { specs }, other)).status).toBe(404);
  });

  test('are found for any text', async () => {
    expect(await find({ text: '…' })).toEqual([]);
    expect(await find({ text: 'the of and' })).toEqual([]);
    expect(await find({ text: `'; DROP TABLE x -- 客户流失 🎵 ${'x'.repeat(1_000)}` })).toEqual([]);
    expect(await find({ text: `${'lorem ipsum '.repeat(16_000)} churn` })).toHaveLength(1);
  });
});

test('requirements are stored for all of the projects that are named, or for none', async () => {
  const ghost = randomUUID();
  const answer = await send('POST', '/ml/embed-specs', {
    specs: [
      { project_id: ids.named, text: 'Serve urgent tickets.' },
      { project_id: ghost, text: 'x y z' },
    ],
  });
  expect(answer.status).toBe(404);
  expect(answer.body).toMatchObject({ field: 'specs.1.project_id' });
  const found = await find({ text: 'urgent tickets' });
  expect(found.find(({ project_id }) => project_id === ids.named)?.basis).toBe('description');
});

test('of stores of the same requirements at once none is lost or counted twice', async () => {
  const texts = Array.from({ length: 12 }, (_, at) => `Zebra yak walrus ibis ${at % 2 ? 'gnu' : 'lynx'} number${at}`);
  await Promise.all(
    texts.map((text) =>
      store([
        { project_id: ids.named, text },
        { project_id: ids.fraud, text },
      ]),
    ),
  );
  const counted = await withClient(app.database.superuser, async (client) => {
    const { rows } = await client.query(
      `SELECT term, documents FROM maestro.spec_words
        WHERE tenant_id = $1 AND term IN ('', 'zebra', 'gnu', 'lynx') ORDER BY term`,
      [app.tenants.a.id],
    );
    return rows as { term: string; documents: number }[];
  });
  expect(counted).toEqual([
    { term: '', documents: 3 },
    { term: expect.stringMatching(/gnu|lynx/), documents: 2 },
    { term: 'zebra', documents: 2 },
  ]);
});

test.each([
  ['a text and a project', { text: 'x', project_id: randomUUID() }, 'text'],
  ['neither', {}, 'text'],
  ['an empty text', { text: '' }, 'text'],
  ['a text that is too long', { text: 'x'.repeat(200_001) }, 'text'],
  ['too many', { text: 'x', limit: 51 }, 'limit'],
])('%s is refused', async (_what, json, field) => {
  const answer = await send('POST', '/ml/find-similar-projects', json);
  expect(answer.status).toBe(400);
  expect(answer.body).toMatchObject({ field });
});

test('a project named twice is refused', async () => {
  const spec = { project_id: ids.churn, text: 'x' };
  const answer = await send('POST', '/ml/embed-specs', { specs: [spec, spec] });
  expect(answer.status).toBe(400);
  expect(answer.body).toMatchObject({ field: 'specs.1.project_id' });
});
