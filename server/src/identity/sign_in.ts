import { hash, randomUUID } from 'node:crypto';
import Type, { type Static } from 'typebox';
import { insertOperatorAuditEvent } from '../audit/queries.ts';
import type { IdentityTx } from '../db/tenancy.ts';
import { MaestroError, notFound } from '../errors.ts';
import { type Call, defineOperation } from '../operation.ts';
import type { Ports } from '../ports/ports.ts';
import type { Caller } from './caller.ts';
import {
  endSession,
  findLiveSession,
  findUserByEmail,
  insertRefreshToken,
  insertSession,
  membershipsOf,
  spendRefreshToken,
} from './queries.ts';
import { email, id, role, slug, strict, text } from './schemas.ts';

const tokenPair = Type.Object({
  access_token: Type.String(),
  token_type: Type.Literal('Bearer'),
  expires_in: Type.Integer({ description: 'Seconds the access token lives.' }),
  refresh_token: Type.String({ description: 'Good for one use; a second use ends the session.' }),
  refresh_expires_in: Type.Integer({ description: 'Seconds to the end of the session.' }),
});

interface OpenSession {
  sessionId: string;
  userId: string;
  tenantId: string | undefined;
  expiresAt: Date;
  refreshId: string;
}

const hashOfRefresh = (tokenId: string): Buffer => hash('sha256', tokenId, 'buffer');

async function addRefreshToken(tx: IdentityTx, sessionId: string, expiresAt: Date): Promise<string> {
  const refreshId = randomUUID();
  await insertRefreshToken(tx, { token_hash: hashOfRefresh(refreshId), session_id: sessionId, expires_at: expiresAt });
  return refreshId;
}

async function sign({ tokens }: Ports['identity'], session: OpenSession): Promise<Static<typeof tokenPair>> {
  const [access, refresh] = await Promise.all([
    tokens.issueAccess(session),
    tokens.issueRefresh({ ...session, tokenId: session.refreshId }, session.expiresAt),
  ]);
  return {
    access_token: access,
    token_type: 'Bearer',
    expires_in: tokens.accessSeconds,
    refresh_token: refresh,
    refresh_expires_in: Math.max(0, Math.floor((session.expiresAt.getTime() - Date.now()) / 1000)),
  };
}

/** Audits a refusal in a transaction of its own, and gives the error, which is the same whatever was wrong. */
async function refused(
  { db }: Ports,
  call: Call,
  action: string,
  userId: string | undefined,
  reason: string,
  message: string,
): Promise<MaestroError> {
  const actor = userId === undefined ? { kind: 'anonymous', id: '' } : { kind: 'user', id: userId };
  const { requestId, address } = call;
  await db.inIdentity((tx) =>
    insertOperatorAuditEvent(tx, {
      actor,
      action,
      target: userId ?? '',
      outcome: 'refused',
      requestId,
      address,
      detail: { reason },
    }),
  );
  return new MaestroError('unauthenticated', message);
}

const wrongSignIn = 'The e-mail address or the password is wrong.';
const wrongRefresh = 'The refresh token does not hold; sign in again.';

const deviceOf = ({ headers }: Call): string => {
  const agent = headers['user-agent'];
  return typeof agent === 'string' ? agent.slice(0, 200).toWellFormed().replaceAll('\0', '') : '';
};

/** Signs a user in with a password: opens a session in the tenant asked for, else in the one joined first. */
export const login = defineOperation({
  name: 'auth.login',
  permission: 'public',
  transaction: 'administration',
  input: Type.Object({ email, password: text(1, 1024), tenant: Type.Optional(slug) }, strict),
  output: tokenPair,
  async run({ ports, call, db }, input) {
    const { throttle, passwords, sessionSeconds } = ports.identity;
    const waitMs = throttle.begin(input.email, call.address);
    if (waitMs > 0) {
      const seconds = Math.ceil(waitMs / 1000);
      throw new MaestroError('limit_exceeded', `Too many failed sign-ins; try again in ${seconds} s.`);
    }
    const user = await db.inIdentity((tx) => findUserByEmail(tx, input.email));
    const matches = await passwords.verify(input.password, user?.password_hash);
    if (!user || !matches || !user.is_active) {
      const reason = !user ? 'unknown e-mail address' : matches ? 'inactive user' : 'wrong password';
      throw await refused(ports, call, 'auth.login', user?.user_id, reason, wrongSignIn);
    }
    throttle.succeeded(input.email, call.address);
    const expiresAt = new Date(Date.now() + sessionSeconds * 1000);
    const session = await db.inIdentity(async (tx): Promise<OpenSession> => {
      const memberships = await membershipsOf(tx, user.user_id);
      const place = memberships.find(({ tenant }) => input.tenant === undefined || tenant.slug === input.tenant);
      if (input.tenant !== undefined && !place) throw notFound(`Workspace '${input.tenant}' not found`);
      const tenantId = place?.tenant.id;
      const sessionId = await insertSession(tx, {
        user_id: user.user_id,
        tenant_id: tenantId ?? null,
        device: deviceOf(call),
        address: call.address,
        expires_at: expiresAt,
      });
      const refreshId = await addRefreshToken(tx, sessionId, expiresAt);
      await insertOperatorAuditEvent(tx, {
        actor: { kind: 'user', id: user.user_id },
        action: 'auth.login',
        target: sessionId,
        outcome: 'success',
        requestId: call.requestId,
        address: call.address,
      });
      return { sessionId, userId: user.user_id, tenantId, expiresAt, refreshId };
    });
    return sign(ports.identity, session);
  },
});

/**
 * Exchanges a refresh token for a new pair. The session's end stays where it was. A token used a second time was
 * stolen, from its holder or by its holder's thief: the whole session ends (RFC 9700, 4.14.2).
 */
export const refresh = defineOperation({
  name: 'auth.refresh',
  permission: 'public',
  transaction: 'administration',
  input: Type.Object({ refresh_token: Type.String({ minLength: 1, maxLength: 4096 }) }, strict),
  output: tokenPair,
  async run({ ports, call, db }, input) {
    const claims = await ports.identity.tokens.verifyRefresh(input.refresh_token);
    if (!claims) throw await refused(ports, call, 'auth.refresh', undefined, 'not a refresh token', wrongRefresh);
    const { sessionId, userId } = claims;
    const outcome = await db.inIdentity(async (tx): Promise<OpenSession | string> => {
      const spent = await spendRefreshToken(tx, hashOfRefresh(claims.tokenId), sessionId);
      if (spent === 'used') {
        await endSession(tx, sessionId, 'a refresh token was used twice');
        tx.onCommit(() => ports.identity.changed({ kind: 'session', id: sessionId }));
        return 'used twice';
      }
      const session = await findLiveSession(tx, sessionId);
      if (spent === 'unknown' || !session || session.user_id !== userId) return 'the session has ended';
      const refreshId = await addRefreshToken(tx, sessionId, session.expires_at);
      return { sessionId, userId, tenantId: session.tenant_id ?? undefined, expiresAt: session.expires_at, refreshId };
    });
    if (typeof outcome === 'string') throw await refused(ports, call, 'auth.refresh', userId, outcome, wrongRefresh);
    return sign(ports.identity, outcome);
  },
});

/** Ends the caller's session: its tokens are refused from the next request on. */
export const logout = defineOperation({
  name: 'auth.logout',
  permission: 'signed_in',
  transaction: 'identity',
  input: Type.Object({}, strict),
  output: Type.Null(),
  audit: true,
  async run({ caller, tx, ports, audit }) {
    if (caller.kind !== 'session') {
      throw new MaestroError('invalid_state', 'Only a session can be signed out; an API key is revoked instead.');
    }
    const { sessionId } = caller;
    audit(sessionId);
    await endSession(tx, sessionId, 'signed out');
    tx.onCommit(() => ports.identity.changed({ kind: 'session', id: sessionId }));
    return null;
  },
});

const membership = Type.Object({ tenant: Type.Object({ id, slug }), role });

type Me = Static<typeof meOutput>;
const meOutput = Type.Object({
  kind: Type.Union([Type.Literal('user'), Type.Literal('service_account'), Type.Literal('operator_key')]),
  id: Type.String({ description: 'Of the user or service account.' }),
  name: Type.String({ description: 'The e-mail address, or the service account’s name.' }),
  is_operator: Type.Boolean(),
  tenant: Type.Union([membership, Type.Null()], { description: 'Where calls land that name no tenant.' }),
  memberships: Type.Array(membership),
});

function describe(caller: Caller): Me {
  switch (caller.kind) {
    case 'api_key': {
      const place = { tenant: caller.tenant, role: caller.role };
      const { kind, id: ownerId, name } = caller.owner;
      return { kind, id: ownerId, name, is_operator: false, tenant: place, memberships: [place] };
    }
    case 'session': {
      const place = caller.memberships.find(({ tenant }) => tenant.id === caller.tenantId);
      return {
        kind: 'user',
        id: caller.userId,
        name: caller.email,
        is_operator: caller.isOperator,
        tenant: place ?? null,
        memberships: [...caller.memberships],
      };
    }
    case 'operator_key':
    case 'anonymous':
      return { kind: 'operator_key', id: '', name: '', is_operator: true, tenant: null, memberships: [] };
  }
}

/** Who the caller is. */
export const me = defineOperation({
  name: 'auth.me',
  permission: 'signed_in',
  transaction: 'administration',
  input: Type.Object({}, strict),
  output: meOutput,
  run: async ({ caller }) => describe(caller),
});
