import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';

let app: TestApp;
let as: string;

beforeAll(async () => {
  app = await startTestApp();
  as = app.tenants.a.keys.ml_engineer;
});
afterAll(() => app?.stop());

const send = (method: string, path: string, json?: unknown) =>
  app.send(method, `/api/v1${path}`, { as, ...(json === undefined ? {} : { json }) });

async function ok<Body>(method: string, path: string, json?: unknown): Promise<Body> {
  const answer = await send(method, path, json);
  expect(answer.status, answer.text).toBeLessThan(300);
  return answer.body as Body;
}

interface Page<Item> {
  items: Item[];
  next_page_token: string | null;
}
interface Experiment {
  experiment_id: number;
  name: string;
  tags: Record<string, string>;
  lifecycle_stage: string;
}
interface Run {
  run_id: string;
  name: string;
  status: string;
  metrics: Record<string, number | 'NaN'>;
  params: Record<string, string>;
  tags: Record<string, string>;
}
interface Point {
  step: number;
  timestamp: number;
  value: number | 'NaN';
}

const createExperiment = (name: string) => ok<Experiment>('POST', '/experiments', { name });
const createRun = (experimentId: number, name = 'a run') =>
  ok<Run>('POST', '/runs', { experiment_id: experimentId, name });

/** All pages of a list, and how many there were. */
async function allPages<Item>(path: string): Promise<{ items: Item[]; pages: number }> {
  const items: Item[] = [];
  let token: string | null = '';
  let pages = 0;
  while (token !== null) {
    const query: string =
      token === '' ? '' : `${path.includes('?') ? '&' : '?'}page_token=${encodeURIComponent(token)}`;
    const page: Page<Item> = await ok<Page<Item>>('GET', path + query);
    items.push(...page.items);
    token = page.next_page_token;
    pages += 1;
  }
  return { items, pages };
}

describe('experiments', () => {
  test('an experiment is made, renamed, tagged, deleted and restored', async () => {
    const made = await ok<Experiment>('POST', '/experiments', { name: 'first', tags: [{ key: 'team', value: 'ä' }] });
    expect(made).toMatchObject({ name: 'first', tags: { team: 'ä' }, lifecycle_stage: 'active' });
    const path = `/experiments/${made.experiment_id}`;
    expect(await ok('PATCH', path, { name: 'renamed' })).toMatchObject({ name: 'renamed' });
    await ok('PUT', `${path}/tags/${encodeURIComponent('a/b')}`, { value: 'c' });
    await ok('DELETE', `${path}/tags/team`);
    expect(await ok('GET', path)).toMatchObject({ tags: { 'a/b': 'c' } });
    expect((await send('DELETE', path)).status).toBe(204);
    expect(await ok('GET', path)).toMatchObject({ lifecycle_stage: 'deleted' });
    await ok('POST', `${path}/restore`);
    expect(await ok('GET', path)).toMatchObject({ lifecycle_stage: 'active', name: 'renamed' });
  });

  test('a list is filtered, sorted and paged to its end, each experiment once', async () => {
    for (let index = 0; index < 7; index += 1) await createExperiment(`paged-${index}`);
    const query = `filter=${encodeURIComponent("name LIKE 'paged-%'")}&order_by=${encodeURIComponent('name DESC')}&limit=3`;
    const { items, pages } = await allPages<Experiment>(`/experiments?${query}`);
    expect(items.map(({ name }) => name)).toEqual([6, 5, 4, 3, 2, 1, 0].map((index) => `paged-${index}`));
    expect(pages).toBe(3);
  });

  test('a name that is taken is 409, and the problem says so', async () => {
    await createExperiment('taken');
    const answer = await send('POST', '/experiments', { name: 'taken' });
    expect(answer.status).toBe(409);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.body).toMatchObject({ type: 'urn:maestro:error:already_exists', status: 409 });
  });
});

describe('input', () => {
  test.each([
    ['GET', '/experiments?limit=none', 'limit'],
    ['GET', '/experiments?limit=1.5', 'limit'],
    ['GET', '/experiments?limit=', 'limit'],
    ['GET', '/experiments?limit=1&limit=2', 'limit'],
    ['GET', '/experiments/x', 'experiment_id'],
    ['GET', '/experiments?filter=%00', 'filter'],
    ['GET', '/experiments?page_token=nonsense', 'page_token'],
    ['GET', '/runs', 'experiment_ids'],
    ['GET', '/runs?experiment_ids=1&experiment_ids=b', 'experiment_ids.1'],
    ['POST', '/experiments', 'name', {}],
    ['POST', '/experiments', 'name', { name: 5 }],
    ['POST', '/experiments', 'name', { name: 'a\u0000b' }],
    ['POST', '/experiments', 'name', { name: '\ud800' }],
    ['POST', '/runs', 'tags.0.value', { experiment_id: 0, tags: [{ key: 'k' }] }],
  ] as [string, string, string, unknown?][])(
    '%s %s is refused by the name of its field',
    async (method, path, field, json) => {
      const answer = await send(method, path, json);
      expect(answer.status, answer.text).toBe(400);
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
      expect(answer.body).toMatchObject({ field, status: 400 });
    },
  );

  test('a body that is no JSON object, or not JSON at all, is refused', async () => {
    const post = (body: string, type: string) =>
      app.send('POST', '/api/v1/experiments', { as, body, headers: { 'content-type': type } });
    expect((await post('[1]', 'application/json')).status).toBe(400);
    expect((await post('{', 'application/json')).status).toBe(400);
    expect((await post('name=x', 'application/x-www-form-urlencoded')).status).toBe(415);
    expect((await post('name', 'text/plain')).status).toBe(415);
  });

  test('a URL that does not decode is a problem like any other', async () => {
    const answer = await send('GET', '/experiments/%zz');
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
  });
});

describe('runs', () => {
  test('a run is made, logged to, changed, deleted and restored', async () => {
    const { experiment_id: id } = await createExperiment('of a run');
    const made = await ok<Run>('POST', '/runs', {
      experiment_id: id,
      name: 'one',
      tags: [{ key: 'mlflow.user', value: 'u' }],
    });
    const path = `/runs/${made.run_id}`;
    expect(await ok('GET', path)).toEqual(made);
    await ok('POST', `${path}/log`, {
      metrics: [
        { key: 'loss', value: 0.5, step: 1 },
        { key: 'loss', value: 'NaN', step: 2 },
        { key: 'peak', value: 'Infinity' },
      ],
      params: [{ key: 'lr', value: '0.1' }],
      tags: [{ key: 'stage', value: 'a' }],
    });
    await ok('PUT', `${path}/tags/stage`, { value: 'b' });
    await ok('DELETE', `${path}/tags/mlflow.user`);
    expect(await ok('PATCH', path, { status: 'FINISHED', end_time: 5, name: 'two' })).toMatchObject({ end_time: 5 });
    expect(await ok('GET', path)).toMatchObject({
      name: 'two',
      status: 'FINISHED',
      metrics: { loss: 'NaN', peak: Number.MAX_VALUE },
      params: { lr: '0.1' },
      tags: { stage: 'b', 'mlflow.runName': 'two' },
    });
    await ok('DELETE', path);
    expect(await ok('GET', path)).toMatchObject({ lifecycle_stage: 'deleted' });
    await ok('POST', `${path}/restore`);
    expect(await ok('GET', path)).toMatchObject({ lifecycle_stage: 'active' });
  });

  test('a search by URL and one by body find the same runs, in the same order, page by page', async () => {
    const { experiment_id: id } = await createExperiment('searched');
    for (let index = 0; index < 5; index += 1) {
      const run = await createRun(id, `run-${index}`);
      await ok('POST', `/runs/${run.run_id}/log`, { metrics: [{ key: 'loss', value: index }] });
    }
    const query = { experiment_ids: [id], filter: 'metrics.loss >= 1', order_by: ['metrics.loss DESC'], limit: 3 };
    const url = `/runs?experiment_ids=${id}&filter=${encodeURIComponent(query.filter)}&order_by=metrics.loss%20DESC&limit=3`;
    const { items } = await allPages<Run>(url);
    expect(items.map(({ name }) => name)).toEqual(['run-4', 'run-3', 'run-2', 'run-1']);
    const first = await ok<Page<Run>>('POST', '/runs/search', query);
    const second = await ok<Page<Run>>('POST', '/runs/search', { ...query, page_token: first.next_page_token });
    expect([...first.items, ...second.items]).toEqual(items);
    expect(second.next_page_token).toBeNull();
  });

  test('runs stand side by side, in the order asked for, with what they lack as null', async () => {
    const { experiment_id: id } = await createExperiment('compared');
    const [one, two] = [await createRun(id, 'same'), await createRun(id, 'same')];
    await ok('POST', `/runs/${one.run_id}/log`, {
      metrics: [{ key: 'loss', value: 1 }],
      params: [
        { key: 'lr', value: '1' },
        { key: 'depth', value: '3' },
      ],
    });
    await ok('POST', `/runs/${two.run_id}/log`, { params: [{ key: 'lr', value: '1' }] });
    const path = `/runs/compare?run_ids=${two.run_id}&run_ids=${one.run_id}`;
    const all = await ok<{ runs: Run[]; metrics: unknown[]; params: unknown[]; tags: unknown[] }>('GET', path);
    expect(all.runs.map(({ run_id }) => run_id)).toEqual([two.run_id, one.run_id]);
    expect(all.metrics).toEqual([{ key: 'loss', differs: true, values: [null, 1] }]);
    expect(all.params).toEqual([
      { key: 'depth', differs: true, values: [null, '3'] },
      { key: 'lr', differs: false, values: ['1', '1'] },
    ]);
    const different = await ok<{ params: unknown[]; tags: unknown[] }>('GET', `${path}&only_different=true`);
    expect(different.params).toEqual([{ key: 'depth', differs: true, values: [null, '3'] }]);
    expect(different.tags).toEqual([]);
    expect((await send('GET', `${path}&run_ids=${'0'.repeat(32)}`)).status).toBe(404);
    const long = 'ä'.repeat(300);
    await ok('POST', `/runs/${one.run_id}/log`, { params: [{ key: 'text', value: `${long}1` }] });
    await ok('POST', `/runs/${two.run_id}/log`, { params: [{ key: 'text', value: `${long}2` }] });
    const cut = await ok<{ params: { key: string; differs: boolean; values: string[] }[] }>('GET', `${path}&cut=true`);
    const text = cut.params.find(({ key }) => key === 'text');
    expect(text?.differs).toBe(true);
    expect(text?.values[0]).toMatch(/^ä{200}… #[0-9a-f]{16}$/);
    expect(cut.params.find(({ key }) => key === 'lr')?.values).toEqual(['1', '1']);
  });
});

describe('metrics', () => {
  const key = 'train/loss/ä b';
  const count = 1000;
  let metrics: string;

  beforeAll(async () => {
    const run = await createRun((await createExperiment('charted')).experiment_id);
    metrics = `/runs/${run.run_id}/metrics`;
    const points = Array.from({ length: count }, (_, step) => ({
      key,
      value: step === 333 ? 1000 : step === 777 ? -1000 : Math.sin(step),
      timestamp: step,
      step,
    }));
    await ok('POST', `/runs/${run.run_id}/log`, { metrics: points });
    await ok('POST', `/runs/${run.run_id}/log`, {
      metrics: ['a', 'b', 'c/d'].map((name) => ({ key: name, value: 1 })),
    });
  });

  test('the metrics of a run are listed with their last point, page by page', async () => {
    const { items, pages } = await allPages<{ key: string } & Point>(`${metrics}?limit=2`);
    expect(items.map((item) => item.key)).toEqual(['a', 'b', 'c/d', key]);
    expect(items.at(-1)).toMatchObject({ step: count - 1, value: Math.sin(count - 1) });
    expect(pages).toBe(2);
  });

  test('a key with slashes is read by its percent-encoded path', async () => {
    const { items } = await allPages<Point>(`${metrics}/${encodeURIComponent(key)}?limit=300`);
    expect(items.map(({ step }) => step)).toEqual(Array.from({ length: count }, (_, step) => step));
  });

  test('a thinned metric holds to its number of points and keeps the extremes and both ends', async () => {
    const thin = await ok<{ items: Point[]; total: number }>('GET', `${metrics}/${encodeURIComponent(key)}?points=50`);
    expect(thin.total).toBe(count);
    expect(thin.items.length).toBeLessThanOrEqual(50);
    expect(thin.items.length).toBeGreaterThan(30);
    const values = thin.items.map(({ value }) => value);
    expect(values).toContain(1000);
    expect(values).toContain(-1000);
    expect(thin.items[0]?.step).toBe(0);
    expect(thin.items.at(-1)?.step).toBe(count - 1);
  });

  test('a range of steps is read raw and thinned, both ends in it', async () => {
    const path = `${metrics}/${encodeURIComponent(key)}?start_step=100&end_step=199`;
    const { items } = await allPages<Point>(`${path}&limit=30`);
    expect(items.map(({ step }) => step)).toEqual(Array.from({ length: 100 }, (_, index) => 100 + index));
    const thin = await ok<{ items: Point[]; total: number }>('GET', `${path}&points=1000`);
    expect(thin.total).toBe(100);
    expect(thin.items).toEqual(items);
  });
});

describe('the contract', () => {
  test('is served to everybody, and is the committed one', async () => {
    const answer = await app.send('GET', '/api/v1/openapi.json');
    expect(answer.status).toBe(200);
    // Written by `node scripts/contract.ts`.
    expect(answer.text).toBe(await readFile(join(import.meta.dirname, '../../../contract/openapi.json'), 'utf8'));
  });

  test('has a page that shows every operation, brings all it needs with it and runs no script', async () => {
    const page = await app.send('GET', '/api/docs');
    expect(page.status).toBe(200);
    const [, styleHash] =
      /^default-src 'none'; style-src '(sha256-[^']+)';/.exec(page.headers.get('content-security-policy') ?? '') ?? [];
    const [, style = ''] = /<style>([\s\S]*?)<\/style>/.exec(page.text) ?? [];
    expect(styleHash).toBe(`sha256-${hash('sha256', style, 'base64')}`);
    expect(page.text).not.toMatch(/<script|\son\w+=|\sstyle=|\ssrc=|<link/);
    const { paths } = (await app.send('GET', '/api/v1/openapi.json')).body as {
      paths: Record<string, Record<string, { operationId: string }>>;
    };
    for (const { operationId } of Object.values(paths).flatMap((methods) => Object.values(methods))) {
      expect(page.text).toContain(`id="${operationId}"`);
    }
  });
});
