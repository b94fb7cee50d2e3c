import { type Area, type Case, get, post, text } from './case.ts';

const missing = '00000000000000000000000000000000';
const history = (name: string, query: Record<string, string | string[]>, more: Partial<Case> = {}) =>
  get(name, 'metrics/get-history', { run_id: '{{run}}', metric_key: 'm', ...query }, more);
const bulk = (name: string, query: Record<string, string | string[]>, more: Partial<Case> = {}) =>
  get(
    `interval: ${name}`,
    'metrics/get-history-bulk-interval',
    { run_ids: ['{{run}}', '{{run2}}'], metric_key: 'm', ...query },
    more,
  );

export const metricHistory: Area = {
  name: 'history',
  cases: [
    post('an experiment', 'experiments/create', { name: 'history {{u}}' }, { bind: { exp: 'experiment_id' } }),
    post(
      'a run',
      'runs/create',
      { experiment_id: '{{exp}}', run_name: 'r', start_time: 1 },
      { bind: { run: 'run.info.run_id' } },
    ),
    post(
      'another run',
      'runs/create',
      { experiment_id: '{{exp}}', run_name: 'r2', start_time: 2 },
      { bind: { run2: 'run.info.run_id' } },
    ),
    text(
      'points out of order',
      'runs/log-batch',
      `{"run_id":"{{run}}","metrics":[
      {"key":"m","value":5,"timestamp":500,"step":5},{"key":"m","value":1,"timestamp":900,"step":1},{"key":"m","value":3,"timestamp":100,"step":3},
      {"key":"m","value":3.5,"timestamp":100,"step":3},{"key":"m","value":"NaN","timestamp":100,"step":3},{"key":"m","value":"-Infinity","timestamp":50,"step":3},
      {"key":"m","value":-2,"timestamp":10,"step":-2},{"key":"m","value":4,"timestamp":400,"step":4},{"key":"other","value":1,"timestamp":1,"step":1}]}`,
    ),
    post('points of the other run', 'runs/log-batch', {
      run_id: '{{run2}}',
      metrics: Array.from({ length: 40 }, (_, i) => ({ key: 'm', value: i / 4, timestamp: i, step: i })),
    }),
    history('all', {}),
    history('a page', { max_results: '3' }, { bind: { page: 'next_page_token' } }),
    history('the next page', { max_results: '3', page_token: '{{page}}' }, { bind: { page: 'next_page_token' } }),
    history('the last page', { max_results: '3', page_token: '{{page}}' }),
    history('exactly one page', { max_results: '8' }),
    ...['0', '-1', '1', '25000', '25001', 'x', '1.5', ''].map((max_results) =>
      history(`max_results ${max_results}`, { max_results }),
    ),
    history('a token that is none', { page_token: 'abc' }),
    history('a token that is none, with max_results', { page_token: 'abc', max_results: '3' }),
    history('an empty token', { page_token: '' }),
    history('no such metric', { metric_key: 'absent' }),
    history('an empty key', { metric_key: '' }),
    history('no such run', { run_id: missing }),
    history('an empty run', { run_id: '' }),
    get('no key', 'metrics/get-history', { run_id: '{{run}}' }),
    get('no run', 'metrics/get-history', { metric_key: 'm' }),
    get('nothing', 'metrics/get-history'),
    get('by run_uuid', 'metrics/get-history', { run_uuid: '{{run}}', metric_key: 'other' }),
    post('by POST', 'metrics/get-history', { run_id: '{{run}}', metric_key: 'm' }, { statusOnly: true }),
    bulk('all', {}),
    bulk('one run', { run_ids: '{{run}}' }),
    bulk('one run twice', { run_ids: ['{{run}}', '{{run}}'] }),
    bulk('steps', { start_step: '2', end_step: '5' }),
    bulk('one step', { start_step: '3', end_step: '3' }),
    bulk('steps before the first', { start_step: '-100', end_step: '-50' }),
    bulk('steps turned round', { start_step: '5', end_step: '2' }),
    bulk('only a start', { start_step: '2' }),
    bulk('only an end', { end_step: '5' }),
    bulk('a start that is a word', { start_step: 'x', end_step: '5' }),
    bulk('thinned', { max_results: '10' }),
    bulk('thinned to one', { max_results: '1' }),
    bulk('thinned to two', { max_results: '2', run_ids: '{{run2}}' }),
    bulk('thinned within steps', { max_results: '5', start_step: '3', end_step: '30' }),
    ...['0', '-1', '2500', '2501', 'x', '1.5'].map((max_results) =>
      bulk(`max_results ${max_results}`, { max_results }),
    ),
    bulk('no such metric', { metric_key: 'absent' }),
    bulk('no such run', { run_ids: missing }),
    bulk('a run that is there and one that is not', { run_ids: ['{{run}}', missing] }),
    bulk('101 runs', { run_ids: Array.from({ length: 101 }, (_, i) => i.toString(16).padStart(32, '0')) }),
    bulk('100 runs', { run_ids: Array.from({ length: 100 }, (_, i) => i.toString(16).padStart(32, '0')) }),
    get('interval: no runs', 'metrics/get-history-bulk-interval', { metric_key: 'm' }),
    get('interval: no key', 'metrics/get-history-bulk-interval', { run_ids: '{{run}}' }),
    get('interval: on the other prefix', '/ajax-api/2.0/mlflow/metrics/get-history-bulk-interval', {
      run_ids: '{{run}}',
      metric_key: 'm',
    }),
    get('bulk of the page', '/ajax-api/2.0/mlflow/metrics/get-history-bulk', {
      run_id: ['{{run}}', '{{run2}}'],
      metric_key: 'm',
    }),
    get('bulk of the page: max_results', '/ajax-api/2.0/mlflow/metrics/get-history-bulk', {
      run_id: ['{{run}}', '{{run2}}'],
      metric_key: 'm',
      max_results: '5',
    }),
    get('bulk of the page: no key', '/ajax-api/2.0/mlflow/metrics/get-history-bulk', { run_id: '{{run}}' }),
    get('bulk of the page: no run', '/ajax-api/2.0/mlflow/metrics/get-history-bulk', { metric_key: 'm' }),
  ],
};
