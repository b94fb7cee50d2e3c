import { insertOperatorAuditEvent } from '../../audit/queries.ts';
import type { IdentityTx } from '../../db/tenancy.ts';
import { inviterMayGive } from '../inviter.ts';
import { addMember, lockMembers } from '../members.ts';
import { liveInvitationsTo, spendToken } from '../one_time_tokens.ts';
import { findUserByEmail } from '../queries.ts';
import type { Proved } from '../session_queries.ts';
import { isUniqueViolation } from '../tenants.ts';
import { domainOf } from './claimed_email.ts';
import { Failure, type FlowContext } from './flow.ts';
import { type IdentityUse, insertComer, insertIdentity, tenantsTaking, useIdentity } from './identity_queries.ts';
import type { Claimed } from './provider.ts';

/** Where somebody gets a place who comes for the first time, and by what. */
interface Welcome {
  readonly tenantId: string;
  readonly role: string;
  /** The invitation that is accepted thereby; undefined: the tenant takes whoever comes by this provider. */
  readonly invitationId: string | undefined;
}

/** Somebody who is known by an identity. */
type Known = Proved & IdentityUse;

interface Comer {
  /** The provider's name. */
  readonly provider: string;
  /** The slug of the tenant that the sign-in asked for. */
  readonly tenant: string | undefined;
  readonly claimed: Claimed;
}

/** Makes a user who comes by a provider a member. Throws `limit_exceeded` where the tenant is full. */
export async function joinByProvider(
  { ports, call }: FlowContext,
  tx: IdentityTx,
  userId: string,
  { tenantId, role, invitationId }: Welcome,
  detail: Record<string, unknown>,
): Promise<void> {
  await addMember(tx, tenantId, userId, role);
  const by = invitationId === undefined ? 'just in time' : 'invitation';
  await insertOperatorAuditEvent(
    tx,
    {
      actor: { kind: 'user', id: userId },
      action: 'auth.provider_join',
      target: userId,
      outcome: 'success',
      requestId: call.requestId,
      address: call.address,
      detail: { ...detail, tenant_id: tenantId, role, by },
    },
    [tenantId],
  );
  tx.onCommit(() => ports.identity.changed({ kind: 'user', id: userId }));
}

/** Who takes a newcomer: an invitation to the address, else a tenant that takes the address's domain just in time. */
async function welcomeOf({ db }: FlowContext, email: string, { provider, tenant }: Comer): Promise<Welcome> {
  const domain = domainOf(email);
  const { invitations, open } = await db.inIdentity(async (tx) => ({
    invitations: await liveInvitationsTo(tx, email, domain),
    open: await tenantsTaking(tx, { provider, domain, tenant }),
  }));
  for (const invitation of invitations) {
    if (tenant !== undefined && invitation.tenant !== tenant) continue;
    if (!(await inviterMayGive(db, invitation))) continue;
    return { tenantId: invitation.tenant_id!, role: invitation.role!, invitationId: invitation.token_id };
  }
  const [one, other] = open;
  if (!one) throw new Failure('not-invited', 'nobody invited this address, and no tenant takes it just in time');
  if (other) throw new Failure('tenant-required', 'several tenants would take this address just in time');
  return { tenantId: one.tenant_id, role: one.role, invitationId: undefined };
}

/**
 * Makes the account of a newcomer. Undefined where somebody got the address, the identity or the invitation meanwhile.
 * Throws `Failure`.
 */
async function admit(context: FlowContext, comer: Comer): Promise<Known | undefined> {
  const { claimed, provider } = comer;
  const { verifiedEmail: email } = claimed;
  if (email === undefined) throw new Failure('email-not-verified', 'the provider vouches for no address');
  if (await context.db.inIdentity((tx) => findUserByEmail(tx, email))) {
    throw new Failure('account-exists', 'the address has an account that this identity was not added to');
  }
  const welcome = await welcomeOf(context, email, comer);
  try {
    return await context.db.inIdentity(async (tx) => {
      // As inviting does: first the tenant, then its invitations.
      await lockMembers(tx, welcome.tenantId);
      if (welcome.invitationId !== undefined && !(await spendToken(tx, welcome.invitationId))) return undefined;
      const user = await insertComer(tx, { email, name: [...claimed.name].slice(0, 200).join('') });
      const use = await insertIdentity(tx, user.user_id, provider, claimed);
      await joinByProvider(context, tx, user.user_id, welcome, { provider, created: true });
      return { ...user, ...use };
    });
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    return undefined;
  }
}

/**
 * The user whom an identity is of; on a first sign-in an account is made where somebody invited the address, or a tenant
 * takes its domain just in time. An address that has an account opens nothing: its person signs in and adds the identity,
 * so that neither takes the other's place. Throws `Failure`.
 */
export async function personOf(context: FlowContext, comer: Comer): Promise<Known> {
  const { claimed, provider } = comer;
  // Of two first sign-ins at once, the later finds the address taken or the invitation used: by itself, it may turn out.
  for (const isLast of [false, true]) {
    const known = await context.db.inIdentity((tx) => useIdentity(tx, provider, claimed));
    if (known) {
      if (!known.is_active) throw new Failure('account-inactive', 'inactive user', known.user_id);
      return known;
    }
    try {
      const made = await admit(context, comer);
      if (made) return made;
    } catch (error) {
      if (isLast || !(error instanceof Failure)) throw error;
    }
  }
  throw new Failure('changed', 'another sign-in was in the way');
}
