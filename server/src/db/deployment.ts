import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from 'pino';
import { MaestroError } from '../errors.ts';
import { withClient } from './roles.ts';

/** Says what kept a process from taking the secrets that it is given now: a sentence; undefined where nothing did. */
export type Look = () => Promise<string | undefined>;

/**
 * The Maestros on one database: which keys each of them has, and a way to have all look at their secrets. A key goes by
 * its name here, of which eight hexadecimal digits count; nothing of a secret is told.
 */
export interface Deployment {
  /** Tells the others that this process has these keys, in the place of what it had under `of`. */
  announce(of: string, ids: readonly string[]): Promise<void>;
  /** How many processes run, and how many of them do not have a key. */
  whoHas(id: string): Promise<{ readonly processes: number; readonly without: number }>;
  /**
   * Has every process take the secrets that it is given now, and waits until each has. Throws `invalid_state` where one
   * does not.
   */
  lookNow(): Promise<void>;
  /** Runs when a process has announced something, and when announcements may have been missed. */
  onAnnounced(listener: () => void): void;
  /** Connects with another login from now on. */
  useLogin(login: pg.ClientConfig): Promise<void>;
  close(): Promise<void>;
}

const notTaken = (why: string): MaestroError =>
  new MaestroError('invalid_state', `What is given now was not taken. ${why}`);

/** The deployment of a process that has its database to itself. */
export function aloneDeployment(look: Look = async () => undefined): Deployment {
  return {
    announce: async () => undefined,
    whoHas: async () => ({ processes: 1, without: 0 }),
    async lookNow() {
      const fault = await look();
      if (fault !== undefined) throw notTaken(fault);
    },
    onAnnounced: () => undefined,
    useLogin: async () => undefined,
    close: async () => undefined,
  };
}

export interface DeploymentOptions {
  readonly login: pg.ClientConfig;
  readonly look: Look;
  /** How long a look of all is waited for. */
  readonly patienceMs?: number;
  /** How long an answer of PostgreSQL is waited for. */
  readonly answerMs?: number;
  readonly log: Logger;
}

const channel = 'maestro_deployment';
/** The space of our advisory locks. */
const lockSpace = 7_203_642;
/** What every process holds. */
const presence = '00000000';
const againMs = 1000;
/** As long after a connection was lost and made anew, the others can have come back as well. */
const allBackMs = 5 * againMs;
const pollMs = 100;
/** Of looks that were asked for at the same moment. */
const looksKept = 8;

/** A machine that vanished without a word is given up after a minute. */
const settings = '-c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3';

const numberOf = (id: string): number => Number.parseInt(id.slice(0, 8), 16);

const heldText = `
  SELECT count(DISTINCT pid)::integer AS processes,
         (count(DISTINCT pid) - count(DISTINCT pid) FILTER (WHERE objid = $2::bigint::oid))::integer AS without
    FROM pg_locks
   WHERE locktype = 'advisory' AND granted AND objsubid = 2 AND classid = $1::integer::oid
     AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
     AND pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 2
                    AND classid = $1::integer::oid AND objid = 0)`;

/**
 * Each process keeps one connection, whose advisory locks are what it has: they end with the process, however that
 * ends, and no row outlives it. Notifications on it ask the others to look.
 */
export async function openDeployment(options: DeploymentOptions): Promise<Deployment> {
  // A store has ten seconds to answer, and what it holds has to be tried.
  const { login: first, look, patienceMs = 30_000, answerMs = 10_000, log } = options;
  const held = new Map<string, readonly string[]>();
  const listeners = new Set<() => void>();
  let looks: readonly string[] = [];
  let login = first;
  let client: pg.Client | undefined;
  let isClosed = false;
  let allBack: Promise<unknown> = Promise.resolve();
  let underWay: Promise<unknown> = Promise.resolve();
  let looking: Promise<unknown> = Promise.resolve();
  let ownFault: string | undefined;

  /** One after the other: a connection that is made anew has what was announced meanwhile. */
  function alone<T>(work: () => Promise<T>): Promise<T> {
    const done = underWay.then(work);
    underWay = done.catch(() => undefined);
    return done;
  }

  const tell = (): void => {
    for (const listener of listeners) listener();
  };

  const lock = (on: pg.Client, ids: readonly string[], what: 'lock' | 'unlock') =>
    on.query(`SELECT pg_advisory_${what}_shared($1, n) FROM unnest($2::integer[]) AS n`, [
      lockSpace,
      ids.map((id) => numberOf(id) | 0),
    ]);

  async function connect(): Promise<void> {
    const next = new pg.Client({
      application_name: 'maestro',
      connectionTimeoutMillis: 10_000,
      keepAlive: true,
      keepAliveInitialDelayMillis: 30_000,
      query_timeout: answerMs,
      // So a connection over which no answer came in time is broken off.
      pipeline: true,
      ...login,
      options: [login.options, settings].filter(Boolean).join(' '),
    });
    next.on('notification', ({ payload = '' }) => {
      const [what, id = ''] = payload.split(' ');
      if (what === 'look') looking = looking.then(() => lookFor(id));
      else tell();
    });
    next.on('error', () => undefined);
    next.once('end', () => {
      if (client === next) reconnect();
    });
    try {
      await next.connect();
      await lock(next, [presence, ...[...held.values()].flat()], 'lock');
      await next.query(`LISTEN ${channel}`);
      await next.query('SELECT pg_notify($1, $2)', [channel, 'announced']);
    } catch (error) {
      await next.end().catch(() => undefined);
      throw error;
    }
    // The one before ends once this one has all that it had.
    const before = client;
    client = next;
    await before?.end().catch(() => undefined);
    tell();
  }

  function reconnect(): void {
    client = undefined;
    const retry = async (): Promise<void> => {
      while (!isClosed && !client) {
        await delay(againMs, undefined, { ref: false });
        await alone(async () => {
          if (isClosed || client) return;
          const connected = connect();
          allBack = connected.then(
            () => delay(allBackMs, undefined, { ref: false }),
            () => undefined,
          );
          await connected;
        }).catch((error: unknown) => log.warn({ err: error }, 'the other Maestros do not see this one'));
      }
    };
    void retry();
  }

  async function ask<Row>(text: string, values: unknown[]): Promise<Row[]> {
    if (!client) throw new MaestroError('unavailable', 'The database does not answer; try again.');
    return (await client.query(text, values)).rows as Row[];
  }

  const announce = (of: string, ids: readonly string[]): Promise<void> =>
    alone(async () => {
      const before = held.get(of) ?? [];
      held.set(of, ids);
      if (!client) return;
      await lock(client, ids, 'lock');
      await lock(client, before, 'unlock');
      await client.query('SELECT pg_notify($1, $2)', [channel, 'announced']);
    });

  async function lookFor(id: string): Promise<void> {
    try {
      ownFault = await look();
      if (ownFault !== undefined) return;
      // Connections of before would hide that a login is refused by now.
      await withClient(login, async () => undefined);
      looks = [id, ...looks].slice(0, looksKept);
      await announce('looks', looks);
    } catch (error) {
      ownFault = 'PostgreSQL does not take the login that is given: the log says why.';
      log.error({ err: error }, 'the database does not take the login that is given now');
    }
  }

  async function whoHas(id: string): Promise<{ processes: number; without: number }> {
    // Where PostgreSQL was started anew, nobody is there at first.
    await allBack;
    const [count] = await ask<{ processes: number; without: number }>(heldText, [lockSpace, numberOf(id)]);
    return count!;
  }

  await connect();
  return {
    announce,
    whoHas,
    async lookNow() {
      const id = randomBytes(4).toString('hex');
      ownFault = undefined;
      await ask('SELECT pg_notify($1, $2)', [channel, `look ${id}`]);
      for (const giveUpAt = performance.now() + patienceMs; ; await delay(pollMs)) {
        const { processes, without } = await whoHas(id);
        if (without === 0) return;
        if (ownFault !== undefined) throw notTaken(ownFault);
        if (performance.now() < giveUpAt) continue;
        throw notTaken(`${without} of the ${processes} Maestros on this database did not take it: the log says why.`);
      }
    },
    onAnnounced: (listener) => void listeners.add(listener),
    useLogin(other) {
      login = other;
      return alone(connect);
    },
    async close() {
      isClosed = true;
      await underWay;
      await client?.end().catch(() => undefined);
    },
  };
}
