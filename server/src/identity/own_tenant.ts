import Type, { type Static } from 'typebox';
import { changed } from '../audit/changed.ts';
import { insertOperatorAuditEvent } from '../audit/queries.ts';
import { build, type IdentityTx } from '../db/tenancy.ts';
import { invalid, notFound } from '../errors.ts';
import { defineOperation } from '../operation.ts';
import { requireFresh } from './fresh.ts';
import type { Policy } from './policy.ts';
import { recordOf } from './record.ts';
import { id, requiresFactor, sessionDays, sessionIdleMinutes, slug, strict, text, time } from './schemas.ts';

/** What keeps the tenant closed. */
const security = {
  requires_factor: requiresFactor,
  session_days: sessionDays,
  session_idle_minutes: sessionIdleMinutes,
};

/** What a tenant's administrators set themselves, each a column of maestro.tenants of the same name. */
const settings = { name: text(1, 200), ...security };
const settingColumns = [
  'name',
  'requires_factor',
  'session_days',
  'session_idle_minutes',
] as const satisfies readonly (keyof typeof settings)[];

type Change = Static<Type.TPartial<Type.TObject<typeof security>>>;

/** Sessions may end sooner than this Maestro lets them; later only by an operator's word. */
function checkLimits({ session_days, session_idle_minutes }: Change, policy: Policy): void {
  if ((session_days ?? 0) > policy.sessionDays) {
    throw invalid(`session_days: expected at most ${policy.sessionDays}, as this Maestro is set`, 'session_days');
  }
  if ((session_idle_minutes ?? 0) > policy.sessionIdleMinutes) {
    throw invalid(
      `session_idle_minutes: expected at most ${policy.sessionIdleMinutes}, as this Maestro is set`,
      'session_idle_minutes',
    );
  }
}

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
 * Changes the settings that are the tenant's own business; limits are the operators'. What keeps the tenant closed is for
 * a person who signed in a short while ago to say: a key that leaks must not open the door.
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
    const { policy } = ports.identity;
    const isSecurity = Object.keys(change).some((name) => name in security);
    if (isSecurity) requireFresh(caller, policy);
    checkLimits(change, policy);
    return ports.db.inIdentity(async (tx) => {
      const detail = changed(change, await read(tx, tenant.id));
      await tx.all(
        build
          .updateTable('tenants')
          .set({ ...change, updated_at: new Date() })
          .where('tenant_id', '=', tenant.id),
      );
      await insertOperatorAuditEvent(tx, recordOf(context, 'own_tenant.update', tenant.id, detail), [tenant.id]);
      // A name changes nobody's rights: for it nothing is looked up anew.
      if (isSecurity) tx.onCommit(() => ports.identity.changed({ kind: 'tenant', id: tenant.id }));
      return read(tx, tenant.id);
    });
  },
});
