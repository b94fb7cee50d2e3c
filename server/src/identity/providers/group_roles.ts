import { insertOperatorAuditEvent } from '../../audit/queries.ts';
import type { IdentityTx } from '../../db/tenancy.ts';
import { MaestroError } from '../../errors.ts';
import { changeRole } from '../members.ts';
import type { FlowContext } from './flow.ts';
import { type GroupRole, mappedMemberships } from './identity_queries.ts';
import type { Claimed } from './provider.ts';

/** The role that a tenant gives to the groups of somebody who comes by a provider; undefined: it says nothing of them. */
export const roleOfGroups = (
  mapped: readonly GroupRole[],
  provider: string,
  groups: readonly string[],
): string | undefined =>
  mapped.find((each) => each.provider === provider && (each.group === '*' || groups.includes(each.group)))?.role;

/** Gives a user, in each tenant that mapped groups of the provider, the role that the groups of this sign-in have there. */
export async function applyGroups(
  { ports, call }: FlowContext,
  tx: IdentityTx,
  of: { userId: string; provider: string; domain: string; claimed: Claimed },
): Promise<void> {
  const { userId, provider } = of;
  for (const { tenant_id, role: current, group_roles } of await mappedMemberships(tx, userId, of.domain)) {
    const role = roleOfGroups(group_roles, provider, of.claimed.groups);
    if (role === undefined || role === current) continue;
    const outcome = await change(tx, tenant_id, userId, role);
    await insertOperatorAuditEvent(
      tx,
      {
        actor: { kind: 'user', id: userId },
        action: 'member.map_groups',
        target: userId,
        outcome,
        requestId: call.requestId,
        address: call.address,
        detail: { tenant_id, from: current, role, provider },
      },
      [tenant_id],
    );
    tx.onCommit(() => ports.identity.changed({ kind: 'user', id: userId }));
  }
}

/** The last administrator stays one, whatever groups say. */
async function change(tx: IdentityTx, tenantId: string, userId: string, role: string): Promise<'success' | 'refused'> {
  try {
    await changeRole(tx, tenantId, userId, role, () => undefined);
    return 'success';
  } catch (error) {
    if (error instanceof MaestroError && error.code === 'invalid_state') return 'refused';
    throw error;
  }
}
