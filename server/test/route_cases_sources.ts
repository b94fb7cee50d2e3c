import { ids, type RouteCase, read, write } from './route_case.ts';

const inProject = ids('project', 'project_id');

export const sourceCases: Record<string, RouteCase> = {
  'POST /api/v1/projects/:project_id/code/commits': {
    needs: write,
    sample: async (world) => ({ ...(await inProject(world)), json: { repository: 'r', commits: [] } }),
  },
  'GET /api/v1/projects/:project_id/code/syncs': { needs: read, sample: inProject },
  'PUT /api/v1/projects/:project_id/code/left-out': {
    needs: write,
    sample: async (world) => ({ ...(await inProject(world)), json: { emails: ['somebody@example.org'] } }),
  },
};
