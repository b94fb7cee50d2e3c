/** How many tries in a row may fail before each further one has to wait. */
const freeFailures = { pair: 5, email: 50, address: 30 } as const;
const firstWaitMs = 1_000;
const longestWaitMs = 5 * 60_000;
/** Failures are forgotten after this long without another. */
const forgetMs = 30 * 60_000;
const entriesMax = 20_000;

interface Failures {
  count: number;
  /** Milliseconds since 1970. */
  lastAt: number;
}

/**
 * Slows the guessing of passwords: failures are counted for the e-mail address, the network address and the pair; past
 * the free ones each try waits twice as long as the one before. A try counts as failed until it succeeds, so a burst
 * of parallel tries gets no more of them through.
 */
export interface SignInThrottle {
  /** Counts a try. Gives the milliseconds to wait where it must not be made now, else 0. */
  begin(email: string, address: string): number;
  succeeded(email: string, address: string): void;
}

export function openSignInThrottle(now: () => number = Date.now): SignInThrottle {
  const failures = new Map<string, Failures>();

  const keysOf = (email: string, address: string) =>
    [
      [`pair ${email.toLowerCase()} ${address}`, freeFailures.pair],
      [`email ${email.toLowerCase()}`, freeFailures.email],
      [`address ${address}`, freeFailures.address],
    ] as const;

  function waitOf(key: string, free: number): number {
    const found = failures.get(key);
    if (!found || found.count < free) return 0;
    const wait = Math.min(firstWaitMs * 2 ** (found.count - free), longestWaitMs);
    return Math.max(0, found.lastAt + wait - now());
  }

  function count(key: string): void {
    const found = failures.get(key);
    const fresh = found && now() - found.lastAt < forgetMs ? found.count : 0;
    failures.delete(key);
    failures.set(key, { count: fresh + 1, lastAt: now() });
    if (failures.size > entriesMax) {
      const oldest = failures.keys().next();
      if (!oldest.done) failures.delete(oldest.value);
    }
  }

  return {
    begin(email, address) {
      const keys = keysOf(email, address);
      const wait = Math.max(...keys.map(([key, free]) => waitOf(key, free)));
      if (wait === 0) for (const [key] of keys) count(key);
      return wait;
    },
    succeeded(email, address) {
      const [pair, account, network] = keysOf(email, address);
      failures.delete(pair[0]);
      failures.delete(account[0]);
      // Only this try is taken back: one account of the attacker's own must not wipe out the failures on all others.
      const found = failures.get(network[0]);
      if (found) found.count--;
    },
  };
}
