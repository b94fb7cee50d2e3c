import { ids, type RouteCase, read, remove, unique, write } from './route_case.ts';
import { fileText, type World } from './route_world.ts';

const artifact = ids('artifact', 'artifact_id');
const of = (json: Record<string, unknown>) => async (world: World) => ({ ...(await artifact(world)), json });
const version = async (world: World) => ({
  params: { artifact_id: await world.the('artifact'), version: '1.0' },
});

export const libraryCases: Record<string, RouteCase> = {
  'POST /api/v1/artifacts': { needs: write, sample: () => ({ json: { name: unique(), type: 'schema' } }) },
  'POST /api/v1/artifacts/search': { needs: read, sample: () => ({ json: { q: 'word' } }) },
  'POST /api/v1/artifacts/promote': {
    needs: write,
    sample: async (world) => {
      await world.the('filePath');
      return { json: { run_id: await world.the('run'), path: 'data.txt', name: unique(), type: 'schema' } };
    },
  },
  'GET /api/v1/artifacts/top': { needs: read },
  'GET /api/v1/artifacts/:artifact_id': { needs: read, sample: artifact },
  'PATCH /api/v1/artifacts/:artifact_id': { needs: write, sample: of({ description: 'Another.' }) },
  'DELETE /api/v1/artifacts/:artifact_id': { needs: remove, sample: artifact },
  'POST /api/v1/artifacts/:artifact_id/deprecate': { needs: write, sample: of({ reason: 'old' }) },
  'POST /api/v1/artifacts/:artifact_id/restore': { needs: write, sample: artifact },
  'POST /api/v1/artifacts/:artifact_id/use': {
    needs: write,
    sample: async (world) => ({ ...(await artifact(world)), json: { project_id: await world.the('project') } }),
  },
  'GET /api/v1/artifacts/:artifact_id/usages': { needs: read, sample: artifact },
  'GET /api/v1/artifacts/:artifact_id/analytics': { needs: read, sample: artifact },
  'GET /api/v1/artifacts/:artifact_id/lineage': { needs: read, sample: artifact },
  'POST /api/v1/artifacts/:artifact_id/versions': { needs: write, sample: artifact },
  'GET /api/v1/artifacts/:artifact_id/versions': { needs: read, sample: artifact },
  'GET /api/v1/artifacts/:artifact_id/versions/:version': { needs: read, sample: version },
  'PUT /api/v1/artifacts/:artifact_id/versions/:version/content': {
    needs: write,
    sample: async (world) => ({ ...(await version(world)), body: fileText }),
  },
  'GET /api/v1/artifacts/:artifact_id/versions/:version/content': {
    needs: read,
    sample: version,
  },
  'GET /api/v1/projects/:project_id/artifacts': { needs: read, sample: ids('project', 'project_id') },
};
