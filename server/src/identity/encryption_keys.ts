import type { Logger } from 'pino';
import { type AuditEvent, insertOperatorAuditEvent } from '../audit/queries.ts';
import type { Deployment } from '../db/deployment.ts';
import type { Database } from '../db/tenancy.ts';
import { MaestroError } from '../errors.ts';
import { SecretsError } from '../ports/secrets.ts';
import { masterOf } from '../sealing.ts';
import { countByKey, replaceSealed, rowsOfOtherKeys, type SealedColumn, sealedColumns } from './sealed_rows.ts';
import type { EncryptionKeys, SealingKeys } from './sealing_keys.ts';
import { type KeepSecret, newSecret } from './secrets.ts';

/** How far the encryption key has taken the place of those before it. */
export interface EncryptionKeyStatus {
  /** Names the encryption key in use. */
  readonly keyId: string;
  /** Whether it was made here and is kept in the data directory; else it was given. */
  readonly isOwn: boolean;
  /** Texts that are sealed in the database. */
  readonly sealed: number;
  /** Those of them that are to be sealed with the newest key. */
  readonly pending: number;
  /** Those before it that are given, or that something needs: by how many sealed texts. */
  readonly older: readonly { readonly keyId: string; readonly isGiven: boolean; readonly neededBy: number }[];
}

/** The event that says who does it. */
export type EventOf = (action: string, target: string, detail: Record<string, unknown>) => AuditEvent;

/** The encryption key, as whoever puts another in its place has it. */
export interface EncryptionKeyRotation {
  status(): Promise<EncryptionKeyStatus>;
  /**
   * Puts a new key in the place of one that was made here; or takes over to the one that is given by now, in the place
   * of those before it, once every process has it. What was broken off is gone on with. Throws `invalid_state` where
   * there is none to take over to, or a process does not have it.
   */
  rotate(eventOf: EventOf): Promise<EncryptionKeyStatus>;
  /**
   * Takes other keys that are given from now on. Throws a SecretsError, and goes on with those it has, where something
   * needs one that is not among them.
   */
  use(given: EncryptionKeys): Promise<void>;
  /** Finishes what was broken off, and seals what older keys sealed with the newest. */
  resume(): Promise<void>;
  close(): Promise<void>;
}

export interface EncryptionKeyOptions {
  readonly db: Database;
  readonly sealing: SealingKeys;
  readonly log: Logger;
  readonly keys: EncryptionKeys;
  readonly keep: KeepSecret | undefined;
  readonly deployment: Deployment;
}

/** Tells the other processes which encryption keys this one has. */
export const announceKeys = (deployment: Deployment, { current, previous }: EncryptionKeys): Promise<void> =>
  deployment.announce(
    'encryption keys',
    [current, ...previous].map((key) => masterOf(key).id),
  );

const ofMaestro: EventOf = (action, target, detail) => ({
  actor: { kind: 'system', id: 'maestro' },
  action,
  target,
  outcome: 'success',
  requestId: '',
  address: '',
  detail,
});

export function openEncryptionKeys(options: EncryptionKeyOptions): EncryptionKeyRotation {
  const { db, sealing, log, keep, deployment } = options;
  let { keys } = options;
  let isClosed = false;
  let underWay: Promise<unknown> = Promise.resolve();

  /** One after the other: two at once would make two keys. */
  function alone<T>(work: () => Promise<T>): Promise<T> {
    const done = underWay.then(work);
    underWay = done.catch(() => undefined);
    return done;
  }

  async function take(other: EncryptionKeys): Promise<void> {
    sealing.use(other);
    keys = other;
    await announceKeys(deployment, keys);
  }

  /** Throws where keys that are had now are needed, and are not among `given`. */
  async function requireNeeded(given: EncryptionKeys): Promise<void> {
    const ids = [given.current, ...given.previous].map((key) => masterOf(key).id);
    const { rows, keys: wrapped } = await db.inIdentity(countByKey);
    for (const id of [sealing.masterId(), ...sealing.previousMasterIds()]) {
      const neededBy = (rows.get(id) ?? 0) + (wrapped.get(id) ?? 0);
      if (neededBy === 0 || ids.includes(id)) continue;
      throw new SecretsError(
        `${neededBy} sealed texts need the encryption key ${id}, which would not be given any more: give it in MAESTRO_ENCRYPTION_KEY_PREVIOUS.`,
      );
    }
  }

  async function status(): Promise<EncryptionKeyStatus> {
    const { rows, keys: wrapped } = await db.inIdentity(countByKey);
    const masters = [sealing.masterId(), ...sealing.previousMasterIds()];
    const lost = [...rows.keys()].filter((id) => !sealing.isOwn(id));
    const olderIds = new Set([...masters, ...wrapped.keys(), ...lost]);
    olderIds.delete(sealing.masterId());
    let sealed = 0;
    for (const count of rows.values()) sealed += count;
    return {
      keyId: sealing.masterId(),
      isOwn: keep !== undefined,
      sealed,
      pending: sealed - (rows.get(sealing.currentId()) ?? 0),
      older: [...olderIds].map((keyId) => ({
        keyId,
        isGiven: masters.includes(keyId),
        neededBy: (rows.get(keyId) ?? 0) + (wrapped.get(keyId) ?? 0),
      })),
    };
  }

  /** Seals the texts of a column anew, each batch in a transaction of its own. */
  async function resealColumn(column: SealedColumn): Promise<{ resealed: number; unreadable: number }> {
    let [resealed, unreadable] = [0, 0];
    let after: string | undefined;
    while (!isClosed) {
      const done = await db.inIdentity(async (tx) => {
        const rows = await rowsOfOtherKeys(tx, column, sealing.currentId(), after);
        const anew = [];
        for (const row of rows) {
          const context = column.context(row.key);
          const plain = await sealing.open(row.sealed, context, tx).catch(() => undefined);
          if (plain) anew.push({ ...row, anew: sealing.seal(plain, context) });
        }
        const count = anew.length === 0 ? 0 : await replaceSealed(tx, column, anew);
        return { count, unreadable: rows.length - anew.length, last: rows.at(-1)?.key };
      });
      resealed += done.count;
      unreadable += done.unreadable;
      if (done.last === undefined) break;
      after = done.last;
    }
    if (unreadable > 0)
      log.error({ table: column.table, unreadable }, 'sealed texts do not open, and stay as they are');
    return { resealed, unreadable };
  }

  async function reseal(eventOf: EventOf): Promise<void> {
    let [resealed, unreadable] = [0, 0];
    for (const column of Object.values(sealedColumns)) {
      const done = await resealColumn(column);
      resealed += done.resealed;
      unreadable += done.unreadable;
    }
    if (resealed === 0) return;
    const event = eventOf('encryption_key.reseal', sealing.masterId(), { resealed, unreadable });
    await db.inIdentity((tx) => insertOperatorAuditEvent(tx, event));
  }

  /** Takes over to the key in use, and forgets those before it that were kept here once nothing needs them. */
  async function finish(eventOf: EventOf): Promise<void> {
    await db.inIdentity(async (tx) => {
      const older = sealing.previousMasterIds();
      const rewrapped = await sealing.rewrap(tx);
      if (rewrapped === 0) return;
      await insertOperatorAuditEvent(tx, eventOf('encryption_key.rotate', sealing.masterId(), { older, rewrapped }));
    });
    await reseal(eventOf);
    if (!keep || keys.previous.length === 0) return;
    const { older } = await status();
    if (older.some(({ neededBy }) => neededBy > 0)) return;
    await keep(keys.current, []);
    await take({ current: keys.current, previous: [] });
  }

  /** Throws where there is no other key to take over to, or one of the processes does not have it. */
  async function requireEverywhere(): Promise<void> {
    if (keys.previous.length === 0) {
      throw new MaestroError(
        'invalid_state',
        'The encryption key is given to Maestro, which cannot put another in its place: make one (openssl rand -base64 32), give it as MAESTRO_ENCRYPTION_KEY and the one so far as MAESTRO_ENCRYPTION_KEY_PREVIOUS where they are kept, and ask again.',
      );
    }
    const { processes, without } = await deployment.whoHas(sealing.masterId());
    if (without === 0) return;
    throw new MaestroError(
      'invalid_state',
      `${without} of the ${processes} Maestros on this database are not given the encryption key ${sealing.masterId()}, and could not open what it seals: give it to all of them, and ask again.`,
    );
  }

  return {
    status,
    async rotate(eventOf) {
      if (!keep) await deployment.lookNow();
      return alone(async () => {
        if (keep && keys.previous.length === 0) {
          const next = { current: newSecret(), previous: [keys.current] };
          // Written down before anything is sealed with it.
          await keep(next.current, next.previous);
          await take(next);
        }
        if (!keep) await requireEverywhere();
        await finish(eventOf);
        return status();
      });
    },
    use: (given) =>
      alone(async () => {
        await requireNeeded(given);
        await take(given);
      }),
    resume: () => alone(() => (keep && keys.previous.length > 0 ? finish(ofMaestro) : reseal(ofMaestro))),
    async close() {
      isClosed = true;
      await underWay;
    },
  };
}
