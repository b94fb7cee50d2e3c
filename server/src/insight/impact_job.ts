import type { Database } from '../db/tenancy.ts';
import type { Job } from './background.ts';
import * as queries from './impact_queries.ts';
import type { JudgedTexts } from './impact_thread.ts';
import { inThread } from './thread.ts';

/** Of more finished projects those that use artifacts teach, the newest first: what is older says little of what they do now. */
const projectsMax = 20_000;

/** Estimates the impact of a tenant's artifacts anew, of all its finished projects. */
export const impactJob: Job = {
  what: 'impact',
  async run(db: Database, tenantId: string, signal: AbortSignal) {
    // Texts go in and out: what reads and makes them is in the thread, and keeps no request waiting.
    const texts = await db.inTenant(tenantId, (tx) => queries.teachingTexts(tx, projectsMax));
    const { judged, shares } = await inThread<JudgedTexts>(
      new URL('./impact_thread.ts', import.meta.url),
      texts,
      signal,
    );
    return async (tx) => {
      await queries.writeImpacts(tx, judged);
      await queries.writeShares(tx, shares);
    };
  },
};
