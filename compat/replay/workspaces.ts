import { type Area, get, post, send } from './case.ts';

const v3 = '/api/3.0/mlflow';
const inWorkspace = (name: string) => ({ headers: { 'x-mlflow-workspace': name } });

/** Against a Maestro whose key's tenant is `default`, or the genuine server's workspace of that name. */
export const workspaces: Area = {
  name: 'workspaces',
  workspaces: true,
  cases: [
    get('server-info', `${v3}/server-info`),
    get('server-info on the other prefix', '/ajax-api/3.0/mlflow/server-info'),
    get('list', `${v3}/workspaces`),
    get('list on the other prefix', '/ajax-api/3.0/mlflow/workspaces'),
    get('get', `${v3}/workspaces/default`),
    get('get: not there', `${v3}/workspaces/nobody`),
    get('get: a name that is none', `${v3}/workspaces/Not%20A%20Slug`),
    get('experiments of a workspace', 'experiments/get', { experiment_id: '0' }, inWorkspace('default')),
    get(
      'experiments of a workspace that is not there',
      'experiments/get',
      { experiment_id: '0' },
      inWorkspace('nobody'),
    ),
    get(
      'experiments of a workspace with a bad name',
      'experiments/get',
      { experiment_id: '0' },
      inWorkspace('Not A Slug'),
    ),
    get('experiments of an empty workspace', 'experiments/get', { experiment_id: '0' }, inWorkspace('')),
    get(
      'experiments of a workspace with spaces around',
      'experiments/get',
      { experiment_id: '0' },
      inWorkspace(' default '),
    ),
    post('create a run in a workspace that is not there', 'runs/create', { experiment_id: '0' }, inWorkspace('nobody')),
    get('server-info in a workspace that is not there', `${v3}/server-info`, {}, inWorkspace('nobody')),
    post(
      'create an experiment',
      'experiments/create',
      { name: 'workspace {{u}}' },
      { ...inWorkspace('default'), bind: { exp: 'experiment_id' } },
    ),
    get('get an experiment', 'experiments/get', { experiment_id: '{{exp}}' }, inWorkspace('default')),
    post(
      'create a run',
      'runs/create',
      { experiment_id: '{{exp}}', run_name: 'r', start_time: 1 },
      { ...inWorkspace('default'), bind: { run: 'run.info.run_id' } },
    ),
    get('files of a run', 'artifacts/list', { run_id: '{{run}}' }, inWorkspace('default')),
    send('PATCH', 'update: not there', `${v3}/workspaces/nobody`, { description: 'x' }),
    send('DELETE', 'delete: not there', `${v3}/workspaces/nobody`),
    send('DELETE', 'delete: the default one', `${v3}/workspaces/default`),
    post('create: a bad name', `${v3}/workspaces`, { name: 'Not A Slug' }),
  ],
};
