import { hash } from 'node:crypto';
import { MaestroError } from '../errors.ts';
import type { Limiters } from '../ports/limiters.ts';
import { networkOf } from './network.ts';

/** Credentials of one network that may be refused within a minute, each after a look-up. */
export const refusedPerMinute = 200;
/** Beyond them so many are still looked up, so that a good one that nobody has seen yet gets its turn. */
const lookUpsPerSecond = 20;
/** Credentials that held, by SHA-256: they are looked up whatever else comes from their network. */
const goodMax = 50_000;

/**
 * Keeps a flood of wrong API keys and tokens from the database. Keys are too long to be guessed: this is about what
 * the guessing costs, so it counts in this process alone, and only what the cache of credentials does not answer.
 */
export class CredentialGuard {
  readonly #refused;
  readonly #slowLane;
  readonly #good = new Set<string>();

  constructor(limiters: Limiters) {
    this.#refused = limiters.open({ name: 'credentials-refused', seconds: 60, local: true });
    this.#slowLane = limiters.open({ name: 'credentials-slow', seconds: 1, local: true });
  }

  /** Looks a credential up; throws `limit_exceeded` where too many others from there were refused. */
  async lookUp<Known>(
    credential: string,
    address: string,
    find: () => Promise<Known | undefined>,
  ): Promise<Known | undefined> {
    const name = hash('sha256', credential, 'base64');
    const network = networkOf(address);
    const wasGood = this.#good.delete(name);
    if (!wasGood) await this.#admit(network);
    const known = await find();
    if (known === undefined) return undefined;
    this.#good.add(name);
    if (this.#good.size > goodMax) {
      const oldest = this.#good.values().next();
      if (!oldest.done) this.#good.delete(oldest.value);
    }
    if (!wasGood) await this.#refused.giveBack(network);
    return known;
  }

  async #admit(network: string): Promise<void> {
    if ((await this.#refused.read(network)).count < refusedPerMinute) {
      await this.#refused.add(network);
      return;
    }
    const lane = await this.#slowLane.add(network);
    if (lane.count <= lookUpsPerSecond) return;
    throw new MaestroError('limit_exceeded', 'Too many credentials from your address do not hold; try again in 1 s.', {
      retryAfterSeconds: 1,
      limit: {
        policy: 'credentials',
        quota: refusedPerMinute,
        windowSeconds: 60,
        remaining: 0,
        resetSeconds: 1,
      },
    });
  }
}
