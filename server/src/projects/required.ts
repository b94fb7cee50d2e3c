import type { TenantTx } from '../db/tenancy.ts';
import { projectExists } from '../identity/target_queries.ts';
import { shareProject } from './queries.ts';
import { missingProject } from './refusals.ts';

/** Throws `not_found` where the tenant has no such project. For what only reads. */
export async function requireProject(tx: TenantTx, project: string): Promise<void> {
  if (!(await projectExists(tx, project))) throw missingProject(project);
}

/** The same for what adds to a project: it is not deleted before the commit. */
export async function holdProject(tx: TenantTx, project: string): Promise<void> {
  if (!(await shareProject(tx, project))) throw missingProject(project);
}
