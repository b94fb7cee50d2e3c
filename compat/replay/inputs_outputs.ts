import { type Area, get, type Json, post, spoiled } from './case.ts';

const missing = '00000000000000000000000000000000';
const dataset = (over: Record<string, Json> = {}): Record<string, Json> => ({
  name: 'iris',
  digest: 'd1',
  source_type: 'local',
  source: '{"uri":"/x"}',
  schema: '{"a":1}',
  profile: '{"rows":150}',
  ...over,
});
const log = (name: string, datasets: Json, rest: Record<string, Json> = {}) =>
  post(`inputs: ${name}`, 'runs/log-inputs', { run_id: '{{run}}', datasets, ...rest });
const without = (key: string): Record<string, Json> => {
  const d = dataset({ name: `no ${key}` });
  delete d[key];
  return d;
};
const sets = {
  unordered: [
    'run.inputs.dataset_inputs',
    'run.inputs.dataset_inputs.*.tags',
    'run.inputs.model_inputs',
    'run.outputs.model_outputs',
    'run.data.tags',
  ],
};
const model = (key: string, more: Record<string, Json> = {}) =>
  post(
    `a model ${key}`,
    'logged-models',
    { experiment_id: '{{exp}}', name: key, source_run_id: '{{run}}', ...more },
    { bind: { [key]: 'model.info.model_id' } },
  );

export const inputsOutputs: Area = {
  name: 'inputs_outputs',
  cases: [
    post('an experiment', 'experiments/create', { name: 'inputs {{u}}' }, { bind: { exp: 'experiment_id' } }),
    post(
      'a run',
      'runs/create',
      { experiment_id: '{{exp}}', run_name: 'r', start_time: 1 },
      { bind: { run: 'run.info.run_id' } },
    ),
    log('one', [{ tags: [{ key: 'mlflow.data.context', value: 'train' }], dataset: dataset() }]),
    get('get: one input', 'runs/get', { run_id: '{{run}}' }, sets),
    log('the same again', [{ tags: [{ key: 'mlflow.data.context', value: 'train' }], dataset: dataset() }]),
    log('the same with another tag', [
      {
        tags: [
          { key: 'mlflow.data.context', value: 'eval' },
          { key: 'x', value: 'y' },
        ],
        dataset: dataset(),
      },
    ]),
    log('the same name and digest, another source', [{ dataset: dataset({ source: '{"uri":"/y"}' }) }]),
    log('two at once', [{ dataset: dataset({ digest: 'd2' }) }, { dataset: dataset({ name: 'wine' }) }]),
    log('two alike at once', [{ dataset: dataset({ name: 'twin' }) }, { dataset: dataset({ name: 'twin' }) }]),
    log('no tags', [{ dataset: dataset({ name: 'no tags' }) }]),
    log('the least', [{ dataset: { name: 'least', digest: 'l', source_type: 's', source: 'x' } }]),
    ...['name', 'digest', 'source_type', 'source'].map((key) => log(`no ${key}`, [{ dataset: without(key) }])),
    log('an empty name', [{ dataset: dataset({ name: '' }) }]),
    log('no dataset', [{ tags: [{ key: 'a', value: 'b' }] }]),
    log('a name of 500 characters', [{ dataset: dataset({ name: 'n'.repeat(500) }) }]),
    log('a name of 501 characters', [{ dataset: dataset({ name: 'n'.repeat(501) }) }]),
    log('a digest of 36 characters', [{ dataset: dataset({ digest: 'd'.repeat(36) }) }]),
    log('a digest of 37 characters', [{ dataset: dataset({ digest: 'd'.repeat(37) }) }]),
    log('a source of 65,536 characters', [{ dataset: dataset({ name: 'src', source: 's'.repeat(65536) }) }]),
    log('a schema of 1,048,576 characters', [{ dataset: dataset({ name: 'sch', schema: 's'.repeat(1048576) }) }]),
    log('a tag key of 256 characters', [
      { dataset: dataset({ name: 'tk' }), tags: [{ key: 'k'.repeat(256), value: 'v' }] },
    ]),
    log('a tag value of 501 characters', [
      { dataset: dataset({ name: 'tv' }), tags: [{ key: 'k', value: 'v'.repeat(501) }] },
    ]),
    log('a tag without a value', [{ dataset: dataset({ name: 'tagv' }), tags: [{ key: 'k' }] }]),
    log('a tag without a key', [{ dataset: dataset({ name: 'tagk' }), tags: [{ value: 'k' }] }]),
    log('the same tag twice', [
      {
        dataset: dataset({ name: 'tagtwice' }),
        tags: [
          { key: 'k', value: '1' },
          { key: 'k', value: '2' },
        ],
      },
    ]),
    log('an empty list', []),
    log(
      '1,001 datasets',
      Array.from({ length: 1001 }, (_, i) => ({
        dataset: { name: `n${i}`, digest: 'd', source_type: 's', source: 'x' },
      })),
    ),
    ...spoiled(
      'runs/log-inputs',
      { run_id: '{{run}}', datasets: [] },
      {
        run_id: ['a number', 'an empty text', 'absent'],
        datasets: ['a text', 'an object', 'null', 'absent'],
        models: ['a text', 'an object'],
      },
    ),
    log('a dataset of text', ['x']),
    post('inputs: no such run', 'runs/log-inputs', { run_id: missing, datasets: [{ dataset: dataset() }] }),
    get('get: after all inputs', 'runs/get', { run_id: '{{run}}' }, sets),
    post(
      'a second run',
      'runs/create',
      { experiment_id: '{{exp}}', run_name: 'r2', start_time: 2 },
      { bind: { run: 'run.info.run_id' } },
    ),
    model('model1'),
    model('model2'),
    post('inputs: a model', 'runs/log-inputs', { run_id: '{{run}}', models: [{ model_id: '{{model1}}' }] }),
    post('inputs: the same model again', 'runs/log-inputs', {
      run_id: '{{run}}',
      models: [{ model_id: '{{model1}}' }],
    }),
    post('inputs: a model that is not there', 'runs/log-inputs', {
      run_id: '{{run}}',
      models: [{ model_id: `m-${missing}` }],
    }),
    post('inputs: a model without an id', 'runs/log-inputs', { run_id: '{{run}}', models: [{}] }),
    post('outputs: a model', 'runs/outputs', { run_id: '{{run}}', models: [{ model_id: '{{model1}}', step: 1 }] }),
    post('outputs: the same again', 'runs/outputs', {
      run_id: '{{run}}',
      models: [{ model_id: '{{model1}}', step: 1 }],
    }),
    post('outputs: the same at another step', 'runs/outputs', {
      run_id: '{{run}}',
      models: [{ model_id: '{{model1}}', step: 2 }],
    }),
    post('outputs: no step', 'runs/outputs', { run_id: '{{run}}', models: [{ model_id: '{{model2}}' }] }),
    post('outputs: a model that is not there', 'runs/outputs', {
      run_id: '{{run}}',
      models: [{ model_id: `m-${missing}`, step: 1 }],
    }),
    post('outputs: no such run', 'runs/outputs', { run_id: missing, models: [{ model_id: '{{model1}}' }] }),
    post('outputs: an empty list', 'runs/outputs', { run_id: '{{run}}', models: [] }),
    post('outputs: no list', 'runs/outputs', { run_id: '{{run}}' }),
    post('outputs: no run', 'runs/outputs', { models: [{ model_id: '{{model1}}' }] }),
    post('outputs: a model of text', 'runs/outputs', { run_id: '{{run}}', models: ['x'] }),
    get('get: inputs and outputs of models', 'runs/get', { run_id: '{{run}}' }, sets),
    post(
      'search: inputs and outputs are there',
      'runs/search',
      { experiment_ids: ['{{exp}}'] },
      {
        unordered: [
          'runs.*.inputs.dataset_inputs',
          'runs.*.inputs.dataset_inputs.*.tags',
          'runs.*.outputs.model_outputs',
          'runs.*.inputs.model_inputs',
        ],
      },
    ),
    post(
      'datasets of experiments',
      '/ajax-api/2.0/mlflow/experiments/search-datasets',
      { experiment_ids: ['{{exp}}'] },
      { unordered: ['dataset_summaries'] },
    ),
    post('datasets of no experiments', '/ajax-api/2.0/mlflow/experiments/search-datasets', { experiment_ids: [] }),
    post('datasets of 21 experiments', '/ajax-api/2.0/mlflow/experiments/search-datasets', {
      experiment_ids: Array.from({ length: 21 }, (_, i) => `${900000000 + i}`),
    }),
    post('log-model', 'runs/log-model', {
      run_id: '{{run}}',
      model_json: JSON.stringify({
        run_id: '{{run}}',
        artifact_path: 'model',
        utc_time_created: '2026-01-01',
        flavors: { python_function: {} },
      }),
    }),
    post('log-model: a second', 'runs/log-model', {
      run_id: '{{run}}',
      model_json: JSON.stringify({
        run_id: '{{run}}',
        artifact_path: 'other',
        utc_time_created: '2026-01-02',
        flavors: {},
      }),
    }),
    post('log-model: no json', 'runs/log-model', { run_id: '{{run}}', model_json: 'x{' }),
    post('log-model: fields are lacking', 'runs/log-model', { run_id: '{{run}}', model_json: '{"flavors":{}}' }),
    post('log-model: empty', 'runs/log-model', { run_id: '{{run}}', model_json: '' }),
    post('log-model: absent', 'runs/log-model', { run_id: '{{run}}' }),
    post('log-model: no such run', 'runs/log-model', {
      run_id: missing,
      model_json: '{"artifact_path":"m","utc_time_created":"x","flavors":{},"run_id":"x"}',
    }),
    get('get: the tag of log-model', 'runs/get', { run_id: '{{run}}' }, sets),
  ],
};
