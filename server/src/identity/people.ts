import { randomBytes } from 'node:crypto';
import type { Database, IdentityTx } from '../db/tenancy.ts';
import { type KeySealer, sealerOf } from '../sealing.ts';
import { sealedColumns } from './sealed_rows.ts';
import type { Sealer } from './sealing_keys.ts';

/**
 * The keys of people: personal fields are sealed with a key of the person's own, which is kept sealed and made when it
 * is first needed. Destroying the key destroys every such field, wherever it stands.
 */
export interface People {
  /**
   * Sees to it that `seal` needs no look at the database for a minute: within a transaction it would take a second
   * connection, and as many transactions as there are connections would wait for one another for ever. A person is named
   * by its user id; undefined: a machine.
   */
  prepare(person: string | undefined): Promise<void>;
  /**
   * Seals with the person's key. What cannot be anybody's (an unknown person's, or one's whose key is destroyed) is
   * sealed with the key of nobody, which is another one each month. `tx` is the transaction that is open, if it may
   * read personal tables. Gives the name of the key, for `open`.
   */
  seal(
    person: string | undefined,
    plain: string,
    context: string,
    tx?: IdentityTx,
  ): Promise<{ person: string; sealed: Buffer }>;
  /** Opens many, in order; undefined where the key is destroyed, or where one was tampered with. */
  open(sealed: readonly Sealed[]): Promise<(string | undefined)[]>;
  /** Destroys a person's key, for good: what it sealed is unreadable once `tx` commits, and no new one is made. */
  forget(tx: IdentityTx, person: string): Promise<void>;
  /** Destroys the keys of nobody of the months that ended before `before`. */
  forgetNobody(tx: IdentityTx, before: Date): Promise<void>;
  /** Drops the person's key from the memory of this process. */
  drop(person: string): void;
}

/** What is to be opened: the name of the key, and the context it was sealed for. */
export interface Sealed {
  readonly person: string;
  readonly sealed: Buffer;
  readonly context: string;
}

const keptMax = 10_000;
const keptMs = 10 * 60_000;
/** Longer than a transaction of a request lasts. */
const preparedMs = 60_000;
const nobodyPrefix = 'nobody-';

/** The key of nobody of a month: `nobody-2026-11`. */
const nobodyOf = (now: Date): string => `${nobodyPrefix}${now.toISOString().slice(0, 7)}`;

/** Which people belong to a database: an audit row finds them by its transaction. */
const peopleByDatabase = new WeakMap<Database, People>();

/** Throws where none were opened over this database: a row with a personal field must not go in unsealed. */
export function peopleOf(db: Database): People {
  const people = peopleByDatabase.get(db);
  if (!people) throw new Error('personal fields are to be sealed, and nobody opened the keys of people');
  return people;
}

interface Kept {
  readonly sealer: KeySealer | undefined;
  readonly until: number;
}

async function findKeys(tx: IdentityTx, persons: readonly string[]): Promise<Map<string, Buffer | null>> {
  const rows = await tx.sql<{ person: string; sealed_key: Buffer | null }>(
    'SELECT person, sealed_key FROM maestro.person_keys WHERE person = ANY ($1::text[])',
    [persons],
    'find_person_keys',
  );
  return new Map(rows.map((row) => [row.person, row.sealed_key]));
}

/** One row that does not open must not keep readers from all the others: the chain says that it was tampered with. */
function opened(sealer: KeySealer | undefined, { sealed, context }: Sealed): string | undefined {
  try {
    return sealer?.open(sealed, context).toString('utf8');
  } catch {
    return undefined;
  }
}

export function openPeople(db: Database, sealer: Sealer): People {
  const kept = new Map<string, Kept>();
  const contextOf = sealedColumns.person.context;

  function keep(person: string, found: KeySealer | undefined): void {
    kept.delete(person);
    kept.set(person, { sealer: found, until: Date.now() + keptMs });
    const oldest = kept.keys().next();
    if (kept.size > keptMax && !oldest.done) kept.delete(oldest.value);
  }

  const unsealed = async (person: string, key: Buffer | null, tx?: IdentityTx): Promise<KeySealer | undefined> =>
    key === null ? undefined : sealerOf(await sealer.open(key, contextOf(person), tx));

  /** The person's key, made where there is none; undefined where it was destroyed. */
  async function findOrMake(tx: IdentityTx, person: string): Promise<KeySealer | undefined> {
    let key = (await findKeys(tx, [person])).get(person);
    if (key === undefined) {
      await tx.sql(
        'INSERT INTO maestro.person_keys (person, sealed_key) VALUES ($1, $2) ON CONFLICT DO NOTHING',
        [person, sealer.seal(randomBytes(32), contextOf(person))],
        'insert_person_key',
      );
      key = (await findKeys(tx, [person])).get(person);
    }
    const found = await unsealed(person, key ?? null, tx);
    // A key of a transaction that is undone must seal nothing later.
    tx.onCommit(() => keep(person, found));
    return found;
  }

  /** The key, good for `leastMs` from now on without another look. */
  async function keyOf(person: string, tx: IdentityTx | undefined, leastMs = 0): Promise<KeySealer | undefined> {
    const known = kept.get(person);
    if (known && known.until > Date.now() + leastMs) return known.sealer;
    return tx ? findOrMake(tx, person) : db.inIdentity((own) => findOrMake(own, person));
  }

  const people: People = {
    async prepare(person) {
      if (person !== undefined && (await keyOf(person, undefined, preparedMs))) return;
      await keyOf(nobodyOf(new Date()), undefined, preparedMs);
    },
    async seal(person, plain, context, tx) {
      const own = person === undefined ? undefined : await keyOf(person, tx);
      if (person !== undefined && own) return { person, sealed: own.seal(plain, context) };
      const nobody = nobodyOf(new Date());
      const shared = await keyOf(nobody, tx);
      if (!shared) throw new Error('this month’s key of nobody was destroyed');
      return { person: nobody, sealed: shared.seal(plain, context) };
    },
    async open(sealed) {
      const persons = [...new Set(sealed.map(({ person }) => person))];
      const keys = persons.length === 0 ? new Map() : await db.inIdentity((tx) => findKeys(tx, persons));
      const sealers = new Map<string, KeySealer | undefined>();
      for (const person of persons) sealers.set(person, await unsealed(person, keys.get(person) ?? null));
      return sealed.map((each) => opened(sealers.get(each.person), each));
    },
    async forget(tx, person) {
      await tx.sql(
        `INSERT INTO maestro.person_keys (person, sealed_key, destroyed_at) VALUES ($1, NULL, now())
         ON CONFLICT (person) DO UPDATE SET sealed_key = NULL, destroyed_at = now()
          WHERE person_keys.sealed_key IS NOT NULL`,
        [person],
      );
      tx.onCommit(() => people.drop(person));
    },
    async forgetNobody(tx, before) {
      await tx.sql(
        `UPDATE maestro.person_keys SET sealed_key = NULL, destroyed_at = now()
          WHERE starts_with(person, $1) AND person < $2 AND sealed_key IS NOT NULL`,
        [nobodyPrefix, nobodyOf(before)],
      );
    },
    drop(person) {
      kept.delete(person);
    },
  };
  peopleByDatabase.set(db, people);
  return people;
}
