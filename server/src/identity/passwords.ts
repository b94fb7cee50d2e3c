import { createHmac, hash as digest, randomInt } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { hash as bcrypt, verify as bcryptVerify } from '@node-rs/bcrypt';
import { MaestroError } from '../errors.ts';

/**
 * Hashing, off the event loop and bounded. Used for sign-in and for setting a password, on no other path.
 *
 * What is stored is `m1:<pepper>:<bcrypt>`: bcrypt over the base64 of HMAC-SHA-384(pepper, password), so that nothing
 * past bcrypt's 72 bytes is lost and a stolen database alone cannot be guessed at; `<pepper>` names the pepper, so that
 * another can take its place: a hash of an older one verifies while that is given too, and is outdated. Passwords are normalized to NFC first, as
 * RFC 8265 (OpaqueString) has it: one that is typed on another keyboard stays the same.
 *
 * Plain bcrypt (`$2a$`, `$2b$`, `$2y$`), as older systems have it, verifies too, over the password as it was typed.
 */
export interface Passwords {
  hash(password: string): Promise<string>;
  /**
   * Takes as long without a hash (no such user, no password set), and with one of an older form or lower cost, as with
   * one that `hash` makes; without one it is false.
   */
  verify(password: string, storedHash: string | null | undefined): Promise<boolean>;
  /** Whether a hash that verified is of an older form, an older pepper or a lower cost than `hash` makes. */
  isOutdated(storedHash: string): boolean;
}

export interface PasswordOptions {
  /** 32 bytes, base64. */
  readonly pepper: string;
  /** Those before it, of which there may still be hashes. */
  readonly previousPeppers?: readonly string[];
  /** Called once for the name of each pepper that a hash needs and that was not given: such a hash opens to nothing. */
  readonly onUnknownPepper?: (name: string) => void;
  /** bcrypt's cost. */
  readonly rounds: number;
  /** How many are hashed at once. */
  readonly atOnce?: number;
}

/**
 * One core is left to everything else. Measured on 2 busy cores, while 40 connections flood sign-in at 12 rounds and
 * another client reads: at 1 hash at once the reads take 47 ms at the median and 172 ms at most, at 3 up to 303 ms
 * (docs/adr/0012-passwords-and-mail.md). A hash of 12 rounds is a quarter of a second of one core.
 */
const atOnceByCores = (): number => Math.max(1, Math.min(availableParallelism() - 1, 3));

/** For each one that is hashed at once: some seconds of work at 12 rounds; more than that is a flood. */
const waitingEach = 32;

/** bcrypt reads no more of a plain password. A longer one was cut when it was hashed, and opens nothing here. */
const plainBytesMax = 72;

/** A salt and a digest that no password has: an unknown user costs as much time as a known one. */
const nobodys = 'Zr4t3iGPRogck2uh5a9inO4jX.tsjo7h30vOxpVRjhg4gvn2/gA5i';
const nobodysHash = (rounds: number): string => `$2b$${String(rounds).padStart(2, '0')}$${nobodys}`;

/** A hash of more rounds than this would keep a core for minutes. */
const roundsMax = 17;

interface Stored {
  readonly pepper: string | undefined;
  readonly rounds: number;
  readonly bcrypt: string;
}

/** Undefined where it is no hash of ours, nor a plain one. */
function read(storedHash: string): Stored | undefined {
  const [, pepper, crypt, rounds] =
    /^(?:m1:([0-9a-f]{12}):)?(\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53})$/.exec(storedHash) ?? [];
  if (crypt === undefined || Number(rounds) < 4 || Number(rounds) > roundsMax) return undefined;
  return { pepper, bcrypt: crypt, rounds: Number(rounds) };
}

/** At most `atOnce` at once and `waiting` in line. Past that `unavailable` is thrown. */
function bound(atOnce: number, waiting: number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const line: (() => void)[] = [];
  return async (work) => {
    if (running >= atOnce) {
      if (line.length >= waiting) {
        throw new MaestroError('unavailable', 'Too many people are signing in; try again in a few seconds.');
      }
      // The one that leaves hands its place over, so `running` stays as it is.
      await new Promise<void>((resolve) => line.push(resolve));
    } else running++;
    try {
      return await work();
    } finally {
      const next = line.shift();
      if (next) next();
      else running--;
    }
  };
}

/** What hashes call a pepper by. */
export const pepperName = (pepper: string): string => digest('sha256', `maestro pepper ${pepper}`).slice(0, 12);

export function openPasswords(options: PasswordOptions): Passwords {
  const { pepper, previousPeppers = [], onUnknownPepper, rounds, atOnce = atOnceByCores() } = options;
  const bounded = bound(atOnce, waitingEach * atOnce);
  const pepperId = pepperName(pepper);
  const keys = new Map([pepper, ...previousPeppers].map((text) => [pepperName(text), Buffer.from(text, 'base64')]));
  const currentKey = Buffer.from(pepper, 'base64');
  const unknown = new Set<string>();
  const peppered = (password: string, key = currentKey): string =>
    createHmac('sha384', key).update(password.normalize('NFC')).digest('base64');

  function tellUnknown(name: string): void {
    if (unknown.has(name)) return;
    unknown.add(name);
    onUnknownPepper?.(name);
  }

  /** What bcrypt is to be given for a hash; undefined where it cannot open it. */
  function secretFor(password: string, stored: Stored | undefined): string | undefined {
    if (stored?.pepper !== undefined) {
      const key = keys.get(stored.pepper);
      if (!key) tellUnknown(stored.pepper);
      return key && peppered(password, key);
    }
    if (!stored || password.includes('\0')) return undefined;
    return Buffer.byteLength(password) <= plainBytesMax ? password : undefined;
  }

  return {
    hash: (password) => bounded(async () => `m1:${pepperId}:${await bcrypt(peppered(password), { cost: rounds })}`),
    verify: (password, storedHash) =>
      bounded(async () => {
        const stored = read(storedHash ?? '');
        const secret = secretFor(password, stored);
        const usable = stored !== undefined && secret !== undefined;
        const first = usable ? stored.rounds : rounds;
        const matches = await bcryptVerify(secret ?? peppered(password), usable ? stored.bcrypt : nobodysHash(rounds));
        if (matches && usable) return true;
        // 2^c + 2^c + 2^(c+1) + … + 2^(r-1) = 2^r: a hash of c rounds that does not match costs what one of r does.
        for (let cost = first; cost < rounds; cost++) await bcryptVerify(peppered(password), nobodysHash(cost));
        return false;
      }),
    isOutdated(storedHash) {
      const stored = read(storedHash);
      return stored?.pepper !== pepperId || stored.rounds < rounds;
    },
  };
}

const letters = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789';

/** Five groups of five letters and digits that are not taken for one another: 145 bits. */
export function generatePassword(): string {
  const group = () => Array.from({ length: 5 }, () => letters[randomInt(letters.length)]).join('');
  return Array.from({ length: 5 }, group).join('-');
}
