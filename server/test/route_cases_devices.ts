import type { RouteCase } from './route_case.ts';

const noKey: [number, string] = [403, 'a key approves nothing for a person'];
const code = 'BCDF-GHJK';

export const deviceCases: Record<string, RouteCase> = {
  'POST /api/v1/auth/device': { needs: 'public' },
  'POST /api/v1/auth/device/token': {
    needs: 'public',
    sample: () => ({ json: { device_code: 'of-nobody' } }),
    answers: [400, 'somebody must have approved it: the tests beside the code are'],
  },
  'POST /api/v1/auth/device/read': {
    needs: 'signed_in',
    personal: true,
    sample: () => ({ json: { user_code: code } }),
    answers: noKey,
  },
  'POST /api/v1/auth/device/approval': {
    needs: 'signed_in',
    personal: true,
    sample: () => ({ json: { user_code: code, approve: false } }),
    answers: noKey,
  },
};
