import type { Database, SystemTx } from '../db/tenancy.ts';
import { type Link, type StoredEvent, storedColumns } from './chain.ts';

/** What reads a log: a transaction of its tenant, one over the global tables, or the system's. */
export type LogTx = Pick<SystemTx, 'sql'>;

/** One chain: a tenant's log, or the operators'. `$1` of its statements is the chain. */
export interface Log {
  /** The tenant's id, or `operators`. */
  readonly chain: string;
  open<T>(run: (tx: LogTx) => Promise<T>): Promise<T>;
  readonly events: string;
  readonly heads: string;
  readonly anchors: string;
  /** What names the chain in a table of rows, and in one of heads or anchors. */
  readonly inEvents: string;
  readonly inHeads: string;
  readonly columns: string;
}

export const tenantLog = (db: Database, tenantId: string): Log => ({
  chain: tenantId,
  open: (run) => db.inTenant(tenantId, run),
  events: 'maestro.audit_events',
  heads: 'maestro.audit_heads',
  anchors: 'maestro.audit_anchors',
  inEvents: 'tenant_id = $1',
  inHeads: 'tenant_id = $1',
  columns: storedColumns('NULL::text'),
});

export const operatorLog = (db: Database): Log => ({
  chain: 'operators',
  open: (run) => db.inIdentity(run),
  events: 'maestro.operator_audit_events',
  heads: 'maestro.operator_audit_heads',
  anchors: 'maestro.operator_audit_anchors',
  inEvents: "$1::text = 'operators'",
  inHeads: 'chain = $1',
  columns: storedColumns('copy_to::text'),
});

/** Which rows of a log are asked for. */
export interface Filter {
  readonly actor?: string;
  /** How the action begins. */
  readonly action?: string;
  readonly target?: string;
  readonly outcome?: 'success' | 'refused';
  readonly since?: Date;
  readonly until?: Date;
}

const conditions: Readonly<Record<keyof Filter, (n: string) => string>> = {
  actor: (n) => `actor_id = ${n}`,
  action: (n) => `starts_with(action, ${n})`,
  target: (n) => `target = ${n}`,
  outcome: (n) => `outcome = ${n}`,
  since: (n) => `created_at >= ${n}`,
  until: (n) => `created_at < ${n}`,
};

/**
 * At most `limit` rows: those after the row `after` in order, or those before `before` with the newest first. Each set
 * of conditions is a text of its own, so that it has a plan of its own.
 */
export function rowsOf(
  tx: LogTx,
  log: Log,
  where: { after: number; upTo?: number } | { before: number | undefined },
  filter: Filter,
  limit: number,
): Promise<StoredEvent[]> {
  const values: unknown[] = [log.chain];
  const add = (value: unknown): string => `$${values.push(value)}`;
  const wanted = [log.inEvents];
  if ('after' in where) {
    wanted.push(`seq > ${add(where.after)}`);
    if (where.upTo !== undefined) wanted.push(`seq <= ${add(where.upTo)}`);
  } else if (where.before !== undefined) wanted.push(`seq < ${add(where.before)}`);
  for (const [name, value] of Object.entries(filter)) {
    if (value !== undefined) wanted.push(conditions[name as keyof Filter](add(value)));
  }
  const order = 'after' in where ? 'seq' : 'seq DESC';
  return tx.sql<StoredEvent>(
    `SELECT ${log.columns} FROM ${log.events} WHERE ${wanted.join(' AND ')} ORDER BY ${order} LIMIT ${add(limit)}`,
    values,
  );
}

/** The head of a chain, and the number of its last row, from one moment; undefined where there never was a row. */
export async function headOf(tx: LogTx, log: Log): Promise<(Link & { last: number }) | undefined> {
  const [found] = await tx.sql<{ seq: number | null; hash: Buffer | null; last: number | null }>(
    `SELECT h.seq, h.hash, e.last
       FROM (SELECT max(seq) AS last FROM ${log.events} WHERE ${log.inEvents}) e
       LEFT JOIN (SELECT seq, hash FROM ${log.heads} WHERE ${log.inHeads}) h ON true`,
    [log.chain],
  );
  const { seq = null, hash = null, last = null } = found ?? {};
  return seq === null || hash === null
    ? last === null
      ? undefined
      : { seq: 0, hash: Buffer.alloc(32), last }
    : { seq, hash, last: last ?? 0 };
}

export interface Anchor extends Link {
  readonly signed: string;
}

/** Where the chain begins after retention; undefined where it begins at its first row. */
export async function anchorOf(tx: LogTx, log: Log): Promise<Anchor | undefined> {
  const [found] = await tx.sql<Anchor>(`SELECT seq, hash, signed FROM ${log.anchors} WHERE ${log.inHeads}`, [
    log.chain,
  ]);
  return found;
}

/** The last row of those that happened before `before` and have nothing later in front of them; 0 for none. */
export async function endOfPrefix(tx: LogTx, log: Log, before: Date): Promise<number> {
  const [kept] = await tx.sql<{ seq: number }>(
    `SELECT seq FROM ${log.events} WHERE ${log.inEvents} AND created_at >= $2 ORDER BY seq LIMIT 1`,
    [log.chain, before],
  );
  return kept ? kept.seq - 1 : ((await headOf(tx, log))?.last ?? 0);
}

/** Takes the rows up to the anchor's away and puts it in their place. `tx` is the system's. */
export async function cutAt(tx: SystemTx, log: Log, anchor: Anchor): Promise<void> {
  const key = /^(\w+)/.exec(log.inHeads)?.[1];
  await tx.sql(
    `INSERT INTO ${log.anchors} AS a (${key}, seq, hash, signed) VALUES ($1, $2, $3, $4)
     ON CONFLICT (${key}) DO UPDATE SET seq = $2, hash = $3, signed = $4 WHERE a.seq < $2`,
    [log.chain, anchor.seq, anchor.hash, anchor.signed],
  );
  await tx.sql(`DELETE FROM ${log.events} WHERE ${log.inEvents} AND seq <= $2`, [log.chain, anchor.seq]);
}

/** Locks the chain's head: one retention at a time, and no row meanwhile. */
export const lockHead = (tx: SystemTx, log: Log): Promise<unknown> =>
  tx.sql(`SELECT 1 FROM ${log.heads} WHERE ${log.inHeads} FOR UPDATE`, [log.chain]);
