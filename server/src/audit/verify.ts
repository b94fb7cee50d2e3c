import type { Statements } from '../identity/statements.ts';
import { holds } from './anchor.ts';
import { type Fault, faultIn, genesis, type Link } from './chain.ts';
import { type Anchor, anchorOf, headOf, type Log, rowsOf } from './log_queries.ts';

export interface Verification {
  readonly checked: number;
  /** Undefined where the log holds no row. */
  readonly first: number | undefined;
  readonly head: Link;
  readonly anchor: Anchor | undefined;
  /** The first thing that is wrong. */
  readonly fault: Fault | undefined;
}

const pageSize = 1000;

/**
 * Computes a chain anew, from where it begins to where its head was when this was called, a page at a time. Rows that
 * are written meanwhile are not looked at; rows that retention takes away meanwhile are covered by its new anchor.
 */
export async function verifyLog(log: Log, statements: Statements): Promise<Verification> {
  const begun = await log.open(async (tx) => ({ head: await headOf(tx, log), anchor: await anchorOf(tx, log) }));
  const head = begun.head ?? { seq: 0, hash: genesis, last: 0 };
  let anchor = begun.anchor;
  let link: Link = anchor ?? { seq: 0, hash: genesis };
  let first: number | undefined;
  let checked = 0;
  const found = (fault: Fault | undefined): Verification => ({ checked, first, head, anchor, fault });

  if (anchor && !(await holds(statements, log, anchor))) {
    return found({ seq: anchor.seq, reason: 'the anchor is not signed by this Maestro' });
  }
  while (link.seq < head.seq) {
    const { rows, now } = await log.open(async (tx) => ({
      rows: await rowsOf(tx, log, { after: link.seq, upTo: head.seq }, {}, pageSize),
      now: await anchorOf(tx, log),
    }));
    if (now && now.seq > link.seq && (await holds(statements, log, now))) {
      anchor = now;
      link = now;
      continue;
    }
    const fault = faultIn(log.chain, link, rows);
    const last = rows.at(-1);
    if (fault) return found(fault);
    if (!last) return found({ seq: link.seq + 1, reason: `row ${link.seq + 1} is missing` });
    first ??= rows[0]?.seq;
    checked += rows.length;
    link = last;
  }
  if (head.last > head.seq) return found({ seq: head.seq + 1, reason: 'it stands after the head of the chain' });
  if (link.seq > head.seq || !link.hash.equals(head.hash)) {
    return found({ seq: head.seq, reason: 'the head of the chain is not its last row' });
  }
  return found(undefined);
}
