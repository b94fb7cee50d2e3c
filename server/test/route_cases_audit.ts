import { ids, type RouteCase } from './route_case.ts';

const jsonl = () => ({ query: { format: 'jsonl' } });
const longAgo = new Date(Date.now() - 400 * 86_400_000).toISOString();

export const auditCases: Record<string, RouteCase> = {
  'GET /api/v1/audit': { needs: 'tenant_admin' },
  'GET /api/v1/audit/export': { needs: 'tenant_admin', sample: jsonl },
  'GET /api/v1/audit/verify': { needs: 'tenant_admin' },
  'GET /api/v1/operator-audit': { needs: 'operator' },
  'GET /api/v1/operator-audit/export': { needs: 'operator', sample: jsonl },
  'GET /api/v1/operator-audit/verify': { needs: 'operator' },
  'POST /api/v1/audit/retention': { needs: 'operator', sample: () => ({ json: { before: longAgo } }) },
  'DELETE /api/v1/users/:user_id': { needs: 'operator', sample: ids('user', 'user_id') },
};
