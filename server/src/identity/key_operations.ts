import Type, { type Static } from 'typebox';
import { insertAuditEvent, insertOperatorAuditEvent } from '../audit/queries.ts';
import type { TenantTx } from '../db/tenancy.ts';
import { MaestroError } from '../errors.ts';
import { type Contexts, defineOperation } from '../operation.ts';
import { pageOf } from '../paging.ts';
import type { Ports } from '../ports/ports.ts';
import type { Caller, Place } from './caller.ts';
import { mintKey } from './key_text.ts';
import { insertKey, type KeyRow, keysAfter, revokeKey, serviceAccount } from './keys.ts';
import { defaultPageSize, type Page, pageFrom, placeOf } from './paging.ts';
import { recordOf } from './record.ts';
import { checkGivenRoleIn } from './role_rules.ts';
import { id, pageInput, role, slug, strict, text, time } from './schemas.ts';
import { tenantBySlug } from './tenant_operations.ts';

const maybeTime = Type.Union([time, Type.Null()]);

const keyFields = {
  id,
  name: Type.String(),
  prefix: Type.String({ description: 'How the key begins.' }),
  owner: Type.Object({
    kind: Type.Enum(['user', 'service_account']),
    id,
    name: Type.Optional(Type.String({ description: 'Of a service account.' })),
    role: Type.Optional(role),
  }),
  created_at: time,
  expires_at: maybeTime,
  last_used_at: maybeTime,
  revoked_at: maybeTime,
};
const key = Type.Object(keyFields);
const newKey = Type.Object({ ...keyFields, key: Type.String({ description: 'The secret: shown this once.' }) });

const keyInput = {
  name: text(1, 200),
  expires_in_days: Type.Optional(Type.Integer({ minimum: 1, maximum: 3650, description: 'Without it: never.' })),
};
const accountInput = {
  ...keyInput,
  role: Type.Optional(role),
  service_account: Type.Optional(text(1, 200, { description: 'Its name; without it, the key’s.' })),
};

const shown = (row: KeyRow): Static<typeof key> => ({
  id: row.key_id,
  name: row.name,
  prefix: row.prefix,
  owner:
    row.user_id === null
      ? {
          kind: 'service_account',
          id: row.service_account_id ?? '',
          ...(row.account_name === null ? {} : { name: row.account_name }),
          ...(row.account_role === null ? {} : { role: row.account_role }),
        }
      : { kind: 'user', id: row.user_id },
  created_at: row.created_at.toISOString(),
  expires_at: row.expires_at?.toISOString() ?? null,
  last_used_at: row.last_used_at?.toISOString() ?? null,
  revoked_at: row.revoked_at?.toISOString() ?? null,
});

async function makeKey(
  tx: TenantTx,
  input: { name: string; expires_in_days?: number },
  owner: { user_id: string } | { service_account_id: string },
  createdBy: string,
): Promise<Static<typeof newKey>> {
  const minted = mintKey(tx.tenantId);
  const days = input.expires_in_days;
  const row = await insertKey(tx, {
    name: input.name,
    prefix: minted.shown,
    secret_hash: minted.hash,
    created_by: createdBy,
    expires_at: days === undefined ? null : new Date(Date.now() + days * 86_400_000),
    ...owner,
  });
  return { ...shown(row), key: minted.text };
}

/** The account's role is no stronger than `author`'s, whether it is given now or was there: a key has all of it. */
async function makeAccountKey(
  tx: TenantTx,
  input: { name: string; expires_in_days?: number; service_account?: string; role?: string },
  createdBy: string,
  author?: Place,
): Promise<Static<typeof newKey>> {
  if (input.role !== undefined) await checkGivenRoleIn(tx, author, input.role);
  const account = await serviceAccount(tx, input.service_account ?? input.name, input.role);
  const made = await makeKey(tx, input, { service_account_id: account }, createdBy);
  if (author && made.owner.role !== undefined) await checkGivenRoleIn(tx, author, made.owner.role);
  return made;
}

async function pageOfKeys(
  tx: TenantTx,
  input: { limit?: number; page_token?: string },
  userId: string | undefined,
): Promise<Page<Static<typeof key>>> {
  const size = input.limit ?? defaultPageSize;
  const rows = await keysAfter(tx, placeOf(input.page_token, 2), size + 1, userId);
  return pageFrom(rows, size, (row) => [row.created_at_text, row.key_id], shown);
}

/** Revokes in the transaction of `tx`; every process forgets the key once it commits. */
async function revoke(tx: TenantTx, ports: Ports, keyId: string, userId: string | undefined): Promise<null> {
  await revokeKey(tx, keyId, userId);
  tx.onCommit(() => ports.identity.changed({ kind: 'key', id: keyId }));
  return null;
}

/** The user behind a caller. A service account has no keys of its own to manage. */
function userOf(caller: Caller): string {
  if (caller.kind === 'session') return caller.userId;
  if (caller.kind === 'api_key' && caller.owner.kind === 'user') return caller.owner.id;
  throw new MaestroError('permission_denied', 'Only a user has keys of its own.');
}

const nameOf = (caller: Caller): string =>
  caller.kind === 'session' ? caller.userId : caller.kind === 'api_key' ? caller.owner.id : caller.kind;

/** A key of the caller's own in the tenant; it has the role that its user has there. */
export const createOwn = defineOperation({
  name: 'own_key.create',
  permission: 'tenant:read',
  audit: true,
  input: Type.Object(keyInput, strict),
  output: newKey,
  async run({ tx, caller, audit }, input) {
    if (caller.kind !== 'session') {
      throw new MaestroError('permission_denied', 'A key makes no keys for its user; sign in to make one.');
    }
    const made = await makeKey(tx, input, { user_id: caller.userId }, caller.userId);
    audit(made.id, undefined, { name: input.name });
    return made;
  },
});

export const listOwn = defineOperation({
  name: 'own_key.list',
  permission: 'tenant:read',
  input: Type.Object(pageInput, strict),
  output: pageOf(key),
  run: ({ tx, caller }, input) => pageOfKeys(tx, input, userOf(caller)),
});

export const revokeOwn = defineOperation({
  name: 'own_key.revoke',
  permission: 'tenant:read',
  audit: true,
  input: Type.Object({ key_id: id }, strict),
  output: Type.Null(),
  run({ tx, ports, caller, audit }, input) {
    audit(input.key_id);
    return revoke(tx, ports, input.key_id, userOf(caller));
  },
});

/** A key of a service account of the caller's tenant. The account is made where there is none of that name. */
export const create = defineOperation({
  name: 'key.create',
  permission: 'key:write',
  audit: true,
  input: Type.Object(accountInput, strict),
  output: newKey,
  async run({ tx, caller, place, audit }, input) {
    const made = await makeAccountKey(tx, input, nameOf(caller), place);
    audit(made.id, { name: input.name, service_account_id: made.owner.id, role: made.owner.role });
    return made;
  },
});

/** Every key of the caller's tenant, the newest first. */
export const list = defineOperation({
  name: 'key.list',
  permission: 'key:read',
  input: Type.Object(pageInput, strict),
  output: pageOf(key),
  run: ({ tx }, input) => pageOfKeys(tx, input, undefined),
});

export const revokeAny = defineOperation({
  name: 'key.revoke',
  permission: 'key:delete',
  audit: true,
  input: Type.Object({ key_id: id }, strict),
  output: Type.Null(),
  run({ tx, ports, audit }, input) {
    audit(input.key_id);
    return revoke(tx, ports, input.key_id, undefined);
  },
});

/**
 * Runs in a tenant for the operator key, which has no place in any: audited for operators first, then in the tenant in
 * the transaction of what it records. An operator who is a user goes in by a switch of its own, not this way.
 */
async function asOperatorKey<T>(
  context: Contexts['administration'],
  action: string,
  tenantName: string,
  run: (tx: TenantTx) => Promise<{ result: T; target: string; detail?: Record<string, unknown> }>,
): Promise<T> {
  const { caller, db } = context;
  if (caller.kind !== 'operator_key') {
    throw new MaestroError('permission_denied', 'Only the operator key may do this; a member uses /keys.');
  }
  const { tenant_id } = await db.inIdentity(async (tx) => {
    const tenant = await tenantBySlug(tx, tenantName);
    await insertOperatorAuditEvent(tx, recordOf(context, action, tenant.tenant_id));
    return tenant;
  });
  return db.inTenant(tenant_id, async (tx) => {
    const { result, target, detail } = await run(tx);
    await insertAuditEvent(tx, recordOf(context, action, target, detail));
    return result;
  });
}

/** A service account's key in any tenant, for the command line on the server's machine. */
export const createIn = defineOperation({
  name: 'tenant_key.create',
  audit: 'own',
  permission: 'operator',
  transaction: 'administration',
  input: Type.Object({ tenant: slug, ...accountInput }, strict),
  output: newKey,
  run: (context, { tenant, ...input }) =>
    asOperatorKey(context, 'key.create', tenant, async (tx) => {
      const result = await makeAccountKey(tx, input, 'operator_key');
      const detail = { name: input.name, service_account_id: result.owner.id, role: result.owner.role };
      return { result, target: result.id, detail };
    }),
});

export const listIn = defineOperation({
  name: 'tenant_key.list',
  audit: 'own',
  permission: 'operator',
  transaction: 'administration',
  input: Type.Object({ tenant: slug, ...pageInput }, strict),
  output: pageOf(key),
  run: (context, { tenant, ...input }) =>
    asOperatorKey(context, 'key.list', tenant, async (tx) => ({
      result: await pageOfKeys(tx, input, undefined),
      target: '',
    })),
});

export const revokeIn = defineOperation({
  name: 'tenant_key.revoke',
  audit: 'own',
  permission: 'operator',
  transaction: 'administration',
  input: Type.Object({ tenant: slug, key_id: id }, strict),
  output: Type.Null(),
  run: (context, input) =>
    asOperatorKey(context, 'key.revoke', input.tenant, async (tx) => ({
      result: await revoke(tx, context.ports, input.key_id, undefined),
      target: input.key_id,
    })),
});
