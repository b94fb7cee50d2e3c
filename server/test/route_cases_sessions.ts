import { randomUUID } from 'node:crypto';
import { ids, type RouteCase } from './route_case.ts';

const noSession: [number, string] = [403, 'an API key has no sessions'];

export const sessionCases: Record<string, RouteCase> = {
  'POST /api/v1/auth/logout-all': { needs: 'signed_in', answers: noSession },
  'GET /api/v1/auth/sessions': { needs: 'signed_in', answers: noSession },
  'DELETE /api/v1/auth/sessions/:session_id': {
    needs: 'signed_in',
    sample: () => ({ params: { session_id: randomUUID() } }),
    answers: noSession,
  },
  'GET /api/v1/users/:user_id/sessions': { needs: 'operator', sample: ids('user', 'user_id') },
  'DELETE /api/v1/users/:user_id/sessions': { needs: 'operator', sample: ids('user', 'user_id') },
  'GET /api/v1/signing-keys': { needs: 'operator' },
  'POST /api/v1/signing-keys/rotate': { needs: 'operator' },
};
