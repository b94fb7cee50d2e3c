import { createHmac, hkdfSync } from 'node:crypto';
import type { Limiter, Limiters } from '../ports/limiters.ts';

/** One spelling for all that the database or a reader may take for the same text. */
export const foldedText = (text: string): string =>
  text.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC').trim();

/** What stands for a password that was tried, where the tries of one password are counted. */
export type PasswordMark = (password: string) => string;

const markBytes = 3;

/**
 * The key is what keeps passwords from being guessed by their marks: it follows from the pepper, for this purpose alone,
 * and is not where the counts are. Whoever has both can test a list of common passwords; a mark is short, so that a
 * password which no list holds is not found that way. Two that share a mark are counted as one, which hardly ever happens
 * to two that are in use at the same time.
 */
export function openPasswordMarks(pepper: string): PasswordMark {
  const key = Buffer.from(hkdfSync('sha256', Buffer.from(pepper, 'base64'), '', 'maestro password marks v1', 32));
  return (password) =>
    createHmac('sha256', key).update(foldedText(password)).digest().subarray(0, markBytes).toString('base64url');
}

/** Counts the accounts at which something fails: a network, a password, or everybody together. */
export class SprayingWatch {
  readonly #most: number;
  readonly #tried: Limiter;
  readonly #accounts: Limiter;
  readonly #noticed: Limiter;

  /** `accounts`: so many within a window are spraying. */
  constructor(limiters: Limiters, { name, seconds, accounts }: { name: string; seconds: number; accounts: number }) {
    this.#most = accounts;
    this.#tried = limiters.open({ name: `${name}-tried`, seconds });
    this.#accounts = limiters.open({ name: `${name}-accounts`, seconds });
    this.#noticed = limiters.open({ name: `${name}-noticed`, seconds });
  }

  async isSpraying(key: string): Promise<boolean> {
    return (await this.#accounts.read(key)).count >= this.#most;
  }

  /** Counts a try: whether its account is one more, and, once a window, whether it is spraying now. */
  async add(key: string, account: string): Promise<{ isMore: boolean; isNoticed: boolean }> {
    if ((await this.#tried.add(`${key}\n${account}`)).count > 1) return { isMore: false, isNoticed: false };
    const isSpraying = (await this.#accounts.add(key)).count >= this.#most;
    return { isMore: true, isNoticed: isSpraying && (await this.#noticed.add(key)).count === 1 };
  }

  /** An account at which it succeeded in the end, or was not tried, is none at which it fails. */
  async takeBack(key: string, account: string): Promise<void> {
    // Of two successes at once one takes it back: the other would take back somebody else's.
    if (await this.#tried.forget(`${key}\n${account}`)) await this.#accounts.giveBack(key);
  }
}
