import type { Database, TenantTx } from '../db/tenancy.ts';
import { findProject, type ProjectFields } from '../projects/queries.ts';
import { hasEnded } from './outcomes.ts';

/** What is learnt from finished projects. */
export type Due = 'impact' | 'model';

type Listener = (tenantId: string, what: readonly Due[]) => void;
const listeners = new WeakMap<Database, Set<Listener>>();

/** Calls `listener` after each transaction of this process that marked something; gives what ends it. */
export function onDue(db: Database, listener: Listener): () => void {
  const those = listeners.get(db) ?? new Set();
  listeners.set(db, those.add(listener));
  return () => those.delete(listener);
}

/**
 * Marks, in the transaction of an outcome or a usage, what it makes due. All of a tenant's outcomes mark the same rows:
 * they are locked last, right before COMMIT.
 */
export function markDue(tx: TenantTx, ...what: readonly Due[]): void {
  tx.atCommit(
    `INSERT INTO maestro.insight_due AS d (tenant_id, what)
     SELECT $1, w FROM unnest($2::text[]) AS w ORDER BY w
     ON CONFLICT (tenant_id, what) DO UPDATE SET marks = d.marks + 1`,
    [tx.tenantId, what],
    'mark_insight_due',
  );
  tx.onCommit(() => {
    for (const listener of listeners.get(tx.db) ?? []) listener(tx.tenantId, what);
  });
}

/** Marks what is learnt from the projects, where one has ended: a project as it was and as it is, or new ones. */
export function markOutcomes(tx: TenantTx, projects: readonly ProjectFields[]): void {
  if (projects.some(hasEnded)) markDue(tx, 'impact', 'model');
}

/** The same for a project of which something else has changed: its team, or what it uses. */
export async function markProject(tx: TenantTx, project: string): Promise<void> {
  const found = await findProject(tx, project);
  if (found) markOutcomes(tx, [found]);
}
