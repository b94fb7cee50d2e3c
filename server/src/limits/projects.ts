import type { TenantTx } from '../db/tenancy.ts';
import { takeCounted } from './counted.ts';
import { giveBackToQuota, readUse } from './queries.ts';

/** Counts new projects, as `takeCounted` says. */
export const takeProjects = (tx: TenantTx, count: number, max: number): Promise<void> =>
  takeCounted(tx, 'projects', count, max);

export const giveBackProjects = (tx: TenantTx, count: number): Promise<void> => giveBackToQuota(tx, 'projects', count);

export const projectsUsed = (tx: TenantTx): Promise<number> => readUse(tx, 'projects');
