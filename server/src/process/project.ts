import type { TenantTx } from '../db/tenancy.ts';
import { findProject } from '../projects/queries.ts';
import { missingProject } from '../projects/refusals.ts';

/** Throws `not_found` where the tenant has no such project. */
export async function requireProject(tx: TenantTx, project: string): Promise<void> {
  if (!(await findProject(tx, project))) throw missingProject(project);
}
