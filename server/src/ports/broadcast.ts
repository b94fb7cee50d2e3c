/**
 * Tells every process of a deployment what changed (a key revoked, a session ended), so that each drops it from its
 * caches. Losing a message loses no truth: cached entries are short-lived and PostgreSQL is asked again.
 */
export interface Broadcast {
  /** Delivers to every process, this one included. Resolves also where delivery failed: see `connected`. */
  publish(topic: string, message: string): Promise<void>;
  subscribe(topic: string, listener: (message: string) => void): void;
  /** False while messages of other processes may not arrive; caches are then to be kept very short-lived. */
  connected(): boolean;
  /** Runs when messages may have been lost: what was cached before may be stale. */
  onLoss(listener: () => void): void;
  close(): Promise<void>;
}
