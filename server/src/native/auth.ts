import type { FastifyInstance } from 'fastify';
import { login } from '../identity/login.ts';
import { me } from '../identity/me.ts';
import { refresh } from '../identity/refresh.ts';
import { logout } from '../identity/session_operations.ts';
import type { Ports } from '../ports/ports.ts';
import { route } from './route.ts';

export const authRoutes = [
  route('POST', '/auth/login', login, 'Sign in with e-mail address and password', {
    errors: ['unauthenticated', 'captcha_required', 'limit_exceeded'],
  }),
  route('POST', '/auth/refresh', refresh, 'Exchange a refresh token for new tokens', {
    errors: ['unauthenticated', 'limit_exceeded'],
  }),
  route('POST', '/auth/logout', logout, 'End this session', { status: 204 }),
  route('GET', '/auth/me', me, 'Who the caller is'),
];

/** The public keys of access tokens, where clients look for them (RFC 7517). */
export function mountJwks(app: FastifyInstance, { identity }: Ports): void {
  const config = { unguarded: 'public keys, for whoever verifies a token' };
  app.get('/.well-known/jwks.json', { config }, (_request, reply) =>
    reply.header('cache-control', 'public, max-age=300').send(identity.tokens.jwks()),
  );
}
