import { type RouteCase, unique } from './route_case.ts';

const noLink: [number, string] = [400, 'a link that holds is in a mail alone'];
const noPerson: [number, string] = [403, 'an API key is no person'];
const linked = () => ({ json: { token: unique() } });
/** Made anew each time: it is a password nowhere. */
const password = (): string => `${unique()} of a walk`;

export const accountCases: Record<string, RouteCase> = {
  'POST /api/v1/members/invite': {
    needs: 'tenant_admin',
    sample: () => ({ json: { email: `${unique()}@example.org`, role: 'viewer' } }),
  },
  'GET /api/v1/invitations': { needs: 'tenant_admin' },
  'DELETE /api/v1/invitations/:invitation_id': {
    needs: 'tenant_admin',
    sample: async (world) => ({ params: { invitation_id: await world.the('invitation') } }),
  },
  'POST /api/v1/auth/read-invitation': { needs: 'public', sample: linked, answers: noLink },
  'POST /api/v1/auth/accept-invitation': { needs: 'public', sample: linked, answers: noLink },
  'POST /api/v1/auth/request-password-reset': {
    needs: 'public',
    sample: () => ({ json: { email: `${unique()}@example.org` } }),
    answers: [202, 'what there is to send is sent behind the answer'],
  },
  'POST /api/v1/auth/reset-password': {
    needs: 'public',
    sample: () => ({ json: { token: unique(), password: password() } }),
    answers: noLink,
  },
  'POST /api/v1/auth/request-email-verification': { needs: 'signed_in', answers: noPerson },
  'POST /api/v1/auth/verify-email': { needs: 'public', sample: linked, answers: noLink },
  'POST /api/v1/auth/password-strength': { needs: 'public', sample: () => ({ json: { password: password() } }) },
  'GET /api/v1/me/profile': { needs: 'signed_in', answers: noPerson },
  'PATCH /api/v1/me/profile': { needs: 'signed_in', sample: () => ({ json: { name: 'n' } }), answers: noPerson },
  'POST /api/v1/me/password': {
    needs: 'signed_in',
    sample: () => ({ json: { current_password: password(), new_password: password() } }),
    answers: noPerson,
  },
  'POST /api/v1/me/email': {
    needs: 'signed_in',
    sample: () => ({ json: { email: `${unique()}@example.org` } }),
    answers: noPerson,
  },
};
