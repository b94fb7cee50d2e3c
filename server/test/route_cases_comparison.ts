import { ids, type RouteCase, read } from './route_case.ts';

/** Runs side by side, and what a run read and wrote. */
export const comparisonCases: Record<string, RouteCase> = {
  'POST /api/v1/runs/compare': {
    needs: read,
    sample: async (world) => ({ json: { run_ids: [await world.the('run')], of: 'metrics' } }),
  },
  'POST /api/v1/runs/infos': {
    needs: read,
    sample: async (world) => ({ json: { run_ids: [await world.the('run')] } }),
  },
  'POST /api/v1/run-sets': {
    needs: read,
    sample: async (world) => ({ json: { run_ids: [await world.the('run')] } }),
  },
  'GET /api/v1/run-sets/:set_id': { needs: read, sample: ids('runSet', 'set_id') },
  'GET /api/v1/runs/:run_id/inputs': { needs: read, sample: ids('run', 'run_id') },
  'GET /api/v1/runs/:run_id/outputs': { needs: read, sample: ids('run', 'run_id') },
  'POST /api/v1/runs/:run_id/metrics/summary': {
    needs: read,
    sample: async (world) => ({ params: { run_id: await world.the('run') }, json: { keys: ['m'] } }),
  },
};
