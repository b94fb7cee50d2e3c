import Type, { type Static } from 'typebox';
import { changed } from '../audit/changed.ts';
import { insertAuditEvent } from '../audit/queries.ts';
import type { TenantTx } from '../db/tenancy.ts';
import { invalid, MaestroError, notFound } from '../errors.ts';
import { type Contexts, defineOperation } from '../operation.ts';
import { nextNumber } from '../tracking/experiments/queries.ts';
import { recordOf } from './record.ts';
import {
  customRoles,
  deleteRole,
  holderAmongPeople,
  holderIn,
  insertRole,
  type RoleRow,
  updateRole,
} from './role_queries.ts';
import { beyond, checkKnownRole, checkNotBeyond, rolesMax } from './role_rules.ts';
import {
  type CustomRoles,
  isBuiltIn,
  lineageOf,
  permissions,
  permissionsOf,
  permissionsOfRole,
  roles,
} from './roles.ts';
import { role as roleName, strict, text, time } from './schemas.ts';

const permission = Type.Enum([...permissions]);

const role = Type.Object({
  name: roleName,
  description: Type.String(),
  built_in: Type.Boolean({ description: 'Every tenant has it, and nobody changes it.' }),
  inherits: Type.Array(roleName),
  permissions: Type.Array(Type.String(), { description: 'Its own.' }),
  effective_permissions: Type.Array(Type.String(), { description: 'With what it inherits.' }),
  created_at: Type.Optional(time),
  updated_at: Type.Optional(time),
});

const content = {
  description: Type.Optional(text(0, 1000)),
  inherits: Type.Optional(Type.Array(roleName, { maxItems: 20, uniqueItems: true })),
  permissions: Type.Optional(Type.Array(permission, { maxItems: permissions.length, uniqueItems: true })),
};

const descriptions = {
  viewer: 'Reads experiments, runs, models and files.',
  data_scientist: 'Reads and writes them, and deletes runs and models.',
  ml_engineer: 'Also deletes experiments.',
  tenant_admin: 'Everything in the tenant: also members, roles, keys and the audit log.',
};

type Shown = Static<typeof role>;

const shown = (row: RoleRow, custom: CustomRoles): Shown => ({
  name: row.name,
  description: row.description,
  built_in: false,
  inherits: row.inherits,
  permissions: row.permissions,
  effective_permissions: [...permissionsOfRole(row.name, custom)].sort(),
  created_at: row.created_at.toISOString(),
  updated_at: row.updated_at.toISOString(),
});

const builtIns: readonly Shown[] = roles.map((name) => ({
  name,
  description: descriptions[name],
  built_in: true,
  inherits: [],
  permissions: [...permissionsOf[name]].sort(),
  effective_permissions: [...permissionsOf[name]].sort(),
}));

const missing = (name: string) => notFound(`Role '${name}' not found`);

/** Throws `invalid_state` for a role of every tenant. */
function refuseBuiltIn(name: string): void {
  if (isBuiltIn(name)) {
    throw new MaestroError('invalid_state', `role: every tenant has the role '${name}'; it cannot be changed`, {
      field: 'role',
    });
  }
}

/** The tenant's roles, for a change of them: two changes happen one after the other, or they could close a circle. */
async function lockRoles(tx: TenantTx): Promise<ReadonlyMap<string, RoleRow>> {
  await nextNumber(tx, 'role_change');
  return customRoles(tx);
}

/** The roles as they will be; what they must not be is refused by the name of its field. */
function checkChange(author: Contexts['own']['place'], changed: RoleRow, before: CustomRoles): CustomRoles {
  const after = new Map(before).set(changed.name, changed);
  for (const [index, parent] of changed.inherits.entries()) {
    const field = `inherits.${index}`;
    checkKnownRole(parent, after, field);
    if (lineageOf(parent, after).some(({ path }) => path.at(-1) === changed.name)) {
      throw invalid(`${field}: '${parent}' is or inherits from '${changed.name}' itself`, field);
    }
  }
  const [own, inherited] = [changed.permissions, permissionsOfRole(changed.name, after)].map((asked) =>
    beyond(author, asked),
  );
  const [lacking, field] = own?.length ? [own, 'permissions'] : [inherited ?? [], 'inherits'];
  if (lacking.length > 0) {
    throw new MaestroError(
      'permission_denied',
      `${field}: more than your own role (${author.role}) includes: ${lacking.join(', ')}`,
      { field },
    );
  }
  return after;
}

/** A change of a role is one of every role that inherits from it: none of them may be stronger than the author's. */
function checkAffected(author: Contexts['own']['place'], name: string, custom: CustomRoles): void {
  for (const heir of custom.keys()) {
    if (!lineageOf(heir, custom).some(({ path }) => path.includes(name))) continue;
    checkNotBeyond(author, permissionsOfRole(heir, custom), `The role '${heir}'`);
  }
}

/** Roles that every tenant has, from the weakest, and this tenant's own by name. */
export const list = defineOperation({
  name: 'role.list',
  permission: 'role:read',
  input: Type.Object({}, strict),
  output: Type.Object({ items: Type.Array(role) }),
  async run({ tx }) {
    const custom = await customRoles(tx);
    return { items: [...builtIns, ...[...custom.values()].map((row) => shown(row, custom))] };
  },
});

export const get = defineOperation({
  name: 'role.get',
  permission: 'role:read',
  input: Type.Object({ role: roleName }, strict),
  output: role,
  async run({ tx }, { role: name }) {
    const builtIn = builtIns.find((each) => each.name === name);
    if (builtIn) return builtIn;
    const custom = await customRoles(tx);
    const row = custom.get(name);
    if (!row) throw missing(name);
    return shown(row, custom);
  },
});

/** Makes a role of the caller's tenant; it allows no more than the caller's own. */
export const create = defineOperation({
  name: 'role.create',
  permission: 'role:write',
  transaction: 'own',
  audit: 'own',
  input: Type.Object({ name: roleName, ...content }, strict),
  output: role,
  async run(context, { name, description = '', inherits = [], permissions: own = [] }) {
    const { ports, tenant, place, inTenant } = context;
    const taken = (why: string) => new MaestroError('already_exists', `name: ${why}`, { field: 'name' });
    if (isBuiltIn(name)) throw taken(`every tenant has a role '${name}', which cannot be redefined`);
    // A role that was deleted while somebody was given it grants nothing; one of that name must not revive it.
    const among = await ports.db.inIdentity((tx) => holderAmongPeople(tx, tenant.id, name));
    return inTenant(async (tx) => {
      const before = await lockRoles(tx);
      if (before.has(name)) throw taken(`a role '${name}' exists`);
      const holder = among ?? (await holderIn(tx, name, before));
      if (holder !== undefined) throw taken(`a role '${name}' was deleted, and ${holder} still`);
      if (before.size >= rolesMax) {
        throw new MaestroError('limit_exceeded', `The tenant has all the ${rolesMax} roles it may have.`);
      }
      const now = new Date();
      checkChange(place, { name, description, inherits, permissions: own, created_at: now, updated_at: now }, before);
      await insertRole(tx, { name, description, inherits, permissions: own });
      await insertAuditEvent(tx, recordOf(context, 'role.create', name, { inherits, permissions: own }));
      const custom = await customRoles(tx);
      return shown(custom.get(name) as RoleRow, custom);
    });
  },
});

/** Changes a role of the caller's tenant, for all who have it, from their next request on. */
export const update = defineOperation({
  name: 'role.update',
  permission: 'role:write',
  audit: true,
  input: Type.Object({ role: roleName, ...content }, strict),
  output: role,
  async run({ tx, ports, tenant, place, audit }, { role: name, ...change }) {
    audit(name, change);
    refuseBuiltIn(name);
    const before = await lockRoles(tx);
    const row = before.get(name);
    if (!row) throw missing(name);
    audit(name, changed(change, row));
    checkAffected(place, name, before);
    checkChange(place, { ...row, ...change }, before);
    await updateRole(tx, name, change);
    tx.onCommit(() => ports.identity.changed({ kind: 'tenant', id: tenant.id }));
    const custom = await customRoles(tx);
    return shown(custom.get(name) as RoleRow, custom);
  },
});

/** Removes a role that nobody has. */
export const remove = defineOperation({
  name: 'role.delete',
  permission: 'role:delete',
  transaction: 'own',
  audit: 'own',
  input: Type.Object({ role: roleName }, strict),
  output: Type.Null(),
  async run(context, { role: name }) {
    const { ports, tenant, place, inTenant } = context;
    refuseBuiltIn(name);
    const among = await ports.db.inIdentity((tx) => holderAmongPeople(tx, tenant.id, name));
    return inTenant(async (tx) => {
      const before = await lockRoles(tx);
      if (!before.has(name)) throw missing(name);
      checkAffected(place, name, before);
      const holder = among ?? (await holderIn(tx, name, before));
      if (holder !== undefined) {
        throw new MaestroError('invalid_state', `role: '${name}' is in use: ${holder}`, { field: 'role' });
      }
      await deleteRole(tx, name);
      await insertAuditEvent(tx, recordOf(context, 'role.delete', name));
      tx.onCommit(() => ports.identity.changed({ kind: 'tenant', id: tenant.id }));
      return null;
    });
  },
});
