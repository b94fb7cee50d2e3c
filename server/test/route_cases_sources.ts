import { randomUUID } from 'node:crypto';
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
  'POST /api/v1/projects/:project_id/ci/reports': {
    needs: write,
    sample: async (world) => ({
      ...(await inProject(world)),
      json: {
        repository: 'r',
        run_key: '1',
        started_at: '2026-01-31T12:00:00Z',
        tests: 2,
        tests_failed: 1,
        tests_skipped: 0,
        tests_seconds: 1.5,
      },
    }),
  },
  'POST /api/v1/projects/:project_id/webhooks': {
    needs: write,
    sample: async (world) => ({ ...(await inProject(world)), json: { kind: 'github' } }),
  },
  'GET /api/v1/projects/:project_id/webhooks': { needs: read, sample: inProject },
  'POST /api/v1/projects/:project_id/webhooks/:webhook_id/rotate': {
    needs: write,
    sample: async (world) => ({
      params: { project_id: await world.the('project'), webhook_id: await world.the('webhook') },
    }),
  },
  'DELETE /api/v1/projects/:project_id/webhooks/:webhook_id': {
    needs: write,
    sample: async (world) => ({
      params: { project_id: await world.the('project'), webhook_id: await world.the('webhook') },
    }),
  },
  'GET /api/v1/webhooks': { needs: read },
  'POST /api/v1/hooks/:tenant/:hook_id': {
    needs: 'public',
    sample: () => ({ params: { tenant: 'tenant-a', hook_id: randomUUID() }, body: '{}' }),
    answers: [404, 'whoever has no signature is told of no webhook'],
  },
};
