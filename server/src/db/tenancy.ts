import { randomUUID } from 'node:crypto';
import {
  type CompiledQuery,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
} from 'kysely';
import pg from 'pg';
import { MaestroError } from '../errors.ts';
import { isUuid } from '../uuid.ts';
import { type LoginPool, openLoginPool } from './pool.ts';
import type { DatabaseLogins } from './roles.ts';
import type { DB } from './tables.ts';

/** Builds typed queries and can run none: only a transaction can, so no query escapes its tenant. */
export const build = new Kysely<DB>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
}).withSchema('maestro');

interface Compilable<Row> {
  compile(): CompiledQuery<Row>;
}

/** What a transaction can do, whatever it is for. */
interface Tx {
  /** The database it is a transaction of. */
  readonly db: Database;
  /** Runs a query of `build` and gives its rows. */
  all<Row>(query: Compilable<Row>): Promise<Row[]>;
  /** The first row of a query of `build`, if there is one. */
  first<Row>(query: Compilable<Row>): Promise<Row | undefined>;
  /** Runs hand-written SQL; `name` makes it a prepared statement (give one to constant texts on hot paths). */
  sql<Row>(text: string, values?: readonly unknown[], name?: string): Promise<Row[]>;
  /** As `sql`, as the last statement: COMMIT is written to the socket together with it and costs no round trip. */
  last<Row>(text: string, values: readonly unknown[], name: string): Promise<Row[]>;
  /**
   * Runs SQL right before COMMIT, in one write to the socket with it: for what takes a lock that many wait for. It is
   * then the last lock of the transaction, so no circle of waiting goes through it, and is held for no round trip. Where
   * it fails, nothing is committed.
   */
  atCommit(text: string, values: readonly unknown[], name: string): void;
  /** Runs after the commit, and not at all where the transaction fails; the transaction's caller waits for it. */
  onCommit(effect: () => void | Promise<void>): void;
}

declare const tenantBrand: unique symbol;
declare const identityBrand: unique symbol;
declare const systemBrand: unique symbol;

/** A transaction inside one tenant. Queries of tenant tables take it as their first argument; nothing else makes one. */
export interface TenantTx extends Tx {
  readonly [tenantBrand]: true;
  readonly tenantId: string;
}

/** A transaction over the personal and global tables; it sees no tenant's table. */
export interface IdentityTx extends Tx {
  readonly [identityBrand]: true;
}

/** A transaction across tenants, over a login of its own. */
export interface SystemTx extends Tx {
  readonly [systemBrand]: true;
}

export interface Database {
  inTenant<T>(tenantId: string, run: (tx: TenantTx) => Promise<T>): Promise<T>;
  /** The same, reading alone: all statements see what was committed at the first one. */
  readTenant<T>(tenantId: string, run: (tx: TenantTx) => Promise<T>): Promise<T>;
  inIdentity<T>(run: (tx: IdentityTx) => Promise<T>): Promise<T>;
  /** The only way across tenants; `reason` goes into the operators' audit, in a transaction of its own, before `run`. */
  asSystem<T>(reason: string, run: (tx: SystemTx) => Promise<T>): Promise<T>;
  /** Throws where PostgreSQL does not answer. */
  ping(): Promise<void>;
  /** Takes other logins for what is connected from now on; what is under way ends undisturbed. */
  useLogins(logins: DatabaseLogins): void;
  poolState(): { total: number; idle: number; waiting: number };
  close(): Promise<void>;
}

/** int8 as a number: every 64-bit value here is an id, a step or milliseconds, all within 2^53 by validation. */
pg.types.setTypeParser(pg.types.builtins.INT8, Number);
/** A day stays the text that it is (2026-11-26): as a Date it would be a moment, and another day in other time zones. */
pg.types.setTypeParser(pg.types.builtins.DATE, (text) => text);

class Transaction implements Tx {
  readonly tenantId: string;
  readonly effects: (() => void | Promise<void>)[] = [];
  readonly db: Database;
  readonly #client: pg.PoolClient;
  readonly #closing: pg.QueryConfig[] = [];
  #committing: Promise<pg.QueryResult> | undefined;

  constructor(db: Database, client: pg.PoolClient, tenantId: string) {
    this.db = db;
    this.#client = client;
    this.tenantId = tenantId;
  }

  async all<Row>(query: Compilable<Row>): Promise<Row[]> {
    const compiled = query.compile();
    return this.sql<Row>(compiled.sql, compiled.parameters);
  }

  async first<Row>(query: Compilable<Row>): Promise<Row | undefined> {
    return (await this.all(query))[0];
  }

  async sql<Row>(text: string, values: readonly unknown[] = [], name?: string): Promise<Row[]> {
    if (this.#committing) throw new Error('a statement after the last one of its transaction');
    const config = { text, values: values as unknown[], ...(name === undefined ? {} : { name }) };
    return (await this.#client.query(config)).rows as Row[];
  }

  async last<Row>(text: string, values: readonly unknown[], name: string): Promise<Row[]> {
    const rows = this.sql<Row>(text, values, name);
    this.commit();
    return rows;
  }

  atCommit(text: string, values: readonly unknown[], name: string): void {
    if (this.#committing) throw new Error('a statement after the last one of its transaction');
    this.#closing.push({ text, values: values as unknown[], name });
  }

  onCommit(effect: () => void | Promise<void>): void {
    this.effects.push(effect);
  }

  /** Sends COMMIT, once. After a statement that failed it ends the transaction without it, as ROLLBACK does. */
  commit(): Promise<pg.QueryResult> {
    if (!this.#committing) {
      const closing = this.#closing.map((config) => this.#client.query(config));
      const commit = this.#client.query('COMMIT');
      commit.catch(() => undefined);
      this.#committing = Promise.all(closing).then(() => commit);
      this.#committing.catch(() => undefined);
    }
    return this.#committing;
  }
}

/**
 * Opens a transaction and ends it. BEGIN and the entering statement are written to the socket together with the first
 * query of `run` (the connections are in pipeline mode), so they cost no round trip. Where BEGIN or the entering
 * statement fails, PostgreSQL refuses what follows, or row-level security shows it nothing, and the call fails.
 */
async function transact<T>(
  db: Database,
  pool: LoginPool,
  tenantId: string,
  enter: { name: string; text: string; values?: unknown[] } | undefined,
  run: (tx: Transaction) => Promise<T>,
  begin = 'BEGIN',
): Promise<T> {
  const client = await pool.connect().catch((cause) => {
    if (cause instanceof MaestroError) throw cause;
    throw new MaestroError('unavailable', 'The database does not answer; try again.', { cause });
  });
  const tx = new Transaction(db, client, tenantId);
  let failure: Error | undefined;
  let committed: Transaction['effects'] = [];
  const opened = Promise.all([client.query(begin), ...(enter ? [client.query(enter)] : [])]);
  opened.catch(() => undefined);
  try {
    const result = await run(tx);
    await opened;
    // COMMIT of a transaction in which a statement failed answers ROLLBACK, and no error.
    if ((await tx.commit()).command !== 'COMMIT') throw new Error('a failed transaction was to be committed');
    committed = tx.effects;
    return result;
  } catch (consequence) {
    // Where the transaction did not open, what failed in it is only the consequence.
    const error: unknown = await opened.then(
      () => consequence,
      (cause: unknown) => cause,
    );
    await client.query('ROLLBACK').catch((broken: Error) => {
      failure = broken;
    });
    if (failure === undefined || error instanceof MaestroError) throw error;
    const detail = error instanceof Error ? error.message : String(error);
    throw new MaestroError('unavailable', 'The connection to the database was lost; try again.', {
      detail,
      cause: error,
    });
  } finally {
    pool.giveBack(client, failure);
    // What is committed stays so, whatever becomes of its effects: none of them may fail the call.
    if (committed.length > 0) await Promise.allSettled(committed.map(async (effect) => effect()));
  }
}

/** How long one statement of a request may take, and a call may wait for a connection. */
const statementMsMax = 30_000;

/** Opens the pools. `poolSize` bounds the server's own connections; `asSystem` has two. */
export function openDatabase(logins: DatabaseLogins, poolSize: number, onIdleError: (error: Error) => void): Database {
  /** The login with the settings of its connections. */
  const withSettings = (login: pg.ClientConfig, timeoutMs: number): pg.ClientConfig => {
    // Generic plans: planning a hot statement anew costs 0.4–0.8 ms, more than running it. What needs a plan of its own
    // values asks for it (SET LOCAL plan_cache_mode).
    // A bound on every statement, over one in the URL's options: a few endless ones would hold all connections. Going
    // across tenants has none. The digits of doubles are pinned: latest metrics store their text.
    const settings =
      `-c plan_cache_mode=force_generic_plan -c jit=off -c extra_float_digits=1 ` +
      `-c statement_timeout=${timeoutMs} -c lock_timeout=${timeoutMs / 3}`;
    return { ...login, options: [login.options, settings].filter(Boolean).join(' ') };
  };
  const open = (login: pg.ClientConfig, max: number) =>
    openLoginPool(
      login,
      {
        max,
        pipeline: true,
        idleTimeoutMillis: 30_000,
        connectionTimeoutMillis: statementMsMax,
      } as pg.PoolConfig,
      onIdleError,
    );
  const serving = ({ server: login }: DatabaseLogins) => withSettings(login, statementMsMax);
  const crossing = ({ system: login }: DatabaseLogins) => withSettings(login, 0);
  const server = open(serving(logins), poolSize);
  const system = open(crossing(logins), 2);
  async function inTenant<T>(tenantId: string, run: (tx: TenantTx) => Promise<T>, begin?: string): Promise<T> {
    if (!isUuid(tenantId)) throw new Error('a transaction in a tenant needs the id of a tenant');
    const enter = { name: 'set_tenant', text: 'SELECT maestro.set_tenant($1)', values: [tenantId] };
    return transact(db, server, tenantId, enter, (tx) => run(tx as unknown as TenantTx), begin);
  }
  const db: Database = {
    inTenant: (tenantId, run) => inTenant(tenantId, run),
    readTenant: (tenantId, run) => inTenant(tenantId, run, 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY'),
    async inIdentity<T>(run: (tx: IdentityTx) => Promise<T>) {
      const enter = { name: 'enter_identity', text: 'SELECT maestro.enter_identity()' };
      return transact(db, server, '', enter, (tx) => run(tx as unknown as IdentityTx));
    },
    async asSystem<T>(reason: string, run: (tx: SystemTx) => Promise<T>) {
      await transact(db, system, '', undefined, (tx) =>
        tx.sql(
          `SELECT maestro.append_operator_audit_event($1, 'system', 'maestro', 'system.enter', '', 'success', '', '', $2,
             '', NULL, '{}')`,
          [randomUUID(), JSON.stringify({ reason })],
        ),
      );
      return transact(db, system, '', undefined, (tx) => run(tx as unknown as SystemTx));
    },
    async ping() {
      await server.query('SELECT 1');
    },
    useLogins(others) {
      server.use(serving(others));
      system.use(crossing(others));
    },
    poolState: () => server.state(),
    async close() {
      await Promise.all([server.end(), system.end()]);
    },
  };
  return db;
}
