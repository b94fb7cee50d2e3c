import type { Ports } from '../ports/ports.ts';
import { erasuresUnderWay } from './erasures.ts';
import { completeTenantErasure } from './tenants.ts';
import { completeUserErasure } from './user_deletion.ts';

/** One that is younger may be the work of a request, or of another process. */
const quietMs = 60_000;

/**
 * Completes deletions that broke off, as after a crash, one after the other; one that fails keeps no other from it, and is
 * tried again the next time.
 */
export async function completeErasures(
  ports: Pick<Ports, 'db' | 'identity' | 'mail' | 'blobs' | 'log'>,
): Promise<void> {
  const { db, log } = ports;
  for (const { kind, id } of await db.inIdentity((tx) => erasuresUnderWay(tx, new Date(Date.now() - quietMs)))) {
    try {
      await (kind === 'user' ? completeUserErasure(ports, id) : completeTenantErasure(ports, id));
      log.info({ kind, id }, 'a deletion that broke off was completed');
    } catch (error) {
      log.error({ err: error, kind, id }, 'a deletion that broke off was not completed');
    }
  }
}
