import { ids, type RouteCase, read, remove, unique, write } from './route_case.ts';

export const projectCases: Record<string, RouteCase> = {
  'GET /api/v1/projects': { needs: read },
  'POST /api/v1/projects': { needs: write, sample: () => ({ json: { name: unique() } }) },
  'POST /api/v1/projects/import': { needs: write, sample: () => ({ body: `name\n${unique()}\n` }) },
  'GET /api/v1/projects/:project_id': { needs: read, sample: ids('project', 'project_id') },
  'PATCH /api/v1/projects/:project_id': {
    needs: write,
    sample: async (world) => ({ params: { project_id: await world.the('project') }, json: { name: unique() } }),
  },
  'PATCH /api/v1/projects/:project_id/success': {
    needs: write,
    sample: async (world) => ({ params: { project_id: await world.the('project') }, json: { success_score: 80 } }),
  },
  'PUT /api/v1/projects/:project_id/experiments/:experiment_id': {
    needs: write,
    sample: async (world) => ({
      params: { project_id: await world.the('project'), experiment_id: await world.the('experiment') },
    }),
  },
  'DELETE /api/v1/projects/:project_id/experiments/:experiment_id': {
    needs: write,
    sample: async (world, app) => {
      const params = { project_id: await world.the('project'), experiment_id: await world.the('experiment') };
      const path = `/api/v1/projects/${params.project_id}/experiments/${params.experiment_id}`;
      await app.send('PUT', path, { as: app.tenants.a.keys.tenant_admin });
      return { params };
    },
  },
  'DELETE /api/v1/projects/:project_id': { needs: remove, sample: ids('project', 'project_id') },
};
