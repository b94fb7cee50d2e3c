import { hkdfSync, randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import type { Database, IdentityTx } from '../db/tenancy.ts';
import type { Broadcast } from '../ports/broadcast.ts';
import { type KeySealer, keyIdIn, masterOf, sealerOf } from '../sealing.ts';
import {
  insertSealingKey,
  lockSealingKeys,
  type SealingKeyRow,
  type SealingPurpose,
  sealingKeys,
  updateSealedKey,
} from './sealing_key_queries.ts';

/**
 * Seals what PostgreSQL must keep and nobody must read there (TOTP seeds, signing keys, keys of people), in an envelope:
 * with a key that is itself in PostgreSQL, sealed with the encryption key. See KeySealer for the format.
 */
export interface Sealer {
  /** `context` names the kind of the text and its row and owner. */
  seal(plain: string | Uint8Array, context: string): Buffer;
  /**
   * Throws where `sealed` was made with a key that is not to be had, for another context, or was tampered with. `tx` is
   * the transaction that is open, if there is one: a key that is not known yet is looked for in it.
   */
  open(sealed: Uint8Array, context: string, tx?: IdentityTx): Promise<Buffer>;
}

/** An encryption key, and those that it took the place of: 32 bytes in base64 each. */
export interface EncryptionKeys {
  readonly current: string;
  readonly previous: readonly string[];
}

/** The sealer, as whoever manages its keys has it. */
export interface SealingKeys extends Sealer {
  /** The key that seals now. */
  currentId(): string;
  /** Whether a key is one of those in PostgreSQL. */
  isOwn(keyId: string): boolean;
  /** The encryption key in use. */
  masterId(): string;
  /** The ids of the encryption keys that are given beside the one in use. */
  previousMasterIds(): string[];
  /** 32 bytes of which the key that signs statements is made, in clear. */
  statementSeed(): Buffer;
  /** Takes other encryption keys from now on. */
  use(keys: EncryptionKeys): void;
  /**
   * Seals every key anew that is sealed with an encryption key other than the one in use, in `tx`; where there was one,
   * makes a new key that seals from the commit on, in every process soon after. Gives how many were sealed anew.
   */
  rewrap(tx: IdentityTx): Promise<number>;
  close(): Promise<void>;
}

export interface SealingKeyOptions {
  readonly db: Database;
  readonly broadcast: Broadcast;
  readonly log: Logger;
  readonly keys: EncryptionKeys;
}

const topic = 'sealing-keys';
const checkEveryMs = 60_000;

const contextOf = (purpose: SealingPurpose, keyId: string): string => `sealing key ${purpose} ${keyId}`;

const refusal =
  'The database was sealed with another encryption key than this Maestro has. Several Maestros on one database need the same MAESTRO_ENCRYPTION_KEY, and the same MAESTRO_PASSWORD_PEPPER; one that took the place of another needs that in MAESTRO_ENCRYPTION_KEY_PREVIOUS, until maestro rotate encryption-key has run.';

/** What signed statements before their key was kept: it follows from the encryption key. */
const firstStatementSeed = (encryptionKey: string): Buffer =>
  Buffer.from(hkdfSync('sha256', Buffer.from(encryptionKey, 'base64'), '', 'maestro statements v1', 32));

/** Opens the keys, and makes the first ones. Throws where they were sealed with an encryption key that is not given. */
export async function openSealingKeys({ db, broadcast, log, keys }: SealingKeyOptions): Promise<SealingKeys> {
  let masters: { readonly current: KeySealer; readonly all: ReadonlyMap<string, KeySealer> };
  const known = new Map<string, KeySealer>();
  let current: KeySealer | undefined;
  let statements: Buffer | undefined;

  function use({ current: text, previous }: EncryptionKeys): void {
    const newest = masterOf(text);
    masters = { current: newest, all: new Map([...previous.map(masterOf), newest].map((each) => [each.id, each])) };
  }

  function unwrapped({ purpose, key_id, sealed_key }: SealingKeyRow): Buffer {
    const master = masters.all.get(keyIdIn(sealed_key));
    if (!master) throw new Error(refusal);
    return master.open(sealed_key, contextOf(purpose, key_id));
  }

  const wrapped = (purpose: SealingPurpose, generation: number, key: Buffer): SealingKeyRow => {
    const { id } = sealerOf(key);
    return { purpose, generation, key_id: id, sealed_key: masters.current.seal(key, contextOf(purpose, id)) };
  };

  async function load(tx?: IdentityTx): Promise<void> {
    const rows = await (tx ? sealingKeys(tx) : db.inIdentity(sealingKeys));
    for (const row of rows) {
      if (row.purpose === 'statements') statements ??= unwrapped(row);
      else {
        const sealer = known.get(row.key_id) ?? sealerOf(unwrapped(row));
        known.set(row.key_id, sealer);
        current = sealer;
      }
    }
  }

  async function find(id: string, tx: IdentityTx | undefined): Promise<KeySealer> {
    // Until there were keys of our own, the encryption key itself sealed.
    const sealer = known.get(id) ?? masters.all.get(id);
    if (sealer) return sealer;
    await load(tx);
    const loaded = known.get(id);
    if (!loaded) throw new Error(refusal);
    return loaded;
  }

  function inUse(): KeySealer {
    if (!current) throw new Error('there is no key that seals');
    return current;
  }

  use(keys);
  await load();
  if (!current || !statements) {
    const first = [wrapped('sealing', 1, randomBytes(32)), wrapped('statements', 1, firstStatementSeed(keys.current))];
    await db.inIdentity(async (tx) => {
      for (const key of first) await insertSealingKey(tx, key);
    });
    await load();
  }

  const loadInBackground = (): Promise<void> =>
    load().catch((error: unknown) => log.error({ err: error }, 'the keys that seal were not read anew'));
  let underWay: Promise<void> = Promise.resolve();
  const check = setInterval(() => {
    underWay = loadInBackground();
  }, checkEveryMs);
  check.unref();
  broadcast.subscribe(topic, () => {
    underWay = loadInBackground();
  });

  return {
    seal: (plain, context) => inUse().seal(plain, context),
    open: async (sealed, context, tx) => (await find(keyIdIn(sealed), tx)).open(sealed, context),
    currentId: () => inUse().id,
    isOwn: (keyId) => known.has(keyId),
    masterId: () => masters.current.id,
    previousMasterIds: () => [...masters.all.keys()].filter((id) => id !== masters.current.id),
    statementSeed() {
      if (!statements) throw new Error('there is no key for statements');
      return statements;
    },
    use,
    async rewrap(tx) {
      const rows = await lockSealingKeys(tx);
      const stale = rows.filter(({ sealed_key }) => keyIdIn(sealed_key) !== masters.current.id);
      if (stale.length === 0) return 0;
      for (const row of stale) {
        await updateSealedKey(tx, row.key_id, wrapped(row.purpose, row.generation, unwrapped(row)).sealed_key);
      }
      const newest = Math.max(...rows.filter(({ purpose }) => purpose === 'sealing').map((row) => row.generation));
      await insertSealingKey(tx, wrapped('sealing', newest + 1, randomBytes(32)));
      tx.onCommit(async () => {
        await load();
        void broadcast.publish(topic, '');
      });
      return stale.length;
    },
    async close() {
      clearInterval(check);
      await underWay;
    },
  };
}
