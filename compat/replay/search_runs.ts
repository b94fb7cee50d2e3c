import { type Area, type Case, type Json, post, spoiled } from './case.ts';
import { filters, orders } from './search_run_clauses.ts';

const sets = { unordered: ['runs.*.data.metrics', 'runs.*.data.params', 'runs.*.data.tags'] };

interface Sample {
  name: string;
  start: number;
  user: string;
  metrics?: Record<string, Json>;
  params?: Record<string, string>;
  tags?: Record<string, string>;
  status?: string;
}

// Ties in a metric, absent keys, NaN and infinities: what an order must decide on.
const samples: Sample[] = [
  {
    name: 'alpha',
    start: 1000,
    user: 'ada',
    metrics: { acc: 0.9, loss: 0.1 },
    params: { model: 'cnn', lr: '0.1' },
    tags: { team: 'red', 'a b': 'x' },
    status: 'FINISHED',
  },
  {
    name: 'beta',
    start: 2000,
    user: 'ada',
    metrics: { acc: 0.8, loss: 'NaN' },
    params: { model: 'CNN', lr: '0.01' },
    tags: { team: 'Red' },
    status: 'FAILED',
  },
  {
    name: 'gamma',
    start: 3000,
    user: 'bob',
    metrics: { acc: 0.8, 'val/f1 score': 0.5 },
    params: { model: 'rnn', 'opt.name': 'adam' },
    tags: { team: 'blue', note: '100% sure_thing' },
  },
  {
    name: 'delta',
    start: 3500,
    user: 'bob',
    metrics: { loss: 'Infinity' },
    params: { model: 'rnn' },
    status: 'KILLED',
  },
  {
    name: 'épsilon 雪',
    start: 4000,
    user: '',
    metrics: { acc: 'NaN', loss: '-Infinity' },
    params: { model: '', lr: '雪' },
    tags: { team: '' },
  },
  {
    name: "it's",
    start: 5000,
    user: 'ada',
    metrics: { acc: -0.5, loss: 3 },
    params: { model: "o'neil", quote: 'say "hi"' },
    tags: { note: "it's", team: 'red' },
    status: 'SCHEDULED',
  },
];

function setup(): Case[] {
  const cases: Case[] = [
    post('an experiment', 'experiments/create', { name: 'search {{u}}' }, { bind: { exp: 'experiment_id' } }),
    post(
      'a second experiment',
      'experiments/create',
      { name: 'search two {{u}}' },
      { bind: { exp2: 'experiment_id' } },
    ),
    post(
      'an experiment without runs',
      'experiments/create',
      { name: 'search none {{u}}' },
      { bind: { none: 'experiment_id' } },
    ),
  ];
  samples.forEach((s, i) => {
    const id = `run${i}`;
    cases.push(
      post(
        `run ${s.name}`,
        'runs/create',
        { experiment_id: '{{exp}}', run_name: s.name, start_time: s.start, user_id: s.user },
        { bind: { [id]: 'run.info.run_id' } },
      ),
      post(`data of ${s.name}`, 'runs/log-batch', {
        run_id: `{{${id}}}`,
        metrics: Object.entries(s.metrics ?? {}).map(([key, value]) => ({ key, value, timestamp: 1, step: 0 })),
        params: Object.entries(s.params ?? {}).map(([key, value]) => ({ key, value })),
        tags: Object.entries(s.tags ?? {}).map(([key, value]) => ({ key, value })),
      }),
    );
    if (s.status)
      cases.push(
        post(`status of ${s.name}`, 'runs/update', { run_id: `{{${id}}}`, status: s.status, end_time: s.start + 500 }),
      );
  });
  cases.push(
    post(
      'a run elsewhere',
      'runs/create',
      { experiment_id: '{{exp2}}', run_name: 'elsewhere', start_time: 1500 },
      { bind: { other: 'run.info.run_id' } },
    ),
    post(
      'a run to delete',
      'runs/create',
      { experiment_id: '{{exp}}', run_name: 'gone', start_time: 2500 },
      { bind: { gone: 'run.info.run_id' } },
    ),
    post('a run deleted', 'runs/delete', { run_id: '{{gone}}' }),
    post('a dataset', 'runs/log-inputs', {
      run_id: '{{run0}}',
      datasets: [
        {
          tags: [{ key: 'mlflow.data.context', value: 'train' }],
          dataset: { name: 'iris', digest: 'd1', source_type: 'local', source: '{}' },
        },
      ],
    }),
    post('another dataset', 'runs/log-inputs', {
      run_id: '{{run1}}',
      datasets: [
        {
          tags: [{ key: 'mlflow.data.context', value: 'eval' }],
          dataset: { name: 'Wine', digest: 'd2', source_type: 'local', source: '{}' },
        },
      ],
    }),
  );
  return cases;
}

// Ids are drawn anew in each pass: what is ordered by them has no order to compare.
const byId = /^(artifact_uri|run_id|attributes\.run_id DESC)$/;

const search = (name: string, body: Record<string, Json>, more: Partial<Case> = {}) =>
  post(name, 'runs/search', { experiment_ids: ['{{exp}}'], ...body }, { ...sets, ...more });

const paged = (title: string, body: Record<string, Json>, pages: number): Case[] =>
  Array.from({ length: pages }, (_, i) =>
    search(`pages ${title}: page ${i + 1}`, i === 0 ? body : { ...body, page_token: `{{page}}` }, {
      bind: { page: 'next_page_token' },
    }),
  );

export const searchRuns: Area = {
  name: 'search_runs',
  cases: [
    ...setup(),
    search('everything', {}),
    ...filters.map((filter) => search(`filter ${filter}`, { filter })),
    ...orders.map((order_by) =>
      search(
        `order ${JSON.stringify(order_by)}`,
        { order_by },
        order_by.some((key) => byId.test(String(key))) ? { unordered: [...sets.unordered, 'runs'] } : {},
      ),
    ),
    ...paged('by start', { max_results: 2 }, 3),
    ...paged('by metric', { max_results: 2, order_by: ['metrics.acc DESC'] }, 3),
    ...paged('by metric up', { max_results: 4, order_by: ['metrics.loss ASC'] }, 2),
    ...paged('by param', { max_results: 4, order_by: ['params.lr DESC'] }, 2),
    ...paged('by two', { max_results: 4, order_by: ['tags.team', 'metrics.acc'] }, 2),
    ...paged('filtered', { max_results: 1, filter: "tags.team = 'red'" }, 2),
    search('exactly one page', { max_results: 6 }),
    search('a page larger than the rest', { max_results: 7 }),
    search('a token that is none', { page_token: 'abc' }),
    search('a token that is broken base64', { page_token: '!!!' }),
    search('an empty token', { page_token: '' }),
    search('a token of a number', { page_token: 5 }),
    ...[0, -1, 1, 50000, 50001, '5', '5.5', 1.5, 'x', true, null, [], 2 ** 40].map((max_results) =>
      search(`max_results ${JSON.stringify(max_results)}`, { max_results }),
    ),
    ...['ACTIVE_ONLY', 'DELETED_ONLY', 'ALL', 'active_only', 'NONE', 1, 2, 3, 4, '1', null, ''].map((run_view_type) =>
      search(`view ${JSON.stringify(run_view_type)}`, { run_view_type }),
    ),
    search('two experiments', { experiment_ids: ['{{exp}}', '{{exp2}}'], order_by: ['start_time ASC'] }),
    search('one experiment twice', { experiment_ids: ['{{exp2}}', '{{exp2}}'] }),
    search('an empty experiment', { experiment_ids: ['{{none}}'] }),
    search('an experiment that is not there', { experiment_ids: ['999999999'] }),
    search('an experiment that is no number', { experiment_ids: ['abc'] }),
    search('no experiments', { experiment_ids: [] }),
    post('no experiment_ids', 'runs/search', {}),
    search('experiments as numbers', { experiment_ids: [999999999] }),
    ...spoiled(
      'runs/search',
      { experiment_ids: ['{{exp2}}'] },
      {
        experiment_ids: ['a number', 'a text', 'an object', 'null'],
        filter: ['a number', 'true', 'null', 'a list'],
        order_by: ['a text', 'a number', 'an object', 'null'],
      },
    ),
    search('an unknown field', { colour: 'red', max_results: 1 }),
  ],
};
