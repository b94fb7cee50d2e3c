import Type, { type Static } from 'typebox';
import type { TenantTx } from '../db/tenancy.ts';
import { MaestroError } from '../errors.ts';
import { type Contexts, defineOperation } from '../operation.ts';
import { pageOf } from '../paging.ts';
import type { Ports } from '../ports/ports.ts';
import { authorOf } from './author.ts';
import type { Caller } from './caller.ts';
import { sessionOf } from './fresh.ts';
import { asOperatorKey } from './in_tenant.ts';
import { type ChangedKey, changeKey } from './key_change.ts';
import { makeAccountKey, makeOwnKey, overlapHoursMax, rotateKey } from './key_making.ts';
import { type KeyChange, key, keyChange, keyInput, newKey, shownKey } from './key_schemas.ts';
import { keysAfter, revokeKey } from './keys.ts';
import { defaultPageSize, type Page, pageFrom, placeOf } from './paging.ts';
import { id, pageInput, role, slug, strict, text } from './schemas.ts';

const accountInput = {
  ...keyInput,
  role: Type.Optional(role),
  service_account: Type.Optional(text(1, 200, { description: 'Its name; without it, the key’s.' })),
};

const rotation = {
  key_id: id,
  overlap_hours: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: overlapHoursMax,
      description: 'How long the old secret holds beside the new one: 24 unless given; 0 ends it at once.',
    }),
  ),
};

async function pageOfKeys(
  tx: TenantTx,
  input: { limit?: number; page_token?: string },
  userId: string | undefined,
): Promise<Page<Static<typeof key>>> {
  const size = input.limit ?? defaultPageSize;
  const rows = await keysAfter(tx, placeOf(input.page_token, 2), size + 1, userId);
  return pageFrom(rows, size, (row) => [row.created_at_text, row.key_id], shownKey);
}

/**
 * Revokes in the transaction of `tx`; every process forgets the keys once it commits. Gives what the audit says: which
 * keys that this one made ended with it.
 */
async function revoke(
  tx: TenantTx,
  ports: Ports,
  keyId: string,
  who: { userId?: string; by?: string },
): Promise<Record<string, unknown>> {
  const [, ...made] = await revokeKey(tx, keyId, who);
  for (const id of [keyId, ...made]) tx.onCommit(() => ports.identity.changed({ kind: 'key', id }));
  return made.length === 0 ? {} : { made_by_it: made };
}

/** The key that a caller is. */
const byOf = (caller: Caller): { by?: string } => (caller.kind === 'api_key' ? { by: caller.keyId } : {});

/** The user behind a caller. A service account has no keys of its own to manage. */
function userOf(caller: Caller): string {
  if (caller.kind === 'session') return caller.userId;
  if (caller.kind === 'api_key' && caller.owner.kind === 'user') return caller.owner.id;
  throw new MaestroError('permission_denied', 'Only a user has keys of its own.');
}

/** What the audit says of a new key. */
const detailOf = (made: Static<typeof newKey>): Record<string, unknown> => ({
  scopes: made.scopes,
  allowed_addresses: made.allowed_addresses,
  expires_at: made.expires_at,
  ...(made.owner.kind === 'user' ? {} : { service_account_id: made.owner.id, role: made.owner.role }),
});

/** A new key of a person's own: how it is called, and from where it may be used, is personal. */
function auditOwn(audit: Contexts['tenant']['audit'], made: Static<typeof newKey>, replaces?: string): void {
  const { allowed_addresses: addresses, ...plain } = detailOf(made);
  const personal = { name: made.name, ...(addresses ? { allowed_addresses: JSON.stringify(addresses) } : {}) };
  audit(made.id, { ...plain, ...(replaces === undefined ? {} : { replaces }) }, personal);
}

/** What was changed of a key, as it was and as it is. */
const changesOf = ({ result, before }: ChangedKey, { allowed_addresses: addresses }: KeyChange) =>
  addresses === undefined
    ? {}
    : { allowed_addresses: result.allowed_addresses, allowed_addresses_before: before.allowed_addresses };

const namesOf = ({ result, before }: ChangedKey): Record<string, string> =>
  result.name === before.name ? {} : { name: result.name, name_before: before.name };

/**
 * A key of the caller's own in the tenant; it has the role that its user has there. A key that leaks must not make another
 * one that outlives it: that takes a session.
 */
export const createOwn = defineOperation({
  name: 'own_key.create',
  permission: 'tenant:read',
  audit: true,
  input: Type.Object(keyInput, strict),
  output: newKey,
  async run({ tx, ports, caller, place, audit }, input) {
    const { userId } = sessionOf(caller);
    const made = await makeOwnKey(tx, ports, input, authorOf(caller, place), userId);
    auditOwn(audit, made);
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

/** A new secret for a key of the caller's own. */
export const rotateOwn = defineOperation({
  name: 'own_key.rotate',
  permission: 'tenant:read',
  audit: true,
  input: Type.Object(rotation, strict),
  output: newKey,
  async run({ tx, ports, caller, place, audit }, input) {
    audit(input.key_id);
    const { userId } = sessionOf(caller);
    const made = await rotateKey(tx, ports, input, authorOf(caller, place), userId);
    auditOwn(audit, made, input.key_id);
    return made;
  },
});

/** Another name for a key of the caller's own, or other addresses: what is personal of it. */
export const updateOwn = defineOperation({
  name: 'own_key.update',
  permission: 'tenant:read',
  audit: true,
  input: Type.Object({ key_id: id, ...keyChange }, strict),
  output: key,
  async run({ tx, ports, caller, place, audit }, input) {
    audit(input.key_id);
    const { userId } = sessionOf(caller);
    const changed = await changeKey(tx, ports, input, authorOf(caller, place), userId);
    const addresses = Object.entries(changesOf(changed, input)).map(([name, list]) => [name, JSON.stringify(list)]);
    audit(input.key_id, {}, { ...namesOf(changed), ...Object.fromEntries(addresses) });
    return changed.result;
  },
});

export const revokeOwn = defineOperation({
  name: 'own_key.revoke',
  permission: 'tenant:read',
  audit: true,
  input: Type.Object({ key_id: id }, strict),
  output: Type.Null(),
  async run({ tx, ports, caller, audit }, input) {
    audit(input.key_id);
    audit(input.key_id, await revoke(tx, ports, input.key_id, { userId: userOf(caller), ...byOf(caller) }));
    return null;
  },
});

/** A key of a service account of the caller's tenant. The account is made where there is none of that name. */
export const create = defineOperation({
  name: 'key.create',
  permission: 'key:write',
  audit: true,
  input: Type.Object(accountInput, strict),
  output: newKey,
  async run({ tx, ports, caller, place, audit }, input) {
    const made = await makeAccountKey(tx, ports, input, authorOf(caller, place));
    audit(made.id, detailOf(made), { name: made.name });
    return made;
  },
});

/** A new secret for a service account's key. */
export const rotate = defineOperation({
  name: 'key.rotate',
  permission: 'key:write',
  audit: true,
  input: Type.Object(rotation, strict),
  output: newKey,
  async run({ tx, ports, caller, place, audit }, input) {
    audit(input.key_id);
    const made = await rotateKey(tx, ports, input, authorOf(caller, place), undefined);
    audit(made.id, { ...detailOf(made), replaces: input.key_id }, { name: made.name });
    return made;
  },
});

/** Another name, or other addresses, for a service account's key. */
export const update = defineOperation({
  name: 'key.update',
  permission: 'key:write',
  audit: true,
  input: Type.Object({ key_id: id, ...keyChange }, strict),
  output: key,
  async run({ tx, ports, caller, place, audit }, input) {
    audit(input.key_id);
    const changed = await changeKey(tx, ports, input, authorOf(caller, place), undefined);
    audit(input.key_id, changesOf(changed, input), namesOf(changed));
    return changed.result;
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
  async run({ tx, ports, caller, audit }, input) {
    audit(input.key_id);
    audit(input.key_id, await revoke(tx, ports, input.key_id, byOf(caller)));
    return null;
  },
});

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
      const result = await makeAccountKey(tx, context.ports, input, authorOf(context.caller, undefined));
      return { result, target: result.id, detail: detailOf(result) };
    }),
});

export const rotateIn = defineOperation({
  name: 'tenant_key.rotate',
  audit: 'own',
  permission: 'operator',
  transaction: 'administration',
  input: Type.Object({ tenant: slug, ...rotation }, strict),
  output: newKey,
  run: (context, { tenant, ...input }) =>
    asOperatorKey(context, 'key.rotate', tenant, async (tx) => {
      const result = await rotateKey(tx, context.ports, input, authorOf(context.caller, undefined), undefined);
      return { result, target: result.id, detail: { ...detailOf(result), replaces: input.key_id } };
    }),
});

export const updateIn = defineOperation({
  name: 'tenant_key.update',
  audit: 'own',
  permission: 'operator',
  transaction: 'administration',
  input: Type.Object({ tenant: slug, key_id: id, ...keyChange }, strict),
  output: key,
  run: (context, { tenant, ...input }) =>
    asOperatorKey(context, 'key.update', tenant, async (tx) => {
      const changed = await changeKey(tx, context.ports, input, authorOf(context.caller, undefined), undefined);
      return { result: changed.result, target: input.key_id, detail: changesOf(changed, input) };
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
      detail: await revoke(tx, context.ports, input.key_id, {}),
      result: null,
      target: input.key_id,
    })),
});
