import type { FastifyInstance } from 'fastify';
import { login } from '../identity/login.ts';
import { me } from '../identity/me.ts';
import { refresh } from '../identity/refresh.ts';
import * as session from '../identity/session_operations.ts';
import * as signingKey from '../identity/signing_key_operations.ts';
import type { Ports } from '../ports/ports.ts';
import { route } from './route.ts';

export const authRoutes = [
  route('POST', '/auth/login', login, 'Sign in with e-mail address and password', {
    errors: ['unauthenticated', 'captcha_required', 'permission_denied', 'limit_exceeded'],
  }),
  route('POST', '/auth/refresh', refresh, 'Exchange a refresh token for new tokens', {
    errors: ['unauthenticated', 'limit_exceeded'],
  }),
  route('POST', '/auth/logout', session.logout, 'End this session', { status: 204 }),
  route('POST', '/auth/logout-all', session.logoutAll, 'End all sessions of your own, or all others'),
  route('GET', '/auth/sessions', session.listOwn, 'List your own sessions'),
  route('DELETE', '/auth/sessions/:session_id', session.endOwn, 'End a session of your own', { status: 204 }),
  route('GET', '/auth/me', me, 'Who the caller is'),
  route('GET', '/users/:user_id/sessions', session.listOf, 'List the sessions of a user'),
  route('DELETE', '/users/:user_id/sessions', session.endAllOf, 'End all sessions of a user'),
  route('GET', '/signing-keys', signingKey.list, 'List the keys that sign and verify tokens'),
  route('POST', '/signing-keys/rotate', signingKey.rotate, 'Make a new key sign tokens, or withdraw the keys so far'),
];

/** The public keys of access tokens, where clients look for them (RFC 7517). */
export function mountJwks(app: FastifyInstance, { identity }: Ports): void {
  const config = { unguarded: 'public keys, for whoever verifies a token' };
  app.get('/.well-known/jwks.json', { config }, async (_request, reply) =>
    reply.header('cache-control', 'public, max-age=300').send(await identity.signingKeys.jwks()),
  );
}
