import type { IdentityTx } from '../../db/tenancy.ts';
import type { Arrival } from '../new_session.ts';
import { membershipsOf } from '../queries.ts';
import { joinByProvider } from './first_sign_in.ts';
import type { FlowContext } from './flow.ts';
import { changeByGroups, groupChanges } from './group_roles.ts';
import { isLastUse, lockTenants, type OpenTenant, tenantsTaking } from './identity_queries.ts';
import type { Said } from './said.ts';

/** Somebody who comes by a provider. */
interface Comer {
  readonly userId: string;
  /** The slug of the tenant that the sign-in asked for. */
  readonly tenant: string | undefined;
  /** Of the address that the provider vouches for; empty where it vouches for none. */
  readonly domain: string;
  readonly said: Said;
  /** Whether the person was asked for a second factor meanwhile: the provider may have said more since. */
  readonly hasWaited: boolean;
}

/**
 * What the tenants of somebody who comes by a provider do about it when the session opens, as they have it at that moment:
 * the one asked for takes them just in time, and those that mapped groups give the role of theirs.
 */
export function arrivalOf(context: FlowContext, comer: Comer): Arrival {
  const { userId, tenant, domain, said, hasWaited } = comer;
  const { provider, groups } = said;
  const grouped = { userId, provider, domain, groups };
  let locked: ReadonlySet<string> = new Set();

  async function toJoin(tx: IdentityTx): Promise<OpenTenant | undefined> {
    if (tenant === undefined) return undefined;
    const [open] = await tenantsTaking(tx, { provider, domain, tenant });
    const places = open ? await membershipsOf(tx, userId) : [];
    return places.some((place) => place.tenant.id === open?.tenant_id) ? undefined : open;
  }

  return {
    async lock(tx) {
      const joined = await toJoin(tx);
      const changes = await groupChanges(tx, grouped);
      const ids = [...changes.map(({ tenantId }) => tenantId), ...(joined ? [joined.tenant_id] : [])];
      if (ids.length > 0) locked = await lockTenants(tx, ids);
    },
    async apply(tx) {
      // What an older sign-in heard must not undo what a later one has done.
      if (hasWaited && !(await isLastUse(tx, userId, said))) return false;
      // Asked again: until now a tenant could be closed, or say something else.
      const joined = await toJoin(tx);
      if (joined && locked.has(joined.tenant_id)) {
        const welcome = { tenantId: joined.tenant_id, role: joined.role, invitationId: undefined };
        await joinByProvider(context, tx, userId, welcome, { provider });
      }
      for (const change of await groupChanges(tx, grouped)) {
        if (locked.has(change.tenantId)) await changeByGroups(context, tx, grouped, change);
      }
      return true;
    },
  };
}
