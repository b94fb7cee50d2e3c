import { build, type IdentityTx, type TenantTx } from '../db/tenancy.ts';

export interface LimitsRow {
  max_users: number;
  max_projects: number;
  max_artifacts: number;
  max_storage_bytes: number | null;
  requests_per_second: number | null;
}

/** What an operator allows a tenant; undefined where there is none of this id. */
export async function findLimits(tx: IdentityTx, tenantId: string): Promise<LimitsRow | undefined> {
  const rows = await tx.sql<LimitsRow>(
    `SELECT max_users, max_projects, max_artifacts, max_storage_bytes, requests_per_second
       FROM maestro.tenants WHERE tenant_id = $1`,
    [tenantId],
    'find_limits',
  );
  return rows[0];
}

export async function countMembers(tx: IdentityTx, tenantId: string): Promise<number> {
  const [row] = await tx.sql<{ members: number }>(
    'SELECT count(*) AS members FROM maestro.memberships WHERE tenant_id = $1',
    [tenantId],
  );
  return row?.members ?? 0;
}

/** What a tenant uses of a quota, in the quota's unit. */
export async function readUse(tx: TenantTx, quota: string): Promise<number> {
  const [row] = await tx.sql<{ value: number }>(
    'SELECT value FROM maestro.tenant_counters WHERE tenant_id = $1 AND name = $2',
    [tx.tenantId, quota],
  );
  return row?.value ?? 0;
}

/**
 * Takes `amount` of a quota where it fits under `max`: one statement, so that of those who ask at once no more get it
 * than there is. False where it does not fit.
 */
export async function takeOfQuota(
  tx: TenantTx,
  quota: string,
  amount: number,
  max: number | undefined,
): Promise<boolean> {
  const take = () =>
    tx.sql(
      `UPDATE maestro.tenant_counters SET value = value + $3
        WHERE tenant_id = $1 AND name = $2 AND ($4::bigint IS NULL OR value + $3 <= $4) RETURNING 1`,
      [tx.tenantId, quota, amount, max ?? null],
      'take_of_quota',
    );
  if ((await take()).length > 0) return true;
  // Of several that meet no counter yet, one makes it; the others wait for it here, and take of it as well.
  await tx.all(
    build
      .insertInto('tenant_counters')
      .values({ tenant_id: tx.tenantId, name: quota, value: 0 })
      .onConflict((conflict) => conflict.doNothing()),
  );
  return (await take()).length > 0;
}

export async function giveBackToQuota(tx: TenantTx, quota: string, amount: number): Promise<void> {
  await tx.sql(
    'UPDATE maestro.tenant_counters SET value = greatest(value - $3, 0) WHERE tenant_id = $1 AND name = $2',
    [tx.tenantId, quota, amount],
    'give_back_to_quota',
  );
}

/** Sets what is used, as somebody counted it. */
export async function setUse(tx: TenantTx, quota: string, used: number): Promise<void> {
  await tx.all(
    build
      .insertInto('tenant_counters')
      .values({ tenant_id: tx.tenantId, name: quota, value: used })
      .onConflict((conflict) => conflict.columns(['tenant_id', 'name']).doUpdateSet({ value: used })),
  );
}
