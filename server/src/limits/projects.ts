import type { TenantTx } from '../db/tenancy.ts';
import { MaestroError } from '../errors.ts';
import { giveBackToQuota, readUse, takeOfQuota } from './queries.ts';

const quota = 'projects';

/**
 * Counts new projects, in the transaction that makes them, after them: the counter's row is locked until the commit.
 * Throws `limit_exceeded` where the tenant may not have as many.
 */
export async function takeProjects(tx: TenantTx, count: number, max: number): Promise<void> {
  if (await takeOfQuota(tx, quota, count, max)) return;
  const left = Math.max(0, max - (await projectsUsed(tx)));
  throw new MaestroError(
    'limit_exceeded',
    `The tenant may have ${max} projects, and ${left} more fit; delete some, or ask an operator for more.`,
  );
}

export const giveBackProjects = (tx: TenantTx, count: number): Promise<void> => giveBackToQuota(tx, quota, count);

export const projectsUsed = (tx: TenantTx): Promise<number> => readUse(tx, quota);
