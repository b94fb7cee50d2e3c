import type { Logger } from 'pino';
import type { Database } from '../db/tenancy.ts';
import { networkOf } from '../identity/network.ts';
import { peopleOf } from '../identity/people.ts';
import { type AuditEvent, insertAuditEvent, insertOperatorAuditEvent } from './queries.ts';

/** Who was refused, and what more the row says. */
export type RefusedParty = Partial<Pick<AuditEvent, 'actor' | 'target' | 'personal' | 'detail'>>;

/** A refusal that anybody can cause without end. */
export interface Refusal {
  readonly action: string;
  /** Where the call came from; empty where it is no one address. */
  readonly address: string;
  readonly requestId?: string;
  /** Why, where the action does not say it: one of a few sentences. */
  readonly reason?: string;
  /** What is counted apart beside the network: the account that was tried, the key. */
  readonly of?: string;
  /** In whose log it stands; without it in the operators'. One that is gone, or going, has none any more. */
  readonly tenantId?: string;
  /** Asked for the first of a minute alone: it may look something up. Nobody in particular by default. */
  readonly party?: () => RefusedParty | Promise<RefusedParty>;
}

/**
 * Refusals that come in floods: credentials that do not hold, sign-ins that must wait. The first of its kind, network
 * and `of` in a minute has its row before it is answered; the others of that minute are one row together, written when
 * it is over. A flood, from however many addresses, writes `apartMax` + 1 rows of each kind a minute at most, and as many
 * that count.
 */
export interface Refusals {
  /** Gives whether it was the first. */
  note(refusal: Refusal): Promise<boolean>;
  /**
   * Writes the rows of the minutes that are over, and of this one as far as it has come. A count that cannot be written
   * is in the log of the process instead.
   */
  flush(): Promise<void>;
}

const windowMs = 60_000;
/** Of one kind, in a minute, that are counted apart. */
const apartMax = 100;

/** What came after the first: the row that it had, and how many there were. */
interface Counted {
  readonly event: AuditEvent;
  count: number;
}

/** Of one action, reason and log. */
interface Kind {
  readonly tenantId: string | undefined;
  readonly apart: Map<string, Promise<Counted>>;
  /** Those that had no place any more. */
  readonly others: Counted;
}

/** Whether the tenant has a log: a row beside its deletion would be left behind, nobody's. */
async function hasLog(db: Database, tenantId: string): Promise<boolean> {
  const text = 'SELECT FROM maestro.tenants WHERE tenant_id = $1 AND deletion_began_at IS NULL';
  return (await db.inIdentity((tx) => tx.sql(text, [tenantId]))).length > 0;
}

export function openRefusals(db: Database, log: Logger, now: () => number = Date.now): Refusals {
  let begun = now();
  let kinds = new Map<string, Kind>();

  async function write(tenantId: string | undefined, event: AuditEvent): Promise<void> {
    if (tenantId === undefined) return db.inIdentity((tx) => insertOperatorAuditEvent(tx, event));
    if (!(await hasLog(db, tenantId))) return;
    // A person's key is looked up before a transaction is open: within one it would take a second connection.
    await peopleOf(db).prepare(event.actor.kind === 'user' ? event.actor.id : undefined);
    await db.inTenant(tenantId, (tx) => insertAuditEvent(tx, event));
  }

  const eventOf = ({ action, reason, requestId = '' }: Refusal, address: string, party: RefusedParty): AuditEvent => ({
    actor: { kind: 'anonymous', id: '' },
    action,
    target: '',
    outcome: 'refused',
    requestId,
    address,
    ...party,
    detail: { ...(reason === undefined ? {} : { reason }), ...party.detail },
  });

  function kindOf(refusal: Refusal): Kind {
    const { tenantId, action, reason } = refusal;
    const name = [tenantId, action, reason].join('\n');
    const known = kinds.get(name);
    if (known) return known;
    const others = { event: eventOf({ ...refusal, requestId: '' }, '', {}), count: 0 };
    const kind = { tenantId, apart: new Map(), others };
    kinds.set(name, kind);
    return kind;
  }

  async function writeFirst(refusal: Refusal, tenantId: string | undefined, network: string): Promise<Counted> {
    const event = eventOf(refusal, network, (await refusal.party?.()) ?? {});
    await write(tenantId, { ...event, detail: { ...event.detail, attempts: 1 } });
    return { event: { ...event, requestId: '' }, count: 0 };
  }

  async function writeCount(tenantId: string | undefined, { event, count }: Counted, since: string): Promise<void> {
    if (count === 0) return;
    try {
      await write(tenantId, { ...event, detail: { ...event.detail, attempts: count, since } });
    } catch (error) {
      // Nobody waits for it whose call it could fail, and the other counts are to be written.
      const { action, detail } = event;
      log.error({ err: error, action, ...detail, attempts: count, since }, 'refusals were not written to the audit');
    }
  }

  async function flush(): Promise<void> {
    const ended = kinds;
    const since = new Date(begun).toISOString();
    kinds = new Map();
    begun = now();
    for (const { tenantId, apart, others } of ended.values()) {
      // One whose own row was not written was answered with that error.
      const written = (await Promise.allSettled(apart.values())).flatMap((each) =>
        each.status === 'fulfilled' ? [each.value] : [],
      );
      for (const counted of [...written, others]) await writeCount(tenantId, counted, since);
    }
  }

  return {
    async note(refusal) {
      if (now() - begun >= windowMs) await flush();
      const { tenantId, apart, others } = kindOf(refusal);
      const network = networkOf(refusal.address);
      const source = `${network}\n${refusal.of ?? ''}`;
      const counted = apart.get(source);
      if (counted !== undefined) {
        (await counted).count += 1;
        return false;
      }
      if (apart.size >= apartMax) {
        others.count += 1;
        return false;
      }
      const first = writeFirst(refusal, tenantId, network);
      apart.set(source, first);
      try {
        await first;
      } catch (error) {
        // Who comes next is the first again: what ailed the database may have passed.
        apart.delete(source);
        throw error;
      }
      return true;
    },
    flush,
  };
}
