import { ids, type RouteCase, read, write } from './route_case.ts';

export const insightCases: Record<string, RouteCase> = {
  'POST /api/v1/projects/:project_id/predict': { needs: read, sample: ids('project', 'project_id') },
  'POST /api/v1/predictions': {
    needs: read,
    sample: async (world) => ({ json: { project_id: await world.the('project'), team_size: 8 } }),
  },
  'GET /api/v1/predictions': { needs: read },
  'GET /api/v1/predictions/:prediction_id': { needs: read, sample: ids('prediction', 'prediction_id') },
  'GET /api/v1/insight/model': { needs: read },
  'GET /api/v1/insight/models': { needs: read },
  'POST /api/v1/insight/train': { needs: write },
};
