import { ids, type RouteCase, read, write } from './route_case.ts';
import type { World } from './route_world.ts';

const member = async (world: World) => ({
  project_id: await world.the('project'),
  member_id: await world.the('teamMember'),
});

export const teamCases: Record<string, RouteCase> = {
  'GET /api/v1/teams/:project_id/members': { needs: read, sample: ids('project', 'project_id') },
  'POST /api/v1/teams/:project_id/members': {
    needs: write,
    sample: async (world) => ({
      params: { project_id: await world.the('project') },
      json: { name: 'Grace', role: 'data scientist' },
    }),
  },
  'PATCH /api/v1/teams/:project_id/members/:member_id': {
    needs: write,
    sample: async (world) => ({ params: await member(world), json: { contribution_hours: 12.5 } }),
  },
  'DELETE /api/v1/teams/:project_id/members/:member_id': {
    needs: write,
    sample: async (world) => ({ params: await member(world) }),
  },
  'GET /api/v1/teams/:project_id/git-metrics': { needs: read, sample: ids('project', 'project_id') },
  'GET /api/v1/teams/:project_id/cicd-metrics': { needs: read, sample: ids('project', 'project_id') },
  'GET /api/v1/teams/:project_id/collaboration-analytics': { needs: read, sample: ids('project', 'project_id') },
  'GET /api/v1/teams/:project_id/incidents': { needs: read, sample: ids('project', 'project_id') },
  'GET /api/v1/teams/:project_id/incidents/:incident_key': {
    needs: read,
    sample: async (world) => ({
      params: { project_id: await world.the('project'), incident_key: await world.the('incident') },
    }),
  },
  'PUT /api/v1/teams/:project_id/incidents/:incident_key': {
    needs: write,
    sample: async (world) => ({
      params: { project_id: await world.the('project'), incident_key: 'INC-1' },
      json: { started_at: '2026-01-05T08:00:00Z' },
    }),
  },
  'DELETE /api/v1/teams/:project_id/incidents/:incident_key': {
    needs: write,
    sample: async (world) => ({
      params: { project_id: await world.the('project'), incident_key: await world.the('incident') },
    }),
  },
};
