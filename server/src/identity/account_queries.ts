import { build, type IdentityTx, type TenantTx } from '../db/tenancy.ts';
import { MaestroError, notFound } from '../errors.ts';
import type { Principals } from './caller.ts';

export interface AccountRow {
  service_account_id: string;
  name: string;
  role: string;
  is_active: boolean;
  created_by: string;
  bound_user_ids: string[];
  bound_account_ids: string[];
  created_at: Date;
  updated_at: Date;
}

const columns = [
  'service_account_id',
  'name',
  'role',
  'is_active',
  'created_by',
  'bound_user_ids',
  'bound_account_ids',
  'created_at',
  'updated_at',
] as const;

/** The tenant's service accounts by name. */
export function accountsAfter(tx: TenantTx, after: string | undefined, limit: number): Promise<AccountRow[]> {
  return tx.sql<AccountRow>(
    `SELECT ${columns.join(', ')} FROM maestro.service_accounts
      WHERE tenant_id = $1 AND ($2::text IS NULL OR name > $2) ORDER BY name LIMIT $3`,
    [tx.tenantId, after ?? null, limit],
  );
}

const accountsOf = (tx: TenantTx) =>
  build.selectFrom('service_accounts').select(columns).where('tenant_id', '=', tx.tenantId);

const missing = (accountId: string): MaestroError => notFound(`Service account '${accountId}' not found`);

/** Undefined where the tenant has none of that id. */
export const accountIfAny = (tx: TenantTx, accountId: string): Promise<AccountRow | undefined> =>
  tx.first(accountsOf(tx).where('service_account_id', '=', accountId));

/** Throws `not_found`. */
export async function findAccount(tx: TenantTx, accountId: string): Promise<AccountRow> {
  const row = await accountIfAny(tx, accountId);
  if (!row) throw missing(accountId);
  return row;
}

/** As `findAccount`, and keeps others from changing it until the transaction ends. */
export async function lockAccount(tx: TenantTx, accountId: string): Promise<AccountRow> {
  const row = await tx.first(accountsOf(tx).where('service_account_id', '=', accountId).forUpdate());
  if (!row) throw missing(accountId);
  return row;
}

export const findAccountByName = (tx: TenantTx, name: string): Promise<AccountRow | undefined> =>
  tx.first(accountsOf(tx).where('name', '=', name));

/** Undefined where the tenant has a service account of that name. */
export function insertAccount(
  tx: TenantTx,
  account: { name: string; role: string; created_by: string; binds: Principals },
): Promise<AccountRow | undefined> {
  const { binds, ...rest } = account;
  return tx.first(
    build
      .insertInto('service_accounts')
      .values({
        tenant_id: tx.tenantId,
        ...rest,
        bound_user_ids: [...binds.users],
        bound_account_ids: [...binds.accounts],
      })
      .onConflict((conflict) => conflict.columns(['tenant_id', 'name']).doNothing())
      .returning(columns),
  );
}

const nameTaken = (name: string): MaestroError =>
  new MaestroError('already_exists', `name: a service account '${name}' exists`, { field: 'name' });

/** Throws `already_exists` where another account has the name. */
export async function updateAccount(
  tx: TenantTx,
  accountId: string,
  change: { name?: string; role?: string; is_active?: boolean },
): Promise<void> {
  if (change.name !== undefined) {
    const other = await findAccountByName(tx, change.name);
    if (other && other.service_account_id !== accountId) throw nameTaken(change.name);
  }
  await tx.all(
    build
      .updateTable('service_accounts')
      .set({ ...change, updated_at: new Date() })
      .where('tenant_id', '=', tx.tenantId)
      .where('service_account_id', '=', accountId),
  );
}

/** Binds an account and its keys to somebody else than until now. */
export async function bindAccount(tx: TenantTx, accountId: string, { users, accounts }: Principals): Promise<void> {
  const bound = { bound_user_ids: [...users], bound_account_ids: [...accounts] };
  await tx.all(
    build
      .updateTable('service_accounts')
      .set(bound)
      .where('tenant_id', '=', tx.tenantId)
      .where('service_account_id', '=', accountId),
  );
  await tx.all(
    build
      .updateTable('api_keys')
      .set(bound)
      .where('tenant_id', '=', tx.tenantId)
      .where('service_account_id', '=', accountId),
  );
}

/** With its keys. */
export async function deleteAccount(tx: TenantTx, accountId: string): Promise<void> {
  await tx.all(
    build
      .deleteFrom('service_accounts')
      .where('tenant_id', '=', tx.tenantId)
      .where('service_account_id', '=', accountId),
  );
}

export function accountsWith(tx: TenantTx, accountIds: readonly string[]): Promise<AccountRow[]> {
  if (accountIds.length === 0) return Promise.resolve([]);
  return tx.all(accountsOf(tx).where('service_account_id', 'in', accountIds));
}

/** Those of the users who are active and belong to the tenant. */
export async function presentUsers(tx: IdentityTx, tenantId: string, userIds: readonly string[]): Promise<string[]> {
  if (userIds.length === 0) return [];
  const rows = await tx.sql<{ user_id: string }>(
    `SELECT m.user_id FROM maestro.memberships m JOIN maestro.users u ON u.user_id = m.user_id
      WHERE m.tenant_id = $1 AND m.user_id = ANY ($2::uuid[]) AND u.is_active`,
    [tenantId, userIds],
  );
  return rows.map(({ user_id }) => user_id);
}
