import { once } from 'node:events';
import { isIP } from 'node:net';
import { connect } from 'node:tls';
import { hostOf, isLoopback } from '../config.ts';
import { whyDistrusted } from '../tls/distrust.ts';

export type RedisAddress = {
  readonly url: string;
  /** PEM text of who vouches for it, instead of the public authorities; for `rediss://`. */
  readonly ca?: string | undefined;
};

const connectMs = 5_000;
const reconnectMsMax = 2_000;

const isTls = (url: string): boolean => url.startsWith('rediss:');
const trust = ({ ca }: RedisAddress) => ({
  minVersion: 'TLSv1.2' as const,
  rejectUnauthorized: true,
  ...(ca === undefined ? {} : { ca }),
});

/** How each client of ours connects: it comes back by itself, and verifies a Redis that speaks TLS. */
export const redisOptions = (address: RedisAddress) => ({
  url: address.url,
  disableOfflineQueue: true,
  socket: {
    connectTimeout: connectMs,
    reconnectStrategy: (tries: number) => Math.min(50 * 2 ** tries, reconnectMsMax),
    ...(isTls(address.url) ? { tls: true as const, ...trust(address) } : {}),
  },
});

/** What Redis answers. Rejects where it takes longer than `msMax`: one that hangs must not keep anybody waiting. */
export function inTime<T>(answer: Promise<T>, msMax: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('Redis did not answer in time')), msMax);
  });
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}

/**
 * Throws where a Redis is there that is not the one of `rediss://`: its certificate is not trusted, or it does not
 * answer in TLS. One that is away may come later.
 */
export async function checkRedis(address: RedisAddress): Promise<void> {
  if (!isTls(address.url)) return;
  const host = hostOf(new URL(address.url));
  const port = Number(new URL(address.url).port || 6379);
  const socket = connect({
    host,
    port,
    servername: isIP(host) === 0 ? host : '',
    ...trust(address),
  });
  let isThere = false;
  socket.once('connect', () => {
    isThere = true;
  });
  // A Redis without TLS waits for the end of what it takes for a command.
  socket.setTimeout(connectMs, () => socket.destroy(new Error('no answer in time')));
  try {
    await once(socket, 'secureConnect');
  } catch (error) {
    const reason = whyDistrusted(error) ?? (isThere ? 'it does not answer in TLS' : undefined);
    if (reason !== undefined) {
      const help =
        address.ca === undefined ? 'MAESTRO_REDIS_CA names the file of who vouches for it' : 'see MAESTRO_REDIS_CA';
      throw new Error(`Maestro does not use the Redis of REDIS_URL: ${reason} (${help}).`, { cause: error });
    }
  } finally {
    socket.destroy();
  }
}

/** Whether what goes to a Redis goes over a network in clear. */
export const isRedisInClear = (url: string): boolean => !isTls(url) && !isLoopback(hostOf(new URL(url)));
