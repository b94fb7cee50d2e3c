import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type MlflowCaller, type MlflowFace, startMlflowFace } from '../../../test/mlflow_face.ts';

let face: MlflowFace;
let caller: MlflowCaller;
let experiment: string;
let run: string;

beforeAll(async () => {
  face = await startMlflowFace();
});

afterAll(() => face.stop());

beforeEach(async () => {
  caller = face.caller();
  experiment = await face.experiment(caller);
  run = await face.run(caller, experiment);
});

const nobody = '0'.repeat(32);
const model = (digit: string) => `m-${digit.repeat(32)}`;
const invalid = { status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } };
const notFound = { status: 404, body: { error_code: 'RESOURCE_DOES_NOT_EXIST' } };
const done = { status: 200, body: {} };

const dataset = (name: string, more: Record<string, unknown> = {}) => ({
  name,
  digest: 'd1',
  source_type: 'local',
  source: '{"uri":"/x"}',
  ...more,
});

const logInputs = (body: Record<string, unknown>) => caller.call('POST', '/runs/log-inputs', { run_id: run, ...body });
const logOutputs = (models: unknown) => caller.call('POST', '/runs/outputs', { run_id: run, models });

/** The run as its readers see it. */
const read = async (id: string) => (await caller.call('GET', `/runs/get?run_id=${id}`)).body.run;

const inputsOf = async (id: string) => (await read(id))?.inputs?.dataset_inputs ?? [];

const historyOf = async (id: string) => {
  const tags = ((await read(id))?.data?.tags ?? []) as unknown as { key: string; value: string }[];
  const tag = tags.find(({ key }) => key === 'mlflow.log-model.history');
  return tag === undefined ? undefined : (JSON.parse(tag.value) as { artifact_path: string }[]);
};

describe('inputs of a run', () => {
  test('are kept in the order they were logged, with what each dataset says of itself', async () => {
    const train = [{ key: 'mlflow.data.context', value: 'train' }];
    await logInputs({ datasets: [{ dataset: dataset('wine', { schema: '{}', profile: '{"rows":1}' }), tags: train }] });
    await logInputs({ datasets: [{ dataset: dataset('iris') }, { dataset: dataset('ada') }] });
    expect(await inputsOf(run)).toEqual([
      { dataset: dataset('wine', { schema: '{}', profile: '{"rows":1}' }), tags: train },
      { dataset: dataset('iris') },
      { dataset: dataset('ada') },
    ]);
  });

  test('logged again change nothing: the first source and the first tags stay', async () => {
    const first = [{ key: 'mlflow.data.context', value: 'train' }];
    const again = [{ key: 'mlflow.data.context', value: 'eval' }];
    const twin = { dataset: dataset('twin'), tags: first };
    expect(await logInputs({ datasets: [twin, { ...twin, tags: again }] })).toMatchObject(done);
    expect(await logInputs({ datasets: [{ dataset: dataset('twin', { source: 'y' }), tags: again }] })).toMatchObject(
      done,
    );
    expect(await inputsOf(run)).toEqual([twin]);
  });

  test('of two runs of an experiment share one dataset; another experiment has its own', async () => {
    const second = await face.run(caller, experiment);
    const other = await face.experiment(caller);
    const elsewhere = await face.run(caller, other);
    for (const id of [run, second, elsewhere])
      await logInputs({ run_id: id, datasets: [{ dataset: dataset('iris') }] });
    const counts = await face.sql(
      caller,
      `SELECT experiment_id::text, count(*) FROM maestro.datasets
        WHERE tenant_id = $1 AND experiment_id = ANY ($2) GROUP BY 1`,
      [experiment, other],
    );
    expect(counts).toEqual(expect.arrayContaining([experiment, other].map((id) => ({ experiment_id: id, count: 1 }))));
  });

  test('may say as little as they like: what is absent is empty text', async () => {
    expect(await logInputs({ datasets: [{ tags: [{ key: 'k' }, { value: 'v' }] }] })).toMatchObject(done);
    expect(await inputsOf(run)).toEqual([
      {
        dataset: { name: '', digest: '', source_type: '', source: '' },
        tags: [
          { key: 'k', value: '' },
          { key: '', value: 'v' },
        ],
      },
    ]);
    for (const body of [{}, { datasets: [] }, { datasets: null }, { models: [] }]) {
      expect(await logInputs(body)).toMatchObject(done);
    }
  });

  test('logged by many runs at once, in different orders, are all there', async () => {
    const names = Array.from({ length: 400 }, (_, index) => `data ${index}`);
    const runs = await Promise.all(Array.from({ length: 8 }, () => face.run(caller, experiment)));
    const answers = await Promise.all(
      runs.map((id, index) => {
        const order = index % 2 === 0 ? names : [...names].reverse();
        return logInputs({ run_id: id, datasets: order.map((name) => ({ dataset: dataset(name) })) });
      }),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    for (const [index, id] of runs.entries()) {
      const logged = (await inputsOf(id)) as unknown as { dataset: { name: string } }[];
      expect(logged.map((input) => input.dataset.name)).toEqual(index % 2 === 0 ? names : [...names].reverse());
    }
  });

  test.each([
    [{ dataset: dataset('n'.repeat(501)) }, "'name' exceeds the maximum length of 500 characters"],
    [{ dataset: dataset('x', { digest: 'd'.repeat(37) }) }, "'digest' exceeds the maximum length of 36 characters"],
    [{ dataset: dataset('x', { source: 's'.repeat(65_536) }) }, "'source' exceeds the maximum length of 65535"],
    [{ dataset: dataset('x', { schema: 's'.repeat(1_048_576) }) }, "'schema' exceeds the maximum length of 1048575"],
    [{ dataset: dataset('x'), tags: [{ key: 'k'.repeat(256) }] }, "'key' exceeds the maximum length of 255"],
    [
      { dataset: dataset('x'), tags: [{ key: 'k', value: 'v'.repeat(501) }] },
      "'value' exceeds the maximum length of 500",
    ],
    [{ dataset: dataset('x'), tags: [{ key: 'k' }, { key: 'k' }] }, 'has a tag key twice'],
    [{ dataset: 'x' }, 'Invalid value "x" for parameter \'datasets[0].dataset\''],
  ])('are refused beyond their limits (%#)', async (input, message) => {
    const refused = await logInputs({
      datasets: [{ dataset: dataset('good') }, input].slice(message.includes('[0]') ? 1 : 0),
    });
    expect(refused).toMatchObject(invalid);
    expect(refused.body.message).toContain(message);
    expect(await inputsOf(run)).toEqual([]);
  });

  test('may be models, which need not exist; again is harmless', async () => {
    const models = [{ model_id: model('a') }, { model_id: model('0') }, {}];
    expect(await logInputs({ models })).toMatchObject(done);
    expect(await logInputs({ models: [...models, ...models] })).toMatchObject(done);
    expect((await read(run))?.inputs?.model_inputs).toEqual(
      expect.arrayContaining([{ model_id: model('a') }, { model_id: model('0') }, { model_id: '' }]),
    );
    expect((await read(run))?.inputs?.model_inputs).toHaveLength(3);
    expect(await logInputs({ models: [{ model_id: 'm'.repeat(37) }] })).toMatchObject(invalid);
  });
});

describe('outputs of a run', () => {
  test('are kept with their steps; the same again is harmless, another step is refused', async () => {
    expect(await logOutputs([{ model_id: model('b'), step: 1 }, { model_id: model('a') }])).toMatchObject(done);
    expect(await logOutputs([{ model_id: model('b'), step: '1' }])).toMatchObject(done);
    const refused = await logOutputs([
      { model_id: model('c'), step: 1 },
      { model_id: model('b'), step: 2 },
    ]);
    expect(refused).toMatchObject(invalid);
    expect(refused.body.message).toContain(`at step 1 already; it cannot be logged at step 2.`);
    expect(await logOutputs([{ model_id: model('d') }, { model_id: model('d'), step: 5 }])).toMatchObject(invalid);
    expect((await read(run))?.outputs?.model_outputs).toEqual(
      expect.arrayContaining([
        { model_id: model('b'), step: 1 },
        { model_id: model('a'), step: 0 },
      ]),
    );
    expect((await read(run))?.outputs?.model_outputs).toHaveLength(2);
  });

  test('need their list, which may be empty', async () => {
    expect(await logOutputs([])).toMatchObject(done);
    expect((await logOutputs(undefined)).body.message).toContain("Missing value for required parameter 'models'");
    expect(await logOutputs(['x'])).toMatchObject(invalid);
  });
});

describe('the history of logged models', () => {
  const logModel = (path: string, id = run) =>
    caller.call('POST', '/runs/log-model', {
      run_id: id,
      model_json: JSON.stringify({
        run_id: id,
        artifact_path: path,
        utc_time_created: 't',
        flavors: { f: { config: 1 } },
      }),
    });

  test('loses none of many models logged at once, and takes each once', async () => {
    const paths = Array.from({ length: 12 }, (_, index) => `model ${index}`);
    const answers = await Promise.all([...paths, ...paths].map((path) => logModel(path)));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    const history = await historyOf(run);
    expect(history?.map(({ artifact_path: path }) => path).sort()).toEqual([...paths].sort());
    expect(history?.[0]).toMatchObject({ model_uuid: null, flavors: { f: {} } });
  });

  test('says what is wrong with a model and leaves the run as it was', async () => {
    const log = (json: unknown) => caller.call('POST', '/runs/log-model', { run_id: run, model_json: json });
    expect((await log('x{')).body.message).toBe('Malformed model info. \n x{ \n is not a valid JSON.');
    expect((await log('{"flavors":{}}')).body.message).toContain('Model json is missing mandatory fields: {');
    expect((await log('')).body.message).toContain("Missing value for required parameter 'model_json'");
    expect((await log(undefined)).status).toBe(400);
    expect(await historyOf(run)).toBeUndefined();
  });
});

describe('a run that takes nothing', () => {
  const calls = (id: unknown) => [
    caller.call('POST', '/runs/log-inputs', { run_id: id, datasets: [{ dataset: dataset('x') }] }),
    caller.call('POST', '/runs/outputs', { run_id: id, models: [{ model_id: model('a') }] }),
    caller.call('POST', '/runs/log-model', {
      run_id: id,
      model_json: '{"run_id":"r","artifact_path":"p","utc_time_created":"t","flavors":{}}',
    }),
  ];

  test('is one that is not there, or in another tenant', async () => {
    const other = face.caller('tenant_admin', 'b');
    const theirs = await face.run(other, await face.experiment(other));
    for (const id of [nobody, 'abc', theirs]) {
      for (const answer of await Promise.all(calls(id))) {
        expect(answer).toMatchObject(notFound);
        expect(answer.body.message).toBe(`Run with id=${id} not found`);
      }
    }
  });

  test('is one that is deleted', async () => {
    const deleted = await face.run(caller, experiment);
    await caller.call('POST', '/runs/delete', { run_id: deleted });
    for (const answer of await Promise.all(calls(deleted))) {
      expect(answer).toMatchObject(invalid);
      expect(answer.body.message).toBe(`The run ${deleted} must be in the 'active' state. Current state is deleted.`);
    }
    expect(await inputsOf(deleted)).toEqual([]);
  });

  test('is one whose id is not given', async () => {
    for (const answer of [...(await Promise.all(calls(undefined))), ...(await Promise.all(calls('')))]) {
      expect(answer.body.message).toContain("Missing value for required parameter 'run_id'");
    }
    expect((await Promise.all(calls(12)))[0]?.body.message).toContain("Invalid value 12 for parameter 'run_id'");
  });

  test('is any run to a viewer', async () => {
    caller = face.caller('viewer');
    for (const answer of await Promise.all(calls(run))) expect(answer.status).toBe(403);
  });
});

describe('datasets of experiments', () => {
  const search = (ids: unknown, by = caller) =>
    by.call('POST', '/experiments/search-datasets', { experiment_ids: ids });

  test('are listed once for each use, in the order of their names', async () => {
    const second = await face.run(caller, experiment);
    const used = (name: string, context?: string) => ({
      dataset: dataset(name),
      tags: [
        { key: 'x', value: 'y' },
        ...(context === undefined ? [] : [{ key: 'mlflow.data.context', value: context }]),
      ],
    });
    await logInputs({ datasets: [used('wine', 'train'), used('iris')] });
    await logInputs({ run_id: second, datasets: [used('wine', 'train'), used('iris', 'eval')] });
    expect((await search([experiment])).body).toEqual({
      dataset_summaries: [
        { experiment_id: experiment, name: 'iris', digest: 'd1', context: 'eval' },
        { experiment_id: experiment, name: 'iris', digest: 'd1' },
        { experiment_id: experiment, name: 'wine', digest: 'd1', context: 'train' },
      ],
    });
    expect((await search([experiment], face.caller('tenant_admin', 'b'))).body).toEqual({});
    expect((await search(['999999'])).body).toEqual({});
  });

  test('are those of one to twenty experiments', async () => {
    expect((await search([])).body.message).toBe('SearchDatasets request must specify at least one experiment_id.');
    expect((await search(undefined)).status).toBe(400);
    expect((await search(Array.from({ length: 21 }, (_, id) => String(id)))).body.message).toBe(
      'SearchDatasets request cannot specify more than 20 experiment_ids. Received 21 experiment_ids.',
    );
    expect((await search(['abc'])).body.message).toContain("Invalid experiment ID 'abc'.");
  });
});
