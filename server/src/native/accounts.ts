import { acceptInvitation, readInvitation } from '../identity/invitation_acceptance.ts';
import * as invitation from '../identity/invitation_operations.ts';
import * as profile from '../identity/profile_operations.ts';
import * as recovery from '../identity/recovery_operations.ts';
import { passwordStrength } from '../identity/strength.ts';
import { eraseOwn } from '../identity/user_deletion.ts';
import { exportOwn, exportUser } from '../identity/user_export.ts';
import { sendExported } from '../limits/exported.ts';
import { type NativeRoute, route } from './route.ts';

const asLines = { send: sendExported, media: ['application/x-ndjson'] };

export const accountRoutes: readonly NativeRoute[] = [
  route('POST', '/members/invite', invitation.invite, 'Invite somebody into this tenant by mail', {
    status: 201,
    errors: ['already_exists', 'limit_exceeded'],
  }),
  route('GET', '/invitations', invitation.list, 'List the open invitations into this tenant'),
  route('DELETE', '/invitations/:invitation_id', invitation.withdraw, 'Withdraw an invitation', { status: 204 }),
  route('POST', '/auth/read-invitation', readInvitation, 'What an invitation’s link leads to'),
  route('POST', '/auth/accept-invitation', acceptInvitation, 'Accept an invitation', {
    errors: ['unauthenticated', 'already_exists', 'limit_exceeded', 'not_found'],
  }),
  route('POST', '/auth/request-password-reset', recovery.requestPasswordReset, 'Ask for a link to set a new password', {
    status: 202,
  }),
  route('POST', '/auth/reset-password', recovery.resetPassword, 'Set a new password by a link', { status: 204 }),
  route(
    'POST',
    '/auth/request-email-verification',
    recovery.requestEmailVerification,
    'Ask for a link that verifies the caller’s address',
    { status: 202, errors: ['invalid_state'] },
  ),
  route('POST', '/auth/verify-email', recovery.verifyEmail, 'Verify an address by a link'),
  route('POST', '/auth/password-strength', passwordStrength, 'How strong a password is, and whether it may be set'),
  route('GET', '/me/profile', profile.get, 'Read your own account', { errors: ['invalid_state', 'not_found'] }),
  route('PATCH', '/me/profile', profile.update, 'Change your own name', { errors: ['invalid_state', 'not_found'] }),
  route('POST', '/me/password', profile.changePassword, 'Change your own password; your other sessions end', {
    errors: ['invalid_state', 'permission_denied', 'not_found', 'limit_exceeded'],
  }),
  route('POST', '/me/email', profile.changeEmail, 'Ask for another address of your own account', {
    status: 202,
    errors: ['invalid_state', 'permission_denied'],
  }),
  route('POST', '/me/export', exportOwn, 'All that is kept of you, as JSON lines', asLines),
  route('POST', '/users/:user_id/export', exportUser, 'All that is kept of a person, as JSON lines', asLines),
  route('POST', '/me/erase', eraseOwn, 'Delete your own account and all that is known of you, for good', {
    errors: ['invalid_state', 'permission_denied'],
  }),
];
