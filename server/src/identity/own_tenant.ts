import Type, { type Static } from 'typebox';
import { insertOperatorAuditEvent } from '../audit/queries.ts';
import { build, type IdentityTx } from '../db/tenancy.ts';
import { notFound } from '../errors.ts';
import { defineOperation } from '../operation.ts';
import { requireFresh } from './fresh.ts';
import { recordOf } from './record.ts';
import { id, requiresFactor, slug, strict, text, time } from './schemas.ts';

/**
 * What a tenant's administrators set themselves, each a column of maestro.tenants of the same name. A setting of security
 * is added here and in `settingColumns`, and by that read and written by GET and PATCH /tenant.
 */
const settings = { name: text(1, 200), requires_factor: requiresFactor };
const settingColumns = ['name', 'requires_factor'] as const satisfies readonly (keyof typeof settings)[];

const ownTenant = Type.Object({
  id,
  slug,
  ...settings,
  max_users: Type.Integer(),
  max_projects: Type.Integer(),
  max_artifacts: Type.Integer(),
  created_at: time,
  updated_at: time,
});

/** Limits are shown; what operators keep in a tenant's `settings` and `metadata` is theirs. */
async function read(tx: IdentityTx, tenantId: string): Promise<Static<typeof ownTenant>> {
  const row = await tx.first(
    build
      .selectFrom('tenants')
      .select(['tenant_id', 'slug', 'max_users', 'max_projects', 'max_artifacts', 'created_at', 'updated_at'])
      .select(settingColumns)
      .where('tenant_id', '=', tenantId),
  );
  if (!row) throw notFound('Tenant not found');
  const { tenant_id, created_at, updated_at, ...rest } = row;
  return { id: tenant_id, ...rest, created_at: created_at.toISOString(), updated_at: updated_at.toISOString() };
}

/** The caller's own tenant. */
export const get = defineOperation({
  name: 'own_tenant.get',
  permission: 'tenant:read',
  transaction: 'own',
  input: Type.Object({}, strict),
  output: ownTenant,
  run: ({ ports, tenant }) => ports.db.inIdentity((tx) => read(tx, tenant.id)),
});

/**
 * Changes the settings that are the tenant's own business; limits are the operators'. Whether members need a second
 * factor is for a person who signed in a short while ago to say: a key that leaks must not open the door.
 */
export const update = defineOperation({
  name: 'own_tenant.update',
  permission: 'tenant:write',
  transaction: 'own',
  audit: 'own',
  input: Type.Object(Type.Partial(Type.Object(settings)).properties, strict),
  output: ownTenant,
  async run(context, change) {
    const { ports, tenant, caller } = context;
    if (change.requires_factor !== undefined) requireFresh(caller, ports.identity.policy);
    return ports.db.inIdentity(async (tx) => {
      await tx.all(
        build
          .updateTable('tenants')
          .set({ ...change, updated_at: new Date() })
          .where('tenant_id', '=', tenant.id),
      );
      await insertOperatorAuditEvent(tx, recordOf(context, 'own_tenant.update', tenant.id, change), [tenant.id]);
      tx.onCommit(() => ports.identity.changed({ kind: 'tenant', id: tenant.id }));
      return read(tx, tenant.id);
    });
  },
});
