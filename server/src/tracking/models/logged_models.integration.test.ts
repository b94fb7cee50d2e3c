import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type MlflowCaller, type MlflowFace, startMlflowFace } from '../../../test/mlflow_face.ts';

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

const absent = 'm-00000000000000000000000000000000';
const invalid = { status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } };
const notFound = { status: 404, body: { error_code: 'RESOURCE_DOES_NOT_EXIST' } };
const done = { status: 200, body: {} };

async function create(more: Record<string, unknown> = {}): Promise<string> {
  const created = await caller.call('POST', '/logged-models', { experiment_id: experiment, name: 'one', ...more });
  expect(created.status).toBe(200);
  return String(created.body.model?.info?.model_id);
}

const get = (id: string) => caller.call('GET', `/logged-models/${id}`);

const runId = '0a000000-0000-0000-0000-000000000001';

const logPoint = (id: string, point: { key: string; value: number; timestamp: number; step: number; name?: string }) =>
  face.sql(
    caller,
    `INSERT INTO maestro.logged_model_metrics (tenant_id, model_id, key, timestamp, step, run_id, value, dataset_name,
                                               dataset_digest, experiment_id)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    id,
    point.key,
    point.timestamp,
    point.step,
    runId,
    point.value,
    point.name ?? '',
    point.name === undefined ? '' : 'd1',
    experiment,
  );

describe('a logged model', () => {
  test('is shown as the genuine server shows it, from its creation on', async () => {
    const before = Date.now();
    const created = await caller.call('POST', '/logged-models', {
      experiment_id: experiment,
      name: '雪 model',
      model_type: 'agent',
      source_run_id: 'f'.repeat(32),
      params: [{ key: 'lr', value: '0.1' }, { key: 'a!b' }],
      tags: [
        { key: 'team', value: 'red' },
        { key: 'a b', value: 'x' },
      ],
    });
    const info = created.body.model?.info;
    const id = String(info?.model_id);
    const time = Number(info?.creation_timestamp_ms);
    expect(id).toMatch(/^m-[0-9a-f]{32}$/);
    expect(time).toBeGreaterThanOrEqual(before);
    expect(created.body).toEqual({
      model: {
        info: {
          model_id: id,
          experiment_id: experiment,
          name: '雪 model',
          creation_timestamp_ms: time,
          last_updated_timestamp_ms: time,
          artifact_uri: `mlflow-artifacts:/${experiment}/models/${id}/artifacts`,
          status: 'LOGGED_MODEL_PENDING',
          model_type: 'agent',
          source_run_id: 'f'.repeat(32),
          tags: [
            { key: 'a b', value: 'x' },
            { key: 'team', value: 'red' },
          ],
        },
        data: {
          params: [
            { key: 'a!b', value: '' },
            { key: 'lr', value: '0.1' },
          ],
        },
      },
    });
    expect((await get(id)).body).toEqual(created.body);
  });

  test('without type, run, tags and params shows the first two empty and no lists; without a name it gets one', async () => {
    for (const name of [{}, { name: '' }, { name: null }]) {
      const { body } = await caller.call('POST', '/logged-models', { experiment_id: experiment, ...name });
      expect(body.model).toMatchObject({ info: { model_type: '', source_run_id: '' }, data: {} });
      expect(Object.keys(body.model?.info ?? {})).not.toContain('tags');
      expect(body.model?.info?.name).toMatch(/^[a-z]+-[a-z]+-\d+$/);
    }
  });

  test.each([
    [{ experiment_id: null }, invalid, "Missing value for required parameter 'experiment_id'."],
    [{ experiment_id: 'abc' }, invalid, "Invalid experiment ID 'abc'."],
    [{ experiment_id: '999999' }, notFound, 'No Experiment with id=999999 exists'],
    [{ name: 'a/b' }, invalid, "Invalid model name ('a/b') provided."],
    [{ name: 'a\'b"c' }, invalid, "Invalid model name ('a\\'b\"c') provided."],
    [{ name: "it's" }, invalid, 'Invalid model name ("it\'s") provided.'],
    [{ name: 'n'.repeat(501) }, invalid, "'name' exceeds the maximum length of 500 characters"],
    [{ model_type: 't'.repeat(501) }, invalid, "'model_type' exceeds"],
    [{ params: 'abc' }, invalid, 'Invalid value "abc" for parameter \'params\' supplied'],
    [{ params: [{ key: 'a' }, { key: 'a' }] }, invalid, "Duplicate param keys have been submitted: ['a']"],
    [{ tags: [{ key: 'a' }, { key: 'a' }] }, invalid, "Duplicate tag keys have been submitted: ['a']"],
    [{ tags: [{ key: 'k'.repeat(256) }] }, invalid, "'tags[0].key' exceeds"],
  ])('is not created with %j', async (more, expected, message) => {
    const refused = await caller.call('POST', '/logged-models', { experiment_id: experiment, name: 'x', ...more });
    expect(refused).toMatchObject(expected);
    expect(refused.body.message).toContain(message);
  });

  test('is not created in a deleted experiment', async () => {
    await caller.call('POST', '/experiments/delete', { experiment_id: experiment });
    const refused = await caller.call('POST', '/logged-models', { experiment_id: experiment, name: 'x' });
    expect(refused).toMatchObject(invalid);
    expect(refused.body.message).toBe(
      `The experiment ${experiment} must be in the 'active' state. Current state is deleted.`,
    );
  });

  test('keeps a key of 255 characters and values of any length', async () => {
    const long = 'v'.repeat(20_000);
    const id = await create({ params: [{ key: '雪'.repeat(255), value: long }], tags: [{ key: 'k', value: long }] });
    expect((await get(id)).body.model).toMatchObject({
      info: { tags: [{ value: long }] },
      data: { params: [{ value: long }] },
    });
  });

  test('lies below its experiment wherever that is, before the query of its URI', async () => {
    const location = 's3://bucket/path/?region=x';
    const made = await caller.call('POST', '/experiments/create', { name: location, artifact_location: location });
    experiment = String(made.body.experiment_id);
    const id = await create();
    expect((await get(id)).body.model?.info?.artifact_uri).toBe(`s3://bucket/path/models/${id}/artifacts?region=x`);
  });

  test('shows its metrics with their dataset, doubles never as integers, in a fixed order', async () => {
    const id = await create();
    await logPoint(id, { key: 'loss', value: 1, timestamp: 1, step: 0, name: 'iris' });
    await logPoint(id, { key: 'acc', value: 0.95, timestamp: 2, step: 1 });
    await logPoint(id, { key: 'acc', value: 1e300, timestamp: 1, step: 0 });
    const of = { model_id: id, run_id: '0a000000000000000000000000000001' };
    const { body, text } = await get(id);
    expect(body.model?.data).toEqual({
      metrics: [
        { key: 'acc', value: 1e300, timestamp: 1, step: 0, ...of },
        { key: 'acc', value: 0.95, timestamp: 2, step: 1, ...of },
        { key: 'loss', value: 1, timestamp: 1, step: 0, dataset_name: 'iris', dataset_digest: 'd1', ...of },
      ],
    });
    expect(text).toContain('"value":1.0,');
  });

  test('shows its newest 10,000 points, however many there are', async () => {
    const id = await create();
    await face.sql(
      caller,
      `INSERT INTO maestro.logged_model_metrics (tenant_id, model_id, key, timestamp, step, run_id, value, experiment_id)
       SELECT $1, $2, 'loss', n, n, $3, n, $4 FROM generate_series(1, 10100) AS n ON CONFLICT DO NOTHING`,
      id,
      runId,
      experiment,
    );
    const metrics = (await get(id)).body.model?.data?.metrics as unknown as { step: number }[];
    expect(metrics).toHaveLength(10_000);
    expect([metrics[0]?.step, metrics.at(-1)?.step]).toEqual([101, 10_100]);
  });
});

describe('finalizing a logged model', () => {
  test.each([
    ['LOGGED_MODEL_READY', 'LOGGED_MODEL_READY'],
    [3, 'LOGGED_MODEL_UPLOAD_FAILED'],
    ['LOGGED_MODEL_PENDING', 'LOGGED_MODEL_PENDING'],
    ['LOGGED_MODEL_STATUS_UNSPECIFIED', 'LOGGED_MODEL_STATUS_UNSPECIFIED'],
  ])('with %s answers the model in that status and moves its time', async (status, shown) => {
    const id = await create();
    await face.sql(caller, 'UPDATE maestro.logged_models SET last_update_time = 5 WHERE tenant_id = $1');
    const finalized = await caller.call('PATCH', `/logged-models/${id}`, { model_id: id, status });
    expect(finalized.body.model?.info).toMatchObject({ model_id: id, status: shown });
    expect(finalized.body.model?.info?.last_updated_timestamp_ms).toBeGreaterThan(5);
    expect((await get(id)).body).toEqual(finalized.body);
  });

  test('wants the id and a known status in the body', async () => {
    const id = await create();
    const patch = (body: unknown) => caller.call('PATCH', `/logged-models/${id}`, body);
    const ready = 'LOGGED_MODEL_READY';
    expect((await patch({ status: ready })).body.message).toContain("Missing value for required parameter 'model_id'");
    expect((await patch({ model_id: id })).body.message).toContain("Missing value for required parameter 'status'");
    expect(await patch({ model_id: id, status: 'BROKEN' })).toMatchObject(invalid);
    expect(await patch({ model_id: id, status: 9 })).toMatchObject(invalid);
    const other = await patch({ model_id: absent, status: ready });
    expect(other).toMatchObject(notFound);
    expect(other.body.message).toBe(`Logged model with ID '${absent}' not found.`);
    expect((await get(id)).body.model?.info?.status).toBe('LOGGED_MODEL_PENDING');
  });
});

describe('deleting a logged model', () => {
  test('hides it, again is harmless, and it still takes a status, tags and params', async () => {
    const id = await create();
    expect(await caller.call('DELETE', `/logged-models/${id}`)).toMatchObject(done);
    expect(await caller.call('DELETE', `/logged-models/${id}`)).toMatchObject(done);
    expect(await get(id)).toMatchObject(notFound);
    const path = `/logged-models/${id}`;
    expect((await caller.call('PATCH', path, { model_id: id, status: 2 })).status).toBe(200);
    expect((await caller.call('PATCH', `${path}/tags`, { tags: [{ key: 'k', value: 'v' }] })).status).toBe(200);
    const params = { model_id: id, params: [{ key: 'k', value: 'v' }] };
    expect((await caller.call('POST', `${path}/params`, params)).status).toBe(200);
    expect((await caller.call('GET', `${path}?allow_deleted=TRUE`)).body.model).toMatchObject({
      info: { status: 'LOGGED_MODEL_READY', tags: [{ key: 'k', value: 'v' }] },
      data: { params: [{ key: 'k', value: 'v' }] },
    });
    expect(await caller.call('GET', `${path}?allow_deleted=1`)).toMatchObject(notFound);
  });

  test('is in the audit log, as its refusal is', async () => {
    const id = await create();
    const viewer = face.caller('viewer');
    expect((await viewer.call('DELETE', `/logged-models/${id}`)).status).toBe(403);
    await caller.call('DELETE', `/logged-models/${id}`);
    const events = await face.sql(
      caller,
      `SELECT action, target, outcome FROM maestro.audit_events
        WHERE tenant_id = $1 AND action = 'logged_model.delete' ORDER BY created_at DESC LIMIT 2`,
    );
    expect(events).toEqual([
      { action: 'logged_model.delete', target: `logged model ${id}`, outcome: 'success' },
      { action: 'logged_model.delete', target: '', outcome: 'refused' },
    ]);
  });
});

describe('tags of a logged model', () => {
  test('are set over what is there, the last of a key in one call, and leave the time of change', async () => {
    const id = await create({ tags: [{ key: 'team', value: 'red' }] });
    const before = (await get(id)).body.model?.info?.last_updated_timestamp_ms;
    const tags = [{ key: 'w', value: '1' }, { key: 'team', value: 'green' }, { key: 'w', value: '2' }, { key: 'e' }];
    expect(await caller.call('PATCH', `/logged-models/${id}/tags`, { tags })).toMatchObject(done);
    expect(await caller.call('PATCH', `/logged-models/${id}/tags`, {})).toMatchObject(done);
    expect((await get(id)).body.model?.info).toMatchObject({
      last_updated_timestamp_ms: before,
      tags: [
        { key: 'e', value: '' },
        { key: 'team', value: 'green' },
        { key: 'w', value: '2' },
      ],
    });
  });

  test('are deleted by any key a path can carry, and only once', async () => {
    for (const key of ['stage', 'a b', 'a/b', '雪%', 'k'.repeat(255)]) {
      const id = await create({ tags: [{ key, value: 'v' }] });
      const path = `/logged-models/${id}/tags/${encodeURIComponent(key)}`;
      expect(await caller.call('DELETE', path)).toMatchObject(done);
      const again = await caller.call('DELETE', path);
      expect(again).toMatchObject(notFound);
      expect(again.body.message).toBe(`No tag with key '${key}' found for model with ID '${id}'.`);
      expect(await caller.call('DELETE', `/logged-models/${id}/tags/a%00b`)).toMatchObject(invalid);
    }
  });
});

describe('params of a logged model', () => {
  const log = (id: string, params: unknown, model: unknown = id) =>
    caller.call('POST', `/logged-models/${id}/params`, { model_id: model, params });

  test('never change: the same again is harmless, another value is refused with all that came along', async () => {
    const id = await create({ params: [{ key: 'lr', value: '0.1' }] });
    expect(await log(id, [{ key: 'depth', value: '3' }])).toMatchObject(done);
    expect(await log(id, [{ key: 'depth', value: '3' }])).toMatchObject(done);
    const changed = await log(id, [
      { key: 'new', value: '1' },
      { key: 'depth', value: '4' },
    ]);
    expect(changed).toMatchObject(invalid);
    expect(changed.body.message).toContain("Param with key='depth' was already logged with value='3'");
    expect((await get(id)).body.model?.data?.params).toEqual([
      { key: 'depth', value: '3' },
      { key: 'lr', value: '0.1' },
    ]);
    expect(await log(id, [])).toMatchObject(done);
    expect((await log(id, [], null)).body.message).toContain("Missing value for required parameter 'model_id'");
  });

  test('logged at the same moment with different values hold those of one call, and the others are told', async () => {
    const id = await create();
    const keys = Array.from({ length: 400 }, (_, index) => `key ${index}`);
    const answers = await Promise.all(
      ['1', '2', '3', '4', '5', '6'].map((value) => {
        const order = value < '4' ? keys : [...keys].reverse();
        return log(
          id,
          order.map((key) => ({ key, value })),
        );
      }),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400, 400, 400, 400]);
    const params = (await get(id)).body.model?.data?.params as unknown as { value: string }[];
    expect(params).toHaveLength(400);
    expect(new Set(params.map(({ value }) => value)).size).toBe(1);
  });

  test('and tags set by many at the same moment, in different orders, all get through', async () => {
    const id = await create();
    const keys = Array.from({ length: 400 }, (_, index) => `key ${index}`);
    const answers = await Promise.all(
      ['1', '2', '3', '4', '5', '6'].map((value) => {
        const order = value < '4' ? keys : [...keys].reverse();
        return caller.call('PATCH', `/logged-models/${id}/tags`, { tags: order.map((key) => ({ key, value })) });
      }),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
    expect((await get(id)).body.model?.info?.tags).toHaveLength(400);
  });
});

describe('what a caller may do', () => {
  test('a model of another tenant does not exist, whatever is asked of it', async () => {
    const id = await create();
    const stranger = face.caller('tenant_admin', 'b');
    const path = `/logged-models/${id}`;
    for (const answer of [
      await stranger.call('GET', path),
      await stranger.call('GET', `${path}?allow_deleted=true`),
      await stranger.call('PATCH', path, { model_id: id, status: 2 }),
      await stranger.call('DELETE', path),
      await stranger.call('PATCH', `${path}/tags`, { tags: [{ key: 'k', value: 'v' }] }),
      await stranger.call('DELETE', `${path}/tags/k`),
      await stranger.call('POST', `${path}/params`, { model_id: id, params: [{ key: 'k', value: 'v' }] }),
    ]) {
      expect(answer).toMatchObject(notFound);
      expect(answer.body.message).toBe(`Logged model with ID '${id}' not found.`);
    }
    expect((await get(id)).body.model).toMatchObject({ info: { status: 'LOGGED_MODEL_PENDING' }, data: {} });
  });

  test('a viewer reads and changes nothing', async () => {
    const id = await create();
    const viewer = face.caller('viewer');
    const path = `/logged-models/${id}`;
    expect((await viewer.call('GET', path)).status).toBe(200);
    for (const refused of [
      await viewer.call('POST', '/logged-models', { experiment_id: experiment }),
      await viewer.call('PATCH', path, { model_id: id, status: 2 }),
      await viewer.call('DELETE', path),
      await viewer.call('PATCH', `${path}/tags`, { tags: [] }),
      await viewer.call('DELETE', `${path}/tags/k`),
      await viewer.call('POST', `${path}/params`, { model_id: id, params: [] }),
    ]) {
      expect(refused).toMatchObject({ status: 403, body: { error_code: 'PERMISSION_DENIED' } });
    }
  });

  test('what is no model id names no model', async () => {
    for (const id of ['abc', 'a%2Fb', 'm-%00', absent, `M-${absent.slice(2)}`]) {
      const answer = await get(id);
      expect(answer).toMatchObject(notFound);
      expect(answer.body.message).toBe(`Logged model with ID '${decodeURIComponent(id)}' not found.`);
    }
  });
});
