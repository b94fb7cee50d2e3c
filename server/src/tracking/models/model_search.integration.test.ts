import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Body, type MlflowCaller, type MlflowFace, startMlflowFace } from '../../../test/mlflow_face.ts';

let face: MlflowFace;
let caller: MlflowCaller;
let experiment: string;

beforeAll(async () => {
  face = await startMlflowFace();
});

afterAll(() => face.stop());

beforeEach(async () => {
  caller = face.caller();
  experiment = await face.experiment(caller);
});

const invalid = { status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } };

async function create(more: Record<string, unknown> = {}): Promise<string> {
  const created = await caller.call('POST', '/logged-models', { experiment_id: experiment, name: 'one', ...more });
  return String(created.body.model?.info?.model_id);
}

/** Measures `acc` of a model in a run, on a dataset where one is named. */
async function measure(id: string, acc: number, dataset?: string): Promise<void> {
  const logged = await caller.call('POST', '/runs/log-metric', {
    run_id: await face.run(caller, experiment),
    key: 'acc',
    value: acc,
    timestamp: 1,
    model_id: id,
    ...(dataset === undefined ? {} : { dataset_name: dataset, dataset_digest: 'd1' }),
  });
  expect(logged.status).toBe(200);
}

describe('searching logged models', () => {
  const search = (body: Record<string, unknown>, by = caller) =>
    by.call('POST', '/logged-models/search', { experiment_ids: [experiment], ...body });
  const named = (answer: { body: Body }) =>
    ((answer.body.models ?? []) as unknown as { info: { name: string } }[]).map(({ info }) => info.name);

  test('gives whole models, page by page to the end', async () => {
    const first = await create({ name: 'a', params: [{ key: 'lr', value: '0.1' }], tags: [{ key: 't', value: 'v' }] });
    await create({ name: 'b' });
    await create({ name: 'c' });
    await measure(first, 1);
    const order = { order_by: [{ field_name: 'name' }], max_results: 2 };
    const page = await search(order);
    expect(page.body.models?.[0]).toEqual((await caller.call('GET', `/logged-models/${first}`)).body.model);
    expect(page.text).toContain('"value":1.0,');
    expect(named(page)).toEqual(['a', 'b']);
    const last = await search({ ...order, page_token: page.body.next_page_token });
    expect(named(last)).toEqual(['c']);
    expect(last.body).not.toHaveProperty('next_page_token');
    expect(named(await search({ order_by: [{ field_name: 'name', ascending: false }] }))).toEqual(['c', 'b', 'a']);
  });

  test('filters, also by what a run measured on a dataset', async () => {
    await create({ name: 'poor' });
    await measure(await create({ name: 'good' }), 0.9, 'iris');
    expect(named(await search({ filter: "metrics.acc > 0.5 AND name LIKE 'g%'" }))).toEqual(['good']);
    const on = (dataset: string) => search({ datasets: [{ dataset_name: dataset, dataset_digest: 'd1' }] });
    expect(named(await on('iris'))).toEqual(['good']);
    expect((await on('wine')).body).toEqual({});
    expect((await search({ datasets: [{ dataset_digest: 'd1' }] })).body.message).toBe(
      '`dataset_name` in the `datasets` clause must be specified.',
    );
  });

  test('leaves out deleted models and those of another tenant', async () => {
    const id = await create();
    expect(named(await search({}))).toEqual(['one']);
    expect((await search({}, face.caller('tenant_admin', 'b'))).body).toEqual({});
    await caller.call('DELETE', `/logged-models/${id}`);
    expect((await search({})).body).toEqual({});
  });

  test.each([
    [{ experiment_ids: null }, "Missing value for required parameter 'experiment_ids'"],
    [{ experiment_ids: ['x'] }, "Invalid experiment ID 'x'"],
    [{ max_results: -1 }, "Invalid value -1 for parameter 'max_results'"],
    [{ max_results: 'x' }, 'Invalid value "x" for parameter \'max_results\''],
    [{ order_by: [{ ascending: true }] }, 'Invalid order by field name: '],
    [{ page_token: 'abc' }, 'page token'],
    [{ filter: 'name' }, 'name'],
  ])('refuses %j', async (body, message) => {
    const refused = await search(body);
    expect(refused).toMatchObject(invalid);
    expect(refused.body.message).toContain(message);
  });

  test('in no experiments finds nothing; no number of results means a hundred', async () => {
    await create();
    expect((await search({ experiment_ids: [] })).body).toEqual({});
    expect(named(await search({ max_results: 0 }))).toEqual(['one']);
  });
});
