import type { TenantTx } from '../db/tenancy.ts';
import { MaestroError } from '../errors.ts';
import { giveBackToQuota, readUse, takeOfQuota } from './queries.ts';

/** What a tenant may have so many of; the name is its counter's. */
export type Counted = 'projects' | 'artifacts';

/**
 * Counts new things, in the transaction that makes them, after them: the counter's row is locked until the commit.
 * Throws `limit_exceeded` where the tenant may not have as many.
 */
export async function takeCounted(tx: TenantTx, what: Counted, count: number, max: number): Promise<void> {
  if (await takeOfQuota(tx, what, count, max)) return;
  const left = Math.max(0, max - (await readUse(tx, what)));
  throw new MaestroError(
    'limit_exceeded',
    `The tenant may have ${max} ${what}, and ${left} more fit; delete some, or ask an operator for more.`,
  );
}

/** Counts things that are gone, in the transaction that takes them. */
export const giveBackCounted = (tx: TenantTx, what: Counted, count: number): Promise<void> =>
  giveBackToQuota(tx, what, count);

/** How many the tenant has. */
export const countedNow = (tx: TenantTx, what: Counted): Promise<number> => readUse(tx, what);
