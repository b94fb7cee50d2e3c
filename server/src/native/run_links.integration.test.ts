import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';
import { withClient } from '../db/roles.ts';

let app: TestApp;
let as: string;

beforeAll(async () => {
  app = await startTestApp();
  as = app.tenants.a.keys.ml_engineer;
});
afterAll(() => app?.stop());

const send = (method: string, path: string, json?: unknown, by = as) =>
  app.send(method, `/api/v1${path}`, { as: by, ...(json === undefined ? {} : { json }) });

async function ok<Body>(method: string, path: string, json?: unknown): Promise<Body> {
  const answer = await send(method, path, json);
  expect(answer.status, answer.text).toBeLessThan(300);
  return answer.body as Body;
}

const mlflow = async <Body>(method: string, path: string, json: unknown): Promise<Body> => {
  const answer = await app.send(method, `/api/2.0/mlflow${path}`, { as, json });
  expect(answer.status, answer.text).toBe(200);
  return answer.body as Body;
};

const newRun = async (more: Record<string, unknown> = {}): Promise<string> => {
  const { run_id: id } = await ok<{ run_id: string }>('POST', '/runs', { experiment_id: 0 });
  await ok('POST', `/runs/${id}/log`, more);
  return id;
};

interface Compared {
  items: { key: string; differs: boolean; values: (string | number | null)[] }[];
  next_page_token: string | null;
}

describe('comparing many runs', () => {
  test('tells page by page what each run has, and which keys differ, in any number of metrics', async () => {
    const metrics = Array.from({ length: 250 }, (_, at) => ({ key: `m${String(at).padStart(3, '0')}`, value: at }));
    const one = await newRun({ metrics });
    const two = await newRun({ metrics: [...metrics.slice(0, 249), { key: 'm249', value: 'NaN' }] });
    const three = await newRun({ metrics: metrics.slice(0, 249).map((point) => ({ ...point })) });
    const run_ids = [one, two, three];
    const found: Compared['items'] = [];
    let token: string | null | undefined;
    do {
      const page: Compared = await ok('POST', '/runs/compare', {
        run_ids,
        of: 'metrics',
        limit: 100,
        ...(token ? { page_token: token } : {}),
      });
      expect(page.items.length).toBeLessThanOrEqual(100);
      found.push(...page.items);
      token = page.next_page_token;
    } while (token !== null);
    expect(found.map(({ key }) => key)).toEqual(metrics.map(({ key }) => key));
    expect(found[7]).toEqual({ key: 'm007', differs: false, values: [7, 7, 7] });
    expect(found.at(-1)).toEqual({ key: 'm249', differs: true, values: [249, 'NaN', null] });
    const different: Compared = await ok('POST', '/runs/compare', {
      run_ids,
      of: 'metrics',
      only_different: true,
      limit: 500,
    });
    expect(different.items.map(({ key }) => key)).toEqual(['m249']);
    const searched: Compared = await ok('POST', '/runs/compare', { run_ids, of: 'metrics', search: 'M24' });
    expect(searched.items).toHaveLength(10);
  });

  test('takes 1,000 runs, in the order in which they are named, and no run that is not there', async () => {
    const known = await newRun({ params: [{ key: 'lr', value: '0.1' }] });
    const others = await Promise.all(
      Array.from({ length: 40 }, () => newRun({ params: [{ key: 'lr', value: '0.2' }] })),
    );
    const run_ids = [...others, known];
    const { items } = await ok<Compared>('POST', '/runs/compare', { run_ids, of: 'params' });
    expect(items).toEqual([{ key: 'lr', differs: true, values: [...others.map(() => '0.2'), '0.1'] }]);
    const infos = await ok<{ items: { run_id: string }[] }>('POST', '/runs/infos', { run_ids });
    expect(infos.items.map(({ run_id: id }) => id)).toEqual(run_ids);
    const ghosts = Array.from({ length: 1000 }, (_, at) => at.toString(16).padStart(32, '0'));
    expect((await send('POST', '/runs/compare', { run_ids: ghosts, of: 'params' })).status).toBe(404);
    expect((await send('POST', '/runs/compare', { run_ids: [...ghosts, known], of: 'params' })).status).toBe(400);
  });

  test('of a long text come its beginning and a mark, alike where the whole texts are alike', async () => {
    const beginning = 'é'.repeat(200);
    const ends = ['', 'one', 'one', 'two'];
    const run_ids = await Promise.all(
      ends.map((end) => newRun({ params: [{ key: 'text', value: `${beginning}${end}` }] })),
    );
    const { items } = await ok<Compared>('POST', '/runs/compare', { run_ids, of: 'params' });
    const [row] = items;
    const cut = expect.stringMatching(/^é{200}… #[0-9a-f]{16}$/);
    expect(row).toEqual({ key: 'text', differs: true, values: [beginning, cut, cut, cut] });
    expect(row?.values[1]).toBe(row?.values[2]);
    expect(row?.values[3]).not.toBe(row?.values[2]);
  });

  test('a list of runs gets the same name each time, by which only those who may read the runs get them', async () => {
    const run_ids = [await newRun(), await newRun()];
    const set = await ok<{ set_id: string }>('POST', '/run-sets', { run_ids });
    expect(await ok('POST', '/run-sets', { run_ids })).toEqual(set);
    expect(await ok('GET', `/run-sets/${set.set_id}`)).toEqual({ set_id: set.set_id, run_ids });
    expect((await send('GET', `/run-sets/${set.set_id}`, undefined, app.tenants.b.keys.tenant_admin)).status).toBe(404);
  });

  test('whoever names more lists than are kept pushes out only the own one that was looked at longest ago', async () => {
    const run = await newRun();
    const nameOf = async (run_ids: string[], by = as) =>
      ((await send('POST', '/run-sets', { run_ids }, by)).body as { set_id: string }).set_id;
    const statusOf = async (id: string) => (await send('GET', `/run-sets/${id}`)).status;
    const others = await nameOf([run], app.tenants.a.keys.data_scientist);
    const own = await nameOf([run]);
    const [kept, newest] = [await newRun(), await newRun()];
    const looked = await nameOf([kept]);
    await withClient(app.database.superuser, async (client) => {
      await client.query("UPDATE maestro.run_sets SET used_at = used_at - interval '3 days'");
      await client.query(
        `INSERT INTO maestro.run_sets (tenant_id, set_id, run_ids, used_at)
         SELECT $1, ($2 || lpad(to_hex(n), 16, '0'))::uuid, ARRAY[$3::uuid], now() - interval '2 days'
           FROM generate_series(1, 997) n`,
        [app.tenants.a.id, own.slice(0, 16), run],
      );
    });
    expect(await statusOf(looked)).toBe(200);
    await nameOf([newest]);
    expect([await statusOf(own), await statusOf(looked), await statusOf(others)]).toEqual([200, 200, 200]);
    await withClient(app.database.superuser, (client) =>
      client.query("UPDATE maestro.run_sets SET used_at = used_at - interval '3 days' WHERE set_id = $1", [own]),
    );
    await nameOf([kept, newest]);
    expect([await statusOf(own), await statusOf(looked), await statusOf(others)]).toEqual([404, 200, 200]);
  });
});

describe('what a run read and wrote', () => {
  test('its datasets with what they were used for, and its models', async () => {
    const run = await newRun();
    const dataset = { name: 'iris', digest: 'd1', source_type: 'http', source: '{"url":"https://example.org"}' };
    await mlflow('POST', '/runs/log-inputs', {
      run_id: run,
      datasets: [
        {
          dataset: { ...dataset, schema: '{"mlflow_colspec":[]}', profile: 'p'.repeat(150_000) },
          tags: [{ key: 'mlflow.data.context', value: 'train' }],
        },
      ],
      models: [{ model_id: 'm-1' }],
    });
    await mlflow('POST', '/runs/outputs', { run_id: run, models: [{ model_id: 'm-2', step: 3 }] });
    expect(await ok('GET', `/runs/${run}/inputs`)).toEqual({
      datasets: [
        {
          ...dataset,
          schema: '{"mlflow_colspec":[]}',
          profile: 'p'.repeat(100_000),
          tags: { 'mlflow.data.context': 'train' },
        },
      ],
      models: [{ model_id: 'm-1', step: 0 }],
    });
    expect(await ok('GET', `/runs/${run}/outputs`)).toEqual({ models: [{ model_id: 'm-2', step: 3 }] });
  });

  test('the extremes of a metric are those of all its points, and its course is told in a few', async () => {
    const metrics = Array.from({ length: 900 }, (_, step) => ({ key: 'loss', step, value: step === 500 ? -7 : step }));
    const run = await newRun({ metrics: [...metrics, { key: 'odd', value: 'NaN' }] });
    const { items } = await ok<{ items: { steps: number[]; values: unknown[] }[] }>(
      'POST',
      `/runs/${run}/metrics/summary`,
      { keys: ['loss', 'odd', 'none'], points: 40 },
    );
    expect(items).toMatchObject([
      { key: 'loss', total: 900, min: -7, max: 899 },
      { key: 'odd', total: 1, min: null, max: null, values: ['NaN'] },
      { key: 'none', total: 0, min: null, max: null, values: [] },
    ]);
    expect(items[0]?.steps.length).toBeLessThanOrEqual(40);
  });
});

describe('logged models in /api/v1', () => {
  const newModel = async (name: string, more: Record<string, unknown> = {}): Promise<string> => {
    const json = { experiment_id: '0', name, ...more };
    const made = await mlflow<{ model: { info: { model_id: string } } }>('POST', '/logged-models', json);
    return made.model.info.model_id;
  };

  test('are found by name and order in all experiments, page by page', async () => {
    const names = ['tree-a', 'tree-b', 'tree-c', 'forest'];
    for (const name of names) await newModel(name);
    const query = `filter=${encodeURIComponent("attributes.name LIKE 'tree-%'")}&order_by=name%20DESC&limit=2`;
    type Page = { items: { name: string }[]; next_page_token: string | null };
    const first = await ok<Page>('GET', `/logged-models?${query}`);
    expect(first.items.map(({ name }) => name)).toEqual(['tree-c', 'tree-b']);
    const second = await ok<Page>('GET', `/logged-models?${query}&page_token=${first.next_page_token}`);
    expect(second.items.map(({ name }) => name)).toEqual(['tree-a']);
    expect(second.next_page_token).toBeNull();
    expect(await ok<Page>('GET', '/logged-models?experiment_ids=77')).toMatchObject({ items: [] });
  });

  test('have their params and tags by key, are deleted and restored', async () => {
    const id = await newModel('whole', { params: [{ key: 'depth', value: '3' }] });
    await ok('PUT', `/logged-models/${id}/tags/stage`, { value: 'best' });
    expect(await ok('GET', `/logged-models/${id}`)).toMatchObject({
      model_id: id,
      params: { depth: '3' },
      tags: { stage: 'best' },
      status: 'PENDING',
    });
    await ok('DELETE', `/logged-models/${id}/tags/stage`);
    await ok('DELETE', `/logged-models/${id}`);
    expect((await send('GET', `/logged-models/${id}`)).status).toBe(404);
    expect(await ok('GET', `/logged-models/${id}?allow_deleted=true`)).toMatchObject({ lifecycle_stage: 'deleted' });
    await ok('POST', `/logged-models/${id}/restore`);
    expect(await ok('GET', `/logged-models/${id}`)).toMatchObject({ lifecycle_stage: 'active', tags: {} });
  });
});

describe('files of a run', () => {
  const put = (run: string, path: string) =>
    app.send('PUT', `/api/v1/runs/${run}/files/content?path=${path}`, { as, body: path });

  test('are listed a page at a time, each once', async () => {
    const run = await newRun();
    for (const name of ['a', 'b', 'c', 'd', 'e']) await put(run, `many/${name}.txt`);
    type Page = { files: { path: string }[]; next_page_token?: string };
    const first = await ok<Page>('GET', `/runs/${run}/files?path=many&limit=3`);
    expect(first.files.map(({ path }) => path)).toEqual(['many/a.txt', 'many/b.txt', 'many/c.txt']);
    await put(run, 'many/aa.txt');
    const second = await ok<Page>('GET', `/runs/${run}/files?path=many&limit=3&page_token=${first.next_page_token}`);
    expect(second.files.map(({ path }) => path)).toEqual(['many/d.txt', 'many/e.txt']);
    expect(second.next_page_token).toBeUndefined();
  });

  test('are downloaded by a link that names the tenant, and from no tenant that its reader is not in', async () => {
    const made = await app.send('POST', '/api/v1/users', {
      as: app.operatorKey,
      json: { email: 'reader@example.org', tenant: 'tenant-b', role: 'viewer' },
    });
    const { password } = made.body as { password: string };
    await app.send('POST', '/api/v1/members', {
      as: app.tenants.a.keys.tenant_admin,
      json: { email: 'reader@example.org', role: 'viewer' },
    });
    const json = { email: 'reader@example.org', password, tenant: 'tenant-b' };
    const signedIn = await app.send('POST', '/api/v1/auth/login', { json });
    const reader = (signedIn.body as { access_token: string }).access_token;
    const run = await newRun();
    await put(run, 'a.txt');
    const get = (more: string, headers = {}) =>
      app.send('GET', `/api/v1/runs/${run}/files/content?path=a.txt${more}`, { as: reader, headers });
    expect((await get('')).status).toBe(404);
    expect(await get('&workspace=tenant-a')).toMatchObject({ status: 200, text: 'a.txt' });
    expect((await get('&workspace=default')).status).toBe(404);
    expect((await get('&workspace=tenant-a', { 'x-mlflow-workspace': 'tenant-b' })).status).toBe(404);
  });
});
