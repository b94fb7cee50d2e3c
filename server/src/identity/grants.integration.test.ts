import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';
import { type People, type Person, peopleOf } from '../../test/people.ts';
import { withClient } from '../db/roles.ts';

const mlflow = '/api/2.0/mlflow';
const files = '/api/2.0/mlflow-artifacts/artifacts';

/** An experiment with a run that has a metric and a file, and a logged model. */
interface Things {
  experiment: number;
  name: string;
  run: string;
  model: string;
}

let maestro: TestApp;
let people: People;
let admin: string;
/** Granted to, and not. */
let open: Things;
let closed: Things;
/** A service account whose role allows nothing but to be in the tenant. */
let guest: Person;

async function makeThings(): Promise<Things> {
  const name = `e-${randomUUID()}`;
  const { experiment_id: experiment } = await people.asAdmin<{ experiment_id: number }>('POST', '/experiments', {
    name,
  });
  const { run_id: run } = await people.asAdmin<{ run_id: string }>('POST', '/runs', { experiment_id: experiment });
  await people.asAdmin('POST', `/runs/${run}/log`, {
    metrics: [{ key: 'm', value: 1 }],
    tags: [{ key: 'k', value: name }],
  });
  await maestro.send('PUT', `${files}/${experiment}/${run}/artifacts/data.txt`, { as: admin, body: name });
  const made = await maestro.send('POST', `${mlflow}/logged-models`, {
    as: admin,
    json: { experiment_id: String(experiment), name: 'model' },
  });
  const { model_id: model } = (made.body as { model: { info: { model_id: string } } }).model.info;
  const dataset = { name: name.slice(0, 36), digest: '1', source_type: 's', source: 's' };
  await maestro.send('POST', `${mlflow}/runs/log-inputs`, {
    as: admin,
    json: { run_id: run, datasets: [{ dataset }] },
  });
  return { experiment, name, run, model };
}

beforeAll(async () => {
  maestro = await startTestApp();
  people = peopleOf(maestro);
  admin = maestro.tenants.a.keys.tenant_admin;
  await people.asAdmin('POST', '/roles', { name: 'guest', permissions: ['tenant:read'] });
  [open, closed] = [await makeThings(), await makeThings()];
});
afterAll(() => maestro?.stop());
beforeEach(async () => {
  guest = await people.account('guest');
});

const send = (method: string, path: string, json?: unknown) =>
  maestro.send(method, path, { as: guest.as, ...(json === undefined ? {} : { json }) });
const native = (method: string, path: string, json?: unknown) => send(method, `/api/v1${path}`, json);

interface Grant {
  id: string;
}
const grantTo = (subject: { kind: string; id: string }, resource: { kind: string; id: string }, more: object) =>
  people.asAdmin<Grant>('POST', '/grants', { subject, resource, ...more });
const grant = (more: object, experiment = open.experiment) =>
  grantTo({ kind: 'service_account', id: guest.id }, { kind: 'experiment', id: String(experiment) }, more);
const grantModel = (more: object) =>
  grantTo({ kind: 'service_account', id: guest.id }, { kind: 'model', id: open.model }, more);

/** Every way to name one thing, on both faces: what it is called, and how it is asked for. */
function readsOf({ experiment, name, run, model }: Things): [string, string, string, unknown?][] {
  const path = `${experiment}/${run}/artifacts/data.txt`;
  return [
    ['an experiment', 'GET', `/api/v1/experiments/${experiment}`],
    ['an experiment, MLflow', 'GET', `${mlflow}/experiments/get?experiment_id=${experiment}`],
    ['an experiment by name', 'GET', `${mlflow}/experiments/get-by-name?experiment_name=${name}`],
    ['a run', 'GET', `/api/v1/runs/${run}`],
    ['a run, MLflow', 'GET', `${mlflow}/runs/get?run_id=${run}`],
    ['runs side by side', 'GET', `/api/v1/runs/compare?run_ids=${run}`],
    ['metrics', 'GET', `/api/v1/runs/${run}/metrics`],
    ['a metric', 'GET', `/api/v1/runs/${run}/metrics/m`],
    ['a history', 'GET', `${mlflow}/metrics/get-history?run_id=${run}&metric_key=m`],
    ['histories thinned', 'GET', `${mlflow}/metrics/get-history-bulk-interval?run_ids=${run}&metric_key=m`],
    ['files of a run', 'GET', `/api/v1/runs/${run}/files`],
    ['files of a run, MLflow', 'GET', `${mlflow}/artifacts/list?run_id=${run}`],
    ['a file of a run', 'GET', `/api/v1/runs/${run}/files/content?path=data.txt`],
    ['a file of the interface', 'GET', `/get-artifact?run_id=${run}&path=data.txt`],
    ['a file by its path', 'GET', `${files}/${path}`],
    ['files by their path', 'GET', `/api/2.0/mlflow-artifacts/artifacts?path=${experiment}/${run}/artifacts`],
    ['a logged model', 'GET', `${mlflow}/logged-models/${model}`],
    ['files of a model', 'GET', `${mlflow}/logged-models/${model}/artifacts/directories`],
  ];
}

/** Every search: what it gives of an experiment and what it must not give of another. */
function searches(experiments: number[], runs: string[]): [string, string, string, unknown?][] {
  const ids = experiments.map(String);
  return [
    ['experiments', 'GET', '/api/v1/experiments?limit=1000'],
    ['experiments, MLflow', 'POST', `${mlflow}/experiments/search`, { max_results: 1000 }],
    ['runs', 'POST', '/api/v1/runs/search', { experiment_ids: experiments }],
    ['runs by URL', 'GET', `/api/v1/runs?${ids.map((id) => `experiment_ids=${id}`).join('&')}`],
    ['runs, MLflow', 'POST', `${mlflow}/runs/search`, { experiment_ids: ids }],
    [
      'histories',
      'GET',
      `${mlflow}/metrics/get-history-bulk?metric_key=m&${runs.map((id) => `run_id=${id}`).join('&')}`,
    ],
    ['logged models', 'POST', `${mlflow}/logged-models/search`, { experiment_ids: ids }],
    ['datasets', 'POST', `${mlflow}/experiments/search-datasets`, { experiment_ids: ids }],
  ];
}

const withoutIds = (text: string, { experiment, name, run, model }: Things) =>
  text
    .replaceAll(name, '<name>')
    .replaceAll(run, '<run>')
    .replaceAll(model, '<model>')
    .replace(new RegExp(`(?<![0-9a-z])${experiment}(?![0-9a-z])`, 'g'), '<experiment>')
    .replace(/"request_id":"[^"]*"/, '');

const ghost: Things = {
  experiment: 987_654,
  name: `e-${randomUUID()}`,
  run: randomUUID().replaceAll('-', ''),
  model: `m-${randomUUID().replaceAll('-', '')}`,
};

describe('who may read nothing', () => {
  test('meets every thing of the tenant as one that is not there, on both faces', async () => {
    for (const [at, [what, method, path]] of readsOf(closed).entries()) {
      const met = await send(method, path);
      const [, , ghostPath] = readsOf(ghost)[at] ?? ['', '', ''];
      const none = await send(method, ghostPath);
      expect([what, met.status]).toEqual([what, what.endsWith('path') ? 403 : 404]);
      expect(withoutIds(met.text, closed), what).toBe(withoutIds(none.text, ghost));
    }
  });

  test('meets a change of a thing that is there as one of a thing that is not', async () => {
    const changes = ({ experiment, run, model }: Things): [string, string, unknown?][] => [
      ['PATCH', `/api/v1/experiments/${experiment}`, { name: 'x' }],
      ['DELETE', `/api/v1/experiments/${experiment}`],
      ['POST', '/api/v1/runs', { experiment_id: experiment }],
      ['POST', `/api/v1/runs/${run}/log`, { tags: [{ key: 'a', value: 'b' }] }],
      ['POST', `${mlflow}/runs/log-metric`, { run_id: run, key: 'm', value: 1, timestamp: 1 }],
      ['POST', `${mlflow}/runs/delete`, { run_id: run }],
      ['PATCH', `${mlflow}/logged-models/${model}/tags`, { model_id: model, tags: [] }],
      ['DELETE', `${mlflow}/logged-models/${model}`],
    ];
    for (const [at, [method, path, json]] of changes(closed).entries()) {
      const met = await send(method, path, json);
      const [, ghostPath = '', ghostJson] = changes(ghost)[at] ?? [];
      const none = await send(method, ghostPath, ghostJson);
      expect([path, met.status]).toEqual([path, 404]);
      expect(withoutIds(met.text, closed)).toBe(withoutIds(none.text, ghost));
    }
  });

  test('finds no search open, and each refusal is audited', async () => {
    const before = await refusals();
    const asked = searches([open.experiment, closed.experiment], [open.run, closed.run]);
    for (const [what, method, path, json] of asked) {
      expect([what, (await send(method, path, json)).status]).toEqual([what, 403]);
    }
    expect((await native('GET', `/runs/${closed.run}`)).status).toBe(404);
    expect(await refusals()).toBe(before + asked.length + 1);
  });
});

async function refusals(): Promise<number> {
  const text = "SELECT count(*)::int AS n FROM maestro.audit_events WHERE outcome = 'refused' AND actor_id = $1";
  const { rows } = await withClient(maestro.database.superuser, (client) => client.query(text, [guest.id]));
  return (rows[0] as { n: number }).n;
}

describe('a grant on an experiment', () => {
  test('that does not open its runs tells no names and no values of what they logged', async () => {
    await grant({ permissions: ['experiment:read'] });
    const paths = ['keys?kind=metric', 'values?kind=tag&key=k'].map(
      (what) => `/experiments/${open.experiment}/${what}`,
    );
    for (const path of paths) expect((await native('GET', path)).status).toBe(403);
    guest = await people.account('guest');
    await grant({ permissions: ['experiment:read', 'run:read'] });
    for (const path of paths) expect((await native('GET', path)).status).toBe(200);
  });

  test('opens it with its runs, metrics, files and models for reading, on both faces, and nothing else', async () => {
    await grant({ role: 'viewer' });
    for (const [what, method, path] of readsOf(open)) {
      const answer = await send(method, path);
      expect([what, answer.status, answer.text.slice(0, 200)]).toEqual([what, 200, expect.any(String)]);
    }
    for (const [what, method, path] of readsOf(closed)) {
      expect([what, (await send(method, path)).status]).toEqual([what, what.endsWith('path') ? 403 : 404]);
    }
  });

  test('narrows every list and search to what is granted: nothing else is named in an answer', async () => {
    await grant({ role: 'viewer' });
    for (const [what, method, path, json] of searches([open.experiment, closed.experiment], [open.run, closed.run])) {
      const answer = await send(method, path, json);
      expect([what, answer.status]).toEqual([what, 200]);
      const shown = [open.name, open.run, open.model, open.name.slice(0, 36)].some((id) => answer.text.includes(id));
      expect([what, shown]).toEqual([what, true]);
      for (const hidden of [closed.name, closed.run, closed.model, closed.name.slice(0, 36), '"Default"']) {
        expect(answer.text.includes(hidden), `${what} shows ${hidden}`).toBe(false);
      }
    }
  });

  test('pages of a narrowed list hold what is granted to their end', async () => {
    const more = await Promise.all(Array.from({ length: 3 }, makeThings));
    for (const { experiment } of more) await grant({ role: 'viewer' }, experiment);
    const seen: string[] = [];
    for (let token: string | null = ''; token !== null; ) {
      const query: string = token === '' ? '' : `&page_token=${encodeURIComponent(token)}`;
      const page = (await native('GET', `/experiments?limit=1${query}`)).body as {
        items: { name: string }[];
        next_page_token: string | null;
      };
      seen.push(...page.items.map(({ name }) => name));
      token = page.next_page_token;
    }
    expect(seen.toSorted()).toEqual(more.map(({ name }) => name).toSorted());
  });

  test('allows what it says and no more: who may read is told 403, not 404', async () => {
    await grant({ role: 'viewer' });
    const changes: [string, string, unknown?][] = [
      ['PATCH', `/experiments/${open.experiment}`, { name: 'x' }],
      ['DELETE', `/experiments/${open.experiment}`],
      ['POST', '/runs', { experiment_id: open.experiment }],
      ['POST', `/runs/${open.run}/log`, { tags: [{ key: 'a', value: 'b' }] }],
      ['DELETE', `/runs/${open.run}`],
    ];
    for (const [method, path, json] of changes) {
      expect([path, (await native(method, path, json)).status]).toEqual([path, 403]);
    }
    expect((await send('DELETE', `${mlflow}/logged-models/${open.model}`)).status).toBe(403);
    expect((await native('POST', '/experiments', { name: 'own' })).status).toBe(403);
  });

  test('lets write: runs are made, logged to, given files whole and in parts, and deleted', async () => {
    const own = await makeThings();
    await grant({ role: 'data_scientist' }, own.experiment);
    const made = await native('POST', '/runs', { experiment_id: own.experiment });
    expect(made.status, made.text).toBe(201);
    const { run_id: run } = made.body as { run_id: string };
    const point = { run_id: run, key: 'm', value: 1, timestamp: 1 };
    expect((await send('POST', `${mlflow}/runs/log-metric`, point)).status).toBe(200);
    const directory = `${own.experiment}/${run}/artifacts`;
    const put = (path: string) => maestro.send('PUT', path, { as: guest.as, body: 'x' });
    expect((await put(`${files}/${directory}/a.txt`)).status).toBe(200);
    expect((await put(`/api/v1/runs/${run}/files/content?path=b.txt`)).status).toBe(200);
    const mpu = '/api/2.0/mlflow-artifacts/mpu';
    const begun = await send('POST', `${mpu}/create/${directory}`, { path: 'c.bin', num_parts: 1 });
    const { upload_id: id } = begun.body as { upload_id: string };
    const part = await put(`${mpu}/parts/${id}/1`);
    expect(part.status).toBe(200);
    const parts = [{ part_number: 1, etag: part.headers.get('etag') }];
    expect((await send('POST', `${mpu}/complete/${directory}`, { path: 'c.bin', upload_id: id, parts })).status).toBe(
      200,
    );
    expect((await native('DELETE', `/runs/${run}`)).status).toBe(204);
    expect((await native('DELETE', `/experiments/${own.experiment}`)).status).toBe(403);
  });

  test('opens no path of a file outside its runs, however it is written', async () => {
    await grant({ role: 'ml_engineer' });
    const theirs = `${closed.experiment}/${closed.run}/artifacts/data.txt`;
    const ours = `${open.experiment}/${open.run}/artifacts`;
    const paths = [
      theirs,
      `${open.experiment}`,
      `${closed.experiment}/${open.run}/artifacts/data.txt`,
      `x/${ours}/data.txt`,
      `${open.experiment}/${open.run}`,
      `${open.experiment}/models/${closed.model}/artifacts/x`,
    ];
    for (const path of paths) {
      expect([path, (await send('GET', `${files}/${path}`)).status]).toEqual([path, 403]);
      expect([path, (await maestro.send('PUT', `${files}/${path}`, { as: guest.as, body: 'x' })).status]).toEqual([
        path,
        403,
      ]);
      expect([path, (await send('DELETE', `${files}/${path}`)).status]).toEqual([path, 403]);
    }
    const climbing = `${files}/${ours}/%252e%252e/%252e%252e/%252e%252e/${theirs}`;
    expect((await send('GET', climbing)).status).toBe(400);
    const begun = await maestro.send(
      'POST',
      `/api/2.0/mlflow-artifacts/mpu/create/${closed.experiment}/${closed.run}/artifacts`,
      {
        as: admin,
        json: { path: 'part.bin', num_parts: 1 },
      },
    );
    const { upload_id: id } = begun.body as { upload_id: string };
    const part = await maestro.send('PUT', `/api/2.0/mlflow-artifacts/mpu/parts/${id}/1`, { as: guest.as, body: 'x' });
    expect(part.status, 'a part of somebody else’s upload').toBe(403);
    const content = await maestro.send('GET', `${files}/${theirs}`, { as: admin });
    expect(content.text).toBe(closed.name);
  });

  test('lets log no point for a model outside it', async () => {
    await grant({ role: 'data_scientist' });
    const point = (model_id: string) =>
      send('POST', `${mlflow}/runs/log-metric`, { run_id: open.run, key: 'm', value: 2, timestamp: 2, model_id });
    expect((await point(open.model)).status).toBe(200);
    const met = await point(closed.model);
    const none = await point(ghost.model);
    expect([met.status, none.status]).toEqual([404, 404]);
    expect(withoutIds(met.text, closed)).toBe(withoutIds(none.text, ghost));
    const model = await maestro.send('GET', `${mlflow}/logged-models/${closed.model}`, { as: admin });
    expect(model.text).not.toContain('"metrics"');
  });

  test('of one experiment and one of two runs compared is not enough for both', async () => {
    await grant({ role: 'viewer' });
    const both = await native('GET', `/runs/compare?run_ids=${open.run}&run_ids=${closed.run}`);
    expect(both.status).toBe(404);
    expect(both.text).not.toContain(closed.name);
  });

  test('holds for a member’s session and own key, beside what the role allows', async () => {
    const member = await people.member('guest');
    await grantTo(
      { kind: 'user', id: member.id },
      { kind: 'experiment', id: String(open.experiment) },
      { role: 'viewer' },
    );
    const key = (await people.native(member.as, 'POST', '/me/keys', { name: 'own' })).body as { key: string };
    for (const as of [member.as, key.key]) {
      expect((await people.native(as, 'GET', `/runs/${open.run}`)).status).toBe(200);
      expect((await people.native(as, 'GET', `/runs/${closed.run}`)).status).toBe(404);
      expect((await people.native(as, 'GET', '/tenant')).status).toBe(200);
    }
  });

  test('widens a role and never narrows it', async () => {
    const viewer = await people.account('viewer');
    const subject = { kind: 'service_account', id: viewer.id };
    await grantTo(subject, { kind: 'experiment', id: String(open.experiment) }, { permissions: ['run:write'] });
    const log = (run: string) =>
      people.native(viewer.as, 'POST', `/runs/${run}/log`, { tags: [{ key: 'g', value: 'h' }] });
    expect((await log(open.run)).status).toBe(204);
    expect((await log(closed.run)).status).toBe(403);
    expect((await people.native(viewer.as, 'GET', `/runs/${closed.run}`)).status).toBe(200);
    const list = await people.native(viewer.as, 'GET', '/experiments?limit=1000');
    expect(list.text).toContain(closed.name);
  });

  test('is over from the next request on once it is taken back', async () => {
    const { id } = await grant({ role: 'viewer' });
    expect((await native('GET', `/runs/${open.run}`)).status).toBe(200);
    expect((await people.native(admin, 'DELETE', `/grants/${id}`)).status).toBe(204);
    expect((await native('GET', `/runs/${open.run}`)).status).toBe(404);
    expect((await people.native(admin, 'DELETE', `/grants/${id}`)).status).toBe(404);
  });

  test('goes with a member who is removed, and does not come back with them', async () => {
    const member = await people.member('guest');
    const subject = { kind: 'user', id: member.id };
    await grantTo(subject, { kind: 'experiment', id: String(open.experiment) }, { role: 'viewer' });
    expect((await people.native(member.as, 'GET', `/runs/${open.run}`)).status).toBe(200);
    await people.asAdmin('DELETE', `/members/${member.id}`);
    await people.asAdmin('POST', '/members', { email: member.name, role: 'guest' });
    expect((await people.native(member.as, 'GET', `/runs/${open.run}`)).status).toBe(404);
  });
});

describe('a grant on a logged model', () => {
  test('opens the model and its files alone: not its experiment, its runs or another model', async () => {
    await grantModel({ permissions: ['model:read', 'model:write', 'run:read'] });
    expect((await send('GET', `${mlflow}/logged-models/${open.model}`)).status).toBe(200);
    expect((await send('GET', `${mlflow}/logged-models/${open.model}/artifacts/directories`)).status).toBe(200);
    const tags = { model_id: open.model, tags: [{ key: 'k', value: 'v' }] };
    expect((await send('PATCH', `${mlflow}/logged-models/${open.model}/tags`, tags)).status).toBe(200);
    expect((await send('DELETE', `${mlflow}/logged-models/${open.model}`)).status).toBe(403);
    expect((await send('GET', `${mlflow}/logged-models/${closed.model}`)).status).toBe(404);
    expect((await native('GET', `/experiments/${open.experiment}`)).status).toBe(404);
    expect((await native('GET', `/runs/${open.run}`)).status).toBe(404);
    const found = await send('POST', `${mlflow}/logged-models/search`, {
      experiment_ids: [String(open.experiment), String(closed.experiment)],
    });
    expect(found.text).toContain(open.model);
    expect(found.text).not.toContain(closed.model);
    const runs = await send('POST', `${mlflow}/runs/search`, { experiment_ids: [String(open.experiment)] });
    expect(runs.text).not.toContain(open.run);
  });
});
