import { type Area, type Case, get, type Json, post, send, spoiled } from './case.ts';
import { filters, orders } from './logged_model_clauses.ts';

const missing = 'm-00000000000000000000000000000000';
const sets = { unordered: ['model.info.tags', 'model.data.params', 'model.data.metrics', 'model.info.registrations'] };
const lists = { unordered: ['models.*.info.tags', 'models.*.data.params', 'models.*.data.metrics'] };
const create = (name: string, body: Record<string, Json>, bind?: string): Case =>
  post(
    `create: ${name}`,
    'logged-models',
    { experiment_id: '{{exp}}', ...body },
    { ...sets, ...(bind ? { bind: { [bind]: 'model.info.model_id' } } : {}) },
  );
const search = (name: string, body: Record<string, Json>, more: Partial<Case> = {}) =>
  post(`search: ${name}`, 'logged-models/search', { experiment_ids: ['{{exp}}'], ...body }, { ...lists, ...more });
const oldFirst: Json = [{ field_name: 'name', ascending: true }];

export const loggedModels: Area = {
  name: 'logged_models',
  cases: [
    post('an experiment', 'experiments/create', { name: 'models {{u}}' }, { bind: { exp: 'experiment_id' } }),
    post(
      'a run',
      'runs/create',
      { experiment_id: '{{exp}}', run_name: 'r', start_time: 1, user_id: 'ada' },
      { bind: { run: 'run.info.run_id' } },
    ),
    create(
      'everything',
      {
        name: 'one',
        model_type: 'agent',
        source_run_id: '{{run}}',
        params: [{ key: 'lr', value: '0.1' }],
        tags: [
          { key: 'team', value: 'red' },
          { key: 'a b', value: 'x' },
        ],
      },
      'one',
    ),
    get('get', 'logged-models/{{one}}', {}, sets),
    create(
      'a second',
      { name: 'two', params: [{ key: 'lr', value: '0.2' }], tags: [{ key: 'team', value: 'blue' }] },
      'two',
    ),
    create('a third', { name: 'three' }, 'three'),
    create('the same name again', { name: 'one', tags: [{ key: 'copy', value: '1' }] }, 'copy'),
    post('create: no experiment', 'logged-models', { name: 'x' }),
    post('create: no such experiment', 'logged-models', { experiment_id: '999999999', name: 'x' }),
    create('no such run', { name: 'orphan', source_run_id: '00000000000000000000000000000000' }),
    create('a name with a slash', { name: 'a/b' }),
    create('a name with a colon', { name: 'a:b' }),
    create('a name with dots and percents', { name: 'a.b%' }),
    create('a name of quotes', { name: `a'b"c` }),
    create('a unicode name', { name: '雪 model' }),
    create('a name of 500 characters', { name: 'n'.repeat(500) }),
    create('a name of 501 characters', { name: 'n'.repeat(501) }),
    create('a type of 501 characters', { name: 'typed', model_type: 't'.repeat(501) }),
    create('a param value of 6,001 characters', { name: 'long', params: [{ key: 'k', value: 'v'.repeat(6001) }] }),
    create('a param key of 251 characters', { name: 'long', params: [{ key: 'k'.repeat(251), value: 'v' }] }),
    create('a param key with a bad character', { name: 'bad', params: [{ key: 'a!b', value: 'v' }] }),
    create('a param without a value', { name: 'bad2', params: [{ key: 'a' }] }),
    create('one param twice', {
      name: 'bad3',
      params: [
        { key: 'a', value: '1' },
        { key: 'a', value: '2' },
      ],
    }),
    create('one param twice alike', {
      name: 'bad3',
      params: [
        { key: 'a', value: '1' },
        { key: 'a', value: '1' },
      ],
    }),
    create('one tag twice', {
      name: 'bad4',
      tags: [
        { key: 'a', value: '1' },
        { key: 'a', value: '2' },
      ],
    }),
    create('a tag value of 8,001 characters', { name: 'long', tags: [{ key: 'k', value: 'v'.repeat(8001) }] }),
    create('a tag key of 251 characters', { name: 'long', tags: [{ key: 'k'.repeat(251), value: 'v' }] }),
    create('a tag without a value', { name: 'bad5', tags: [{ key: 'k' }] }),
    ...spoiled(
      'logged-models',
      { experiment_id: '{{exp}}', name: 'spoiled' },
      {
        experiment_id: ['a number', 'null', 'a list', 'an empty text'],
        name: ['a number', 'true'],
        model_type: ['a number'],
        params: ['a text', 'an object'],
        tags: ['a text'],
      },
    ),
    post(
      'a second experiment',
      'experiments/create',
      { name: 'models two {{u}}' },
      { bind: { exp2: 'experiment_id' } },
    ),
    post('create: no name is a generated one', 'logged-models', { experiment_id: '{{exp2}}' }),
    post('create: an empty name', 'logged-models', { experiment_id: '{{exp2}}', name: '' }),

    send(
      'PATCH',
      'finalize: ready',
      'logged-models/{{one}}',
      { model_id: '{{one}}', status: 'LOGGED_MODEL_READY' },
      sets,
    ),
    send(
      'PATCH',
      'finalize: again',
      'logged-models/{{one}}',
      { model_id: '{{one}}', status: 'LOGGED_MODEL_READY' },
      sets,
    ),
    send('PATCH', 'finalize: failed, as a number', 'logged-models/{{two}}', { model_id: '{{two}}', status: 3 }, sets),
    send(
      'PATCH',
      'finalize: back to pending',
      'logged-models/{{two}}',
      { model_id: '{{two}}', status: 'LOGGED_MODEL_PENDING' },
      sets,
    ),
    send(
      'PATCH',
      'finalize: unspecified',
      'logged-models/{{two}}',
      { model_id: '{{two}}', status: 'LOGGED_MODEL_STATUS_UNSPECIFIED' },
      sets,
    ),
    send('PATCH', 'finalize: an unknown status', 'logged-models/{{two}}', { model_id: '{{two}}', status: 'BROKEN' }),
    send('PATCH', 'finalize: an unknown number', 'logged-models/{{two}}', { model_id: '{{two}}', status: 9 }),
    send('PATCH', 'finalize: no status', 'logged-models/{{two}}', { model_id: '{{two}}' }),
    send('PATCH', 'finalize: no id in the body', 'logged-models/{{two}}', { status: 'LOGGED_MODEL_READY' }, sets),
    send('PATCH', 'finalize: another id in the body', 'logged-models/{{two}}', {
      model_id: missing,
      status: 'LOGGED_MODEL_READY',
    }),
    send('PATCH', 'finalize: not there', `logged-models/${missing}`, {
      model_id: missing,
      status: 'LOGGED_MODEL_READY',
    }),
    get('get: not there', `logged-models/${missing}`),
    get('get: no model id', 'logged-models/abc'),
    get('get: an encoded slash', 'logged-models/a%2Fb'),

    send('PATCH', 'tags: set', 'logged-models/{{one}}/tags', {
      tags: [
        { key: 'stage', value: 'dev' },
        { key: 'team', value: 'green' },
      ],
    }),
    send('PATCH', 'tags: none', 'logged-models/{{one}}/tags', { tags: [] }),
    send('PATCH', 'tags: no list', 'logged-models/{{one}}/tags', {}),
    send('PATCH', 'tags: an empty value', 'logged-models/{{one}}/tags', { tags: [{ key: 'e', value: '' }] }),
    send('PATCH', 'tags: a key twice', 'logged-models/{{one}}/tags', {
      tags: [
        { key: 'w', value: '1' },
        { key: 'w', value: '2' },
      ],
    }),
    send('PATCH', 'tags: a bad key', 'logged-models/{{one}}/tags', { tags: [{ key: 'a!b', value: '1' }] }),
    send('PATCH', 'tags: a value of 8,001 characters', 'logged-models/{{one}}/tags', {
      tags: [{ key: 'k', value: 'v'.repeat(8001) }],
    }),
    send('PATCH', 'tags: of text', 'logged-models/{{one}}/tags', { tags: 'x' }),
    send('PATCH', 'tags: not there', `logged-models/${missing}/tags`, { tags: [{ key: 'k', value: 'v' }] }),
    send('DELETE', 'tags: delete', 'logged-models/{{one}}/tags/stage'),
    send('DELETE', 'tags: delete again', 'logged-models/{{one}}/tags/stage'),
    send('DELETE', 'tags: delete with a body', 'logged-models/{{one}}/tags/w', { model_id: '{{one}}', tag_key: 'w' }),
    send('DELETE', 'tags: delete, encoded', 'logged-models/{{one}}/tags/a%20b'),
    send('DELETE', 'tags: delete, not there', `logged-models/${missing}/tags/k`),
    post('params: log', 'logged-models/{{one}}/params', {
      model_id: '{{one}}',
      params: [{ key: 'depth', value: '3' }],
    }),
    post('params: the same again', 'logged-models/{{one}}/params', {
      model_id: '{{one}}',
      params: [{ key: 'depth', value: '3' }],
    }),
    post('params: another value', 'logged-models/{{one}}/params', {
      model_id: '{{one}}',
      params: [{ key: 'depth', value: '4' }],
    }),
    post('params: without the id', 'logged-models/{{one}}/params', { params: [{ key: 'width', value: '3' }] }),
    post('params: none', 'logged-models/{{one}}/params', { model_id: '{{one}}', params: [] }),
    post('params: too long', 'logged-models/{{one}}/params', {
      model_id: '{{one}}',
      params: [{ key: 'k', value: 'v'.repeat(6001) }],
    }),
    post('params: not there', `logged-models/${missing}/params`, {
      model_id: missing,
      params: [{ key: 'k', value: 'v' }],
    }),
    get('get: after tags and params', 'logged-models/{{one}}', {}, sets),

    post('a dataset', 'runs/log-inputs', {
      run_id: '{{run}}',
      datasets: [{ dataset: { name: 'iris', digest: 'd1', source_type: 's', source: 'x' } }],
    }),
    post('outputs', 'runs/outputs', {
      run_id: '{{run}}',
      models: [
        { model_id: '{{one}}', step: 0 },
        { model_id: '{{two}}', step: 0 },
      ],
    }),
    post('metrics: of a model', 'runs/log-metric', {
      run_id: '{{run}}',
      key: 'acc',
      value: 0.9,
      timestamp: 1,
      step: 0,
      model_id: '{{one}}',
    }),
    post('metrics: of another model and a dataset', 'runs/log-metric', {
      run_id: '{{run}}',
      key: 'acc',
      value: 0.4,
      timestamp: 1,
      step: 0,
      model_id: '{{two}}',
      dataset_name: 'iris',
      dataset_digest: 'd1',
    }),
    post('metrics: of a model, a later step', 'runs/log-metric', {
      run_id: '{{run}}',
      key: 'acc',
      value: 0.95,
      timestamp: 2,
      step: 1,
      model_id: '{{one}}',
    }),
    post('metrics: the same step again', 'runs/log-metric', {
      run_id: '{{run}}',
      key: 'acc',
      value: 0.97,
      timestamp: 2,
      step: 1,
      model_id: '{{one}}',
    }),
    post('metrics: in a batch', 'runs/log-batch', {
      run_id: '{{run}}',
      metrics: [
        {
          key: 'loss',
          value: 1,
          timestamp: 1,
          step: 0,
          model_id: '{{one}}',
          dataset_name: 'iris',
          dataset_digest: 'd1',
        },
        { key: 'loss', value: 2, timestamp: 1, step: 0, model_id: '{{two}}' },
      ],
    }),
    post('metrics: of a model that is not there', 'runs/log-metric', {
      run_id: '{{run}}',
      key: 'acc',
      value: 1,
      timestamp: 1,
      model_id: missing,
    }),
    get('get: metrics', 'logged-models/{{one}}', {}, sets),
    get('get: metrics with a dataset', 'logged-models/{{two}}', {}, sets),
    get(
      'get run: metrics of models',
      'runs/get',
      { run_id: '{{run}}' },
      { unordered: ['run.data.metrics', 'run.outputs.model_outputs'] },
    ),
    get('history: metrics of models', 'metrics/get-history', { run_id: '{{run}}', metric_key: 'acc' }),

    search('all', { order_by: oldFirst, max_results: 5 }, { bind: { page: 'next_page_token' } }),
    search('the next page', { order_by: oldFirst, max_results: 5, page_token: '{{page}}' }),
    search('a page and another filter', {
      order_by: oldFirst,
      max_results: 5,
      page_token: '{{page}}',
      filter: "name = 'one'",
    }),
    ...filters.map((filter) => search(`filter ${filter}`, { filter, order_by: oldFirst, max_results: 5 })),
    ...orders.map(([name, order]) =>
      search(`order ${name}`, { order_by: [order], filter: "name IN ('one', 'two', 'three')", max_results: 5 }),
    ),
    search('two orders', {
      order_by: [{ field_name: 'metrics.acc' }, { field_name: 'name', ascending: true }],
      filter: "name IN ('one', 'two', 'three')",
    }),
    search('of a dataset', { datasets: [{ dataset_name: 'iris' }], filter: 'metrics.acc > 0.1' }),
    search('of a dataset and digest', {
      datasets: [{ dataset_name: 'iris', dataset_digest: 'd1' }],
      filter: 'metrics.acc > 0.1',
    }),
    search('of an absent dataset', { datasets: [{ dataset_name: 'none' }], filter: 'metrics.acc > 0.1' }),
    search('of a dataset without a filter', { datasets: [{ dataset_name: 'iris' }] }),
    search('of a dataset without a name', { datasets: [{ dataset_digest: 'd1' }] }),
    ...[0, -1, 1, 50, 51, 1000, 'x', null].map((max_results) =>
      search(`max_results ${JSON.stringify(max_results)}`, {
        max_results,
        filter: "name IN ('one', 'two', 'three')",
        order_by: [
          { field_name: 'name', ascending: true },
          { field_name: 'creation_timestamp', ascending: true },
        ],
      }),
    ),
    search('a token that is none', { page_token: 'abc' }),
    search('no experiments', { experiment_ids: [] }),
    post('search: no experiment_ids', 'logged-models/search', {}),
    search('an experiment that is not there', { experiment_ids: ['999999999'] }),
    ...spoiled(
      'logged-models/search',
      { experiment_ids: ['{{exp2}}'], max_results: 1 },
      {
        experiment_ids: ['a number', 'a text'],
        filter: ['a number'],
        order_by: ['a text', 'a number'],
        datasets: ['a text'],
      },
    ),

    send('DELETE', 'delete', 'logged-models/{{three}}'),
    send('DELETE', 'delete: again', 'logged-models/{{three}}'),
    get('get: deleted', 'logged-models/{{three}}'),
    get('get: deleted but allowed', 'logged-models/{{three}}', { allow_deleted: 'true' }, sets),
    search('deleted ones are gone', { filter: "name = 'three'" }),
    send('PATCH', 'finalize: deleted', 'logged-models/{{three}}', {
      model_id: '{{three}}',
      status: 'LOGGED_MODEL_READY',
    }),
    send('PATCH', 'tags: deleted', 'logged-models/{{three}}/tags', { tags: [{ key: 'k', value: 'v' }] }),
    post('params: deleted', 'logged-models/{{three}}/params', {
      model_id: '{{three}}',
      params: [{ key: 'k', value: 'v' }],
    }),
    send('DELETE', 'delete: not there', `logged-models/${missing}`),
    get('files', 'logged-models/{{one}}/artifacts/directories'),
    get('files: not there', `logged-models/${missing}/artifacts/directories`),
    get('files: a path that climbs', 'logged-models/{{one}}/artifacts/directories', {
      artifact_directory_path: '../..',
    }),
    get('get on the other prefix', '/ajax-api/2.0/mlflow/logged-models/{{one}}', {}, sets),
  ],
};
