import type { Logger } from 'pino';
import type { Broadcast } from './broadcast.ts';
import { memoryBroadcast } from './broadcast_memory.ts';
import { type Limiters, memoryLimiters } from './limiters.ts';
import { checkRedis, type RedisAddress } from './redis_connection.ts';
import type { Revocations } from './revocations.ts';
import { memoryRevocations } from './revocations_memory.ts';

/** What the processes of a deployment share and may lose. */
export interface Ephemeral {
  readonly broadcast: Broadcast;
  readonly revocations: Revocations;
  readonly limiters: Limiters;
}

export interface EphemeralOptions {
  /** Undefined: within this process. */
  readonly redis: RedisAddress | undefined;
  /** There can be no other process on the same database. */
  readonly alone: boolean;
  /** Seconds a revocation is kept: the life of an access token. */
  readonly markerSeconds: number;
  readonly log: Logger;
}

/** In Redis, else in memory. Throws where a Redis is there that is not the one that was named: see checkRedis. */
export async function openEphemeral({ redis, alone, markerSeconds, log }: EphemeralOptions): Promise<Ephemeral> {
  if (redis === undefined) {
    return {
      broadcast: memoryBroadcast({ alone }),
      revocations: memoryRevocations({ alone }),
      limiters: memoryLimiters(),
    };
  }
  await checkRedis(redis);
  // Redis's are a quarter of all modules of a start, and a fifth of its computing: whoever has none does not load them.
  const [{ redisBroadcast }, { redisRevocations }, { redisLimiters }] = await Promise.all([
    import('./broadcast_redis.ts'),
    import('./revocations_redis.ts'),
    import('./limiters_redis.ts'),
  ]);
  return {
    broadcast: redisBroadcast({ ...redis, log }),
    revocations: redisRevocations({ ...redis, log, markerSeconds }),
    limiters: redisLimiters({ ...redis, log }),
  };
}
