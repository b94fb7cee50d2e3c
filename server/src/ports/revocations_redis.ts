import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { createClient } from 'redis';
import { inTime, type RedisAddress, redisOptions } from './redis_connection.ts';
import type { Moment, Revocations } from './revocations.ts';

export interface RedisRevocationsOptions extends RedisAddress {
  readonly log: Logger;
  /** Seconds a marker is kept: the life of an access token. */
  readonly markerSeconds: number;
  /** Milliseconds after which Redis counts as away. */
  readonly patienceMs?: number;
  /** Milliseconds between two looks whether Redis answers. */
  readonly heartbeatMs?: number;
}

const eraKey = 'maestro:rev:era';
const epochKey = 'maestro:rev:epoch';
const keyOf = (subject: string): string => `maestro:rev:${subject.replace(' ', ':')}`;

/**
 * Over Redis: a marker is a key with a random value that expires, and a moment is one MGET of the era, the epoch and
 * the markers. The era is renewed where Redis lost it (it was flushed, or came up empty) and where a mark may not have
 * been written; each connection adds a part of its own, which changes whenever Redis was away, so that a Redis that
 * comes back with an old snapshot revives nothing. Returns at once; Redis may come later, go away and come back.
 */
export function redisRevocations(options: RedisRevocationsOptions): Revocations {
  const { log, markerSeconds, patienceMs = 250, heartbeatMs = 500 } = options;
  let connection = 0;
  let up = false;
  let closed = false;
  /** A mark may not have reached Redis: all that others cache is to be looked up again. */
  let missed = false;
  let looking = false;

  const client = createClient({ ...redisOptions(options), commandsQueueMaxLength: 100_000 });

  function lost(error?: unknown): void {
    connection++;
    if (!up || closed) return;
    up = false;
    log.warn({ err: error }, 'Redis does not answer; every request asks PostgreSQL for its credentials');
  }

  const soon = <T>(answer: Promise<T>): Promise<T> => inTime(answer, patienceMs);

  async function renewEra(): Promise<void> {
    missed = false;
    try {
      await soon(client.set(eraKey, randomUUID()));
    } catch (error) {
      missed = true;
      throw error;
    }
  }

  /** Looks whether Redis answers. What was read before it was away says nothing any more. */
  async function look(): Promise<void> {
    if (looking || closed || !client.isReady) return;
    looking = true;
    try {
      await soon(client.ping());
      if (missed) await renewEra();
      if (!up && !closed) {
        connection++;
        up = true;
        log.info('Redis answers');
      }
    } catch (error) {
      lost(error);
    } finally {
      looking = false;
    }
  }

  client.on('error', lost);
  client.on('end', () => lost());
  client.on('ready', () => {
    lost();
    void look();
  });
  client.connect().catch((error) => log.debug({ err: error }, 'Redis connection'));
  const heartbeat = setInterval(() => void look(), heartbeatMs);
  heartbeat.unref();

  async function read(subjects: readonly string[]): Promise<Moment | undefined> {
    const before = connection;
    try {
      const [era = null, epoch, ...markers] = await soon(client.mGet([eraKey, epochKey, ...subjects.map(keyOf)]));
      if (era === null) {
        // Flushed. Whichever process is first sets the new one; until then nothing can be known.
        await soon(client.set(eraKey, randomUUID(), { condition: 'NX' }));
        return undefined;
      }
      // An answer of a connection that was lost meanwhile.
      if (!up || connection !== before) return undefined;
      return { era: `${before} ${era}`, epoch: epoch ?? '', markers: markers.map((marker) => marker ?? '') };
    } catch (error) {
      lost(error);
      return undefined;
    }
  }

  return {
    async mark(subjects) {
      const value = randomUUID();
      try {
        const all = client.multi().set(epochKey, value);
        for (const subject of subjects) all.setEx(keyOf(subject), markerSeconds, value);
        // Also while Redis hangs: what it finds written when it goes on is in time.
        await soon(all.exec());
      } catch (error) {
        missed = true;
        if (!closed) log.warn({ err: error }, 'Redis was not told of a change; other processes hear of it later');
      }
    },
    read: (subjects) => (up ? read(subjects) : undefined),
    lifeMs: 10_000,
    async close() {
      closed = true;
      clearInterval(heartbeat);
      client.destroy();
    },
  };
}
