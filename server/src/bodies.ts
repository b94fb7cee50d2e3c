import type { FastifyInstance, FastifyRequest } from 'fastify';
import { headOf } from './call.ts';
import { invalid, MaestroError } from './errors.ts';
import type { Ports } from './ports/ports.ts';

/** Longest JSON body. MLflow's clients send at most 1 MB a batch; a model's signature and profile can be larger. */
export const bodyBytesMax = 16 * 1024 * 1024;

/** Longest body of which anything is taken in before its sender is known: a sign-in needs far less. */
export const strangersBodyBytesMax = 64 * 1024;

function isLarge({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > strangersBodyBytesMax;
}

/**
 * Refuses a stranger's large body before it is read, since the pipeline asks who sends it only after: a few hundred of
 * them at once would fill the memory. Routes for strangers have a body limit of their own instead.
 */
export function refuseStrangersBodies(app: FastifyInstance, { authenticate }: Pick<Ports, 'authenticate'>): void {
  app.addHook('onRequest', (request, _reply, done) => {
    if (!isLarge(request) || request.routeOptions.bodyLimit <= strangersBodyBytesMax) return done();
    authenticate(request.headers, request.ip, headOf(request)).then(({ kind }) => {
      if (kind !== 'anonymous') return done();
      done(new MaestroError('unauthenticated', 'Sign in, or send an API key.'));
    }, done);
  });
}

/** Reads JSON bodies in a scope; an empty one is as good as none, whatever the method. */
export function readJson(scope: FastifyInstance): void {
  scope.removeContentTypeParser('application/json');
  scope.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (_request, body, done) => {
    if (body === '') return done(null, undefined);
    try {
      done(null, JSON.parse(body));
    } catch {
      done(invalid('The request body is not valid JSON.'));
    }
  });
}
