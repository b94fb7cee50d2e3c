import type { Logger } from 'pino';
import { RateLimiterRedis } from 'rate-limiter-flexible';
import { createClient } from 'redis';
import { type Limiters, limiterOver, memoryOf } from './limiters.ts';
import { inTime, type RedisAddress, redisOptions } from './redis_connection.ts';

/** A Redis that takes longer counts as lost for this call. */
const redisMsMax = 500;

/**
 * Counts in Redis, for all processes of a deployment. Where Redis is lost, or slow, each process counts by itself: a
 * limit then holds for each of them, and none is ever open.
 */
export function redisLimiters({ log, ...address }: RedisAddress & { log: Logger }): Limiters {
  const client = createClient({ ...redisOptions(address), commandsQueueMaxLength: 10_000 });
  client.on('error', (error: Error) => log.debug({ err: error }, 'Redis connection of the limits'));
  client.connect().catch((error) => log.debug({ err: error }, 'Redis connection of the limits'));

  // The library waits for an answer as long as it takes.
  const soon = <T>(answer: Promise<T>): Promise<T> => inTime(answer, redisMsMax);
  const storeClient = {
    get isReady() {
      return client.isReady;
    },
    eval: (script: string, options: { keys: string[]; arguments: string[] }) => soon(client.eval(script, options)),
    del: (key: string) => soon(client.del(key)),
    multi() {
      const multi = client.multi();
      const send = multi.exec.bind(multi);
      return Object.assign(multi, { exec: (execAsPipeline?: boolean) => soon(send(execAsPipeline)) });
    },
  };

  return {
    open(options) {
      const insuranceLimiter = memoryOf(options);
      if (options.local) return limiterOver(insuranceLimiter);
      return limiterOver(
        new RateLimiterRedis({
          storeClient,
          useRedisPackage: true,
          rejectIfRedisNotReady: true,
          keyPrefix: `maestro:${options.name}`,
          points: 1,
          duration: options.seconds,
          insuranceLimiter,
        }),
      );
    },
    async close() {
      client.destroy();
    },
  };
}
