import Type, { type Static } from 'typebox';
import { changed } from '../audit/changed.ts';
import type { Database, TenantTx } from '../db/tenancy.ts';
import { MaestroError } from '../errors.ts';
import { defineOperation } from '../operation.ts';
import { pageOf } from '../paging.ts';
import type { Ports } from '../ports/ports.ts';
import {
  type AccountRow,
  accountsAfter,
  accountsWith,
  bindAccount,
  deleteAccount,
  findAccount,
  lockAccount,
  presentUsers,
  updateAccount,
} from './account_queries.ts';
import { type Author, authorOf } from './author.ts';
import type { Place } from './caller.ts';
import { asOperatorKey } from './in_tenant.ts';
import { makeAccount } from './key_making.ts';
import { defaultPageSize, type Page, pageFrom, placeOf } from './paging.ts';
import { allowedBy } from './role_queries.ts';
import { checkGivenRoleIn, checkNotBeyond } from './role_rules.ts';
import { id, pageInput, role, slug, strict, text, time } from './schemas.ts';

const fields = {
  id,
  name: Type.String(),
  role: Type.String(),
  is_active: Type.Boolean(),
  created_by: Type.String({ description: 'The id of a user or service account, or `operator_key`.' }),
  bound_to: Type.Object(
    { users: Type.Array(id), service_accounts: Type.Array(id) },
    { description: 'Who is responsible for it: it may no more than they may. Nobody for what the operator key made.' },
  ),
  created_at: time,
  updated_at: time,
};
const account = Type.Object(fields);
const seenAccount = Type.Object({
  ...fields,
  is_orphaned: Type.Boolean({
    description: 'Somebody responsible for it is gone or not active: its keys are refused until it is taken over.',
  }),
});
type SeenAccount = Static<typeof seenAccount>;

const newAccount = { name: text(1, 200), role: Type.Optional(role) };
const change = {
  service_account_id: id,
  name: Type.Optional(text(1, 200)),
  role: Type.Optional(role),
  is_active: Type.Optional(Type.Boolean()),
  adopt: Type.Optional(
    Type.Literal(true, {
      description: 'Makes the caller responsible for it, and for its keys, in the place of others.',
    }),
  ),
};
type Change = { service_account_id: string; name?: string; role?: string; is_active?: boolean; adopt?: true };

const defaultRole = 'ml_engineer';

const shown = (row: AccountRow): Static<typeof account> => ({
  id: row.service_account_id,
  name: row.name,
  role: row.role,
  is_active: row.is_active,
  created_by: row.created_by,
  bound_to: { users: row.bound_user_ids, service_accounts: row.bound_account_ids },
  created_at: row.created_at.toISOString(),
  updated_at: row.updated_at.toISOString(),
});

interface Found {
  readonly tenantId: string;
  readonly rows: AccountRow[];
  /** Those of the accounts responsible for them that are there and active. */
  readonly alive: string[];
}

const union = (rows: readonly AccountRow[], of: (row: AccountRow) => string[]): string[] => [
  ...new Set(rows.flatMap(of)),
];

const withMakers = async (tx: TenantTx, rows: AccountRow[]): Promise<Found> => ({
  tenantId: tx.tenantId,
  rows,
  alive: (
    await accountsWith(
      tx,
      union(rows, (row) => row.bound_account_ids),
    )
  )
    .filter(({ is_active }) => is_active)
    .map(({ service_account_id }) => service_account_id),
});

/** Users stand in a reference table, accounts in a tenant's: who answers for an account is looked up in both. */
async function seenBy(db: Database, { tenantId, rows, alive }: Found): Promise<(row: AccountRow) => SeenAccount> {
  const users = union(rows, (row) => row.bound_user_ids);
  const present = users.length === 0 ? [] : await db.inIdentity((tx) => presentUsers(tx, tenantId, users));
  const there = new Set([...present, ...alive]);
  return (row) => ({
    ...shown(row),
    is_orphaned: [...row.bound_user_ids, ...row.bound_account_ids].some((responsible) => !there.has(responsible)),
  });
}

const findOne = async (tx: TenantTx, accountId: string): Promise<Found> =>
  withMakers(tx, [await findAccount(tx, accountId)]);

async function seenOne(db: Database, found: Found): Promise<SeenAccount> {
  const seen = await seenBy(db, found);
  return seen(found.rows[0] as AccountRow);
}

type PageInput = { limit?: number; page_token?: string };

async function findPage(tx: TenantTx, { limit = defaultPageSize, page_token }: PageInput): Promise<Found> {
  const [after] = placeOf(page_token, 1) ?? [];
  return withMakers(tx, await accountsAfter(tx, after, limit + 1));
}

async function seenPage(
  db: Database,
  found: Found,
  { limit = defaultPageSize }: PageInput,
): Promise<Page<SeenAccount>> {
  return pageFrom(found.rows, limit, (row) => [row.name], await seenBy(db, found));
}

/** Nobody changes or takes away what is stronger than they are: it would be a way to stop an administrator's work. */
async function checkNotStronger(
  tx: TenantTx,
  place: Place | undefined,
  { name, role: held }: AccountRow,
): Promise<void> {
  if (place) checkNotBeyond(place, await allowedBy(tx, held), `The role of '${name}' (${held})`);
}

/** The account as it is now, and what the audit says of its change. */
interface ChangedAccount {
  readonly row: AccountRow;
  readonly detail: Record<string, unknown>;
}

async function changeAccount(tx: TenantTx, ports: Ports, input: Change, author: Author): Promise<ChangedAccount> {
  const { service_account_id: accountId, adopt, ...plain } = input;
  const before = await lockAccount(tx, accountId);
  await checkNotStronger(tx, author.place, before);
  const given = plain.role ?? before.role;
  // Whoever gives an account a role, or its keys their life back, gives no more than they hold.
  if (plain.role !== undefined || plain.is_active === true || adopt) {
    await checkGivenRoleIn(tx, author.place, given);
  }
  if (adopt) {
    if (author.binds.accounts.length > 0) {
      throw new MaestroError('permission_denied', 'adopt: only a user takes a service account over.');
    }
    await bindAccount(tx, accountId, author.binds);
  }
  await updateAccount(tx, accountId, plain);
  tx.onCommit(() => ports.identity.changed({ kind: 'service_account', id: accountId }));
  const row = await findAccount(tx, accountId);
  const fields = { ...plain, ...(adopt ? { bound_to: shown(row).bound_to } : {}) };
  return { row, detail: { ...changed(fields, shown(before)), ...(adopt ? { adopt } : {}) } };
}

async function removeAccount(
  tx: TenantTx,
  ports: Ports,
  accountId: string,
  place: Place | undefined,
): Promise<AccountRow> {
  const row = await lockAccount(tx, accountId);
  await checkNotStronger(tx, place, row);
  await deleteAccount(tx, accountId);
  tx.onCommit(() => ports.identity.changed({ kind: 'service_account', id: accountId }));
  return row;
}

const changedIn = ({ service_account_id: _, ...detail }: Change): Record<string, unknown> => detail;

/** A non-human principal of the caller's tenant, no stronger than the caller, now and later. */
export const create = defineOperation({
  name: 'service_account.create',
  permission: 'key:write',
  audit: true,
  input: Type.Object(newAccount, strict),
  output: account,
  async run({ tx, caller, place, audit }, { name, role: given = defaultRole }) {
    audit('', { name, role: given });
    const made = await makeAccount(tx, { name, role: given }, authorOf(caller, place));
    audit(made.service_account_id, { name, role: given });
    return shown(made);
  },
});

/** The service accounts of the caller's tenant, by name. */
export const list = defineOperation({
  name: 'service_account.list',
  permission: 'key:read',
  transaction: 'own',
  input: Type.Object(pageInput, strict),
  output: pageOf(seenAccount),
  run: async ({ ports, inTenant }, input) => seenPage(ports.db, await inTenant((tx) => findPage(tx, input)), input),
});

export const get = defineOperation({
  name: 'service_account.get',
  permission: 'key:read',
  transaction: 'own',
  input: Type.Object({ service_account_id: id }, strict),
  output: seenAccount,
  run: async ({ ports, inTenant }, input) =>
    seenOne(ports.db, await inTenant((tx) => findOne(tx, input.service_account_id))),
});

/** Renames a service account, gives it another role, closes and reopens it, or takes it over. */
export const update = defineOperation({
  name: 'service_account.update',
  permission: 'key:write',
  audit: true,
  input: Type.Object(change, strict),
  output: account,
  async run({ tx, ports, caller, place, audit }, input) {
    audit(input.service_account_id, changedIn(input));
    const { row, detail } = await changeAccount(tx, ports, input, authorOf(caller, place));
    audit(input.service_account_id, detail);
    return shown(row);
  },
});

/** Removes a service account with its keys. */
export const remove = defineOperation({
  name: 'service_account.delete',
  permission: 'key:delete',
  audit: true,
  input: Type.Object({ service_account_id: id }, strict),
  output: Type.Null(),
  async run({ place, tx, ports, audit }, input) {
    audit(input.service_account_id);
    const { name } = await removeAccount(tx, ports, input.service_account_id, place);
    audit(input.service_account_id, { name });
    return null;
  },
});

/** In any tenant, for the command line on the server's machine: bound to nobody. */
export const createIn = defineOperation({
  name: 'tenant_service_account.create',
  permission: 'operator',
  transaction: 'administration',
  input: Type.Object({ tenant: slug, ...newAccount }, strict),
  output: account,
  run: (context, { tenant, name, role: given = defaultRole }) =>
    asOperatorKey(context, 'service_account.create', tenant, async (tx) => {
      const made = await makeAccount(tx, { name, role: given }, authorOf(context.caller, undefined));
      return { result: shown(made), target: made.service_account_id, detail: { name, role: given } };
    }),
});

export const listIn = defineOperation({
  name: 'tenant_service_account.list',
  permission: 'operator',
  transaction: 'administration',
  input: Type.Object({ tenant: slug, ...pageInput }, strict),
  output: pageOf(seenAccount),
  async run(context, { tenant, ...input }) {
    const found = await asOperatorKey(context, 'service_account.list', tenant, async (tx) => ({
      result: await findPage(tx, input),
      target: '',
    }));
    return seenPage(context.db, found, input);
  },
});

export const getIn = defineOperation({
  name: 'tenant_service_account.get',
  permission: 'operator',
  transaction: 'administration',
  input: Type.Object({ tenant: slug, service_account_id: id }, strict),
  output: seenAccount,
  async run(context, { tenant, service_account_id: accountId }) {
    const found = await asOperatorKey(context, 'service_account.get', tenant, async (tx) => ({
      result: await findOne(tx, accountId),
      target: accountId,
    }));
    return seenOne(context.db, found);
  },
});

export const updateIn = defineOperation({
  name: 'tenant_service_account.update',
  permission: 'operator',
  transaction: 'administration',
  input: Type.Object({ tenant: slug, ...change }, strict),
  output: account,
  run: (context, { tenant, ...input }) =>
    asOperatorKey(context, 'service_account.update', tenant, async (tx) => {
      const author = authorOf(context.caller, undefined);
      const { row, detail } = await changeAccount(tx, context.ports, input, author);
      return { result: shown(row), target: input.service_account_id, detail };
    }),
});

export const removeIn = defineOperation({
  name: 'tenant_service_account.delete',
  permission: 'operator',
  transaction: 'administration',
  input: Type.Object({ tenant: slug, service_account_id: id }, strict),
  output: Type.Null(),
  run: (context, { tenant, service_account_id: accountId }) =>
    asOperatorKey(context, 'service_account.delete', tenant, async (tx) => {
      const { name } = await removeAccount(tx, context.ports, accountId, undefined);
      return { result: null, target: accountId, detail: { name } };
    }),
});
