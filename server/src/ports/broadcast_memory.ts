import type { Broadcast } from './broadcast.ts';

/**
 * Within this process: a message reaches its listeners before `publish` returns. `alone` says whether there can be no
 * other process on the same database; where there can, what it publishes is never heard here, and `connected` is false.
 */
export function memoryBroadcast({ alone }: { alone: boolean }): Broadcast {
  const listeners = new Map<string, ((message: string) => void)[]>();
  return {
    async publish(topic, message) {
      for (const listener of listeners.get(topic) ?? []) listener(message);
    },
    subscribe(topic, listener) {
      listeners.set(topic, [...(listeners.get(topic) ?? []), listener]);
    },
    connected: () => alone,
    onLoss() {},
    async close() {
      listeners.clear();
    },
  };
}
