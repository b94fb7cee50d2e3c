import * as factor from '../identity/factor_operations.ts';
import { passkeyOptions, passkeySignIn } from '../identity/passkey.ts';
import { reauthenticate } from '../identity/reauthenticate.ts';
import { secondFactorSignIn } from '../identity/second_factor.ts';
import { route } from './route.ts';

export const factorRoutes = [
  route('POST', '/auth/second-factor', secondFactorSignIn, 'Complete a sign-in with a second factor', {
    errors: ['unauthenticated', 'limit_exceeded', 'not_found'],
  }),
  route('POST', '/auth/passkey/options', passkeyOptions, 'Begin a sign-in with a passkey'),
  route('POST', '/auth/passkey', passkeySignIn, 'Sign in with a passkey', { errors: ['unauthenticated', 'not_found'] }),
  route('POST', '/auth/reauthenticate', reauthenticate, 'Prove anew who you are, for what needs a fresh sign-in', {
    errors: ['permission_denied', 'limit_exceeded'],
  }),
  route('GET', '/me/factors', factor.list, 'List your second factors', { errors: ['permission_denied'] }),
  route('POST', '/me/factors/totp', factor.begin, 'Begin an authenticator app', {
    status: 201,
    errors: ['permission_denied', 'already_exists'],
  }),
  route('POST', '/me/factors/totp/confirm', factor.confirm, 'Confirm the authenticator app with a code of it', {
    errors: ['permission_denied'],
  }),
  route('POST', '/me/factors/webauthn/options', factor.webauthnOptions, 'Begin a security key or passkey', {
    errors: ['permission_denied'],
  }),
  route('POST', '/me/factors/webauthn', factor.addWebauthn, 'Keep a security key or passkey', {
    status: 201,
    errors: ['permission_denied', 'already_exists'],
  }),
  route('POST', '/me/factors/backup-codes', factor.renewBackupCodes, 'Make new backup codes in place of the old', {
    status: 201,
    errors: ['permission_denied'],
  }),
  route('PATCH', '/me/factors/:factor_id', factor.rename, 'Give a second factor another name', {
    errors: ['permission_denied'],
  }),
  route('DELETE', '/me/factors/:factor_id', factor.remove, 'Remove a second factor', {
    status: 204,
    errors: ['permission_denied'],
  }),
  route('DELETE', '/users/:user_id/factors', factor.reset, 'Take all second factors from a user who lost them', {
    status: 204,
  }),
];
