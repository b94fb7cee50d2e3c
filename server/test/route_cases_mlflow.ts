import { empty, message, ownTree, query, type RouteCase, read, remove, unique, write } from './route_case.ts';
import type { World } from './route_world.ts';

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
export const mlflowCases: Record<string, RouteCase> = {
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
export const fileCases: Record<string, RouteCase> = {
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

export const interfaceCases: Record<string, RouteCase> = {
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
