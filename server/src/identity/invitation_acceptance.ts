import Type from 'typebox';
import { insertOperatorAuditEvent } from '../audit/queries.ts';
import type { Database, IdentityTx } from '../db/tenancy.ts';
import { invalid, MaestroError } from '../errors.ts';
import { type Call, defineOperation } from '../operation.ts';
import type { Ports } from '../ports/ports.ts';
import { completeInvited, insertInvited, withdrawInvitation } from './invitation_queries.ts';
import { inviterMayGive } from './inviter.ts';
import { linkToken, noLink, recordByLink, refuseLink } from './links.ts';
import { addMember, lockMembers } from './members.ts';
import { noteRefusal, refusalOf } from './new_session.ts';
import { findLiveToken, type LiveToken, spendToken } from './one_time_tokens.ts';
import { givenPassword, type PasswordOwner, requireAcceptable } from './password_policy.ts';
import { provePasswordOf } from './password_proof.ts';
import { type Account, findPerson, passwordOwnerOf } from './person_queries.ts';
import { findUserByEmail } from './queries.ts';
import { strict, text, time } from './schemas.ts';
import { isUniqueViolation } from './tenants.ts';

const action = 'auth.accept_invitation';

interface Invitation {
  readonly token: LiveToken;
  /** Whose address it is; undefined where nobody has it. */
  readonly account: Account | undefined;
  /** Whether accepting makes the account: there is none, or an operator made it without a password for this link. */
  readonly isNew: boolean;
}

/** Throws, as for every link that does not hold, where there is no such invitation. */
async function findInvitation(ports: Ports, call: Call, action: string, given: string): Promise<Invitation> {
  const found = await ports.db.inIdentity(async (tx): Promise<Invitation | undefined> => {
    const token = await findLiveToken(tx, 'invitation', given);
    if (!token) return undefined;
    const userId = token.user_id ?? (await findUserByEmail(tx, token.email))?.user_id;
    const account = userId === undefined ? undefined : await findPerson(tx, userId);
    if (account && !account.is_active) return undefined;
    return { token, account, isNew: !account || (token.user_id !== null && account.password_hash === null) };
  });
  if (!found) throw await refuseLink(ports, call, action);
  await requireInviter(ports, call, action, found.token);
  return found;
}

/**
 * Withdraws an invitation whose inviter may not give what it gives any more, and throws as for every link that does not
 * hold: the tenant's log says why.
 */
async function requireInviter(ports: Ports, call: Call, action: string, token: LiveToken): Promise<void> {
  if (await inviterMayGive(ports.db, token)) return;
  const { token_id: target, tenant_id: tenantId } = token;
  await ports.db.inIdentity(async (tx) => {
    await withdrawInvitation(tx, tenantId as string, target);
    const refusal = refusalOf(call, action, undefined, 'whoever invited may not give this role any more');
    await insertOperatorAuditEvent(tx, { ...refusal, target }, [tenantId as string]);
  });
  throw noLink();
}

/** What the holder of an invitation's link is asked: shown by the page that the link opens. */
export const readInvitation = defineOperation({
  name: 'auth.read_invitation',
  permission: 'public',
  transaction: 'administration',
  input: Type.Object({ token: linkToken }, strict),
  output: Type.Object({
    email: Type.String(),
    tenant: Type.Union([Type.String(), Type.Null()]),
    role: Type.Union([Type.String(), Type.Null()]),
    has_account: Type.Boolean({ description: 'Then its password is asked for, else a new one is set.' }),
    expires_at: time,
  }),
  async run({ ports, call }, input) {
    const found = await findInvitation(ports, call, 'auth.read_invitation', input.token);
    const { email, tenant, role, expires_at } = found.token;
    return { email, tenant, role, has_account: !found.isNew, expires_at: expires_at.toISOString() };
  },
});

/** Throws where the request does not come from the person whose account it is. */
async function requireOwner(ports: Ports, call: Call, account: Account, password: string | undefined): Promise<void> {
  if (password === undefined) {
    const caller = await ports.authenticate(call.headers, call.address, call);
    if (caller.kind === 'session' && caller.userId === account.user_id) return;
  } else if ((await provePasswordOf({ ports, call, action }, account, password)) !== undefined) return;
  await noteRefusal(ports, call, action, account.user_id, 'not shown to be the account’s own person');
  throw new MaestroError(
    'unauthenticated',
    'There is an account of this address: give its password, or sign in first. A forgotten password can be reset.',
  );
}

interface Newcomer {
  readonly email: string;
  readonly name: string | undefined;
  readonly password_hash: string;
}

/** Gives the user's id; undefined where somebody accepted at the same time. */
async function settle(
  tx: IdentityTx,
  { token, account }: Invitation,
  newcomer: Newcomer | undefined,
): Promise<string | undefined> {
  // As inviting does: first the tenant, then its invitations.
  if (token.tenant_id !== null) await lockMembers(tx, token.tenant_id);
  if (!(await spendToken(tx, token.token_id))) return undefined;
  if (!newcomer) return account?.user_id;
  if (!account) return insertInvited(tx, { ...newcomer, name: newcomer.name ?? '' });
  return (await completeInvited(tx, account.user_id, newcomer)) ? account.user_id : undefined;
}

const ownerOf = (db: Database, { token, account }: Invitation): Promise<PasswordOwner> =>
  db.inIdentity(async (tx) => {
    const owner = account && (await passwordOwnerOf(tx, account));
    const tenants = [...(owner?.tenants ?? []), ...(token.tenant === null ? [] : [token.tenant])];
    return { email: token.email, tenants, mustUseFactor: owner?.mustUseFactor ?? false };
  });

/**
 * Accepts an invitation. Where nobody has its address, that makes the user, whose address is thereby verified. Where
 * somebody does, it only adds the membership, and only for who proves to be that person: the link alone opens no
 * account that is there, and an account that somebody else made beforehand takes nobody's place.
 */
export const acceptInvitation = defineOperation({
  name: action,
  permission: 'public',
  transaction: 'administration',
  input: Type.Object(
    { token: linkToken, password: Type.Optional(givenPassword), name: Type.Optional(text(0, 200)) },
    strict,
  ),
  output: Type.Object({
    email: Type.String(),
    tenant: Type.Union([Type.String(), Type.Null()]),
    role: Type.Union([Type.String(), Type.Null()]),
    created: Type.Boolean({ description: 'Whether the account was made, or only the membership.' }),
  }),
  async run({ ports, call, db }, input) {
    const found = await findInvitation(ports, call, action, input.token);
    const { token, account, isNew } = found;
    let newcomer: Newcomer | undefined;
    if (isNew) {
      if (input.password === undefined) throw invalid('password: is required, for the new account', 'password');
      await requireAcceptable(input.password, ports.identity.policy, await ownerOf(db, found));
      const passwordHash = await ports.identity.passwords.hash(input.password);
      newcomer = { email: token.email, name: input.name, password_hash: passwordHash };
    } else await requireOwner(ports, call, account as Account, input.password);
    // A hash takes its time, and more goes by while many wait for one: what held before may not hold now.
    await requireInviter(ports, call, action, token);
    const userId = await db
      .inIdentity(async (tx) => {
        const settled = await settle(tx, found, newcomer);
        if (settled === undefined) return undefined;
        const { tenant_id: tenantId, role } = token;
        if (tenantId !== null) await addMember(tx, tenantId, settled, role as string);
        const place = tenantId === null ? {} : { tenant_id: tenantId, role };
        const copyTo = tenantId === null ? [] : [tenantId];
        await recordByLink(tx, call, action, settled, { created: isNew, ...place }, copyTo);
        tx.onCommit(() => ports.identity.changed({ kind: 'user', id: settled }));
        return settled;
      })
      .catch((error) => {
        // Somebody got this address between the look-up and now.
        if (!isUniqueViolation(error)) throw error;
        return undefined;
      });
    if (userId === undefined) throw await refuseLink(ports, call, action);
    return { email: token.email, tenant: token.tenant, role: token.role, created: isNew };
  },
});
