import { randomUUID } from 'node:crypto';
import type { RouteCase } from './route_case.ts';

const provider = 'company';
const noProvider: [number, string] = [404, 'the walk has no provider: the tests beside the code have'];
const noKey: [number, string] = [403, 'a key is no person, and signs in nowhere else'];

/** Sign-in at other identity providers; accounts there are a person's own. */
export const providerCases: Record<string, RouteCase> = {
  'GET /api/v1/auth/providers': { needs: 'public' },
  'POST /api/v1/auth/providers/:provider/begin': {
    needs: 'public',
    sample: () => ({ params: { provider } }),
    answers: noProvider,
  },
  'GET /api/v1/auth/providers/:provider/callback': {
    needs: 'public',
    sample: () => ({ params: { provider }, query: { code: 'c', state: 's' } }),
    answers: noProvider,
  },
  'POST /api/v1/auth/providers/second-factor': {
    needs: 'public',
    answers: [403, 'for pages of this server alone'],
  },
  'GET /api/v1/me/identities': { needs: 'signed_in', personal: true, answers: noKey },
  'POST /api/v1/me/identities/:provider/begin': {
    needs: 'signed_in',
    personal: true,
    sample: () => ({ params: { provider } }),
    answers: noKey,
  },
  'DELETE /api/v1/me/identities/:identity_id': {
    needs: 'signed_in',
    personal: true,
    sample: () => ({ params: { identity_id: randomUUID() } }),
    answers: noKey,
  },
};
