import { setTimeout as wait } from 'node:timers/promises';
import { MaestroError } from './problem.ts';

/** The first wait is about so long, and each further one twice as long. */
const firstWaitMs = 300;
const waitMaxMs = 10_000;
/** Who is told to wait longer than this hears of it instead. */
const retryAfterMaxSeconds = 60;

/** Connections that were not made, or broke; what a certificate or a redirect is refused for stays so. */
const brokenConnections = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_SOCKET',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
]);

/** Whether a call failed because its connection did: it may have been carried out. */
export function isBroken(error: unknown): boolean {
  if (!(error instanceof TypeError) || !(error.cause instanceof Error) || !('code' in error.cause)) return false;
  return brokenConnections.has(String(error.cause.code));
}

interface RetryOptions {
  /** How often a call is repeated at most. */
  readonly retries: number;
  /** Whether the call does no more when it is carried out twice than when it is once. */
  readonly repeatable: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** How long to wait before the call is worth repeating; undefined where it is not. */
function pauseMs(error: unknown, repeats: number, repeatable: boolean): number | undefined {
  // Half of it by chance: callers that failed together do not come back together.
  const backoff = Math.min(waitMaxMs, firstWaitMs * 2 ** repeats) * (0.5 + Math.random() / 2);
  if (!(error instanceof MaestroError)) return repeatable && isBroken(error) ? backoff : undefined;
  const { status, retryAfterSeconds } = error;
  // What is refused for its number (RFC 6585) was not carried out, whatever it is.
  const isWorthIt =
    status === 429 ? repeatable || retryAfterSeconds !== undefined : repeatable && [502, 503, 504].includes(status);
  if (!isWorthIt || (retryAfterSeconds ?? 0) > retryAfterMaxSeconds) return undefined;
  return Math.max(backoff, (retryAfterSeconds ?? 0) * 1000 + Math.random() * firstWaitMs);
}

/**
 * Makes an attempt, and repeats it while it fails of something that passes. Throws the error of the last one, or the
 * reason of the signal.
 */
export async function withRetries<Result>(
  { retries, repeatable, signal }: RetryOptions,
  attempt: () => Promise<Result>,
): Promise<Result> {
  for (let repeats = 0; ; repeats++) {
    try {
      return await attempt();
    } catch (error) {
      const pause = repeats < retries ? pauseMs(error, repeats, repeatable) : undefined;
      if (pause === undefined) throw error;
      await wait(pause, undefined, signal ? { signal } : {}).catch(() => signal?.throwIfAborted());
    }
  }
}
