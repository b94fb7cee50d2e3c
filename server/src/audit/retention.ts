import type { Database } from '../db/tenancy.ts';
import type { Identity } from '../identity/identity.ts';
import { signAnchor } from './anchor.ts';
import { faultIn, genesis } from './chain.ts';
import { anchorOf, cutAt, endOfPrefix, type Log, lockHead, operatorLog, rowsOf, tenantLog } from './log_queries.ts';
import { type AuditEvent, insertOperatorAuditEvent } from './queries.ts';

const batch = 2000;

/** What a retention took from one log. */
export interface Removal {
  readonly chain: string;
  readonly removed: number;
  /** Where it went no further, and why. */
  readonly fault: string | undefined;
}

/**
 * Takes the rows before `before` from the beginning of a log, and leaves a signed anchor in their place, in one
 * transaction a batch. A row that does not verify stays, with all behind it: an anchor would cover it up.
 */
async function shorten(
  db: Database,
  { statements }: Pick<Identity, 'statements'>,
  log: Log,
  before: Date,
): Promise<Removal | undefined> {
  const end = await log.open((tx) => endOfPrefix(tx, log, before));
  let removed = 0;
  for (;;) {
    const begun = await log.open((tx) => anchorOf(tx, log));
    if (end <= (begun?.seq ?? 0)) break;
    const taken = await db.asSystem(`retention of the audit log ${log.chain}`, async (tx) => {
      await lockHead(tx, log);
      const link = (await anchorOf(tx, log)) ?? { seq: 0, hash: genesis };
      const rows = await rowsOf(tx, log, { after: link.seq, upTo: end }, {}, batch);
      const fault = faultIn(log.chain, link, rows);
      const sound = fault ? rows.filter(({ seq }) => seq < fault.seq) : rows;
      const last = sound.at(-1);
      if (last) await cutAt(tx, log, await signAnchor(statements, log, last));
      return { count: sound.length, fault };
    });
    removed += taken.count;
    if (taken.fault) return { chain: log.chain, removed, fault: `row ${taken.fault.seq}: ${taken.fault.reason}` };
    if (taken.count === 0) break;
  }
  return removed === 0 ? undefined : { chain: log.chain, removed, fault: undefined };
}

/**
 * Takes what is older than `before` from every log, and destroys the keys of nobody of the months before it. Each log
 * that lost something has that in the operators' audit, copied to its tenant. `by` is who does it.
 */
export async function retainSince(
  db: Database,
  identity: Pick<Identity, 'statements' | 'people'>,
  before: Date,
  by: Pick<AuditEvent, 'actor' | 'requestId' | 'address'>,
): Promise<Removal[]> {
  const tenants = await db.inIdentity((tx) => tx.sql<{ tenant_id: string }>('SELECT tenant_id FROM maestro.tenants'));
  const logs = [...tenants.map(({ tenant_id }) => tenantLog(db, tenant_id)), operatorLog(db)];
  const removals: Removal[] = [];
  for (const log of logs) {
    const removal = await shorten(db, identity, log, before);
    if (!removal) continue;
    removals.push(removal);
    const detail = { before: before.toISOString(), removed: removal.removed, fault: removal.fault };
    const event: AuditEvent = { ...by, action: 'audit.retention', target: log.chain, outcome: 'success', detail };
    const copyTo = tenants.some(({ tenant_id }) => tenant_id === log.chain) ? [log.chain] : [];
    await db.inIdentity((tx) => insertOperatorAuditEvent(tx, event, copyTo));
  }
  await db.inIdentity((tx) => identity.people.forgetNobody(tx, before));
  return removals;
}
