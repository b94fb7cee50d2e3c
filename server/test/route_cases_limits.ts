import { ids, type RouteCase, read } from './route_case.ts';

const aPersonTakesIt: [number, string] = [403, 'a key is no person who signed in a short while ago'];

export const limitCases: Record<string, RouteCase> = {
  'GET /api/v1/tenant/attention': { needs: read },
  'GET /api/v1/tenant/usage': { needs: read },
  'POST /api/v1/tenants/:tenant/recount-storage': { needs: 'operator', sample: ids('tenant', 'tenant') },
  'GET /api/v1/tenant/export': { needs: 'tenant_admin' },
  'GET /api/v1/tenant/export/:part': {
    needs: 'tenant_admin',
    sample: () => ({ params: { part: 'experiments' } }),
    answers: aPersonTakesIt,
    stranger: aPersonTakesIt,
  },
  'GET /api/v1/tenant/export/files/content': {
    needs: 'tenant_admin',
    sample: async (world) => ({ query: { path: await world.the('filePath') } }),
    answers: aPersonTakesIt,
    stranger: aPersonTakesIt,
  },
  'GET /api/v1/tenants/:tenant/export': { needs: 'operator_key', sample: ids('tenant', 'tenant') },
  'GET /api/v1/tenants/:tenant/export/:part': {
    needs: 'operator_key',
    sample: async (world) => ({ params: { tenant: await world.the('tenant'), part: 'experiments' } }),
  },
  'GET /api/v1/tenants/:tenant/export/files/content': {
    needs: 'operator_key',
    sample: async (world) => ({ params: { tenant: 'tenant-a' }, query: { path: await world.the('filePath') } }),
  },
};
