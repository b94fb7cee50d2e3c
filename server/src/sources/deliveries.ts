import type { TenantTx } from '../db/tenancy.ts';
import type { Where } from './commit_queries.ts';
import * as queries from './event_queries.ts';
import { recountLeads } from './lead_cells.ts';

/** Something that was delivered to an environment, or '' for a release. ISO 8601. */
interface Delivered {
  readonly environment: string;
  readonly at: string;
}

async function recountAround(tx: TenantTx, where: Where, delivered: readonly Delivered[], isGone: boolean) {
  const times = delivered.map(({ at }) => at).sort();
  const [from] = times;
  if (from === undefined) return;
  const environments = [...new Set(delivered.map(({ environment }) => environment))];
  await recountLeads(tx, where, { from, to: times.at(-1) as string, environments }, isGone);
}

/** Records a deployment, and counts the lead times anew that it changes. */
export async function recordDeployment(tx: TenantTx, where: Where, deployment: queries.DeploymentRow): Promise<void> {
  const [before, , after] = await Promise.all([
    queries.succeededDeployment(tx, where, deployment.key),
    queries.putDeployment(tx, where, deployment),
    queries.succeededDeployment(tx, where, deployment.key),
  ]);
  const of = (row: queries.SucceededRow) => ({ environment: row.environment, at: row.at.toISOString() });
  if (before && after && JSON.stringify([of(before), before.sha]) === JSON.stringify([of(after), after.sha])) return;
  const delivered = [before, after].flatMap((row) => (row ? [of(row)] : []));
  await recountAround(tx, where, delivered, before !== undefined);
}

/** Runs what changes the release of a tag, and counts the lead times anew that it changes. */
export async function changeRelease(
  tx: TenantTx,
  where: Where,
  tag: string,
  change: () => Promise<void>,
): Promise<void> {
  const [before, , after] = await Promise.all([
    queries.releasedAt(tx, where, tag),
    change(),
    queries.releasedAt(tx, where, tag),
  ]);
  const delivered = [before, after].flatMap((at) => (at ? [{ environment: '', at: at.toISOString() }] : []));
  await recountAround(tx, where, delivered, before !== undefined);
}
