import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';

/**
 * Only what this server sends, and no script within the page. A form of it is sent by its script: nothing may be
 * posted elsewhere.
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const headers = { 'content-security-policy': contentSecurityPolicy, 'cache-control': 'no-cache' };

const files = [
  ['/account', 'account.html', 'text/html; charset=utf-8'],
  ['/account.js', 'account.js', 'text/javascript; charset=utf-8'],
  ['/account.css', 'account.css', 'text/css; charset=utf-8'],
] as const;

/** The page that the links of mails open: it accepts invitations, sets new passwords and verifies addresses. */
export function mountAccountPage(app: FastifyInstance): void {
  const config = { unguarded: 'a page without content of anybody, for people who have no account yet' };
  for (const [path, file, type] of files) {
    const text = readFileSync(join(import.meta.dirname, file), 'utf8');
    app.get(path, { config }, (_request, reply) => reply.headers(headers).type(type).send(text));
  }
}
