import { Readable } from 'node:stream';
import { MaestroError } from '../errors.ts';
import { actorOf, type Caller } from '../identity/caller.ts';

export interface ExportBounds {
  /** Exports at a time. */
  readonly places: number;
  /** Exports that may wait for a place, and for how long. */
  readonly waitingMax: number;
  readonly waitMs: number;
  /** How long a caller may take nothing of what lies ready. */
  readonly stallMs: number;
  /** How long an export may take altogether. */
  readonly wholeMs: number;
}

export const usualBounds: Omit<ExportBounds, 'places'> = {
  waitingMax: 50,
  waitMs: 30_000,
  stallMs: 60_000,
  wholeMs: 3_600_000,
};

interface Waiting {
  readonly holders: readonly string[];
  readonly start: () => void;
}

const cutError = (message: string): MaestroError => new MaestroError('unavailable', `The export was cut: ${message}.`);

/**
 * The exports under way in this process. Each lasts as long as its caller reads, so there are few places, whoever is
 * exported and whoever exports holds one at most and waits for one at most, and a place ends: a caller who takes nothing
 * for a while, or who takes too long, is cut off.
 */
export class Exports {
  readonly #bounds: ExportBounds;
  readonly #holding = new Set<string>();
  #running = 0;
  #waiting: Waiting[] = [];

  constructor(bounds: ExportBounds) {
    this.#bounds = bounds;
  }

  /** Exports that have a place, and that wait for one. */
  get state(): { running: number; waiting: number } {
    return { running: this.#running, waiting: this.#waiting.length };
  }

  /**
   * What an export gives, as its caller takes it: destroyed, with an error where it is cut. `of` names whose data it is.
   * `begin` is called once there is a place, which is held until the answer is closed. Throws `limit_exceeded` where there
   * is none in time.
   */
  async open(caller: Caller, of: string, begin: () => Promise<AsyncIterable<string>>): Promise<Readable> {
    const { kind, id } = actorOf(caller);
    const holders = kind === 'operator_key' ? [of] : [of, `${kind} ${id}`];
    await this.#enter(holders);
    try {
      const body = this.#bodyOf(await begin());
      body.once('close', () => this.#leave(holders));
      return body;
    } catch (error) {
      this.#leave(holders);
      throw error;
    }
  }

  #isFree(holders: readonly string[]): boolean {
    return this.#running < this.#bounds.places && !holders.some((holder) => this.#holding.has(holder));
  }

  #take(holders: readonly string[]): void {
    this.#running++;
    for (const holder of holders) this.#holding.add(holder);
  }

  #leave(holders: readonly string[]): void {
    this.#running--;
    for (const holder of holders) this.#holding.delete(holder);
    for (const each of this.#waiting) {
      if (!this.#isFree(each.holders)) continue;
      this.#take(each.holders);
      each.start();
    }
  }

  async #enter(holders: readonly string[]): Promise<void> {
    if (this.#isFree(holders)) return this.#take(holders);
    const { waitingMax, waitMs } = this.#bounds;
    const retryAfterSeconds = Math.ceil(waitMs / 1000);
    const refused = (why: string): MaestroError =>
      new MaestroError('limit_exceeded', `${why}; try again in ${retryAfterSeconds} s.`, { retryAfterSeconds });
    if (this.#waiting.some((other) => other.holders.some((holder) => holders.includes(holder)))) {
      throw refused('An export of the same tenant or person is under way, and another one waits for its end');
    }
    if (this.#waiting.length >= waitingMax) throw refused('Too many exports wait already');
    await new Promise<void>((resolve, reject) => {
      const leaveQueue = (): void => {
        clearTimeout(late);
        this.#waiting = this.#waiting.filter((other) => other !== own);
      };
      const own: Waiting = {
        holders,
        start() {
          leaveQueue();
          resolve();
        },
      };
      const late = setTimeout(() => {
        leaveQueue();
        reject(refused('Other exports are under way'));
      }, waitMs).unref();
      this.#waiting.push(own);
    });
  }

  #bodyOf(texts: AsyncIterable<string>): Readable {
    const { stallMs, wholeMs } = this.#bounds;
    const cut = (message: string): void => void body.destroy(cutError(message));
    async function* watched(): AsyncGenerator<string> {
      for await (const text of texts) {
        const stalled = setTimeout(cut, stallMs, `nothing of it was taken for ${stallMs / 1000} s`);
        try {
          yield text;
        } finally {
          clearTimeout(stalled);
        }
      }
    }
    const body = Readable.from(watched(), { highWaterMark: 1 });
    const late = setTimeout(cut, wholeMs, `it took longer than ${wholeMs / 60_000} minutes`).unref();
    body.once('close', () => clearTimeout(late));
    return body;
  }
}
