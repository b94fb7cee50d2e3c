import * as identity from '../identity/providers/identity_operations.ts';
import * as signIn from '../identity/providers/sign_in_operations.ts';
import { route } from './route.ts';

/** Sign-in with Google, Microsoft, GitHub and other identity providers. */
export const providerRoutes = [
  route('GET', '/auth/providers', signIn.list, 'List the identity providers to sign in with'),
  route('POST', '/auth/providers/:provider/begin', signIn.begin, 'Begin a sign-in at an identity provider', {
    errors: ['permission_denied'],
  }),
  route('GET', '/auth/providers/:provider/callback', signIn.callback, 'Where a provider sends the browser back to', {
    redirect: ({ location }) => location,
    errors: ['permission_denied'],
  }),
  route('POST', '/auth/providers/second-factor', signIn.askFactor, 'Ask for the second factor after a provider', {
    errors: ['unauthenticated', 'permission_denied'],
  }),
  route('GET', '/me/identities', identity.list, 'List the accounts at providers that you sign in with', {
    errors: ['permission_denied'],
  }),
  route('POST', '/me/identities/:provider/begin', identity.begin, 'Begin to add an account at a provider', {
    errors: ['permission_denied'],
  }),
  route('DELETE', '/me/identities/:identity_id', identity.remove, 'Remove an account at a provider', {
    status: 204,
    errors: ['permission_denied', 'invalid_state'],
  }),
];
