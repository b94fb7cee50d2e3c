import { copyEvents } from './audit/copies.ts';
import { retainSince } from './audit/retention.ts';
import { completeErasures } from './identity/erasure_upkeep.ts';
import { sweepSessions } from './identity/session_sweep.ts';
import type { Ports } from './ports/ports.ts';

const minuteMs = 60_000;
const dayMs = 86_400_000;

export interface UpkeepOptions {
  readonly ports: Pick<Ports, 'db' | 'identity' | 'mail' | 'blobs' | 'log'>;
  /** How long audit rows are kept; undefined: for ever. */
  readonly auditDays: number | undefined;
}

/**
 * What is done behind requests, now and from time to time: of the audit, copies that a crash left, the count of refused
 * credentials, and retention; sessions that are long over go; deletions that broke off are completed; what older keys
 * sealed is sealed anew. `close` waits for what is under way.
 */
export function startUpkeep({ ports, auditDays }: UpkeepOptions): { close(): Promise<void> } {
  const { db, identity, log } = ports;
  let underWay: Promise<void> = Promise.resolve();
  let closed = false;
  /** One after the other; what fails is tried again the next time. */
  const then = (what: string, work: () => Promise<unknown>): void => {
    underWay = underWay
      .then(() => (closed ? undefined : work()))
      .then(
        () => undefined,
        (error) => log.error({ err: error }, what),
      );
  };
  const everyMinute = (): void => {
    then('refused credentials were not written to the audit', () => identity.refusals.flush());
    then('rows of the operators’ audit were not copied to their tenants', () => copyEvents(db));
    then('deletions that broke off were not completed', () => completeErasures(ports));
  };
  const everyDay = (): void => {
    then('what older keys sealed was not sealed anew', () => identity.encryptionKeys.resume());
    then('sessions that are over were not removed', async () => {
      let isMore = true;
      while (isMore && !closed) isMore = await db.inIdentity(sweepSessions);
    });
    if (auditDays === undefined) return;
    const by = { actor: { kind: 'system', id: 'maestro' }, requestId: '', address: '' };
    then('the retention of the audit failed', async () => {
      const removals = await retainSince(db, identity, new Date(Date.now() - auditDays * dayMs), by);
      for (const removal of removals) {
        if (removal.fault) log.error(removal, 'the retention of an audit log stopped at a row that does not verify');
      }
    });
  };
  const timers = [setInterval(everyMinute, minuteMs), setInterval(everyDay, dayMs)];
  for (const timer of timers) timer.unref();
  everyMinute();
  everyDay();
  return {
    async close() {
      closed = true;
      for (const timer of timers) clearInterval(timer);
      // Sealing much anew takes long, and goes on at the next start.
      await identity.encryptionKeys.close();
      await underWay;
    },
  };
}
