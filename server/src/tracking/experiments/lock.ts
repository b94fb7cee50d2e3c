import type { TenantTx } from '../../db/tenancy.ts';
import { inactiveExperiment, missingExperiment } from '../refusals.ts';
import { lockExperiment } from './queries.ts';

/** Locks the experiment until the commit; it must be active, or the change is refused. */
export async function lockActive(tx: TenantTx, id: number): Promise<void> {
  const experiment = await lockExperiment(tx, id);
  if (!experiment) throw missingExperiment(id);
  if (experiment.stage !== 'active') {
    throw inactiveExperiment(id, experiment.stage);
  }
}
