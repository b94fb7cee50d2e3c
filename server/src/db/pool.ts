import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { MaestroError } from '../errors.ts';

/** Connections to one database with one login, which may change while they are in use. */
export interface LoginPool {
  /**
   * A connection, to be given back. Where PostgreSQL refuses the login, waits for another one for some seconds. Throws
   * `unavailable` where all stay in use for the pool's `connectionTimeoutMillis`.
   */
  connect(): Promise<pg.PoolClient>;
  /** Takes a connection back; where it broke, says why. */
  giveBack(client: pg.PoolClient, failure?: Error): void;
  query(text: string): Promise<unknown>;
  /**
   * Connects with another login from now on. Connections of the one before end at once where they are idle, and as they
   * are given back where they are not: nothing under way fails.
   */
  use(login: pg.ClientConfig): void;
  state(): { total: number; idle: number; waiting: number };
  end(): Promise<void>;
}

/** A password is changed in PostgreSQL before, or after, it is known here: requests of the time between wait. */
const refusedMsMax = 10_000;
const againMs = 100;

/** Wrong password; no such role, or it may not log in. */
const isRefusedLogin = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === '28P01' || error.code === '28000');

/** The pool's own words, and no code, where no connection came free in time. */
const isBusy = (error: unknown): boolean =>
  error instanceof Error && error.message === 'timeout exceeded when trying to connect';

export function openLoginPool(
  login: pg.ClientConfig,
  options: pg.PoolConfig,
  onIdleError: (error: Error) => void,
): LoginPool {
  let current = login;
  const loginOf = new WeakMap<pg.ClientBase, pg.ClientConfig>();
  class OwnClient extends pg.Client {
    constructor(config?: pg.ClientConfig) {
      super({ ...config, ...current, ...options } as pg.ClientConfig);
      loginOf.set(this, current);
    }
  }
  const pool = new pg.Pool({ ...options, Client: OwnClient });
  pool.on('error', onIdleError);
  // The pool listens to idle connections only. One that breaks in use fails the queries under way; without a listener
  // of its own the event would end the process as well.
  pool.on('connect', (client) => client.on('error', () => undefined));

  const giveBack = (client: pg.PoolClient, failure?: Error): void =>
    client.release(failure ?? loginOf.get(client) !== current);

  async function connect(): Promise<pg.PoolClient> {
    const giveUpAt = performance.now() + refusedMsMax;
    for (;;) {
      try {
        return await pool.connect();
      } catch (error) {
        if (isBusy(error)) {
          throw new MaestroError('unavailable', 'All connections to the database are in use; try again.', {
            cause: error,
          });
        }
        if (!isRefusedLogin(error) || performance.now() > giveUpAt) throw error;
      }
      await delay(againMs);
    }
  }

  return {
    connect,
    giveBack,
    async query(text) {
      const client = await connect();
      try {
        return await client.query(text);
      } finally {
        giveBack(client);
      }
    },
    use(other) {
      current = other;
      for (let idle = pool.idleCount; idle > 0; idle--) pool.connect().then(giveBack, onIdleError);
    },
    state: () => ({ total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
    end: () => pool.end(),
  };
}
