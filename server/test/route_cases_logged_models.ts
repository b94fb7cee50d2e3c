import { empty, ids, type RouteCase, read, write } from './route_case.ts';

export const loggedModelCases: Record<string, RouteCase> = {
  'GET /api/v1/logged-models': {
    needs: read,
    sample: async (world) => {
      await world.the('model');
      return { query: { experiment_ids: await world.the('experiment') } };
    },
    stranger: empty,
  },
  'GET /api/v1/logged-models/:model_id': { needs: read, sample: ids('model', 'model_id') },
  'DELETE /api/v1/logged-models/:model_id': { needs: write, sample: ids('model', 'model_id') },
  'POST /api/v1/logged-models/:model_id/restore': { needs: write, sample: ids('deletedModel', 'model_id') },
  'PUT /api/v1/logged-models/:model_id/tags/:key': {
    needs: write,
    sample: async (world) => ({ params: { model_id: await world.the('model'), key: 'k' }, json: { value: 'w' } }),
  },
  'DELETE /api/v1/logged-models/:model_id/tags/:key': {
    needs: write,
    sample: async (world) => ({ params: { model_id: await world.the('model'), key: 'k' } }),
  },
  'GET /api/v1/logged-models/:model_id/files': { needs: read, sample: ids('model', 'model_id') },
  'GET /api/v1/logged-models/:model_id/files/content': {
    needs: read,
    answers: [404, 'files of a model come by the MLflow face, whose cases have some'],
    sample: async (world) => ({ params: { model_id: await world.the('model') }, query: { path: 'data.txt' } }),
  },
};
