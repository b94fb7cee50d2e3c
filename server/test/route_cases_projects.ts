import { ids, type RouteCase, read, remove, unique, write } from './route_case.ts';

export const projectCases: Record<string, RouteCase> = {
  'GET /api/v1/projects': { needs: read },
  'POST /api/v1/projects': { needs: write, sample: () => ({ json: { name: unique() } }) },
  'GET /api/v1/projects/:project_id': { needs: read, sample: ids('project', 'project_id') },
  'PATCH /api/v1/projects/:project_id': {
    needs: write,
    sample: async (world) => ({ params: { project_id: await world.the('project') }, json: { name: unique() } }),
  },
  'PATCH /api/v1/projects/:project_id/success': {
    needs: write,
    sample: async (world) => ({ params: { project_id: await world.the('project') }, json: { success_score: 80 } }),
  },
  'DELETE /api/v1/projects/:project_id': { needs: remove, sample: ids('project', 'project_id') },
};
