import { randomUUID } from 'node:crypto';
import type { Role } from '../src/identity/roles.ts';
import type { TestApp } from './app.ts';
import type { World } from './route_world.ts';

/** A request that succeeds for who may make it, on things of `world`. */
export interface Sample {
  /** Of the path; `*` is its rest. */
  params?: Record<string, string>;
  query?: Record<string, string>;
  json?: unknown;
  body?: string;
}

export interface RouteCase {
  /** The weakest who may: said here again, so that a wrong permission of an operation shows. */
  needs: Role | 'signed_in' | 'operator' | 'operator_key' | 'public';
  sample?: (world: World, app: TestApp) => Sample | Promise<Sample>;
  /** A user's session is needed: a service account has no such things of its own. */
  asUser?: true;
  /** What it answers its weakest caller; 200 to 299 unless given, with a reason. */
  answers?: [status: number, reason: string];
  /** What a stranger gets by naming a thing of a tenant; 404 unless given, with a reason. */
  stranger?: [status: number, reason: string];
}

type Key = 'the experiment' | 'the run';

const read = 'viewer';
const write = 'data_scientist';
const remove = 'ml_engineer';
const ids = (thing: Parameters<World['the']>[0], name: string) => async (world: World) => ({
  params: { [name]: await world.the(thing) },
});
const unique = (): string => `n-${randomUUID()}`;

/** Names of both of a tenant's identifiers in a message. */
const message =
  (of: Key, more: Record<string, unknown> = {}) =>
  async (world: World) => ({
    json:
      of === 'the run'
        ? { run_id: await world.the('run'), ...more }
        : { experiment_id: await world.the('experiment'), ...more },
  });
const query =
  (of: Key, more: Record<string, string> = {}) =>
  async (world: World) => ({
    query:
      of === 'the run'
        ? { run_id: await world.the('run'), ...more }
        : { experiment_id: await world.the('experiment'), ...more },
  });

const ownTree: [number, string] = [200, 'writes into the files of the caller, whose path has the same name'];
const empty: [number, string] = [200, 'a search in an experiment that is not there finds nothing'];
const login = (app: TestApp) => ({ json: { email: app.admin.email, password: app.admin.password } });

const nativeCases: Record<string, RouteCase> = {
  'POST /api/v1/auth/login': { needs: 'public', sample: (_world, app) => login(app) },
  'POST /api/v1/auth/refresh': {
    needs: 'public',
    sample: async (world) => ({ json: { refresh_token: await world.the('refreshToken') } }),
  },
  'POST /api/v1/auth/logout': { needs: 'signed_in', answers: [400, 'an API key is no session to be ended'] },
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
  'POST /api/v1/runs': {
    needs: write,
    sample: async (world) => ({ json: { experiment_id: Number(await world.the('experiment')) } }),
  },
  'GET /api/v1/runs/compare': {
    needs: read,
    sample: async (world) => ({ query: { run_ids: await world.the('run') } }),
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

const model = async (world: World, json?: unknown) => {
  const id = await world.the('model');
  return {
    params: { model_id: id },
    ...(json === undefined ? {} : { json: { model_id: id, ...(json as object) } }),
  };
};
const searched = async (world: World) => {
  await world.the('run');
  return { json: { experiment_ids: [await world.the('experiment')] } };
};
const noDirectUpload: [number, string] = [400, 'files that the server keeps itself have no presigned URL'];
const workspacesElsewhere: [number, string] = [403, 'tenants are made and changed through /api/v1 alone'];

/** Below `/api/2.0/mlflow`, `/api/3.0/mlflow` and their `/ajax-api` twins. */
const mlflowCases: Record<string, RouteCase> = {
  'POST /experiments/create': { needs: write, sample: () => ({ json: { name: unique() } }) },
  'GET /experiments/get': { needs: read, sample: query('the experiment') },
  'GET /experiments/get-by-name': { needs: read, sample: () => ({ query: { experiment_name: 'Default' } }) },
  'GET /experiments/search': { needs: read, sample: () => ({ query: { max_results: '10' } }) },
  'POST /experiments/search': { needs: read, sample: () => ({ json: { max_results: 10 } }) },
  'POST /experiments/update': {
    needs: write,
    sample: async (world) => message('the experiment', { new_name: unique() })(world),
  },
  'POST /experiments/delete': { needs: remove, sample: message('the experiment') },
  'POST /experiments/restore': {
    needs: remove,
    sample: async (world) => ({ json: { experiment_id: await world.the('deletedExperiment') } }),
  },
  'POST /experiments/set-experiment-tag': { needs: write, sample: message('the experiment', { key: 'k', value: 'w' }) },
  'POST /experiments/delete-experiment-tag': { needs: write, sample: message('the experiment', { key: 'k' }) },
  'POST /experiments/search-datasets': { needs: read, sample: searched, stranger: empty },
  'POST /runs/create': { needs: write, sample: message('the experiment', { start_time: 1 }) },
  'GET /runs/get': { needs: read, sample: query('the run') },
  'POST /runs/search': { needs: read, sample: searched, stranger: empty },
  'POST /runs/update': { needs: write, sample: message('the run', { status: 'FINISHED' }) },
  'POST /runs/delete': { needs: write, sample: message('the run') },
  'POST /runs/restore': {
    needs: write,
    sample: async (world) => ({ json: { run_id: await world.the('deletedRun') } }),
  },
  'POST /runs/log-metric': { needs: write, sample: message('the run', { key: 'm', value: 2, timestamp: 1 }) },
  'POST /runs/log-parameter': { needs: write, sample: message('the run', { key: 'q', value: '1' }) },
  'POST /runs/set-tag': { needs: write, sample: message('the run', { key: 'k', value: 'w' }) },
  'POST /runs/delete-tag': { needs: write, sample: message('the run', { key: 'k' }) },
  'POST /runs/log-batch': { needs: write, sample: message('the run', { tags: [{ key: 'k', value: 'w' }] }) },
  'POST /runs/log-inputs': {
    needs: write,
    sample: message('the run', {
      datasets: [{ dataset: { name: 'd', digest: '1', source_type: 's', source: 's' } }],
    }),
  },
  'POST /runs/outputs': {
    needs: write,
    sample: async (world) => message('the run', { models: [{ model_id: await world.the('model'), step: 0 }] })(world),
  },
  'POST /runs/log-model': {
    needs: write,
    sample: message('the run', {
      model_json: JSON.stringify({ artifact_path: 'm', flavors: {}, utc_time_created: '2026-01-01', run_id: 'r' }),
    }),
  },
  'GET /metrics/get-history': { needs: read, sample: query('the run', { metric_key: 'm' }) },
  'GET /metrics/get-history-bulk-interval': {
    needs: read,
    sample: async (world) => ({ query: { run_ids: await world.the('run'), metric_key: 'm' } }),
  },
  'GET /metrics/get-history-bulk': {
    needs: read,
    sample: async (world) => ({ query: { run_id: await world.the('run'), metric_key: 'm' } }),
    stranger: [200, 'leaves out runs that are not there, as the genuine server does'],
  },
  'POST /logged-models': { needs: write, sample: message('the experiment', { name: 'm' }) },
  'POST /logged-models/search': {
    needs: read,
    sample: async (world) => {
      await world.the('model');
      return { json: { experiment_ids: [await world.the('experiment')] } };
    },
    stranger: empty,
  },
  'GET /logged-models/:model_id': { needs: read, sample: model },
  'PATCH /logged-models/:model_id': {
    needs: write,
    sample: (world) => model(world, { status: 'LOGGED_MODEL_READY' }),
  },
  'DELETE /logged-models/:model_id': { needs: write, sample: model },
  'POST /logged-models/:model_id/params': {
    needs: write,
    sample: (world) => model(world, { params: [{ key: 'p', value: '1' }] }),
  },
  'PATCH /logged-models/:model_id/tags': {
    needs: write,
    sample: (world) => model(world, { tags: [{ key: 'k', value: 'w' }] }),
  },
  'DELETE /logged-models/:model_id/tags/:tag_key': {
    needs: write,
    sample: async (world) => ({ params: { model_id: await world.the('model'), tag_key: 'k' } }),
  },
  'GET /logged-models/:model_id/artifacts/directories': { needs: read, sample: model },
  'GET /artifacts/list': {
    needs: read,
    sample: async (world) => {
      await world.the('filePath');
      return { query: { run_id: await world.the('run') } };
    },
  },
  'POST /artifacts/presigned-upload-url': {
    needs: write,
    sample: message('the run', { path: 'p' }),
    answers: noDirectUpload,
  },
  'POST /artifacts/presigned-download-url': {
    needs: read,
    sample: message('the run', { path: 'p' }),
    answers: noDirectUpload,
  },
  'GET /server-info': { needs: 'public' },
  'GET /workspaces': { needs: 'signed_in' },
  'GET /workspaces/:name': { needs: 'signed_in', sample: () => ({ params: { name: 'tenant-a' } }) },
  'POST /workspaces': { needs: 'signed_in', sample: () => ({ json: { name: 'x' } }), answers: workspacesElsewhere },
  'PATCH /workspaces/:name': {
    needs: 'signed_in',
    sample: () => ({ params: { name: 'tenant-a' }, json: {} }),
    answers: workspacesElsewhere,
  },
  'DELETE /workspaces/:name': {
    needs: 'signed_in',
    sample: () => ({ params: { name: 'tenant-a' } }),
    answers: workspacesElsewhere,
  },
};

const inTree = async (world: World) => ({ params: { '*': await world.the('filePath') } });
const directory = async (world: World) => (await world.the('filePath')).replace('/data.txt', '');
const uploadCall = async (world: World, more: Record<string, unknown> = {}) => {
  const upload = await world.the('upload');
  return { params: { '*': await directory(world) }, json: { path: 'part.bin', upload_id: upload, ...more } };
};

/** Below `/api/2.0/mlflow-artifacts` and its `/ajax-api` twin. */
const fileCases: Record<string, RouteCase> = {
  'GET /artifacts/*': { needs: read, sample: inTree },
  'GET /artifacts': {
    needs: read,
    sample: async (world) => ({ query: { path: await directory(world) } }),
    stranger: [200, 'a directory that is not there is empty, as in the genuine server'],
  },
  'PUT /artifacts/*': {
    needs: write,
    sample: async (world) => ({ ...(await inTree(world)), body: 'other' }),
    stranger: ownTree,
  },
  'DELETE /artifacts/*': {
    needs: write,
    sample: inTree,
    stranger: [200, 'deleting a file that is not there is done already, as in the genuine server'],
  },
  'GET /presigned/*': {
    needs: read,
    sample: inTree,
    answers: [501, 'files that the server keeps itself have no presigned URL'],
    stranger: [501, 'files that the server keeps itself have no presigned URL'],
  },
  'POST /mpu/create/*': {
    needs: write,
    sample: async (world) => ({ params: { '*': await directory(world) }, json: { path: 'new.bin', num_parts: 1 } }),
    stranger: ownTree,
  },
  'PUT /mpu/parts/:upload_id/:number': {
    needs: write,
    sample: async (world) => ({ params: { upload_id: await world.the('upload'), number: '1' }, body: 'part' }),
  },
  'POST /mpu/complete/*': {
    needs: write,
    sample: async (world, app) => {
      const upload = await world.the('upload');
      const part = await app.send('PUT', `/api/2.0/mlflow-artifacts/mpu/parts/${upload}/1`, {
        as: app.tenants.a.keys.data_scientist,
        body: 'part',
      });
      return uploadCall(world, { parts: [{ part_number: 1, etag: part.headers.get('etag') ?? '"none"' }] });
    },
  },
  'POST /mpu/abort/*': {
    needs: write,
    sample: (world) => uploadCall(world),
    stranger: [200, 'aborting an upload that is not there is done already'],
  },
};

const interfaceCases: Record<string, RouteCase> = {
  'GET /metrics': { needs: 'operator' },
  'GET /get-artifact': {
    needs: read,
    sample: async (world) => {
      await world.the('filePath');
      return { query: { run_id: await world.the('run'), path: 'data.txt' } };
    },
  },
  'POST /ajax-api/2.0/mlflow/upload-artifact': {
    needs: write,
    sample: async (world) => ({ query: { run_uuid: await world.the('run'), path: 'up.txt' }, body: 'up' }),
  },
  'GET /ajax-api/2.0/mlflow/logged-models/:model_id/artifacts/files': {
    needs: read,
    sample: async (world) => ({
      params: { model_id: await world.the('model') },
      query: { artifact_file_path: 'none' },
    }),
    answers: [404, 'the model of the test has no files'],
  },
};

/** Routes that run through no operation, each with what its answer to everybody is. */
export const unguardedRoutes: readonly string[] = [
  '/health',
  '/ready',
  '/version',
  '/.well-known/jwks.json',
  '/api/docs',
  '/api/v1/openapi.json',
];

/** The case of a route; HEAD is as GET. Undefined where nobody wrote one. */
export function caseOf(method: string, url: string): { name: string; found: RouteCase } | undefined {
  const verb = method === 'HEAD' ? 'GET' : method;
  const families: [RegExp, Record<string, RouteCase>][] = [
    [/^/, nativeCases],
    [/^/, interfaceCases],
    [/^\/(?:ajax-)?api\/[23]\.0\/mlflow(?=\/)/, mlflowCases],
    [/^\/(?:ajax-)?api\/2\.0\/mlflow-artifacts(?=\/)/, fileCases],
  ];
  for (const [prefix, cases] of families) {
    const name = `${verb} ${url.replace(prefix, '')}`;
    if (prefix.test(url) && Object.hasOwn(cases, name)) return { name, found: cases[name] as RouteCase };
  }
  return undefined;
}

export const caseNames: readonly string[] = [nativeCases, interfaceCases, mlflowCases, fileCases].flatMap(Object.keys);
