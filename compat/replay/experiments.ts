import { type Area, get, post, send, spoiled, text } from './case.ts';

const created = { bind: { exp: 'experiment_id' } };

export const experiments: Area = {
  name: 'experiments',
  cases: [
    post('create', 'experiments/create', { name: 'first {{u}}' }, created),
    get('get', 'experiments/get', { experiment_id: '{{exp}}' }),
    get('get by name', 'experiments/get-by-name', { experiment_name: 'first {{u}}' }),
    post('create: the name is taken', 'experiments/create', { name: 'first {{u}}' }),
    post(
      'create with tags',
      'experiments/create',
      {
        name: 'tagged {{u}}',
        tags: [
          { key: 'team', value: 'zürich 雪 🎿' },
          { key: 'empty', value: '' },
          { key: 'a.b/c d', value: '1' },
        ],
      },
      { bind: { tagged: 'experiment_id' } },
    ),
    get(
      'get: tags of an experiment',
      'experiments/get',
      { experiment_id: '{{tagged}}' },
      { unordered: ['experiment.tags'] },
    ),
    post(
      'create: a tag without a value',
      'experiments/create',
      { name: 'valueless {{u}}', tags: [{ key: 'k' }] },
      {
        bind: { valueless: 'experiment_id' },
      },
    ),
    get('get: a tag without a value', 'experiments/get', { experiment_id: '{{valueless}}' }),
    post('create: the same tag key twice', 'experiments/create', {
      name: 'twice {{u}}',
      tags: [
        { key: 'k', value: '1' },
        { key: 'k', value: '2' },
      ],
    }),
    post('create: a tag without a key', 'experiments/create', { name: 'keyless {{u}}', tags: [{ value: '1' }] }),
    post(
      'create: unicode name',
      'experiments/create',
      { name: 'Größe 雪 🎿 {{u}}' },
      { bind: { unicode: 'experiment_id' } },
    ),
    get('get by name: unicode', 'experiments/get-by-name', { experiment_name: 'Größe 雪 🎿 {{u}}' }),
    post('create: a name with slashes and dots', 'experiments/create', { name: '/Users/a/../b {{u}}' }),
    post('create: a name with spaces around', 'experiments/create', { name: '  {{u}}  ' }),
    post('create: a name of 500 characters', 'experiments/create', { name: `{{u}}${'n'.repeat(491)}` }),
    post('create: a name of 501 characters', 'experiments/create', { name: `{{u}}${'n'.repeat(492)}` }),
    post('create: a name with NUL', 'experiments/create', { name: 'nul\u0000 {{u}}' }),
    post('create: a name with a line break', 'experiments/create', { name: 'line\nbreak {{u}}' }),
    post('create: a numeric name', 'experiments/create', { name: '{{u}}123' }),
    ...spoiled(
      'experiments/create',
      { name: 'spoiled {{u}}' },
      {
        name: ['a number', 'true', 'null', 'a list', 'an object', 'an empty text', 'absent'],
        artifact_location: ['a number', 'a list'],
        tags: ['a text', 'an object', 'a number'],
      },
    ),
    post('create: tags are a list of texts', 'experiments/create', { name: 'spoiled {{u}}', tags: ['k'] }),
    post('create: unknown fields are ignored', 'experiments/create', {
      name: 'unknown {{u}}',
      colour: 'red',
      nested: { a: 1 },
    }),
    post('create: an artifact location with a fragment', 'experiments/create', {
      name: 'loc1 {{u}}',
      artifact_location: 'mlflow-artifacts:/x#y',
    }),
    post('create: an artifact location with a query', 'experiments/create', {
      name: 'loc2 {{u}}',
      artifact_location: 'mlflow-artifacts:/x?y=1',
    }),
    post('create: an artifact location that climbs', 'experiments/create', {
      name: 'loc3 {{u}}',
      artifact_location: 'mlflow-artifacts:/../../etc',
    }),
    post('create: an artifact location that climbs, encoded', 'experiments/create', {
      name: 'loc4 {{u}}',
      artifact_location: 'mlflow-artifacts:/%2e%2e/%2e%2e/etc',
    }),
    post('create: an artifact location of files', 'experiments/create', {
      name: 'loc5 {{u}}',
      artifact_location: 'file:///etc',
    }),
    post('create: an artifact location of files that climbs', 'experiments/create', {
      name: 'loc5b {{u}}',
      artifact_location: 'file:///var/../etc',
    }),
    post('create: an absolute path as artifact location', 'experiments/create', {
      name: 'loc6 {{u}}',
      artifact_location: '/etc/passwd',
    }),
    post(
      'create: an artifact location of the proxy',
      'experiments/create',
      { name: 'loc7 {{u}}', artifact_location: 'mlflow-artifacts:/own-{{u}}' },
      {
        bind: { located: 'experiment_id' },
      },
    ),
    get('get: an artifact location of the proxy', 'experiments/get', { experiment_id: '{{located}}' }),
    post('create a run below an artifact location of the proxy', 'runs/create', {
      experiment_id: '{{located}}',
      start_time: 1,
      run_name: 'r',
    }),
    post('create: an artifact location of 2,048 characters', 'experiments/create', {
      name: 'loc8 {{u}}',
      artifact_location: `mlflow-artifacts:/${'p'.repeat(2048)}`,
    }),

    get('get: the default experiment by name', 'experiments/get-by-name', { experiment_name: 'Default' }),
    get('get: the default experiment by id', 'experiments/get', { experiment_id: '0' }),
    get('get: no id', 'experiments/get'),
    get('get: an empty id', 'experiments/get', { experiment_id: '' }),
    get('get: an id that is not there', 'experiments/get', { experiment_id: '999999999' }),
    get('get: an id that is no number', 'experiments/get', { experiment_id: 'abc' }),
    get('get: a negative id', 'experiments/get', { experiment_id: '-1' }),
    get('get: an id beyond 64 bits', 'experiments/get', { experiment_id: '99999999999999999999' }),
    get('get: an id beyond 32 bits', 'experiments/get', { experiment_id: '4294967296' }),
    get('get: an id with a leading zero', 'experiments/get', { experiment_id: '00' }),
    get('get: an id with spaces', 'experiments/get', { experiment_id: ' 0 ' }),
    get('get: an id that injects', 'experiments/get', { experiment_id: '0 OR 1=1' }),
    get('get by name: not there', 'experiments/get-by-name', { experiment_name: 'nobody {{u}}' }),
    get('get by name: no name', 'experiments/get-by-name'),
    get('get by name: another case', 'experiments/get-by-name', { experiment_name: 'FIRST {{u}}' }),
    get('get by name: an unknown parameter beside it', 'experiments/get-by-name', {
      experiment_name: 'first {{u}}',
      colour: 'red',
    }),

    post('update: rename', 'experiments/update', { experiment_id: '{{exp}}', new_name: 'renamed {{u}}' }),
    get('get by name: the new name', 'experiments/get-by-name', { experiment_name: 'renamed {{u}}' }),
    get('get by name: the old name', 'experiments/get-by-name', { experiment_name: 'first {{u}}' }),
    post('update: rename to its own name', 'experiments/update', {
      experiment_id: '{{exp}}',
      new_name: 'renamed {{u}}',
    }),
    post('update: a name that is taken', 'experiments/update', { experiment_id: '{{exp}}', new_name: 'tagged {{u}}' }),
    post('update: a name of 501 characters', 'experiments/update', {
      experiment_id: '{{exp}}',
      new_name: 'n'.repeat(501),
    }),
    post('update: not there', 'experiments/update', { experiment_id: '999999999', new_name: 'x' }),
    ...spoiled(
      'experiments/update',
      { experiment_id: '{{exp}}', new_name: 'renamed {{u}}' },
      {
        experiment_id: ['a number', 'null', 'an empty text', 'absent'],
        new_name: ['a number', 'null', 'a list', 'an empty text', 'absent'],
      },
    ),

    post('set tag', 'experiments/set-experiment-tag', { experiment_id: '{{exp}}', key: 'k', value: 'v1' }),
    post('set tag: overwrite', 'experiments/set-experiment-tag', { experiment_id: '{{exp}}', key: 'k', value: 'v2' }),
    post('set tag: unicode', 'experiments/set-experiment-tag', {
      experiment_id: '{{exp}}',
      key: 'ключ',
      value: '雪 🎿',
    }),
    post('set tag: value of 5,000 characters', 'experiments/set-experiment-tag', {
      experiment_id: '{{exp}}',
      key: 'long',
      value: 'v'.repeat(5000),
    }),
    post('set tag: value of 5,001 characters', 'experiments/set-experiment-tag', {
      experiment_id: '{{exp}}',
      key: 'long1',
      value: 'v'.repeat(5001),
    }),
    post('set tag: value of 20,000 characters', 'experiments/set-experiment-tag', {
      experiment_id: '{{tagged}}',
      key: 'long2',
      value: 'v'.repeat(20000),
    }),
    post('set tag: value of 20,001 characters', 'experiments/set-experiment-tag', {
      experiment_id: '{{tagged}}',
      key: 'long3',
      value: 'v'.repeat(20001),
    }),
    post('set tag: key of 250 characters', 'experiments/set-experiment-tag', {
      experiment_id: '{{exp}}',
      key: 'k'.repeat(250),
      value: 'v',
    }),
    post('set tag: key of 251 characters', 'experiments/set-experiment-tag', {
      experiment_id: '{{exp}}',
      key: 'k'.repeat(251),
      value: 'v',
    }),
    post('set tag: a key that climbs', 'experiments/set-experiment-tag', {
      experiment_id: '{{exp}}',
      key: '../k',
      value: 'v',
    }),
    post('set tag: a key with a character that is not allowed', 'experiments/set-experiment-tag', {
      experiment_id: '{{exp}}',
      key: 'a!b',
      value: 'v',
    }),
    post('set tag: not there', 'experiments/set-experiment-tag', { experiment_id: '999999999', key: 'k', value: 'v' }),
    ...spoiled(
      'experiments/set-experiment-tag',
      { experiment_id: '{{valueless}}', key: 'k', value: 'v' },
      {
        experiment_id: ['a number', 'absent'],
        key: ['a number', 'null', 'a list', 'an empty text', 'absent'],
        value: ['a number', 'null', 'an object', 'an empty text', 'absent'],
      },
    ),
    get('get: after setting tags', 'experiments/get', { experiment_id: '{{exp}}' }, { unordered: ['experiment.tags'] }),
    post('delete tag', 'experiments/delete-experiment-tag', { experiment_id: '{{exp}}', key: 'k' }),
    post('delete tag: again', 'experiments/delete-experiment-tag', { experiment_id: '{{exp}}', key: 'k' }),
    post('delete tag: no key', 'experiments/delete-experiment-tag', { experiment_id: '{{exp}}' }),
    post('delete tag: no such experiment', 'experiments/delete-experiment-tag', {
      experiment_id: '999999999',
      key: 'k',
    }),

    post(
      'create a run that goes with its experiment',
      'runs/create',
      { experiment_id: '{{exp}}', run_name: 'goes along', start_time: 5 },
      {
        bind: { run: 'run.info.run_id' },
      },
    ),
    post('delete', 'experiments/delete', { experiment_id: '{{exp}}' }),
    post('delete: again', 'experiments/delete', { experiment_id: '{{exp}}' }),
    get('get: deleted', 'experiments/get', { experiment_id: '{{exp}}' }, { unordered: ['experiment.tags'] }),
    get(
      'get by name: deleted',
      'experiments/get-by-name',
      { experiment_name: 'renamed {{u}}' },
      { unordered: ['experiment.tags'] },
    ),
    post('create: the name of a deleted one', 'experiments/create', { name: 'renamed {{u}}' }),
    post('update: deleted', 'experiments/update', { experiment_id: '{{exp}}', new_name: 'other {{u}}' }),
    post('set tag: deleted', 'experiments/set-experiment-tag', { experiment_id: '{{exp}}', key: 'k', value: 'v' }),
    post('delete tag: deleted', 'experiments/delete-experiment-tag', { experiment_id: '{{exp}}', key: 'long' }),
    get('get run: of a deleted experiment', 'runs/get', { run_id: '{{run}}' }),
    post('create run: in a deleted experiment', 'runs/create', { experiment_id: '{{exp}}' }),
    post('log metric: in a deleted experiment', 'runs/log-metric', {
      run_id: '{{run}}',
      key: 'm',
      value: 1,
      timestamp: 1,
    }),
    post('search runs: of a deleted experiment', 'runs/search', { experiment_ids: ['{{exp}}'] }),
    post('search runs: deleted ones of a deleted experiment', 'runs/search', {
      experiment_ids: ['{{exp}}'],
      run_view_type: 'DELETED_ONLY',
    }),
    post('restore run: while its experiment is deleted', 'runs/restore', { run_id: '{{run}}' }),
    post('create logged model: in a deleted experiment', 'logged-models', { experiment_id: '{{exp}}', name: 'm' }),
    post('restore', 'experiments/restore', { experiment_id: '{{exp}}' }),
    post('restore: again', 'experiments/restore', { experiment_id: '{{exp}}' }),
    post('restore: not there', 'experiments/restore', { experiment_id: '999999999' }),
    post('restore: no id', 'experiments/restore', {}),
    get('get: restored', 'experiments/get', { experiment_id: '{{exp}}' }, { unordered: ['experiment.tags'] }),
    get('get run: of a restored experiment', 'runs/get', { run_id: '{{run}}' }),
    post('delete: not there', 'experiments/delete', { experiment_id: '999999999' }),
    post('delete: no id', 'experiments/delete', {}),
    post('delete: an empty id', 'experiments/delete', { experiment_id: '' }),
    post('delete: a number as id', 'experiments/delete', { experiment_id: 123456789 }),
    text(
      'create: a double-encoded body of an old client',
      'experiments/create',
      JSON.stringify(JSON.stringify({ name: 'double {{u}}' })),
    ),
    send('GET', 'create by GET', 'experiments/create', undefined, { statusOnly: true }),
  ],
};
