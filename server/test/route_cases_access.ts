import { type RouteCase, read, unique } from './route_case.ts';

const admin = 'tenant_admin';
const roleName = (): string => `r${unique().replaceAll('-', '')}`.slice(0, 40);

/** Roles, grants, what explains them, the own tenant, and operators' stays. */
export const accessCases: Record<string, RouteCase> = {
  'GET /api/v1/roles': { needs: admin },
  'POST /api/v1/roles': {
    needs: admin,
    sample: () => ({ json: { name: roleName(), permissions: ['run:read'], inherits: ['viewer'] } }),
  },
  'GET /api/v1/roles/:role': {
    needs: admin,
    sample: async (world) => ({ params: { role: await world.the('role') } }),
  },
  'PATCH /api/v1/roles/:role': {
    needs: admin,
    sample: async (world) => ({ params: { role: await world.the('role') }, json: { description: 'd' } }),
  },
  'DELETE /api/v1/roles/:role': {
    needs: admin,
    sample: async (world) => ({ params: { role: await world.the('role') } }),
  },
  'GET /api/v1/grants': { needs: admin },
  'POST /api/v1/grants': {
    needs: admin,
    sample: async (world) => ({
      json: {
        subject: { kind: 'user', id: await world.the('member') },
        resource: { kind: 'experiment', id: await world.the('experiment') },
        permissions: ['experiment:read', 'run:read'],
      },
    }),
  },
  'DELETE /api/v1/grants/:grant_id': {
    needs: admin,
    sample: async (world) => ({ params: { grant_id: await world.the('grant') } }),
  },
  'GET /api/v1/access/why': { needs: read, sample: () => ({ query: { permission: 'run:read' } }) },
  'GET /api/v1/tenant': { needs: read },
  'PATCH /api/v1/tenant': { needs: admin, sample: () => ({ json: { name: 'n' } }) },
  'GET /api/v1/tenant/sign-in': { needs: read },
  'PATCH /api/v1/tenant/sign-in': {
    needs: admin,
    sample: () => ({ json: { allowed_email_domains: ['example.org'] } }),
    answers: [403, 'it is for a person who signed in a short while ago: the tests beside the code are'],
  },
  'POST /api/v1/operator/switch': {
    needs: 'operator_session',
    sample: async (world) => ({
      json: { tenant: await world.the('tenant'), reason: 'a walk of the routes', minutes: 1 },
    }),
  },
  'DELETE /api/v1/operator/switch': {
    needs: 'operator_session',
    answers: [400, 'a session that is in no tenant leaves none'],
  },
  'GET /api/v1/operator/switches': { needs: 'operator' },
  'GET /api/v1/operator/health': { needs: 'operator' },
};
