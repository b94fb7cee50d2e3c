import { randomInt } from 'node:crypto';
import { hash, verify } from '@node-rs/bcrypt';
import { MaestroError } from '../errors.ts';

const rounds = 12;
/** bcrypt reads no more: a longer password would be cut silently, so none is taken. */
export const passwordBytesMax = 72;
/** A hash of 12 rounds that no password has: an unknown user costs as much time as a known one. */
const nobodysHash = '$2b$12$Zr4t3iGPRogck2uh5a9inO4jX.tsjo7h30vOxpVRjhg4gvn2/gA5i';
/** Half of libuv's four threads: the other half keeps serving files and name look-ups. */
const atOnceMax = 2;
/** About ten seconds of work at 12 rounds on one core; more than that is a flood. */
const waitingMax = 64;

/** Hashing, off the event loop and bounded. Used for sign-in and for setting a password, on no other path. */
export interface Passwords {
  hash(password: string): Promise<string>;
  /** Takes as long without a hash (no such user, no password set) as with one, and is then false. */
  verify(password: string, storedHash: string | null | undefined): Promise<boolean>;
}

export function openPasswords(): Passwords {
  let running = 0;
  const waiting: (() => void)[] = [];

  async function bounded<T>(work: () => Promise<T>): Promise<T> {
    if (running >= atOnceMax) {
      if (waiting.length >= waitingMax) {
        throw new MaestroError('unavailable', 'Too many people are signing in; try again in a few seconds.');
      }
      // The one that leaves hands its place over, so `running` stays as it is.
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else running++;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  }

  return {
    hash: (password) => bounded(() => hash(password, { cost: rounds, rejectLongPasswords: true })),
    verify: (password, storedHash) =>
      bounded(async () => {
        const tooLong = Buffer.byteLength(password) > passwordBytesMax;
        const matches = await verify(tooLong ? '' : password, storedHash ?? nobodysHash);
        return matches && !tooLong && typeof storedHash === 'string';
      }),
  };
}

const letters = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789';

/** Four groups of five letters and digits that are not taken for one another: about 116 bits. */
export function generatePassword(): string {
  const group = () => Array.from({ length: 5 }, () => letters[randomInt(letters.length)]).join('');
  return [group(), group(), group(), group()].join('-');
}
