import type { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { filesTakeTheirTime } from '../bodies.ts';
import type { Call } from '../operation.ts';

/** Leaves the bodies of a scope's requests as streams, whatever their content type says: they are files. */
export function leaveBodiesAsStreams(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  filesTakeTheirTime(scope);
  scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
}

/** The body of a request in such a scope. One without a body is an empty file. */
export const bodyOf = (request: FastifyRequest): Readable => (request.body as Readable | undefined) ?? request.raw;

/** The bytes that the sender of a call says its body has; undefined where it does not say. */
export function lengthOf({ headers }: Call): number | undefined {
  const length = headers['content-length'];
  return typeof length === 'string' && /^\d{1,15}$/.test(length) ? Number(length) : undefined;
}
