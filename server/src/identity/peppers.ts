import type { Logger } from 'pino';
import { insertOperatorAuditEvent } from '../audit/queries.ts';
import type { Deployment } from '../db/deployment.ts';
import type { Database } from '../db/tenancy.ts';
import { MaestroError } from '../errors.ts';
import { SecretsError } from '../ports/secrets.ts';
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

/** A pepper that is given, and those that it took the place of: 32 bytes in base64 each. */
export interface GivenPeppers {
  readonly current: string;
  readonly previous: readonly string[];
}

/** A pepper in use, with those before it: what is read of it at one moment belongs together. */
export interface Hashing {
  /** What hashes call the pepper in use by. */
  readonly name: string;
  readonly passwords: Passwords;
  readonly hashesOfBackupCode: BackupCodeHashes;
}

/** The pepper of hashes: passwords take the one in use at their next sign-in, backup codes when they are renewed. */
export interface Peppers {
  /** As it is now. */
  hashing(): Hashing;
  status(): Promise<PepperStatus>;
  /**
   * Puts a new one in the place of one that was made here; or lets the one that is given by now go into hashes, once
   * every process has it. Throws `invalid_state` where there is none, or a process does not have it.
   */
  rotate(eventOf: EventOf): Promise<PepperStatus>;
  /**
   * Takes other peppers that are given from now on. Throws a SecretsError, and goes on with those it has, where a hash
   * needs one that is not among them.
   */
  use(given: GivenPeppers): Promise<void>;
  /** Forgets those before it. Throws `invalid_state` where a hash needs one, or where they were given. */
  dropOlder(eventOf: EventOf): Promise<PepperStatus>;
}

export interface PepperOptions {
  readonly db: Database;
  readonly log: Logger;
  readonly current: string;
  readonly previous: readonly string[];
  readonly keep: KeepSecret | undefined;
  readonly deployment: Deployment;
  /** bcrypt's cost. */
  readonly rounds: number;
}

const givenFrom = (what: string): MaestroError =>
  new MaestroError('invalid_state', `The pepper was given to Maestro, which cannot change it: ${what}`);

export async function openPeppers(options: PepperOptions): Promise<Peppers> {
  const { db, log, keep, deployment, rounds } = options;
  const hashing = (pepper: string, previousPeppers: readonly string[]) => ({
    pepper,
    name: pepperName(pepper),
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
  let { current, previous }: GivenPeppers = options;
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
    const { name } = now;
    const given = previous.map(pepperName);
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

  const announce = () => deployment.announce('peppers', [current, ...previous].map(pepperName));

  /**
   * What one process hashes, all have to verify: of those that are given, the newest that every process has goes into
   * hashes. Once the newest of all does, it stays.
   */
  async function settle(): Promise<void> {
    const given = [current, ...previous.filter((pepper) => pepper !== current)];
    if (now.pepper === current && now.previousPeppers.length === given.length - 1) return;
    let chosen = current;
    for (const pepper of given) {
      if ((await deployment.whoHas(pepperName(pepper))).without > 0) continue;
      chosen = pepper;
      break;
    }
    now = hashing(
      chosen,
      given.filter((pepper) => pepper !== chosen),
    );
  }

  /** Throws where peppers that are had now are needed, and are not among `given`. */
  async function requireNeeded(given: GivenPeppers): Promise<void> {
    const names = [given.current, ...given.previous].map(pepperName);
    const had = [now.pepper, ...now.previousPeppers].map(pepperName);
    const gone = had.filter((name) => !names.includes(name));
    for (const { pepper, passwords, backup_codes: codes } of await db.inIdentity(countByPepper)) {
      // Codes whose pepper is not noted may be of any.
      if (passwords + codes === 0 || (pepper !== null && !gone.includes(pepper)) || gone.length === 0) continue;
      throw new SecretsError(
        `The hashes of ${passwords} passwords and ${codes} backup codes need the pepper ${pepper ?? gone.join(' or ')}, which would not be given any more: give it in MAESTRO_PASSWORD_PEPPER_PREVIOUS.`,
      );
    }
  }

  async function letGivenTakeOver(eventOf: EventOf): Promise<void> {
    if (previous.length === 0) {
      throw givenFrom(
        'make one (openssl rand -base64 32), give it as MAESTRO_PASSWORD_PEPPER and the one so far as MAESTRO_PASSWORD_PEPPER_PREVIOUS where they are kept, and ask again.',
      );
    }
    const name = pepperName(current);
    const { processes, without } = await deployment.whoHas(name);
    if (without > 0) {
      throw new MaestroError(
        'invalid_state',
        `${without} of the ${processes} Maestros on this database are not given the pepper ${name}, and could not verify what is hashed with it: give it to all of them, and ask again.`,
      );
    }
    await settle();
    const event = eventOf('password_pepper.rotate', name, { older: previous.map(pepperName) });
    await db.inIdentity((tx) => insertOperatorAuditEvent(tx, event));
  }

  await announce();
  await settle();
  deployment.onAnnounced(() => {
    void alone(settle).catch((error: unknown) => log.error({ err: error }, 'the pepper of new hashes stays as it was'));
  });

  return {
    hashing: () => now,
    status,
    async rotate(eventOf) {
      if (!keep) {
        await deployment.lookNow();
        return alone(async () => {
          await letGivenTakeOver(eventOf);
          return status();
        });
      }
      return alone(async () => {
        const [made, older] = [newSecret(), [now.pepper, ...now.previousPeppers]];
        await db.inIdentity(async (tx) => {
          // As long as there is one pepper, every code is of it.
          if (now.previousPeppers.length === 0) await namePepperOfCodes(tx, pepperName(now.pepper));
          const detail = { older: older.map(pepperName) };
          await insertOperatorAuditEvent(tx, eventOf('password_pepper.rotate', pepperName(made), detail));
          // Written down before anything is hashed with it.
          await keep(made, older);
        });
        [current, previous] = [made, older];
        now = hashing(current, previous);
        await announce();
        return status();
      });
    },
    use: (given) =>
      alone(async () => {
        // As long as there is one pepper, every code is of it.
        if (now.previousPeppers.length === 0) await db.inIdentity((tx) => namePepperOfCodes(tx, now.name));
        await requireNeeded(given);
        ({ current, previous } = given);
        now = hashing(
          now.pepper,
          [current, ...previous].filter((pepper) => pepper !== now.pepper),
        );
        await announce();
        await settle();
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
        previous = [];
        now = hashing(current, previous);
        await announce();
        return status();
      }),
  };
}
