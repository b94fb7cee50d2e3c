import type { Logger } from 'pino';

/** Work that requests leave behind: what nobody waits for, or what must not show in an answer's time. */
export interface Behind {
  /** Does it after the answer, a few at once. Where too much waits already it is left undone, which is logged. */
  run(what: string, work: () => Promise<void>): void;
  /** Fulfilled when nothing is left to do. */
  idle(): Promise<void>;
}

const atOnceMax = 4;
const waitingMax = 1_000;

export function openBehind(log: Logger): Behind {
  const line: (() => Promise<void>)[] = [];
  const workers = new Set<Promise<void>>();

  async function worker(): Promise<void> {
    // Not in the turn of the request that brought it.
    await new Promise(setImmediate);
    for (let work = line.shift(); work; work = line.shift()) await work();
  }

  return {
    run(what, work) {
      if (line.length >= waitingMax) return log.warn({ what }, 'too much is left behind requests; this is left undone');
      line.push(() => work().catch((error) => log.warn({ err: error, what }, 'work behind a request failed')));
      if (workers.size >= atOnceMax) return;
      const running = worker().finally(() => workers.delete(running));
      workers.add(running);
    },
    async idle() {
      while (workers.size > 0) await Promise.all(workers);
    },
  };
}
