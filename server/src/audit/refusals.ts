import type { Database } from '../db/tenancy.ts';
import { networkOf } from '../identity/network.ts';
import { insertOperatorAuditEvent } from './queries.ts';

/**
 * Credentials that do not hold, in the operators' audit. The first of an address in a minute has its row before it is
 * answered; the others of that minute are one row together, written when it is over. A flood, from however many
 * addresses, writes `addressesMax` + 1 rows of each kind a minute at most.
 */
export interface Refusals {
  note(address: string): Promise<void>;
  /** Writes the rows of the minutes that are over, and of this one as far as it has come. */
  flush(): Promise<void>;
}

const windowMs = 60_000;
const addressesMax = 100;
const action = 'auth.credentials';
const others = 'others';

export function openRefusals(db: Database, now: () => number = Date.now): Refusals {
  let begun = now();
  /** How many came after the first, by network; `others` stands for those that had no place any more. */
  let counts = new Map<string, number>();

  const write = (address: string, detail: Record<string, unknown>): Promise<void> =>
    db.inIdentity((tx) =>
      insertOperatorAuditEvent(tx, {
        actor: { kind: 'anonymous', id: '' },
        action,
        target: '',
        outcome: 'refused',
        requestId: '',
        address,
        detail,
      }),
    );

  async function flush(): Promise<void> {
    const ended = counts;
    const since = new Date(begun).toISOString();
    counts = new Map();
    begun = now();
    for (const [network, count] of ended) {
      if (count > 0) await write(network === others ? '' : network, { attempts: count, since });
    }
  }

  return {
    async note(address) {
      if (now() - begun >= windowMs) await flush();
      const network = networkOf(address);
      const count = counts.get(network);
      if (count === undefined && counts.size < addressesMax) {
        counts.set(network, 0);
        return write(network, { attempts: 1 });
      }
      const key = count === undefined ? others : network;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    },
    flush,
  };
}
