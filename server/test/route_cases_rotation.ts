import type { RouteCase } from './route_case.ts';

const given: RouteCase['answers'] = [400, 'the app of the tests was given its secrets, and cannot change them'];

export const rotationCases: Record<string, RouteCase> = {
  'GET /api/v1/encryption-key': { needs: 'operator' },
  'POST /api/v1/encryption-key/rotate': { needs: 'operator', answers: given },
  'GET /api/v1/password-pepper': { needs: 'operator' },
  'POST /api/v1/password-pepper/rotate': { needs: 'operator', answers: given },
  'POST /api/v1/password-pepper/drop-older': { needs: 'operator', answers: given },
  'POST /api/v1/database-password/rotate': { needs: 'operator' },
};
