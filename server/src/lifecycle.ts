import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';

/** Stopping takes less than this, whatever hangs. */
const stopMsMax = 9500;
const oneCloserMsMax = 5000;
/** Ctrl-C in a terminal reaches Maestro itself and, once more, through npm: within this time that is one signal. */
const oneSignalMs = 1000;

type Close = (patienceMs: number) => Promise<void>;

/** The order of starting, and the same in reverse of stopping. */
export class Lifecycle {
  readonly #closers: Close[] = [];
  readonly #announcers: (() => Promise<void>)[] = [];
  #underWay: Promise<unknown> = Promise.resolve();
  #stopping: Promise<never> | undefined;

  /**
   * Waits for a step of the start; `close` undoes it when Maestro stops. When a stop is asked for meanwhile, the step
   * is finished and undone, and the start goes no further: the promise stays open.
   */
  async step<T>(work: Promise<T>, close?: (made: T, patienceMs: number) => Promise<void>): Promise<T> {
    this.#underWay = work.then(
      (made) => {
        if (close !== undefined) this.#closers.unshift((patienceMs) => close(made, patienceMs));
      },
      () => undefined,
    );
    try {
      const made = await work;
      await this.#underWay;
      return this.#stopping === undefined ? made : await this.#stopping;
    } catch (error) {
      if (this.#stopping !== undefined) return this.#stopping;
      throw error;
    }
  }

  /** Called at the beginning of a stop. */
  onStop(announce: () => Promise<void>): void {
    this.#announcers.push(announce);
  }

  /** SIGINT and SIGTERM stop in order; a second one, a second or more later, ends the process at once. */
  handleSignals(log: Logger): void {
    let firstAt: number | undefined;
    const onSignal = (signal: NodeJS.Signals): void => {
      if (firstAt === undefined) {
        firstAt = Date.now();
        log.info({ signal }, 'stopping');
        void this.stop(0);
      } else if (Date.now() - firstAt > oneSignalMs) process.exit(130);
    };
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
    process.on('uncaughtException', (error) => this.fail(log, 'an error that nothing handled', error));
  }

  /** Stops because Maestro cannot go on: the process ends with code 1, and its supervisor may start it anew. */
  fail(log: Logger, reason: string, error?: unknown): void {
    if (this.#stopping !== undefined) return;
    log.fatal({ err: error }, reason);
    console.error(`Maestro stops: ${reason}.`);
    void this.stop(1);
  }

  /** Undoes every step, the last first, and ends the process. The first call decides on the exit code. */
  stop(exitCode: number): Promise<never> {
    this.#stopping ??= this.#stop(exitCode);
    return this.#stopping;
  }

  async #stop(exitCode: number): Promise<never> {
    const giveUpAt = Date.now() + stopMsMax;
    await Promise.allSettled(this.#announcers.map((announce) => announce()));
    await this.#underWay;
    let code = exitCode;
    for (const [index, close] of this.#closers.entries()) {
      // What hangs leaves time for those after it.
      const reservedMs = 400 * (this.#closers.length - index);
      const patienceMs = Math.max(0, Math.min(giveUpAt - Date.now() - reservedMs, oneCloserMsMax));
      try {
        await Promise.race([close(patienceMs), delay(patienceMs + 200)]);
      } catch (error) {
        console.error(`While stopping: ${error instanceof Error ? error.message : String(error)}`);
        code = 1;
      }
    }
    process.exit(code);
  }
}
