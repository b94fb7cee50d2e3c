import { randomUUID } from 'node:crypto';
import type { TenantTx } from '../db/tenancy.ts';
import type { Ports } from '../ports/ports.ts';
import { type Due, onDue } from './due.ts';
import * as queries from './due_queries.ts';

/** How something is learnt anew. */
export interface Job {
  readonly what: Due;
  /**
   * Reads and computes, in transactions of its own, and gives what writes the result; that runs in the transaction which
   * takes the mark away, so the two are done together or not at all. What takes long belongs in a thread (see inThread),
   * which `signal` ends.
   */
  run(db: Ports['db'], tenantId: string, signal: AbortSignal): Promise<(tx: TenantTx) => Promise<void>>;
}

export interface BackgroundOptions {
  readonly ports: Pick<Ports, 'db' | 'log'>;
  readonly jobs: readonly Job[];
  /** How long after a mark the work begins: outcomes come in groups. */
  readonly debounceMs?: number;
  /** How long after a crash others wait with what was under way; a worker that lives renews it. */
  readonly leaseMs?: number;
  /** How often marks are looked for that other processes, or a crash, left. */
  readonly sweepMs?: number;
  /** The wait after a failure; each time twice as long, up to an hour. */
  readonly retryMs?: number;
}

/** The work was given to another meanwhile, or its tenant is gone: what came of it is dropped. */
class Overtaken extends Error {}

interface Waiting {
  readonly tenantId: string;
  readonly job: Job;
  /** As performance.now() has it. */
  readonly at: number;
}

/**
 * Does what is due (see markDue), one piece after the other. A piece that took long waits three times as long before it is
 * done again, so that a tenant whose outcomes never end takes a quarter of a core at most. The marks are in PostgreSQL: a
 * crash loses none, and of several processes one does the work. `close` ends what is under way, undone.
 */
export function startBackground({
  ports: { db, log },
  jobs,
  debounceMs = 2_000,
  leaseMs = 30_000,
  sweepMs = 600_000,
  retryMs = 10_000,
}: BackgroundOptions): { close(): Promise<void> } {
  const worker = randomUUID();
  const stopping = new AbortController();
  const { signal } = stopping;
  const waiting = new Map<string, Waiting>();
  /** Until when a piece rests that was just done. */
  const resting = new Map<string, number>();
  let timer: NodeJS.Timeout | undefined;
  let underWay: Promise<void> | undefined;

  /** When the timer ends: no later than anything that waits. */
  let wakesAt = Number.POSITIVE_INFINITY;

  const plan = (tenantId: string, job: Job, waitMs: number): void => {
    const key = `${job.what} ${tenantId}`;
    const at = performance.now() + waitMs;
    const planned = waiting.get(key);
    if (!planned || at < planned.at) waiting.set(key, { tenantId, job, at });
    if (at < wakesAt) wake();
  };

  /** Sets the timer for what is next, unless something is under way. */
  const wake = (): void => {
    clearTimeout(timer);
    wakesAt = Number.POSITIVE_INFINITY;
    if (underWay || signal.aborted) return;
    let next: string | undefined;
    for (const [key, { at }] of waiting) {
      const earliest = Math.max(at, resting.get(key) ?? 0);
      if (earliest >= wakesAt) continue;
      wakesAt = earliest;
      next = key;
    }
    if (next === undefined) return;
    const key = next;
    timer = setTimeout(() => begin(key), Math.max(0, wakesAt - performance.now()));
    timer.unref();
  };

  const begin = (key: string): void => {
    const piece = waiting.get(key) as Waiting;
    waiting.delete(key);
    underWay = work(key, piece)
      .catch((error) => {
        log.error({ err: error, tenant: piece.tenantId, what: piece.job.what }, 'what is due could not be taken');
        plan(piece.tenantId, piece.job, retryMs);
      })
      .then(() => {
        underWay = undefined;
        wake();
      });
  };

  const work = async (key: string, { tenantId, job }: Waiting): Promise<void> => {
    const lease = { what: job.what, worker, leaseMs };
    const marks = await db.inTenant(tenantId, (tx) => queries.takeDue(tx, lease));
    if (marks === undefined) return look(tenantId, job.what);
    const startedAt = performance.now();
    const keeper = setInterval(() => {
      db.inTenant(tenantId, (tx) => queries.keepDue(tx, lease)).catch((error) =>
        log.warn({ err: error, tenant: tenantId, what: job.what }, 'the lease of what is under way was not renewed'),
      );
    }, leaseMs / 3);
    try {
      const write = await job.run(db, tenantId, signal);
      const end = await db.inTenant(tenantId, async (tx) => {
        await write(tx);
        const ended = await queries.endDue(tx, lease, marks);
        if (ended === undefined) throw new Overtaken();
        return ended;
      });
      const tookMs = performance.now() - startedAt;
      resting.set(key, performance.now() + Math.max(debounceMs, 3 * tookMs));
      if (end === 'due again') plan(tenantId, job, 0);
    } catch (error) {
      if (error instanceof Overtaken) return;
      if (signal.aborted) return await db.inTenant(tenantId, (tx) => queries.giveBackDue(tx, lease));
      log.error({ err: error, tenant: tenantId, what: job.what }, 'learning from finished projects failed');
      await db.inTenant(tenantId, (tx) => queries.failDue(tx, lease, { firstMs: retryMs, longestMs: 3_600_000 }));
      await look(tenantId, job.what);
    } finally {
      clearInterval(keeper);
    }
  };

  /** Plans what is due in a tenant: all, or one thing. */
  const look = async (tenantId: string, only?: Due): Promise<void> => {
    for (const { what, wait_ms } of await db.inTenant(tenantId, queries.dueIn)) {
      const job = jobs.find((one) => one.what === what);
      if (job && (only === undefined || only === what)) plan(tenantId, job, wait_ms);
    }
  };

  const sweep = async (): Promise<void> => {
    const now = performance.now();
    for (const [key, until] of resting) if (until < now) resting.delete(key);
    let after = '00000000-0000-0000-0000-000000000000';
    // The first tenant has that very id.
    let tenants: string[] = [after];
    while (tenants.length > 0 && !signal.aborted) {
      for (const tenantId of tenants) if (!signal.aborted) await look(tenantId);
      tenants = await db.inIdentity((tx) => queries.tenantsAfter(tx, after, 1_000));
      after = tenants.at(-1) ?? after;
    }
  };
  let sweeping: Promise<void> = Promise.resolve();
  const sweepAgain = (): void => {
    sweeping = sweeping
      .then(sweep)
      .catch((error) => log.error({ err: error }, 'what is due of learning from finished projects was not looked for'));
  };

  const unhear = onDue(db, (tenantId, what) => {
    for (const job of jobs) if (what.includes(job.what)) plan(tenantId, job, debounceMs);
  });
  const sweeps = setInterval(sweepAgain, sweepMs);
  sweeps.unref();
  sweepAgain();
  return {
    async close() {
      stopping.abort();
      unhear();
      clearInterval(sweeps);
      clearTimeout(timer);
      await sweeping;
      await underWay;
    },
  };
}
