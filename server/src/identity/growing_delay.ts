import type { Limiter, Limiters } from '../ports/limiters.ts';

const longestWaitSeconds = 5 * 60;

/** One thing that tries are counted for. */
export interface Bucket {
  readonly key: string;
  /** How many tries may fail before each further one has to wait. */
  readonly free: number;
}

/** The wait after a bucket's last try, where `made` tries have failed: 1 s after the last free one, then 2, 4, …. */
const waitSecondsAfter = (made: number, free: number): number => Math.min(2 ** (made - free), longestWaitSeconds);

/**
 * Lets some tries of a window pass, then each further one only after twice the wait of the one before, up to five
 * minutes. A try is counted before it is made, so that of a burst of parallel ones no more pass than of a row.
 */
export class GrowingDelay {
  readonly windowSeconds: number;
  readonly #made: Limiter;
  /** Closed while its window lasts: whoever opens the window has the one try there is. */
  readonly #gate: Limiter;

  constructor(limiters: Limiters, name: string, windowSeconds: number) {
    this.windowSeconds = windowSeconds;
    this.#made = limiters.open({ name: `${name}-made`, seconds: windowSeconds });
    this.#gate = limiters.open({ name: `${name}-gate`, seconds: longestWaitSeconds });
  }

  /** How many tries have been made, and the milliseconds that the next one has to wait. */
  async standing({ key, free }: Bucket): Promise<{ made: number; waitMs: number }> {
    const { count } = await this.#made.read(key);
    if (count < free) return { made: count, waitMs: 0 };
    return { made: count, waitMs: (await this.#gate.read(key)).leftMs };
  }

  /** Counts a try; gives the milliseconds to wait where it must not be made now, and is then not counted. */
  async begin({ key, free }: Bucket): Promise<number> {
    const { count: made } = await this.#made.read(key);
    if (made >= free) {
      const gate = await this.#gate.add(key, waitSecondsAfter(made + 1, free));
      if (gate.count > 1) return gate.leftMs;
      await this.#made.add(key);
      return 0;
    }
    const { count: mine } = await this.#made.add(key);
    if (mine > free) {
      await this.#made.giveBack(key);
      return Math.max((await this.#gate.read(key)).leftMs, 1000);
    }
    if (mine === free) await this.#gate.add(key, waitSecondsAfter(mine, free));
    return 0;
  }

  giveBack({ key }: Bucket): Promise<void> {
    return this.#made.giveBack(key);
  }

  async forget({ key }: Bucket): Promise<void> {
    await Promise.all([this.#made.forget(key), this.#gate.forget(key)]);
  }
}
