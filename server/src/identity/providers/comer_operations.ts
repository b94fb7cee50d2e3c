import Type, { type Static } from 'typebox';
import { changed } from '../../audit/changed.ts';
import { insertOperatorAuditEvent } from '../../audit/queries.ts';
import { build, type IdentityTx } from '../../db/tenancy.ts';
import { invalid, MaestroError, notFound } from '../../errors.ts';
import { defineOperation } from '../../operation.ts';
import type { Ports } from '../../ports/ports.ts';
import type { Place } from '../caller.ts';
import { requireFresh } from '../fresh.ts';
import { recordOf } from '../record.ts';
import { checkGivenRole, checkNotBeyond, rolesNamed } from '../role_rules.ts';
import { permissionsOf } from '../roles.ts';
import { role, strict, text } from '../schemas.ts';
import { providerName } from './flow.ts';

const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const domain = Type.String({ maxLength: 253, pattern: `^(?:${label}\\.)+${label}$` });

/** What a tenant says of people who come by an identity provider, each a column of maestro.tenants of the same name. */
const settings = {
  allowed_email_domains: Type.Array(domain, {
    maxItems: 100,
    uniqueItems: true,
    description:
      'Where there are any, the tenant is closed to who comes by a provider that vouches for no address of them. In lower case.',
  }),
  jit_providers: Type.Array(providerName, {
    maxItems: 20,
    uniqueItems: true,
    description: 'Whoever comes by one of these with an address of a domain that is allowed becomes a member.',
  }),
  jit_role: role,
  group_roles: Type.Array(Type.Object({ provider: providerName, group: text(1, 200), role }, strict), {
    maxItems: 200,
    description:
      'At each sign-in by the provider a member has the role of the first entry whose group they are in (`*`: everybody); without any, the role they had.',
  }),
};
const columns = ['allowed_email_domains', 'jit_providers', 'jit_role', 'group_roles'] as const;

const shape = Type.Object(settings);
type Settings = Static<typeof shape>;

async function read(tx: IdentityTx, tenantId: string): Promise<Settings> {
  const row = await tx.first(build.selectFrom('tenants').select(columns).where('tenant_id', '=', tenantId));
  if (!row) throw notFound('Tenant not found');
  return { ...row, group_roles: row.group_roles as Settings['group_roles'] };
}

/**
 * Nobody gives more than they hold, now or to whoever comes later; and since groups take roles away too, from whoever
 * has them, only who holds all that the strongest member may have says what groups do.
 */
async function checkGiven(
  { db }: Ports,
  tenantId: string,
  place: Place,
  { jit_role, group_roles = [] }: Partial<Settings>,
): Promise<void> {
  const given = [...(jit_role === undefined ? [] : [jit_role]), ...group_roles.map((each) => each.role)];
  const custom = await rolesNamed(db, tenantId, given);
  for (const name of new Set(given)) checkGivenRole(place, name, custom);
  if (group_roles.length > 0)
    checkNotBeyond(place, permissionsOf.tenant_admin, 'group_roles: what groups may take away');
}

function checkProviders({ providers }: Ports, { jit_providers = [], group_roles = [] }: Partial<Settings>): void {
  const known = [...providers.keys()].join(', ') || 'none';
  const check = (field: string, names: readonly string[]): void => {
    const unknown = names.find((name) => !providers.has(name));
    if (unknown === undefined) return;
    throw invalid(`${field}: there is no identity provider '${unknown}'; there are: ${known}`, field);
  };
  check('jit_providers', jit_providers);
  check(
    'group_roles',
    group_roles.map(({ provider }) => provider),
  );
}

export const get = defineOperation({
  name: 'own_tenant.get_sign_in',
  permission: 'tenant:read',
  transaction: 'own',
  input: Type.Object({}, strict),
  output: shape,
  run: ({ ports, tenant }) => ports.db.inIdentity((tx) => read(tx, tenant.id)),
});

/** Who comes in by a provider is for a person to say who signed in a short while ago: no key that leaks opens the door. */
export const update = defineOperation({
  name: 'own_tenant.update_sign_in',
  permission: 'tenant:write',
  transaction: 'own',
  audit: 'own',
  input: Type.Object(Type.Partial(shape).properties, strict),
  output: shape,
  async run(context, change) {
    const { ports, tenant, caller, place } = context;
    requireFresh(caller, ports.identity.policy);
    checkProviders(ports, change);
    const before = await ports.db.inIdentity((tx) => read(tx, tenant.id));
    // Whoever lets people in gives them the role that stands there, too.
    await checkGiven(ports, tenant.id, place, { jit_role: before.jit_role, ...change });
    return ports.db.inIdentity(async (tx) => {
      await tx.sql('SELECT 1 FROM maestro.tenants WHERE tenant_id = $1 FOR NO KEY UPDATE', [tenant.id]);
      const now = await read(tx, tenant.id);
      if (now.jit_role !== before.jit_role) {
        throw new MaestroError('invalid_state', 'jit_role was changed meanwhile; look at it and try again.');
      }
      const next = { ...now, ...change };
      if (next.jit_providers.length > 0 && next.allowed_email_domains.length === 0) {
        throw invalid('allowed_email_domains: name the domains whose people become members', 'allowed_email_domains');
      }
      await tx.all(
        build
          .updateTable('tenants')
          .set({ ...next, group_roles: JSON.stringify(next.group_roles), updated_at: new Date() })
          .where('tenant_id', '=', tenant.id),
      );
      await insertOperatorAuditEvent(
        tx,
        recordOf(context, 'own_tenant.update_sign_in', tenant.id, changed(change, now)),
        [tenant.id],
      );
      tx.onCommit(() => ports.identity.changed({ kind: 'tenant', id: tenant.id }));
      return next;
    });
  },
});
