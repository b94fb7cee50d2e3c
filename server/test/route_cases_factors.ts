import { randomUUID } from 'node:crypto';
import { ids, type RouteCase, type Sample } from './route_case.ts';

const key = 'nobody-answered-this';
/** In the right form, of no authenticator. */
const credential = (response: Record<string, string>) => ({
  id: key,
  rawId: key,
  type: 'public-key',
  response: { clientDataJSON: key, ...response },
});
const assertion = credential({ authenticatorData: key, signature: key });
const attestation = credential({ attestationObject: key });

const noKey: [number, string] = [403, 'a key manages no factors of a person'];
const noChallenge: [number, string] = [401, 'whoever answers must have been asked: the tests beside the code are'];

const personal = (sample: () => Sample = () => ({})): RouteCase => ({
  needs: 'signed_in',
  personal: true,
  sample,
  answers: noKey,
});

/** Second factors: everything about them is a person's own. */
export const factorCases: Record<string, RouteCase> = {
  'POST /api/v1/auth/second-factor': {
    needs: 'public',
    sample: () => ({ json: { challenge: key, method: 'totp', code: '000000' } }),
    answers: noChallenge,
  },
  'POST /api/v1/auth/passkey/options': { needs: 'public' },
  'POST /api/v1/auth/passkey': {
    needs: 'public',
    sample: () => ({ json: { challenge: key, credential: assertion } }),
    answers: noChallenge,
  },
  'POST /api/v1/auth/reauthenticate': personal(() => ({ json: { password: 'whatever' } })),
  'GET /api/v1/me/factors': personal(),
  'POST /api/v1/me/factors/totp': personal(),
  'POST /api/v1/me/factors/totp/confirm': personal(() => ({ json: { code: '000000' } })),
  'POST /api/v1/me/factors/webauthn/options': personal(),
  'POST /api/v1/me/factors/webauthn': personal(() => ({ json: { challenge: key, credential: attestation } })),
  'POST /api/v1/me/factors/backup-codes': personal(),
  'PATCH /api/v1/me/factors/:factor_id': personal(() => ({ params: { factor_id: randomUUID() }, json: { name: 'n' } })),
  'DELETE /api/v1/me/factors/:factor_id': personal(() => ({ params: { factor_id: randomUUID() } })),
  'DELETE /api/v1/users/:user_id/factors': { needs: 'operator', sample: ids('user', 'user_id') },
};
