import { type Area, get, type Json, post, spoiled, text } from './case.ts';

const point = (key: string, value: number, step = 0, timestamp = 1): Json => ({ key, value, timestamp, step });
const many = (n: number, make: (i: number) => Json): Json[] => Array.from({ length: n }, (_, i) => make(i));
const sets = { unordered: ['run.data.metrics', 'run.data.params', 'run.data.tags'] };
const missing = '00000000000000000000000000000000';

export const batch: Area = {
  name: 'batch',
  cases: [
    post('an experiment', 'experiments/create', { name: 'batch {{u}}' }, { bind: { exp: 'experiment_id' } }),
    post(
      'a run',
      'runs/create',
      { experiment_id: '{{exp}}', run_name: 'r', start_time: 1 },
      { bind: { run: 'run.info.run_id' } },
    ),
    post('metrics, params and tags', 'runs/log-batch', {
      run_id: '{{run}}',
      metrics: [point('m', 1, 0), point('m', 2, 1), point('n', 3)],
      params: [
        { key: 'p', value: '1' },
        { key: 'q', value: '' },
      ],
      tags: [
        { key: 't', value: '1' },
        { key: 's', value: '' },
      ],
    }),
    get('what was logged', 'runs/get', { run_id: '{{run}}' }, sets),
    post('the same again', 'runs/log-batch', {
      run_id: '{{run}}',
      metrics: [point('m', 1, 0), point('m', 2, 1), point('n', 3)],
      params: [{ key: 'p', value: '1' }],
      tags: [{ key: 't', value: '1' }],
    }),
    get('history after the same again', 'metrics/get-history', { run_id: '{{run}}', metric_key: 'm' }),
    post('nothing', 'runs/log-batch', { run_id: '{{run}}' }),
    post('empty lists', 'runs/log-batch', { run_id: '{{run}}', metrics: [], params: [], tags: [] }),
    post('a repeated point within the batch', 'runs/log-batch', {
      run_id: '{{run}}',
      metrics: [point('dup', 1, 1), point('dup', 1, 1), point('dup', 2, 1)],
    }),
    get('history of a repeated point', 'metrics/get-history', { run_id: '{{run}}', metric_key: 'dup' }),
    post('a param changed', 'runs/log-batch', { run_id: '{{run}}', params: [{ key: 'p', value: '2' }] }),
    post('a param changed leaves nothing of the batch', 'runs/log-batch', {
      run_id: '{{run}}',
      metrics: [point('half', 1)],
      params: [
        { key: 'half', value: '1' },
        { key: 'p', value: '3' },
      ],
      tags: [{ key: 'half', value: '1' }],
    }),
    get('what is left after it', 'runs/get', { run_id: '{{run}}' }, sets),
    post('two params changed', 'runs/log-batch', {
      run_id: '{{run}}',
      params: [
        { key: 'p', value: '2' },
        { key: 'q', value: '2' },
      ],
    }),
    post('one param twice, the same value', 'runs/log-batch', {
      run_id: '{{run}}',
      params: [
        { key: 'twice', value: '1' },
        { key: 'twice', value: '1' },
      ],
    }),
    post('one param twice, two values', 'runs/log-batch', {
      run_id: '{{run}}',
      params: [
        { key: 'twice2', value: '1' },
        { key: 'twice2', value: '2' },
      ],
    }),
    post('one tag twice', 'runs/log-batch', {
      run_id: '{{run}}',
      tags: [
        { key: 'twice', value: '1' },
        { key: 'twice', value: '2' },
      ],
    }),
    post('tag: run name', 'runs/log-batch', {
      run_id: '{{run}}',
      tags: [{ key: 'mlflow.runName', value: 'by batch' }],
    }),
    get('what is left after duplicates', 'runs/get', { run_id: '{{run}}' }, sets),
    post('a param without a value', 'runs/log-batch', { run_id: '{{run}}', params: [{ key: 'no value' }] }),
    post('a param without a key', 'runs/log-batch', { run_id: '{{run}}', params: [{ value: '1' }] }),
    post('a param with an empty key', 'runs/log-batch', { run_id: '{{run}}', params: [{ key: '', value: '1' }] }),
    post('a param of a number', 'runs/log-batch', { run_id: '{{run}}', params: [{ key: 'num', value: 1 }] }),
    post('a tag without a key', 'runs/log-batch', { run_id: '{{run}}', tags: [{ value: '1' }] }),
    post('a tag of a number', 'runs/log-batch', { run_id: '{{run}}', tags: [{ key: 'num', value: 1 }] }),
    post('a metric without a key', 'runs/log-batch', { run_id: '{{run}}', metrics: [{ value: 1, timestamp: 1 }] }),
    post('a metric without a value', 'runs/log-batch', { run_id: '{{run}}', metrics: [{ key: 'k', timestamp: 1 }] }),
    post('a metric without a timestamp', 'runs/log-batch', { run_id: '{{run}}', metrics: [{ key: 'k', value: 1 }] }),
    post('a metric without a step', 'runs/log-batch', {
      run_id: '{{run}}',
      metrics: [{ key: 'no step', value: 1, timestamp: 1 }],
    }),
    post('a metric of a word', 'runs/log-batch', {
      run_id: '{{run}}',
      metrics: [{ key: 'k', value: 'x', timestamp: 1 }],
    }),
    post('a metric of null', 'runs/log-batch', {
      run_id: '{{run}}',
      metrics: [{ key: 'k', value: null, timestamp: 1 }],
    }),
    post('a metric of true', 'runs/log-batch', {
      run_id: '{{run}}',
      metrics: [{ key: 'k', value: true, timestamp: 1 }],
    }),
    post('a metric at a fractional time', 'runs/log-batch', {
      run_id: '{{run}}',
      metrics: [{ key: 'k', value: 1, timestamp: 1.5 }],
    }),
    post('a metric at a step of text', 'runs/log-batch', {
      run_id: '{{run}}',
      metrics: [{ key: 'k', value: 1, timestamp: 1, step: 'x' }],
    }),
    post('an unknown field in a metric', 'runs/log-batch', {
      run_id: '{{run}}',
      metrics: [{ key: 'extra', value: 1, timestamp: 1, colour: 'red' }],
    }),
    post('metrics with bad names, second', 'runs/log-batch', {
      run_id: '{{run}}',
      metrics: [point('good', 1), point('a!b', 1)],
    }),
    post('params with a bad name', 'runs/log-batch', { run_id: '{{run}}', params: [{ key: '../a', value: '1' }] }),
    post('tags with a bad name', 'runs/log-batch', { run_id: '{{run}}', tags: [{ key: 'a!b', value: '1' }] }),
    post('a metric key of 251 characters', 'runs/log-batch', {
      run_id: '{{run}}',
      metrics: [point('k'.repeat(251), 1)],
    }),
    post('a param value of 6,001 characters', 'runs/log-batch', {
      run_id: '{{run}}',
      params: [{ key: 'long', value: 'v'.repeat(6001) }],
    }),
    post('a tag value of 8,001 characters', 'runs/log-batch', {
      run_id: '{{run}}',
      tags: [{ key: 'long', value: 'v'.repeat(8001) }],
    }),
    text(
      'NaN and infinities',
      'runs/log-batch',
      '{"run_id":"{{run}}","metrics":[{"key":"nan","value":"NaN","timestamp":1},{"key":"inf","value":"Infinity","timestamp":1},{"key":"-inf","value":"-Infinity","timestamp":1},{"key":"bare","value":NaN,"timestamp":1}]}',
    ),
    post('1,000 metrics', 'runs/log-batch', { run_id: '{{run}}', metrics: many(1000, (i) => point('big', i, i)) }),
    post('1,001 metrics', 'runs/log-batch', { run_id: '{{run}}', metrics: many(1001, (i) => point('big', i, i)) }),
    post('100 params', 'runs/log-batch', {
      run_id: '{{run}}',
      params: many(100, (i) => ({ key: `p${i}`, value: `${i}` })),
    }),
    post('101 params', 'runs/log-batch', {
      run_id: '{{run}}',
      params: many(101, (i) => ({ key: `x${i}`, value: `${i}` })),
    }),
    post('100 tags', 'runs/log-batch', {
      run_id: '{{run}}',
      tags: many(100, (i) => ({ key: `t${i}`, value: `${i}` })),
    }),
    post('101 tags', 'runs/log-batch', {
      run_id: '{{run}}',
      tags: many(101, (i) => ({ key: `y${i}`, value: `${i}` })),
    }),
    post('900 metrics and 100 params', 'runs/log-batch', {
      run_id: '{{run}}',
      metrics: many(900, (i) => point('big2', i, i)),
      params: many(100, (i) => ({ key: `p${i}`, value: `${i}` })),
    }),
    post('900 metrics and 101 others', 'runs/log-batch', {
      run_id: '{{run}}',
      metrics: many(900, (i) => point('big3', i, i)),
      params: many(51, (i) => ({ key: `p${i}`, value: `${i}` })),
      tags: many(50, (i) => ({ key: `t${i}`, value: `${i}` })),
    }),
    post('a body over 1 MB', 'runs/log-batch', {
      run_id: '{{run}}',
      tags: many(100, (i) => ({ key: `z${i}${'é'.repeat(240)}`, value: 'v'.repeat(8000) })),
      params: many(100, (i) => ({ key: `z${i}`, value: 'v'.repeat(5000) })),
    }),
    post('metrics, params and tags past the limit of a body by unknown fields', 'runs/log-batch', {
      run_id: '{{run}}',
      padding: 'x'.repeat(1_000_001),
    }),
    post('100 keys at once', 'runs/log-batch', { run_id: '{{run}}', metrics: many(100, (i) => point(`key${i}`, i)) }),
    post('not there', 'runs/log-batch', { run_id: missing, metrics: [point('k', 1)] }),
    post('not there and empty', 'runs/log-batch', { run_id: missing }),
    post('by run_uuid', 'runs/log-batch', { run_uuid: '{{run}}', metrics: [point('k', 1)] }),
    ...spoiled(
      'runs/log-batch',
      { run_id: '{{run}}' },
      {
        run_id: ['a number', 'null', 'an empty text', 'absent'],
        metrics: ['a text', 'an object', 'a number', 'null'],
        params: ['a text', 'an object', 'null'],
        tags: ['a text', 'an object', 'true', 'null'],
      },
    ),
    post('metrics are texts', 'runs/log-batch', { run_id: '{{run}}', metrics: ['m'] }),
    post('params are null', 'runs/log-batch', { run_id: '{{run}}', params: [null] }),
    get(
      'history of 1,000: the first page',
      'metrics/get-history',
      { run_id: '{{run}}', metric_key: 'big', max_results: '400' },
      { bind: { page: 'next_page_token' } },
    ),
    get(
      'history of 1,000: the second page',
      'metrics/get-history',
      { run_id: '{{run}}', metric_key: 'big', max_results: '400', page_token: '{{page}}' },
      { bind: { page: 'next_page_token' } },
    ),
    get('history of 1,000: the last page', 'metrics/get-history', {
      run_id: '{{run}}',
      metric_key: 'big',
      max_results: '400',
      page_token: '{{page}}',
    }),
  ],
};
