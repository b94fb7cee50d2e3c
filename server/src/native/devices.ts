import {
  beginDeviceSignIn,
  decideDeviceSignIn,
  deviceSignIn,
  readDeviceSignIn,
} from '../identity/device_sign_in_operations.ts';
import { route } from './route.ts';

/** The sign-in of programs without a browser (RFC 8628). */
export const deviceRoutes = [
  route('POST', '/auth/device', beginDeviceSignIn, 'Begin the sign-in of a program that has no browser'),
  route('POST', '/auth/device/token', deviceSignIn, 'Ask whether the sign-in was approved, for its tokens', {
    errors: ['unauthenticated', 'not_found'],
  }),
  route('POST', '/auth/device/read', readDeviceSignIn, 'Which program waits with a user code', {
    errors: ['permission_denied', 'not_found'],
  }),
  route('POST', '/auth/device/approval', decideDeviceSignIn, 'Approve or deny the sign-in of a program', {
    status: 204,
    errors: ['permission_denied', 'not_found'],
  }),
];
