import type { Logger } from 'pino';
import { insertOperatorAuditEvent } from '../audit/queries.ts';
import type { Database } from '../db/tenancy.ts';
import { MaestroError } from '../errors.ts';
import { type BackupCodeHashes, openBackupCodes } from './backup_codes.ts';
import type { EventOf } from './encryption_keys.ts';
import { openPasswords, type Passwords, pepperName } from './passwords.ts';
import { countByPepper, namePepperOfCodes } from './pepper_queries.ts';
import { type KeepSecret, newSecret } from './secrets.ts';

/** How far the pepper has taken the place of those before it. */
export interface PepperStatus {
  /** The one that goes into new hashes. */
  readonly name: string;
  /** Whether it was made here and is kept in the data directory; else it was given. */
  readonly isOwn: boolean;
  /** Hashes of passwords that stand in the database. */
  readonly passwords: number;
  /** Those before it that are given, or that hashes need; `null` names codes from before it was noted. */
  readonly older: readonly {
    readonly name: string | null;
    readonly isGiven: boolean;
    readonly passwords: number;
    readonly backupCodes: number;
  }[];
}

/** The pepper of hashes: passwords take the one in use at their next sign-in, backup codes when they are renewed. */
export interface Peppers {
  readonly passwords: Passwords;
  readonly hashesOfBackupCode: BackupCodeHashes;
  /** The name of the one in use. */
  name(): string;
  status(): Promise<PepperStatus>;
  /** Puts a new one in the place of one that was made here. Throws `invalid_state` where it was given. */
  rotate(eventOf: EventOf): Promise<PepperStatus>;
  /** Forgets those before it. Throws `invalid_state` where a hash needs one, or where they were given. */
  dropOlder(eventOf: EventOf): Promise<PepperStatus>;
}

export interface PepperOptions {
  readonly db: Database;
  readonly log: Logger;
  readonly current: string;
  readonly previous: readonly string[];
  readonly keep: KeepSecret | undefined;
  /** bcrypt's cost. */
  readonly rounds: number;
}

const givenFrom = (what: string): MaestroError =>
  new MaestroError('invalid_state', `The pepper was given to Maestro, which cannot change it: ${what}`);

export function openPeppers({ db, log, current, previous, keep, rounds }: PepperOptions): Peppers {
  const hashing = (pepper: string, previousPeppers: readonly string[]) => ({
    pepper,
    previousPeppers,
    passwords: openPasswords({
      pepper,
      previousPeppers,
      onUnknownPepper: (name) =>
        log.error(
          { pepper: name },
          'nobody can sign in by a password that was hashed with this pepper: give it in MAESTRO_PASSWORD_PEPPER_PREVIOUS',
        ),
      rounds,
    }),
    hashesOfBackupCode: openBackupCodes(pepper, previousPeppers),
  });
  let now = hashing(current, previous);
  let underWay: Promise<unknown> = Promise.resolve();

  /** One after the other: of two at once, one would forget the other's. */
  function alone<T>(work: () => Promise<T>): Promise<T> {
    const done = underWay.then(work);
    underWay = done.catch(() => undefined);
    return done;
  }

  async function status(): Promise<PepperStatus> {
    const counts = await db.inIdentity(countByPepper);
    const name = pepperName(now.pepper);
    const given = now.previousPeppers.map(pepperName);
    const olderNames = new Set([...given, ...counts.map((count) => count.pepper)]);
    olderNames.delete(name);
    return {
      name,
      isOwn: keep !== undefined,
      passwords: counts.reduce((sum, count) => sum + count.passwords, 0),
      older: [...olderNames].map((each) => {
        const count = counts.find(({ pepper }) => pepper === each);
        const { passwords = 0, backup_codes: backupCodes = 0 } = count ?? {};
        return { name: each, isGiven: each !== null && given.includes(each), passwords, backupCodes };
      }),
    };
  }

  return {
    get passwords() {
      return now.passwords;
    },
    get hashesOfBackupCode() {
      return now.hashesOfBackupCode;
    },
    name: () => pepperName(now.pepper),
    status,
    rotate: (eventOf) =>
      alone(async () => {
        if (!keep) {
          throw givenFrom(
            'make one (openssl rand -base64 32), give it as MAESTRO_PASSWORD_PEPPER and the one so far as MAESTRO_PASSWORD_PEPPER_PREVIOUS, and start every Maestro anew, one after the other.',
          );
        }
        const [made, older] = [newSecret(), [now.pepper, ...now.previousPeppers]];
        await db.inIdentity(async (tx) => {
          // As long as there is one pepper, every code is of it.
          if (now.previousPeppers.length === 0) await namePepperOfCodes(tx, pepperName(now.pepper));
          const detail = { older: older.map(pepperName) };
          await insertOperatorAuditEvent(tx, eventOf('password_pepper.rotate', pepperName(made), detail));
          // Written down before anything is hashed with it.
          await keep(made, older);
        });
        now = hashing(made, older);
        return status();
      }),
    dropOlder: (eventOf) =>
      alone(async () => {
        const { older } = await status();
        const passwords = older.reduce((sum, each) => sum + each.passwords, 0);
        const backupCodes = older.reduce((sum, each) => sum + each.backupCodes, 0);
        if (passwords + backupCodes > 0) {
          throw new MaestroError(
            'invalid_state',
            `Older peppers are still needed, by the hashes of ${passwords} passwords and ${backupCodes} backup codes.`,
          );
        }
        if (!keep) throw givenFrom('no hash needs an older one; take them out of MAESTRO_PASSWORD_PEPPER_PREVIOUS.');
        const dropped = now.previousPeppers.map(pepperName);
        await db.inIdentity(async (tx) => {
          await insertOperatorAuditEvent(
            tx,
            eventOf('password_pepper.drop_older', pepperName(now.pepper), { dropped }),
          );
        });
        await keep(now.pepper, []);
        now = hashing(now.pepper, []);
        return status();
      }),
  };
}
