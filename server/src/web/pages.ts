import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { MaestroError } from '../errors.ts';
import { mountFrames } from './frame.ts';

/** Where `node scripts/web.mjs` puts what it builds of web/. */
const dist = join(import.meta.dirname, '..', '..', '..', 'web', 'dist');

/** The word that the build leaves where a page's nonce belongs (web/vite.config.ts). */
const noncePlace = 'NONCE_OF_THIS_PAGE';

const types: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/**
 * Scripts and styles of this server alone; styles that a script adds bear the page's nonce. Images and sounds of runs are
 * made by the page from what it fetched, so they are `blob:`, and never another site's; HTML of runs is shown in frame.ts.
 */
const policyOf = (nonce: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' blob: data:",
    'media-src blob:',
    "frame-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

interface BuiltFile {
  readonly type: string;
  readonly plain: Buffer;
  readonly encoded: Readonly<Record<string, Buffer>>;
}

interface Built {
  readonly page: string;
  readonly files: ReadonlyMap<string, BuiltFile>;
}

let built: Built | undefined;

/** What was built, read once in a process; undefined where nothing was. */
function readBuilt(): Built | undefined {
  if (built === undefined && existsSync(join(dist, 'index.html'))) {
    const names = [...readdirSync(dist), ...readdirSync(join(dist, 'assets')).map((name) => `assets/${name}`)];
    const files = names.flatMap((name): [string, BuiltFile][] => {
      const type = types[extname(name)];
      if (type === undefined) return [];
      const at = join(dist, name);
      const encoded = { br: readFileSync(`${at}.br`), gzip: readFileSync(`${at}.gz`) };
      return [[`/${name}`, { type, plain: readFileSync(at), encoded }]];
    });
    built = { page: readFileSync(join(dist, 'index.html'), 'utf8'), files: new Map(files) };
  }
  return built;
}

/** The best of our encodings that a request takes (RFC 9110, 12.5.3); a weight of 0 refuses one. */
function encodingFor(request: FastifyRequest): 'br' | 'gzip' | undefined {
  const accepted = String(request.headers['accept-encoding'] ?? '');
  const takes = (name: string): boolean =>
    accepted.split(',').some((part) => new RegExp(`^\\s*${name}\\s*(?:;\\s*q=(?!0(?:\\.0*)?\\s*$).*)?$`).test(part));
  return (['br', 'gzip'] as const).find(takes);
}

function sendFile(files: Built['files'], request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const path = request.url.replace(/\?.*$/s, '');
  const file = files.get(path);
  if (file === undefined) throw new MaestroError('endpoint_not_found', 'There is no such file.');
  const { type, plain, encoded } = file;
  const encoding = encodingFor(request);
  reply.type(type).headers({
    vary: 'Accept-Encoding',
    // The name of what is below assets/ changes with its content.
    'cache-control': path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'public, max-age=3600',
  });
  return encoding === undefined
    ? reply.send(plain)
    : reply.header('content-encoding', encoding).send(encoded[encoding]);
}

/** Addresses that the interface shows; what is below them, it knows itself (web/src/app/routes.tsx). */
const pagePaths = ['/', '/sign-in', '/forgot-password', '/account', '/t/*', '/me', '/me/*', '/operator', '/operator/*'];

const notBuilt = 'The web interface is not built: npm start builds it, and so does node scripts/web.mjs.\n';

function sendBuilt({ page }: Built, reply: FastifyReply): FastifyReply {
  const nonce = randomBytes(16).toString('base64url');
  return reply
    .type('text/html; charset=utf-8')
    .headers({ 'content-security-policy': policyOf(nonce), 'cache-control': 'no-store' })
    .send(page.replaceAll(noncePlace, nonce));
}

/** Of programs alone, whatever they say that they take. */
const programsPaths = /^\/(?:api|ajax-api|assets)(?:[/?]|$)/;

/** Whether a person's browser goes there, and no program asks. */
const isVisit = ({ method, url, headers }: FastifyRequest): boolean =>
  method === 'GET' &&
  !programsPaths.test(url) &&
  /\btext\/html\b/.test(headers.accept ?? '') &&
  (headers['sec-fetch-mode'] ?? 'navigate') === 'navigate';

/** Shows the interface at an address that there is not, which says so; undefined to who takes no page. */
export function sendMissingPage(request: FastifyRequest, reply: FastifyReply): FastifyReply | undefined {
  reply.header('vary', 'Accept');
  const interfaceFiles = isVisit(request) ? readBuilt() : undefined;
  return interfaceFiles && sendBuilt(interfaceFiles, reply.code(404));
}

/** The web interface: one page for all its addresses, and the files it is made of, kept in memory. */
export function mountWeb(app: FastifyInstance): void {
  const interfaceFiles = readBuilt();
  const sendPage = (_request: FastifyRequest, reply: FastifyReply) => {
    if (interfaceFiles === undefined) return reply.code(503).type('text/plain; charset=utf-8').send(notBuilt);
    return sendBuilt(interfaceFiles, reply);
  };
  const config = { unguarded: 'a page without content of anybody; what it shows it asks of /api/v1' };
  for (const path of pagePaths) app.get(path, { config }, sendPage);
  mountFrames(app);
  const files = interfaceFiles?.files ?? new Map();
  for (const path of ['/icon.svg', '/assets/:file']) {
    app.get(path, { config }, (request, reply) => sendFile(files, request, reply));
  }
}
