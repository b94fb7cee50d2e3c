import { empty, ids, login, type RouteCase, read, remove, unique, write } from './route_case.ts';

export const nativeCases: Record<string, RouteCase> = {
  'POST /api/v1/auth/login': { needs: 'public', sample: (_world, app) => login(app) },
  'POST /api/v1/auth/refresh': {
    needs: 'public',
    sample: async (world) => ({ json: { refresh_token: await world.the('refreshToken') } }),
  },
  'POST /api/v1/auth/logout': { needs: 'signed_in', answers: [403, 'an API key is no session to be ended'] },
  'GET /api/v1/auth/me': { needs: 'signed_in' },
  'POST /api/v1/tenants': { needs: 'operator', sample: () => ({ json: { slug: unique(), name: 'n' } }) },
  'GET /api/v1/tenants': { needs: 'operator' },
  'GET /api/v1/tenants/:tenant': { needs: 'operator', sample: ids('tenant', 'tenant') },
  'PATCH /api/v1/tenants/:tenant': {
    needs: 'operator',
    sample: async (world) => ({ params: { tenant: await world.the('tenant') }, json: { name: 'n' } }),
  },
  'DELETE /api/v1/tenants/:tenant': { needs: 'operator', sample: ids('tenant', 'tenant') },
  'POST /api/v1/tenants/:tenant/keys': {
    needs: 'operator_key',
    sample: async (world) => ({ params: { tenant: await world.the('tenant') }, json: { name: unique() } }),
  },
  'GET /api/v1/tenants/:tenant/keys': { needs: 'operator_key', sample: ids('tenant', 'tenant') },
  'DELETE /api/v1/tenants/:tenant/keys/:key_id': {
    needs: 'operator_key',
    sample: async (world) => ({ params: { tenant: 'tenant-a', key_id: await world.the('accountKey') } }),
  },
  'POST /api/v1/users': { needs: 'operator', sample: () => ({ json: { email: `${unique()}@example.org` } }) },
  'GET /api/v1/users': { needs: 'operator' },
  'GET /api/v1/users/:user_id': { needs: 'operator', sample: ids('user', 'user_id') },
  'PATCH /api/v1/users/:user_id': {
    needs: 'operator',
    sample: async (world) => ({ params: { user_id: await world.the('user') }, json: { name: 'n' } }),
  },
  'GET /api/v1/members': { needs: 'tenant_admin' },
  'POST /api/v1/members': {
    needs: 'tenant_admin',
    sample: async (world) => {
      await world.the('user');
      return { json: { email: await world.the('email'), role: 'viewer' } };
    },
    stranger: [201, 'whoever knows the address of a user may give that user a place in their own tenant'],
  },
  'PATCH /api/v1/members/:user_id': {
    needs: 'tenant_admin',
    sample: async (world) => ({ params: { user_id: await world.the('member') }, json: { role: 'ml_engineer' } }),
  },
  'DELETE /api/v1/members/:user_id': { needs: 'tenant_admin', sample: ids('member', 'user_id') },
  'POST /api/v1/me/keys': { needs: read, asUser: true, sample: () => ({ json: { name: 'own' } }) },
  'GET /api/v1/me/keys': { needs: read, asUser: true },
  'DELETE /api/v1/me/keys/:key_id': { needs: read, asUser: true, sample: ids('ownKey', 'key_id') },
  'POST /api/v1/keys': { needs: 'tenant_admin', sample: () => ({ json: { name: unique() } }) },
  'GET /api/v1/keys': { needs: 'tenant_admin' },
  'DELETE /api/v1/keys/:key_id': { needs: 'tenant_admin', sample: ids('accountKey', 'key_id') },
  'GET /api/v1/experiments': { needs: read },
  'POST /api/v1/experiments': { needs: write, sample: () => ({ json: { name: unique() } }) },
  'GET /api/v1/experiments/:experiment_id': { needs: read, sample: ids('experiment', 'experiment_id') },
  'PATCH /api/v1/experiments/:experiment_id': {
    needs: write,
    sample: async (world) => ({ params: { experiment_id: await world.the('experiment') }, json: { name: unique() } }),
  },
  'DELETE /api/v1/experiments/:experiment_id': { needs: remove, sample: ids('experiment', 'experiment_id') },
  'POST /api/v1/experiments/:experiment_id/restore': {
    needs: remove,
    sample: ids('deletedExperiment', 'experiment_id'),
  },
  'PUT /api/v1/experiments/:experiment_id/tags/:key': {
    needs: write,
    sample: async (world) => ({
      params: { experiment_id: await world.the('experiment'), key: 'k' },
      json: { value: 'w' },
    }),
  },
  'DELETE /api/v1/experiments/:experiment_id/tags/:key': {
    needs: write,
    sample: async (world) => ({ params: { experiment_id: await world.the('experiment'), key: 'k' } }),
  },
  'GET /api/v1/runs': {
    needs: read,
    sample: async (world) => {
      await world.the('run');
      return { query: { experiment_ids: await world.the('experiment') } };
    },
    stranger: empty,
  },
  'POST /api/v1/runs/search': {
    needs: read,
    sample: async (world) => {
      await world.the('run');
      return { json: { experiment_ids: [Number(await world.the('experiment'))] } };
    },
    stranger: empty,
  },
  'POST /api/v1/runs/aggregate': {
    needs: read,
    sample: async (world) => {
      await world.the('run');
      return { json: { experiment_ids: [Number(await world.the('experiment'))], of: ['metrics.m'] } };
    },
    stranger: empty,
  },
  'POST /api/v1/runs/delete': {
    needs: write,
    sample: async (world) => ({ json: { run_ids: [await world.the('run')] } }),
  },
  'POST /api/v1/runs/restore': {
    needs: write,
    sample: async (world) => ({ json: { run_ids: [await world.the('deletedRun')] } }),
  },
  'POST /api/v1/runs/tags': {
    needs: write,
    sample: async (world) => ({ json: { changes: [{ run_id: await world.the('run'), key: 'k', value: 'w' }] } }),
  },
  'GET /api/v1/experiments/:experiment_id/keys': {
    needs: read,
    sample: async (world) => ({ params: { experiment_id: await world.the('experiment') }, query: { kind: 'metric' } }),
  },
  'GET /api/v1/experiments/:experiment_id/values': {
    needs: read,
    sample: async (world) => ({
      params: { experiment_id: await world.the('experiment') },
      query: { kind: 'param', key: 'p' },
    }),
  },
  'GET /api/v1/views': {
    needs: read,
    sample: async (world) => ({ query: { experiment_id: await world.the('experiment') } }),
    stranger: [200, 'a list of the views of an experiment that is not there is empty'],
  },
  'POST /api/v1/views': {
    needs: write,
    sample: async (world) => ({
      json: {
        experiment_id: Number(await world.the('experiment')),
        name: unique(),
        path: 'experiments/1',
        query: 'sort=a',
      },
    }),
  },
  'GET /api/v1/views/:view_id': { needs: read, sample: ids('view', 'view_id') },
  'PATCH /api/v1/views/:view_id': {
    needs: write,
    sample: async (world) => ({ params: { view_id: await world.the('view') }, json: { name: 'n' } }),
  },
  'DELETE /api/v1/views/:view_id': { needs: write, sample: ids('view', 'view_id') },
  'POST /api/v1/runs': {
    needs: write,
    sample: async (world) => ({ json: { experiment_id: Number(await world.the('experiment')) } }),
  },
  'GET /api/v1/runs/compare': {
    needs: read,
    sample: async (world) => ({ query: { run_ids: await world.the('run') } }),
  },
  'POST /api/v1/metrics/series': {
    needs: read,
    sample: async (world) => ({ json: { run_ids: [await world.the('run')], keys: ['m'] } }),
  },
  'POST /api/v1/metrics/groups': {
    needs: read,
    sample: async (world) => ({ json: { experiment_ids: [Number(await world.the('experiment'))], key: 'm' } }),
    stranger: empty,
  },
  'POST /api/v1/metrics/importance': {
    needs: read,
    sample: async (world) => ({ json: { experiment_ids: [Number(await world.the('experiment'))], key: 'm' } }),
    stranger: empty,
  },
  'GET /api/v1/runs/:run_id': { needs: read, sample: ids('run', 'run_id') },
  'PATCH /api/v1/runs/:run_id': {
    needs: write,
    sample: async (world) => ({ params: { run_id: await world.the('run') }, json: { status: 'FINISHED' } }),
  },
  'DELETE /api/v1/runs/:run_id': { needs: write, sample: ids('run', 'run_id') },
  'POST /api/v1/runs/:run_id/restore': { needs: write, sample: ids('deletedRun', 'run_id') },
  'POST /api/v1/runs/:run_id/log': {
    needs: write,
    sample: async (world) => ({
      params: { run_id: await world.the('run') },
      json: { metrics: [{ key: 'm', value: 2, step: 1, timestamp: 1 }] },
    }),
  },
  'PUT /api/v1/runs/:run_id/tags/:key': {
    needs: write,
    sample: async (world) => ({ params: { run_id: await world.the('run'), key: 'k' }, json: { value: 'w' } }),
  },
  'DELETE /api/v1/runs/:run_id/tags/:key': {
    needs: write,
    sample: async (world) => ({ params: { run_id: await world.the('run'), key: 'k' } }),
  },
  'GET /api/v1/runs/:run_id/metrics': { needs: read, sample: ids('run', 'run_id') },
  'GET /api/v1/runs/:run_id/metrics/:key': {
    needs: read,
    sample: async (world) => ({ params: { run_id: await world.the('run'), key: 'm' } }),
  },
  'GET /api/v1/runs/:run_id/files': { needs: read, sample: ids('run', 'run_id') },
  'GET /api/v1/runs/:run_id/files/content': {
    needs: read,
    sample: async (world) => {
      await world.the('filePath');
      return { params: { run_id: await world.the('run') }, query: { path: 'data.txt' } };
    },
  },
  'PUT /api/v1/runs/:run_id/files/content': {
    needs: write,
    sample: async (world) => ({
      params: { run_id: await world.the('run') },
      query: { path: 'data.txt' },
      body: 'other',
    }),
  },
  'DELETE /api/v1/runs/:run_id/files/content': {
    needs: write,
    sample: async (world) => {
      await world.the('filePath');
      return { params: { run_id: await world.the('run') }, query: { path: 'data.txt' } };
    },
  },
};
