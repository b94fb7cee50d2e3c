import { ids, type RouteCase, read, unique, write } from './route_case.ts';

export const projectCases: Record<string, RouteCase> = {
  'POST /api/v1/projects': { needs: write, sample: () => ({ json: { name: unique() } }) },
  'GET /api/v1/projects/:project_id': { needs: read, sample: ids('project', 'project_id') },
};
