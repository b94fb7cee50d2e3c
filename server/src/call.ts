import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { LimitState } from './errors.ts';
import { addressIn } from './identity/network.ts';
import { sendState } from './limits/headers.ts';
import type { Call } from './operation.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set-Cookie headers of its answer. */
    newCookies: string[] | undefined;
    /** Where its caller stands. */
    limitState: LimitState | undefined;
  }
}

/** Where a request comes from: its connection, or what a declared proxy says. */
export const addressOf = (request: FastifyRequest): string => addressIn(request.ip);

/** The part of a call that is known before its body. */
export const headOf = (request: FastifyRequest): Pick<Call, 'headers' | 'method' | 'origin'> => ({
  headers: request.headers,
  method: request.method,
  origin: `${request.protocol}://${request.host}`,
});

/** What the pipeline needs of an HTTP request; to be called once its body is there. */
export const callOf = (request: FastifyRequest): Call => ({
  ...headOf(request),
  address: addressOf(request),
  requestId: request.id,
  arrivedAt: performance.now(),
  setCookie(text) {
    request.newCookies = [...(request.newCookies ?? []), text];
  },
  sayLimit(state) {
    request.limitState = state;
  },
});

/** Sends what operations said beside their output: cookies, and where a caller stands with a limit. */
export function sendWhatWasSaid(app: FastifyInstance): void {
  app.decorateRequest('newCookies', undefined);
  app.decorateRequest('limitState', undefined);
  app.addHook('onSend', (request, reply, payload, done) => {
    // No cache may keep a credential for another reader.
    if (request.newCookies) reply.headers({ 'set-cookie': request.newCookies, 'cache-control': 'no-store' });
    if (request.limitState) sendState(reply, request.limitState);
    done(null, payload);
  });
}
