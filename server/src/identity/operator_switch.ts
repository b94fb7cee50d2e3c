import Type, { type Static } from 'typebox';
import { insertOperatorAuditEvent } from '../audit/queries.ts';
import { MaestroError } from '../errors.ts';
import { defineOperation } from '../operation.ts';
import { requireFresh, sessionOf } from './fresh.ts';
import { recordOf } from './record.ts';
import { checkGivenRole, rolesNamed } from './role_rules.ts';
import { id, role, slug, strict, text, time } from './schemas.ts';
import { currentSwitch, deleteSwitch, insertSwitch, type SwitchRow, switchesNow } from './switch_queries.ts';
import { tenantBySlug } from './tenant_operations.ts';

const stay = Type.Object({
  user_id: id,
  email: Type.String(),
  tenant: slug,
  role,
  reason: Type.String(),
  started_at: time,
  expires_at: time,
});

const shown = ({ slug: tenant, created_at, expires_at, ...row }: SwitchRow): Static<typeof stay> => ({
  ...row,
  tenant,
  started_at: created_at.toISOString(),
  expires_at: expires_at.toISOString(),
});

/**
 * Goes into a tenant for some minutes, with a reason: from then on this session's calls land there, with the role asked
 * for, and each leaves an audit row. The tenant's row is written first, so that nobody is in a tenant that cannot tell.
 * It takes a fresh sign-in: a token that was left lying somewhere opens no tenant.
 */
export const begin = defineOperation({
  name: 'operator.switch',
  audit: 'own',
  permission: 'operator',
  transaction: 'administration',
  input: Type.Object(
    {
      tenant: slug,
      reason: text(5, 500, { description: 'Why: the tenant reads it in its audit log.' }),
      minutes: Type.Integer({ minimum: 1, maximum: 60 }),
      role: Type.Optional(role),
    },
    strict,
  ),
  output: stay,
  async run(context, input) {
    const { db, ports } = context;
    const { sessionId, userId, email } = requireFresh(context.caller, ports.identity.policy);
    const { reason, minutes, role: name = 'tenant_admin' } = input;
    const inside = () =>
      new MaestroError('invalid_state', 'This session is in a tenant already; leave it first (DELETE).');
    const { tenant_id: tenantId } = await db.inIdentity(async (tx) => {
      if (await currentSwitch(tx, sessionId)) throw inside();
      const tenant = await tenantBySlug(tx, input.tenant);
      if (!tenant.is_active) throw new MaestroError('invalid_state', `The tenant '${input.tenant}' is closed.`);
      return tenant;
    });
    checkGivenRole(undefined, name, await rolesNamed(db, tenantId, [name]));
    const expiresAt = new Date(Date.now() + minutes * 60_000);
    const detail = { role: name, reason, expires_at: expiresAt.toISOString(), switched: true };
    await db.inIdentity(async (tx) => {
      if (!(await insertSwitch(tx, { sessionId, tenantId, role: name, reason, expiresAt }))) throw inside();
      await insertOperatorAuditEvent(tx, recordOf(context, 'operator.switch', tenantId, detail), [tenantId]);
      tx.onCommit(() => ports.identity.changed({ kind: 'session', id: sessionId }));
    });
    const row = { user_id: userId, email, slug: input.tenant, role: name, reason };
    return shown({ ...row, created_at: new Date(), expires_at: expiresAt });
  },
});

/** Leaves the tenant before the time is over. */
export const end = defineOperation({
  name: 'operator.switch_back',
  audit: 'own',
  permission: 'operator',
  transaction: 'administration',
  input: Type.Object({}, strict),
  output: Type.Null(),
  async run(context) {
    const { db, ports } = context;
    const { sessionId } = sessionOf(context.caller);
    await db.inIdentity(async (tx) => {
      const left = await deleteSwitch(tx, sessionId);
      if (left === undefined) throw new MaestroError('invalid_state', 'This session is in no tenant by a switch.');
      await insertOperatorAuditEvent(tx, recordOf(context, 'operator.switch_back', left, { switched: true }), [left]);
      tx.onCommit(() => ports.identity.changed({ kind: 'session', id: sessionId }));
    });
    return null;
  },
});

/** Which operators are in which tenants now. */
export const list = defineOperation({
  name: 'operator.switches',
  permission: 'operator',
  transaction: 'identity',
  input: Type.Object({}, strict),
  output: Type.Object({ items: Type.Array(stay) }),
  run: async ({ tx }) => ({ items: (await switchesNow(tx)).map(shown) }),
});
