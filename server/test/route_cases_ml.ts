import { type RouteCase, read, write } from './route_case.ts';

const text = '# Goals\nPredict churn of customers.';

export const mlCases: Record<string, RouteCase> = {
  'POST /api/v1/ml/embed-specs': {
    needs: write,
    sample: async (world) => ({ json: { specs: [{ project_id: await world.the('project'), text }] } }),
  },
  'POST /api/v1/ml/find-similar-projects': {
    needs: read,
    sample: async (world) => ({ json: { project_id: await world.the('project') } }),
  },
  'POST /api/v1/ml/analyze-overlap': {
    needs: read,
    sample: async (world) => ({ json: { text, project_id: await world.the('project') } }),
  },
  'POST /api/v1/ml/estimate-effort': {
    needs: read,
    sample: async (world) => ({ json: { text, project_id: await world.the('project') } }),
  },
  'POST /api/v1/ml/recommend-reuse-strategy': {
    needs: read,
    sample: async (world) => ({ json: { text, project_id: await world.the('project') } }),
  },
  'POST /api/v1/recommendations': {
    needs: read,
    sample: async (world) => ({ json: { project_id: await world.the('project') } }),
  },
};
