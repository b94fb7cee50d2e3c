import helmet from '@fastify/helmet';
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';

export type AnswerHeaders = Readonly<Record<string, string>>;

const none = ["'none'"];

/** Says to browsers: over HTTPS alone, for a year. Never over HTTP, where it would lock in a developer's other ports. */
export const overTls: AnswerHeaders = { 'strict-transport-security': 'max-age=31536000; includeSubDomains' };

/**
 * What every answer says to browsers, errors included: nothing of it is a page, may be framed, sniffed, or kept. Pages
 * and files say their own where they differ. Helmet is asked for its values once: they are the same for every answer,
 * and its middlewares would cost each of them.
 */
export async function answerHeaders(): Promise<AnswerHeaders> {
  const model = fastify();
  await model.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: none, objectSrc: none, baseUri: none, formAction: none, frameAncestors: none },
    },
    crossOriginEmbedderPolicy: false,
    referrerPolicy: { policy: 'no-referrer' },
    xFrameOptions: { action: 'deny' },
    strictTransportSecurity: false,
    xDnsPrefetchControl: false,
    xDownloadOptions: false,
    xXssProtection: false,
  });
  model.get('/', (_request, reply) => reply.code(204).send());
  const { headers } = await model.inject('/');
  await model.close();
  const { date: _date, connection: _connection, ...said } = headers as Record<string, string>;
  return Object.freeze({
    ...said,
    'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
    'cache-control': 'no-store',
  });
}

/** `headers`, and over HTTPS, our own or that of a trusted proxy, what holds there. */
export const headersFor = (request: FastifyRequest, headers: AnswerHeaders): AnswerHeaders =>
  request.protocol === 'https' ? { ...headers, ...overTls } : headers;

/** Says `headers` with every answer of a route, and with 404. */
export function sayHeaders(app: FastifyInstance, headers: AnswerHeaders): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(headersFor(request, headers));
    done();
  });
}

const methods = 'GET, HEAD, POST, PUT, PATCH, DELETE';
const asked = 'Authorization, Content-Type, X-MLFLOW-WORKSPACE, Range, If-None-Match';
const exposed = 'ETag, Content-Range, Retry-After, RateLimit, RateLimit-Policy';

/**
 * Lets pages of `origins` call the API with a token (the Fetch standard's CORS protocol); never with cookies, since no
 * answer allows credentials. Without origins nothing is said, and browsers keep other sites' pages out.
 */
export function allowOrigins(app: FastifyInstance, origins: readonly string[]): void {
  if (origins.length === 0) return;
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('vary', 'Origin');
    const { origin } = request.headers;
    if (origin === undefined || !origins.includes(origin)) return done();
    reply.header('access-control-allow-origin', origin).header('cross-origin-resource-policy', 'cross-origin');
    if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined) {
      reply.header('access-control-expose-headers', exposed);
      return done();
    }
    reply
      .code(204)
      .headers({
        'access-control-allow-methods': methods,
        'access-control-allow-headers': asked,
        'access-control-max-age': '600',
      })
      .send();
  });
}
