/**
 * Tells every process of a deployment what changed, so that each may drop it from its caches. A message may be late or
 * lost: what must not be believed after a change is checked against markers (revocations.ts), never by a broadcast.
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
