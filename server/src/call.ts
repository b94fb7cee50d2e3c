import type { FastifyRequest } from 'fastify';
import type { Call } from './operation.ts';

/** What the pipeline needs of an HTTP request. */
export const callOf = (request: FastifyRequest): Call => ({
  headers: request.headers,
  address: request.ip,
  requestId: request.id,
});
