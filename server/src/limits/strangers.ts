import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { addressOf } from '../call.ts';
import { MaestroError } from '../errors.ts';
import { networkOf } from '../identity/network.ts';
import { isPublic } from '../operation.ts';
import type { Ports } from '../ports/ports.ts';
import { sendState } from './headers.ts';

const windowSeconds = 60;

/**
 * Bounds the calls of public operations by network, before anything of a body is read. Routes that run through no
 * operation are spared: health probes among them.
 */
export function limitStrangers(
  app: FastifyInstance,
  { limiters, identity }: Pick<Ports, 'limiters' | 'identity'>,
): void {
  const calls = limiters.open({ name: 'public-calls', seconds: windowSeconds });
  const quota = identity.policy.publicRequestsPerMinute;

  async function countCall(request: FastifyRequest, reply: FastifyReply, action: string): Promise<void> {
    const address = addressOf(request);
    const { count, leftMs } = await calls.add(networkOf(address));
    const resetSeconds = Math.max(1, Math.ceil(leftMs / 1000));
    const limit = { policy: 'public', quota, windowSeconds, remaining: Math.max(0, quota - count), resetSeconds };
    sendState(reply, limit);
    if (count <= quota) return;
    const reason = 'too many calls from one address';
    await identity.refusals.note({ action, reason, address, requestId: request.id });
    throw new MaestroError('limit_exceeded', `Too many calls from your address; try again in ${resetSeconds} s.`, {
      retryAfterSeconds: resetSeconds,
      limit,
    });
  }

  app.addHook('onRequest', (request, reply, done) => {
    const { operation } = request.routeOptions.config;
    // Nothing is awaited on the way of everybody else: a promise a request is what ingestion would pay.
    if (operation === undefined || !isPublic(operation)) return done();
    countCall(request, reply, operation).then(() => done(), done);
  });
}
