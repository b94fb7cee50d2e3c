import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { addressOf, headOf } from './call.ts';
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
    authenticate(request.headers, addressOf(request), headOf(request)).then(({ kind }) => {
      if (kind !== 'anonymous') return done();
      done(new MaestroError('unauthenticated', 'Sign in, or send an API key.'));
    }, done);
  });
}

/** A compressed body may unfold to any size: none is taken. */
export function refuseEncodedBodies(app: FastifyInstance): void {
  app.addHook('onRequest', ({ headers }, _reply, done) => {
    const encoding = headers['content-encoding'];
    if (encoding === undefined || encoding.toLowerCase() === 'identity') return done();
    done(new MaestroError('unsupported_media_type', 'Content-Encoding: send bodies as they are, not compressed.'));
  });
}

declare module 'fastify' {
  interface FastifyRequest {
    bodyDeadline: NodeJS.Timeout | undefined;
  }
}

/**
 * Ends a request whose body takes longer than `msMax`, answering by `refuse`; a file may take its time, as long as it
 * moves (see `filesTakeTheirTime`).
 */
export function limitBodyTime(
  app: FastifyInstance,
  msMax: number,
  refuse: (error: { code: string }, socket: Socket) => void,
): void {
  app.decorateRequest('bodyDeadline', undefined);
  app.addHook('preParsing', (request, _reply, payload, done) => {
    const { headers, raw } = request;
    if (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0) {
      request.bodyDeadline = setTimeout(() => {
        refuse({ code: 'ERR_HTTP_REQUEST_TIMEOUT' }, raw.socket);
        raw.socket.destroySoon();
      }, msMax).unref();
      payload.once('close', () => clearTimeout(request.bodyDeadline));
    }
    done(null, payload);
  });
}

/** In a scope whose bodies are files. */
export function filesTakeTheirTime(scope: FastifyInstance): void {
  scope.addHook('preParsing', (request, _reply, payload, done) => {
    clearTimeout(request.bodyDeadline);
    done(null, payload);
  });
}

/** Members of all objects of a JSON body: several times what any message needs. Parsing a million takes a second. */
const jsonMembersMax = 200_000;

/** No body shorter than this holds as many. */
const roomForMembers = jsonMembersMax * '"":1,'.length;

/** Counted in the text: once it is parsed the time is spent. JSON within a text, whose quotes are escaped, does not count. */
function hasTooManyMembers(body: string): boolean {
  if (body.length < roomForMembers) return false;
  let count = 0;
  for (const _member of body.matchAll(/(?<!\\)"\s*:/g)) if (++count > jsonMembersMax) return true;
  return false;
}

/** Reads JSON bodies in a scope; an empty one is as good as none, whatever the method. */
export function readJson(scope: FastifyInstance): void {
  scope.removeContentTypeParser('application/json');
  scope.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (_request, body, done) => {
    if (body === '') return done(null, undefined);
    if (hasTooManyMembers(body)) return done(invalid(`The body: holds more than ${jsonMembersMax} members`));
    try {
      done(null, JSON.parse(body));
    } catch {
      done(invalid('The request body is not valid JSON.'));
    }
  });
}
