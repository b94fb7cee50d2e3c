import { insertOperatorAuditEvent } from '../../audit/queries.ts';
import type { IdentityTx } from '../../db/tenancy.ts';
import { MaestroError } from '../../errors.ts';
import { changeRole } from '../members.ts';
import type { FlowContext } from './flow.ts';
import { type GroupRole, mappedMemberships } from './identity_queries.ts';

/** Whose groups they are, of which provider; `domain` is that of the address that it vouches for. */
export interface Grouped {
  readonly userId: string;
  readonly provider: string;
  readonly domain: string;
  readonly groups: readonly string[];
}

/** A role that somebody has in a tenant, and the one that their groups have there. */
export interface GroupChange {
  readonly tenantId: string;
  readonly from: string;
  readonly role: string;
}

/** The role that a tenant gives to the groups of somebody who comes by a provider; undefined: it says nothing of them. */
export const roleOfGroups = (
  mapped: readonly GroupRole[],
  provider: string,
  groups: readonly string[],
): string | undefined =>
  mapped.find((each) => each.provider === provider && (each.group === '*' || groups.includes(each.group)))?.role;

/** What the groups of a user change, in each tenant that mapped groups of the provider. */
export async function groupChanges(tx: IdentityTx, of: Grouped): Promise<GroupChange[]> {
  const mapped = await mappedMemberships(tx, of.userId, of.domain);
  return mapped.flatMap(({ tenant_id: tenantId, role: from, group_roles }) => {
    const role = roleOfGroups(group_roles, of.provider, of.groups);
    return role === undefined || role === from ? [] : [{ tenantId, from, role }];
  });
}

export async function changeByGroups(
  { ports, call }: FlowContext,
  tx: IdentityTx,
  { userId, provider }: Grouped,
  { tenantId, from, role }: GroupChange,
): Promise<void> {
  const outcome = await change(tx, tenantId, userId, role);
  await insertOperatorAuditEvent(
    tx,
    {
      actor: { kind: 'user', id: userId },
      action: 'member.map_groups',
      target: userId,
      outcome,
      requestId: call.requestId,
      address: call.address,
      detail: { tenant_id: tenantId, from, role, provider },
    },
    [tenantId],
  );
  tx.onCommit(() => ports.identity.changed({ kind: 'user', id: userId }));
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
