import Type, { type Static } from 'typebox';
import { insertOperatorAuditEvent } from '../audit/queries.ts';
import type { IdentityTx } from '../db/tenancy.ts';
import { MaestroError, notFound } from '../errors.ts';
import { type Contexts, defineOperation } from '../operation.ts';
import { pageOf } from '../paging.ts';
import { checkAddress } from '../ports/mail.ts';
import { authorOf } from './author.ts';
import { type InvitationRow, liveInvitations, withdrawInvitation } from './invitation_queries.ts';
import { invitationMail } from './mails.ts';
import { memberIfAny } from './members.ts';
import { issueToken } from './one_time_tokens.ts';
import { defaultPageSize, pageFrom, placeOf } from './paging.ts';
import { findUserByEmail } from './queries.ts';
import { recordOf } from './record.ts';
import { checkGivenRole, rolesNamed } from './role_rules.ts';
import { email, id, pageInput, role, strict, time } from './schemas.ts';

const invitation = Type.Object({
  id,
  email: Type.String(),
  role: Type.String(),
  invited_by: Type.Union([id, Type.Null()], { description: 'The user; null where it was a service account.' }),
  created_at: time,
  expires_at: time,
});

const shown = (row: InvitationRow): Static<typeof invitation> => ({
  id: row.token_id,
  email: row.email,
  role: row.role,
  invited_by: row.asked_by,
  created_at: row.created_at.toISOString(),
  expires_at: row.expires_at.toISOString(),
});

const recordFor = (
  context: Contexts['own'],
  action: string,
  target: string,
  detail: Record<string, unknown>,
): ReturnType<typeof recordOf> => recordOf(context, action, target, { tenant_id: context.tenant.id, ...detail });

async function refuseMembers(tx: IdentityTx, tenantId: string, address: string): Promise<void> {
  const user = await findUserByEmail(tx, address);
  if (!user) return;
  const member = await memberIfAny(tx, tenantId, user.user_id);
  if (member) throw new MaestroError('already_exists', 'email: this user is a member already', { field: 'email' });
}

/**
 * Mails somebody a link into the caller's tenant. A newer invitation of the same address takes the place of an older
 * one. Whether the address has an account shows nowhere. It is bound to who invites, as a key is (`inviterMayGive`).
 */
export const invite = defineOperation({
  name: 'member.invite',
  permission: 'member:write',
  transaction: 'own',
  audit: 'own',
  input: Type.Object({ email, role }, strict),
  output: Type.Object({
    ...invitation.properties,
    delivery: Type.Enum(['mail', 'outbox'], {
      description: 'outbox: no mail server is configured, and the mail is a file in the outbox of the data directory.',
    }),
  }),
  async run(context, input) {
    const { ports, tenant, place, caller, call } = context;
    const { binds: boundTo } = authorOf(caller, place);
    checkGivenRole(place, input.role, await rolesNamed(ports.db, tenant.id, [input.role]));
    checkAddress(input.email);
    await ports.limits.invitations.admit(tenant.id);
    const askedBy =
      caller.kind === 'session'
        ? caller.userId
        : caller.kind === 'api_key' && caller.owner.kind === 'user'
          ? caller.owner.id
          : undefined;
    const token = await ports.db.inIdentity(async (tx) => {
      await refuseMembers(tx, tenant.id, input.email);
      const keyId = caller.kind === 'api_key' ? caller.keyId : undefined;
      const wish = { tenantId: tenant.id, role: input.role, boundTo, keyId };
      const made = await issueToken(tx, {
        purpose: 'invitation',
        email: input.email,
        place: wish,
        askedBy,
        address: call.address,
      });
      if (made) {
        await insertOperatorAuditEvent(tx, recordFor(context, 'member.invite', made.id, { role: input.role }), [
          tenant.id,
        ]);
      }
      return made;
    });
    if (!token) {
      throw new MaestroError('limit_exceeded', 'This address was invited often; try again in an hour.', {
        retryAfterSeconds: 3_600,
      });
    }
    const mailed = { tenant: tenant.slug, role: input.role };
    ports.mail.send(invitationMail(ports.publicUrl(), input.email, token.text, mailed));
    return {
      ...shown({
        token_id: token.id,
        email: input.email,
        role: input.role,
        asked_by: askedBy ?? null,
        created_at: token.createdAt,
        expires_at: token.expiresAt,
      }),
      delivery: ports.mail.isKept ? ('outbox' as const) : ('mail' as const),
    };
  },
});

/** Invitations into the caller's tenant that can still be accepted, by e-mail address. */
export const list = defineOperation({
  name: 'invitation.list',
  permission: 'member:read',
  transaction: 'own',
  input: Type.Object(pageInput, strict),
  output: pageOf(invitation),
  async run({ ports, tenant }, { limit = defaultPageSize, page_token }) {
    const [after] = placeOf(page_token, 1) ?? [];
    const rows = await ports.db.inIdentity((tx) => liveInvitations(tx, tenant.id, after, limit + 1));
    return pageFrom(rows, limit, (row) => [row.email], shown);
  },
});

/** Ends an invitation: its link opens nothing any more. */
export const withdraw = defineOperation({
  name: 'invitation.withdraw',
  permission: 'member:write',
  transaction: 'own',
  audit: 'own',
  input: Type.Object({ invitation_id: id }, strict),
  output: Type.Null(),
  async run(context, input) {
    const { ports, tenant } = context;
    context.audit(input.invitation_id);
    await ports.db.inIdentity(async (tx) => {
      if (!(await withdrawInvitation(tx, tenant.id, input.invitation_id))) {
        throw notFound(`Invitation '${input.invitation_id}' not found`);
      }
      await insertOperatorAuditEvent(tx, recordFor(context, 'invitation.withdraw', input.invitation_id, {}), [
        tenant.id,
      ]);
    });
    return null;
  },
});
