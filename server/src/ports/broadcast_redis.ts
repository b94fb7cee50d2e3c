import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { createClient } from 'redis';
import type { Broadcast } from './broadcast.ts';
import { type RedisAddress, redisOptions } from './redis_connection.ts';

export interface RedisBroadcastOptions extends RedisAddress {
  readonly log: Logger;
  /** Milliseconds between two signs of life; a connection is taken for lost after two that stay away. */
  readonly heartbeatMs?: number;
}

const channel = 'maestro:broadcast';

/**
 * Over Redis publish/subscribe. A subscription can be dead without anybody noticing (a half-open connection, one that
 * is back but not subscribed yet), so this process sends itself a sign of life through Redis: `connected` says whether
 * it came back. Returns at once; Redis may come later, go away and come back.
 */
export function redisBroadcast({ log, heartbeatMs = 1_000, ...address }: RedisBroadcastOptions): Broadcast {
  const self = randomUUID();
  const listeners = new Map<string, ((message: string) => void)[]>();
  const lossListeners: (() => void)[] = [];
  let heardAt = Number.NEGATIVE_INFINITY;
  let alive = false;
  let closed = false;

  const options = { ...redisOptions(address), commandsQueueMaxLength: 10_000 };
  const publisher = createClient(options);
  // Its one command is the subscription, which must survive until the connection stands.
  const subscriber = createClient({ ...options, disableOfflineQueue: false });

  function setAlive(now: boolean): void {
    if (now === alive || closed) return;
    alive = now;
    log[now ? 'info' : 'warn'](now ? 'Redis delivers' : 'Redis does not deliver; caches are kept very short-lived');
    // Lost: what is cached may be revoked elsewhere unheard. Back: it may have been meanwhile.
    for (const listener of lossListeners) listener();
  }

  function deliver(topic: string, message: string): void {
    for (const listener of listeners.get(topic) ?? []) listener(message);
  }

  function onMessage(text: string): void {
    const [sender = '', topic = '', ...rest] = text.split('\n');
    if (topic === '') {
      if (sender !== self) return;
      heardAt = performance.now();
      setAlive(true);
    } else if (sender !== self) deliver(topic, rest.join('\n'));
  }

  async function send(topic: string, message: string): Promise<void> {
    try {
      await publisher.publish(channel, `${self}\n${topic}\n${message}`);
    } catch (error) {
      if (topic !== '' && !closed) log.warn({ err: error }, 'a message was not delivered to other processes');
    }
  }

  for (const client of [publisher, subscriber]) {
    // Also keeps a lost connection from ending the process; the client reconnects by itself.
    client.on('error', (error: Error) => {
      log.debug({ err: error }, 'Redis connection');
      setAlive(false);
    });
    client.connect().catch((error) => log.debug({ err: error }, 'Redis connection'));
  }
  publisher.on('ready', () => void send('', ''));
  subscriber.subscribe(channel, onMessage).then(
    () => send('', ''),
    (error) => log.debug({ err: error }, 'Redis subscription'),
  );
  const heartbeat = setInterval(() => {
    if (performance.now() - heardAt > 2 * heartbeatMs) setAlive(false);
    void send('', '');
  }, heartbeatMs);
  heartbeat.unref();

  return {
    async publish(topic, message) {
      deliver(topic, message);
      await send(topic, message);
    },
    subscribe(topic, listener) {
      listeners.set(topic, [...(listeners.get(topic) ?? []), listener]);
    },
    connected: () => alive && performance.now() - heardAt <= 2 * heartbeatMs,
    onLoss(listener) {
      lossListeners.push(listener);
    },
    async close() {
      closed = true;
      clearInterval(heartbeat);
      listeners.clear();
      publisher.destroy();
      subscriber.destroy();
    },
  };
}
