import type { FastifyReply } from 'fastify';
import type { LimitState, MaestroError } from '../errors.ts';

/** RateLimit and RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers-10). */
export function sendState(
  reply: FastifyReply,
  { policy, quota, windowSeconds, remaining, resetSeconds }: LimitState,
): void {
  reply.header('ratelimit-policy', `"${policy}";q=${quota};w=${windowSeconds}`);
  reply.header('ratelimit', `"${policy}";r=${remaining};t=${resetSeconds}`);
}

/** What an error says of a limit, and of when to come again. */
export function sendLimit(reply: FastifyReply, { limit, retryAfterSeconds }: MaestroError): void {
  if (limit) sendState(reply, limit);
  if (retryAfterSeconds !== undefined) reply.header('retry-after', String(retryAfterSeconds));
}
