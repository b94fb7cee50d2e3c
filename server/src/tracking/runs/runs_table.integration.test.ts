import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../../test/app.ts';

let app: TestApp;
let experiment: number;
let runs: string[];

interface Run {
  run_id: string;
  name: string;
  metrics: Record<string, number | 'NaN'>;
  params: Record<string, string>;
  tags: Record<string, string>;
  extremes?: Record<string, { min: number; max: number }>;
}

const send = (method: string, path: string, json?: unknown, as = app.tenants.a.keys.data_scientist) =>
  app.send(method, `/api/v1${path}`, { as, ...(json === undefined ? {} : { json }) });

async function ok<Body>(method: string, path: string, json?: unknown): Promise<Body> {
  const answer = await send(method, path, json);
  expect(answer.status, answer.text).toBeLessThan(300);
  return answer.body as Body;
}

interface Logged {
  readonly loss?: readonly (number | string)[];
  readonly params?: Record<string, string>;
  readonly tags?: Record<string, string>;
}

const pairs = (record: Record<string, string> = {}) => Object.entries(record).map(([key, value]) => ({ key, value }));

/** A run, with its points logged one call each. */
async function makeRun(name: string, { loss = [], params, tags }: Logged): Promise<string> {
  const { run_id: id } = await ok<Run>('POST', '/runs', { experiment_id: experiment, name });
  await ok('POST', `/runs/${id}/log`, { params: pairs(params), tags: pairs(tags) });
  for (const [step, value] of loss.entries()) {
    await ok('POST', `/runs/${id}/log`, { metrics: [{ key: 'loss', value, step, timestamp: step }] });
  }
  return id;
}

beforeAll(async () => {
  app = await startTestApp();
  experiment = (await ok<{ experiment_id: number }>('POST', '/experiments', { name: 'of the table' })).experiment_id;
  runs = [
    await makeRun('one', { loss: [5, 1, 3], params: { lr: '0.1', depth: '3' }, tags: { team: 'it\'s "so"' } }),
    await makeRun('two', { loss: [4, 2, 'NaN'], params: { lr: '0.1' }, tags: { team: 'b' } }),
    await makeRun('three', { loss: ['NaN'], params: { lr: '0.2' } }),
    await makeRun('four', {}),
    await makeRun('five', { loss: [0.5, 9, 'Infinity'], params: { lr: '0.2', depth: '3' }, tags: { team: 'b' } }),
  ];
});
afterAll(() => app?.stop());

const search = async (more: Record<string, unknown>): Promise<Run[]> =>
  (await ok<{ items: Run[] }>('POST', '/runs/search', { experiment_ids: [experiment], ...more })).items;
const names = async (more: Record<string, unknown>): Promise<string[]> => (await search(more)).map(({ name }) => name);

describe('the best of a metric', () => {
  test('orders runs in both directions, those of only NaN and those without it last', async () => {
    expect(await names({ order_by: ['min_metrics.loss'] })).toEqual(['five', 'one', 'two', 'three', 'four']);
    expect(await names({ order_by: ['max_metrics.loss DESC'] })).toEqual(['five', 'one', 'two', 'three', 'four']);
    expect(await names({ order_by: ['params.lr', 'min_metrics.loss DESC'] })).toEqual([
      'two',
      'one',
      'five',
      'three',
      'four',
    ]);
  });

  test('is the same when it is paged through', async () => {
    const found: string[] = [];
    for (let token: string | null | undefined; token !== null; ) {
      const page: { items: Run[]; next_page_token: string | null } = await ok('POST', '/runs/search', {
        experiment_ids: [experiment],
        order_by: ['max_metrics.loss'],
        limit: 1,
        ...(token === undefined ? {} : { page_token: token }),
      });
      found.push(...page.items.map(({ name }) => name));
      token = page.next_page_token;
    }
    expect(found).toEqual(['two', 'one', 'five', 'three', 'four']);
  });

  test('is of all points, also those logged together, late, or after NaN', async () => {
    const run = await makeRun('late', {});
    const log = (metrics: [number | string, number][]) =>
      ok('POST', `/runs/${run}/log`, {
        metrics: metrics.map(([value, step]) => ({ key: 'late', value, step, timestamp: step })),
      });
    const extremes = async () => {
      const [found] = await search({ filter: `attributes.run_id = '${run}'`, extremes: ['late'] });
      return found?.extremes?.late;
    };
    await log([['NaN', 100]]);
    expect(await extremes()).toBeUndefined();
    await log([
      [3, 7],
      ['NaN', 8],
      [-2, 9],
    ]);
    await log([[50, 1]]);
    expect(await extremes()).toEqual({ min: -2, max: 50 });
    await ok('DELETE', `/runs/${run}`);
  });

  test('filters runs', async () => {
    expect(await names({ filter: 'min_metrics.loss <= 1', order_by: ['run_name'] })).toEqual(['five', 'one']);
    expect(await names({ filter: 'max_metrics.loss = 4' })).toEqual(['two']);
  });

  test('is nothing that the MLflow protocol knows', async () => {
    const answer = await app.send('POST', '/api/2.0/mlflow/runs/search', {
      as: app.tenants.a.keys.viewer,
      json: { experiment_ids: [String(experiment)], order_by: ['min_metrics.loss'] },
    });
    expect(answer.status).toBe(400);
    expect(answer.text).toContain("Invalid entity type 'min_metrics'");
  });
});

describe('a search', () => {
  test('shows the data that is asked for, and all where nothing is', async () => {
    const [some] = await search({
      filter: "attributes.run_name = 'one'",
      metrics: ['loss'],
      params: ['depth', 'none'],
      tags: [],
      extremes: ['loss'],
    });
    expect(some).toMatchObject({
      metrics: { loss: 3 },
      params: { depth: '3' },
      extremes: { loss: { min: 1, max: 5 } },
    });
    expect(some?.tags).toEqual({});
    const [all] = await search({ filter: "attributes.run_name = 'one'" });
    expect(all?.params).toEqual({ lr: '0.1', depth: '3' });
    expect(all?.tags['mlflow.runName']).toBe('one');
    expect(all).not.toHaveProperty('extremes');
  });

  test('orders by duration, runs that have not ended last', async () => {
    await ok('PATCH', `/runs/${runs[1]}`, { end_time: 500 });
    await ok('PATCH', `/runs/${runs[2]}`, { end_time: 100 });
    expect((await names({ order_by: ['duration DESC'] })).slice(0, 2)).toEqual(['two', 'three']);
    expect((await names({ order_by: ['attributes.duration'] })).slice(0, 2)).toEqual(['three', 'two']);
  });

  test('keeps to a group, also of a value that no filter can word', async () => {
    expect(await names({ within: [{ by: 'tags.team', value: 'it\'s "so"' }] })).toEqual(['one']);
    expect((await names({ within: [{ by: 'tags.team', value: null }] })).sort()).toEqual(['four', 'three']);
  });

  test.each([
    ['metrics.loss < ', 15],
    ['metrics.loss < 1 AND params.lr = 0.1', 33],
    ['nonsense.loss < 1', 0],
    ["params.lr = 'a", 12],
  ])('with the filter %j is refused by the character at which it goes wrong', async (filter, position) => {
    const answer = await send('POST', '/runs/search', { experiment_ids: [experiment], filter });
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ field: 'filter', position });
  });
});

describe('aggregates', () => {
  interface Answer {
    groups: { values: (string | null)[]; runs: number; aggregates: Record<string, number | null>[] }[];
    group_count: number;
    run_count: number;
  }
  const aggregate = (more: Record<string, unknown>) =>
    ok<Answer>('POST', '/runs/aggregate', { experiment_ids: [experiment], ...more });

  test('are of all runs that match, by group, and leave NaN aside', async () => {
    const { groups, group_count, run_count } = await aggregate({
      group_by: ['params.lr'],
      of: ['metrics.loss', 'min_metrics.loss'],
    });
    expect(groups.map(({ values, runs }) => [...values, runs])).toEqual([
      ['0.1', 2],
      ['0.2', 2],
      [null, 1],
    ]);
    expect(groups[0]?.aggregates).toEqual([
      { runs: 1, mean: 3, min: 3, max: 3, median: 3 },
      { runs: 2, mean: 1.5, min: 1, max: 2, median: 1.5 },
    ]);
    expect(groups[1]?.aggregates[0]).toEqual({
      runs: 1,
      mean: Number.MAX_VALUE,
      min: Number.MAX_VALUE,
      max: Number.MAX_VALUE,
      median: Number.MAX_VALUE,
    });
    expect(groups[2]?.aggregates[0]).toEqual({ runs: 0, mean: null, min: null, max: null, median: null });
    expect([group_count, run_count]).toEqual([3, 5]);
  });

  test('go by several levels, filters and orders, and say how much the limit leaves out', async () => {
    const two = await aggregate({ group_by: ['params.lr', 'tags.team'], order_by: 'value', order: 'asc' });
    expect(two.groups.map(({ values }) => values)).toEqual([
      ['0.1', 'b'],
      ['0.1', 'it\'s "so"'],
      ['0.2', 'b'],
      ['0.2', null],
      [null, null],
    ]);
    const best = await aggregate({
      group_by: ['params.lr'],
      of: ['min_metrics.loss'],
      order_by: 'mean',
      order_of: 0,
      order: 'asc',
      limit: 1,
    });
    expect(best.groups.map(({ values }) => values)).toEqual([['0.2']]);
    expect([best.group_count, best.run_count]).toEqual([3, 5]);
    const within = await aggregate({ within: [{ by: 'params.lr', value: '0.1' }], filter: "tags.team = 'b'" });
    expect(within.groups).toEqual([{ values: [], runs: 1, aggregates: [] }]);
  });

  test.each([
    [{ group_by: ['metrics.loss'] }, 'group_by'],
    [{ of: ['params.lr'] }, 'order_by'],
    [{ order_by: 'mean' }, 'order_of'],
    [{ within: [{ by: 'status', value: null }] }, 'within'],
  ])('%j is refused by the name of its field', async (more, field) => {
    const answer = await send('POST', '/runs/aggregate', { experiment_ids: [experiment], ...more });
    expect(answer.status, answer.text).toBe(400);
    expect(answer.body).toMatchObject({ field });
  });
});

describe('names', () => {
  const keys = (query: string) => ok<{ items: string[]; total: number }>('GET', `/experiments/${experiment}/${query}`);

  test('of metrics, params and tags are found by a part, in either case, those that begin with it first', async () => {
    expect(await keys('keys?kind=param')).toEqual({ items: ['depth', 'lr'], total: 2 });
    expect((await keys('keys?kind=tag&q=NAME')).items).toEqual(['mlflow.runName']);
    expect(await keys('keys?kind=metric&q=zzz')).toEqual({ items: [], total: 0 });
    const run = await makeRun('named', { params: { 'a lr': '1', lrx: '2' } });
    expect((await keys('keys?kind=param&q=lr')).items).toEqual(['lr', 'lrx', 'a lr']);
    expect(await keys('keys?kind=param&q=lr&limit=1')).toEqual({ items: ['lr'], total: 3 });
    await ok('DELETE', `/runs/${run}`);
  });

  test('and their values are, too', async () => {
    expect(await keys('values?kind=param&key=lr')).toEqual({ items: ['0.1', '0.2'], total: 2 });
    expect((await keys('values?kind=tag&key=team&q=S')).items).toEqual(['it\'s "so"']);
  });
});

describe('many runs', () => {
  test('are deleted and restored, all or none', async () => {
    const both = { run_ids: [runs[0], runs[1]] };
    await ok('POST', '/runs/delete', both);
    expect((await names({ order_by: ['run_name'] })).includes('one')).toBe(false);
    await ok('POST', '/runs/restore', both);
    const ghost = '0'.repeat(32);
    expect((await send('POST', '/runs/delete', { run_ids: [runs[0], ghost] })).status).toBe(404);
    expect(await names({ filter: "attributes.run_name = 'one'" })).toEqual(['one']);
  });

  test('are tagged, and what was there is given back: sent again, it undoes the change', async () => {
    const changes = [
      { run_id: runs[0], key: 'team', value: 'new' },
      { run_id: runs[2], key: 'team', value: 'new' },
      { run_id: runs[1], key: 'team', value: null },
    ];
    const { before } = await ok<{ before: unknown[] }>('POST', '/runs/tags', { changes });
    expect(before).toEqual([
      { run_id: runs[0], key: 'team', value: 'it\'s "so"' },
      { run_id: runs[2], key: 'team', value: null },
      { run_id: runs[1], key: 'team', value: 'b' },
    ]);
    expect((await names({ filter: "tags.team = 'new'", order_by: ['run_name'] })).sort()).toEqual(['one', 'three']);
    await ok('POST', '/runs/tags', { changes: before });
    expect(await names({ filter: "tags.team = 'new'" })).toEqual([]);
    expect(await names({ filter: 'tags.team IS NULL', order_by: ['run_name'] })).toEqual(['four', 'three']);
  });

  test('are not tagged where one is deleted, a name would change, or a tag is changed twice', async () => {
    await ok('DELETE', `/runs/${runs[3]}`);
    const tag = (changes: unknown[]) => send('POST', '/runs/tags', { changes });
    const change = { run_id: runs[0], key: 'k', value: 'v' };
    expect((await tag([change, { ...change, run_id: runs[3] }])).status).toBe(400);
    expect((await tag([change, change])).body).toMatchObject({ field: 'changes.1' });
    expect((await tag([{ ...change, key: 'mlflow.runName' }])).body).toMatchObject({ field: 'changes.0.key' });
    expect(await names({ filter: "tags.k = 'v'" })).toEqual([]);
    await ok('POST', `/runs/${runs[3]}/restore`);
  });
});
