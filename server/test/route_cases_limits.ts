import { ids, type RouteCase, read } from './route_case.ts';

export const limitCases: Record<string, RouteCase> = {
  'GET /api/v1/tenant/usage': { needs: read },
  'POST /api/v1/tenants/:tenant/recount-storage': { needs: 'operator', sample: ids('tenant', 'tenant') },
};
