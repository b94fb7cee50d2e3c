import { hash } from 'node:crypto';
import { type RateLimiterAbstract, RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';

/** Where a key stands in its window. */
export interface Standing {
  readonly count: number;
  /** Milliseconds until the window ends; 0 where none is open. */
  readonly leftMs: number;
}

/** Counts by key in windows of time: a window opens with the first thing counted in it. */
export interface Limiter {
  /** Counts one more, atomically among all processes. `seconds` is the length of a window that this opens. */
  add(key: string, seconds?: number): Promise<Standing>;
  /** Takes one back. */
  giveBack(key: string): Promise<void>;
  read(key: string): Promise<Standing>;
  /** Gives whether there was anything; of many at once, to one. */
  forget(key: string): Promise<boolean>;
}

export interface LimiterOptions {
  /** Tells its keys from those of other limiters. */
  readonly name: string;
  /** The length of a window. */
  readonly seconds: number;
  /** Counts in this process only: for what guards this process. */
  readonly local?: true;
}

export interface Limiters {
  open(options: LimiterOptions): Limiter;
  close(): Promise<void>;
}

/** Keys that one limiter remembers in this process; past it the one that was counted longest ago is forgotten. */
const keysMax = 50_000;

/** The library's limiter in memory has no bound of its own: whoever makes up keys would fill the memory. */
class BoundedMemory extends RateLimiterMemory {
  readonly #keys = new Set<string>();

  override async penalty(key: string | number, points?: number, options?: object): Promise<RateLimiterRes> {
    const name = String(key);
    this.#keys.delete(name);
    this.#keys.add(name);
    if (this.#keys.size > keysMax) {
      const oldest = this.#keys.values().next();
      if (!oldest.done) await this.delete(oldest.value);
    }
    return super.penalty(key, points, options);
  }

  override async delete(key: string | number): Promise<boolean> {
    this.#keys.delete(String(key));
    return super.delete(key);
  }
}

const standingOf = (found: RateLimiterRes | null): Standing => ({
  count: Math.max(0, found?.consumedPoints ?? 0),
  leftMs: Math.max(0, found?.msBeforeNext ?? 0),
});

export function limiterOver(store: RateLimiterAbstract): Limiter {
  // Keys hold e-mail and network addresses: neither Redis nor a dump of it shall name them.
  const short = (key: string): string => hash('sha256', key, 'base64url');
  return {
    add: async (key, seconds) =>
      standingOf(await store.penalty(short(key), 1, seconds === undefined ? {} : { customDuration: seconds })),
    async giveBack(key) {
      // A window that has ended has nothing to take back: a count below zero would be a credit.
      if ((await store.get(short(key)))?.consumedPoints) await store.reward(short(key), 1);
    },
    read: async (key) => standingOf(await store.get(short(key))),
    forget: (key) => store.delete(short(key)),
  };
}

/** A store in this process. */
export const memoryOf = ({ name, seconds }: LimiterOptions): BoundedMemory =>
  new BoundedMemory({ keyPrefix: name, points: 1, duration: seconds });

/** Counts in this process. */
export const memoryLimiters = (): Limiters => ({
  open: (options) => limiterOver(memoryOf(options)),
  async close() {},
});
