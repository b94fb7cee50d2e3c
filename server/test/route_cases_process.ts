import { ids, type RouteCase, read, write } from './route_case.ts';
import type { World } from './route_world.ts';

const metric = async (world: World) => ({ project_id: await world.the('project'), metric_type: 'builds', value: 1 });

export const processCases: Record<string, RouteCase> = {
  'POST /api/v1/metrics': { needs: write, sample: async (world) => ({ json: await metric(world) }) },
  'POST /api/v1/metrics/batch': {
    needs: write,
    sample: async (world) => ({ json: { metrics: [await metric(world)] } }),
  },
  'GET /api/v1/metrics/:project_id/summary': { needs: read, sample: ids('project', 'project_id') },
  'GET /api/v1/metrics/:project_id/velocity': { needs: read, sample: ids('project', 'project_id') },
};
