import type { Broadcast } from './broadcast.ts';

/** For a single process: a message reaches its listeners before `publish` returns. */
export function memoryBroadcast(): Broadcast {
  const listeners = new Map<string, ((message: string) => void)[]>();
  return {
    async publish(topic, message) {
      for (const listener of listeners.get(topic) ?? []) listener(message);
    },
    subscribe(topic, listener) {
      listeners.set(topic, [...(listeners.get(topic) ?? []), listener]);
    },
    connected: () => true,
    onLoss() {},
    async close() {
      listeners.clear();
    },
  };
}
