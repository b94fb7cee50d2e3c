import { type Area, get, post, send, text } from './case.ts';

const page = { statusOnly: true };

export const errors: Area = {
  name: 'errors',
  cases: [
    post('an experiment', 'experiments/create', { name: 'errors {{u}}' }, { bind: { exp: 'experiment_id' } }),
    text('broken JSON', 'experiments/create', '{"name": '),
    text('no JSON', 'experiments/create', 'name=x'),
    text('an empty body', 'experiments/create', ''),
    text('an empty body where nothing is required', 'runs/search', ''),
    send('POST', 'no body', 'experiments/create'),
    text('a list', 'experiments/create', '[]'),
    text('a number', 'experiments/create', '5'),
    text('null', 'experiments/create', 'null'),
    text('a text', 'experiments/create', '"abc"'),
    text('one key twice', 'experiments/get-by-name', '{"name":"a","name":"b"}', page),
    text('one key twice in a body', 'experiments/create', '{"name":"twice a {{u}}","name":"twice b {{u}}"}'),
    text('JSON with a byte-order mark', 'experiments/create', '\uFEFF{"name":"bom {{u}}"}'),
    text('JSON with comments', 'experiments/create', '{"name":"comment {{u}}" /* x */}'),
    text('JSON with a trailing comma', 'experiments/create', '{"name":"comma {{u}}",}'),
    text('deep JSON', 'experiments/create', `{"name":"deep {{u}}","x":${'['.repeat(200)}${']'.repeat(200)}}`),
    text('content type: text/plain', 'experiments/create', '{"name":"plain {{u}}"}', {
      headers: { 'content-type': 'text/plain' },
    }),
    text('content type: form', 'experiments/create', 'name=form', {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    }),
    text('content type: with a charset', 'experiments/create', '{"name":"charset {{u}}"}', {
      headers: { 'content-type': 'application/json; charset=utf-8' },
    }),
    text('content type: another JSON', 'experiments/create', '{"name":"ld {{u}}"}', {
      headers: { 'content-type': 'application/ld+json' },
    }),
    text('content type: upper case', 'experiments/create', '{"name":"upper {{u}}"}', {
      headers: { 'content-type': 'APPLICATION/JSON' },
    }),
    text('content type: none', 'experiments/create', '{"name":"none {{u}}"}', { headers: { 'content-type': '' } }),
    get('a route that is not there', 'nothing', {}, page),
    get('a prefix that is not there', '/api/9.0/mlflow/experiments/get', { experiment_id: '0' }, page),
    get('version 3 of a version 2 route', '/api/3.0/mlflow/experiments/get', { experiment_id: '0' }, page),
    get('a trailing slash', 'experiments/get/', { experiment_id: '0' }, page),
    get('upper case', 'EXPERIMENTS/get', { experiment_id: '0' }, page),
    get('two slashes', '/api/2.0//mlflow/experiments/get', { experiment_id: '0' }, page),
    send('PUT', 'a method that is not there', 'experiments/create', {}, page),
    send('DELETE', 'another method that is not there', 'experiments/get', {}, page),
    post('POST where GET is', 'experiments/get', { experiment_id: '0' }, page),
    get('GET where POST is', 'runs/search', {}, page),
    send('HEAD', 'HEAD', 'experiments/get', undefined, page),
    get('the other prefix: get', '/ajax-api/2.0/mlflow/experiments/get', { experiment_id: '{{exp}}' }),
    post(
      'the other prefix: create',
      '/ajax-api/2.0/mlflow/runs/create',
      { experiment_id: '{{exp}}', run_name: 'ajax', start_time: 1 },
      { bind: { run: 'run.info.run_id' } },
    ),
    post('the other prefix: search', '/ajax-api/2.0/mlflow/runs/search', { experiment_ids: ['{{exp}}'] }),
    get('the other prefix: files', '/ajax-api/2.0/mlflow/artifacts/list', { run_id: '{{run}}' }),
    get('one parameter twice', 'runs/get', { run_id: ['{{run}}', 'x'] }),
    get('an unknown parameter', 'runs/get', { run_id: '{{run}}', colour: 'red' }),
    { name: 'a body with GET', method: 'GET', path: 'runs/get', body: { run_id: '{{run}}' } },
    get('health', '/health'),
    get('version', '/version'),
    post('health by POST', '/health', {}, page),
  ],
};
