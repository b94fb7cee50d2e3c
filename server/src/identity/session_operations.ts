import Type, { type Static } from 'typebox';
import { insertOperatorAuditEvent } from '../audit/queries.ts';
import { build, type IdentityTx } from '../db/tenancy.ts';
import { notFound } from '../errors.ts';
import { type Contexts, defineOperation } from '../operation.ts';
import { pageOf } from '../paging.ts';
import { clearedCookieText, cookieSecretOf } from './browser.ts';
import type { Caller } from './caller.ts';
import { requireFresh, sessionOf } from './fresh.ts';
import { defaultPageSize, pageFrom, placeOf } from './paging.ts';
import type { Policy } from './policy.ts';
import { tenantsOfUser } from './queries.ts';
import { recordOf } from './record.ts';
import { id, pageInput, strict, time } from './schemas.ts';
import { endSessionOf, endSessionsOf, type LiveSession, liveSessionsAfter } from './session_queries.ts';

const session = Type.Object({
  id,
  device: Type.String({ description: 'What the browser or program called itself when it signed in.' }),
  address: Type.String({ description: 'The network address it signed in from.' }),
  is_current: Type.Boolean({ description: 'Whether it is the one that asks.' }),
  is_browser: Type.Boolean({ description: 'Whether it is in a cookie of a browser.' }),
  with_factor: Type.Boolean({ description: 'Whether a second factor, or a passkey, was used.' }),
  created_at: time,
  last_seen_at: Type.String({ format: 'date-time', description: 'To the minute.' }),
  expires_at: time,
});

const ended = Type.Object({ ended: Type.Integer({ description: 'How many sessions ended.' }) });

const shownTo =
  (caller: Caller) =>
  (row: LiveSession): Static<typeof session> => ({
    id: row.session_id,
    device: row.device,
    address: row.address,
    is_current: caller.kind === 'session' && caller.sessionId === row.session_id,
    is_browser: row.in_cookie,
    with_factor: row.with_factor,
    created_at: row.created_at.toISOString(),
    last_seen_at: row.last_seen_at.toISOString(),
    expires_at: row.expires_at.toISOString(),
  });

async function page(
  tx: IdentityTx,
  userId: string,
  { limit = defaultPageSize, page_token }: { limit?: number; page_token?: string },
  policy: Policy,
  caller: Caller,
) {
  const rows = await liveSessionsAfter(tx, userId, placeOf(page_token, 2), limit + 1, policy);
  return pageFrom(rows, limit, (row) => [row.created_at_text, row.session_id], shownTo(caller));
}

/** What the browser holds is worth nothing any more. */
function forgetCookie({ call }: Contexts['identity']): void {
  if (cookieSecretOf(call) !== undefined) call.setCookie(clearedCookieText(call.origin));
}

/** Ends the caller's session: its tokens are refused from the next request on. */
export const logout = defineOperation({
  name: 'auth.logout',
  permission: 'signed_in',
  transaction: 'identity',
  input: Type.Object({}, strict),
  output: Type.Null(),
  audit: true,
  async run(context) {
    const { caller, tx, ports, audit } = context;
    const { sessionId, userId } = sessionOf(caller);
    audit(sessionId);
    await endSessionOf(tx, userId, sessionId, 'signed out');
    forgetCookie(context);
    tx.onCommit(() => ports.identity.changed({ kind: 'session', id: sessionId }));
    return null;
  },
});

/** Ends all sessions of the caller, or all but the one that asks: with a sign-in of the last minutes. */
export const logoutAll = defineOperation({
  name: 'auth.logout_all',
  permission: 'signed_in',
  transaction: 'identity',
  input: Type.Object({ others_only: Type.Optional(Type.Boolean()) }, strict),
  output: ended,
  audit: true,
  async run(context, { others_only = false }) {
    const { caller, tx, ports, audit } = context;
    const { sessionId, userId } = sessionOf(caller);
    audit(userId, { others_only });
    requireFresh(caller, ports.identity.policy);
    const count = await endSessionsOf(tx, userId, 'signed out everywhere', others_only ? sessionId : undefined);
    if (!others_only) forgetCookie(context);
    tx.onCommit(() => ports.identity.changed({ kind: 'user', id: userId }));
    return { ended: count };
  },
});

/** The caller's own sessions, the newest first. */
export const listOwn = defineOperation({
  name: 'session.list_own',
  permission: 'signed_in',
  transaction: 'identity',
  input: Type.Object(pageInput, strict),
  output: pageOf(session),
  run: ({ caller, tx, ports }, input) => page(tx, sessionOf(caller).userId, input, ports.identity.policy, caller),
});

/**
 * Ends a session of the caller's; another than the one that asks, with a sign-in of the last minutes. Another user's
 * does not exist.
 */
export const endOwn = defineOperation({
  name: 'session.end_own',
  permission: 'signed_in',
  transaction: 'identity',
  input: Type.Object({ session_id: id }, strict),
  output: Type.Null(),
  audit: true,
  async run(context, { session_id: sessionId }) {
    const { caller, tx, ports, audit } = context;
    const own = sessionOf(caller);
    audit(sessionId);
    if (sessionId !== own.sessionId) requireFresh(caller, ports.identity.policy);
    if (!(await endSessionOf(tx, own.userId, sessionId, 'ended by its user'))) {
      throw notFound(`Session '${sessionId}' not found`);
    }
    if (sessionId === own.sessionId) forgetCookie(context);
    tx.onCommit(() => ports.identity.changed({ kind: 'session', id: sessionId }));
    return null;
  },
});

async function checkUser(tx: IdentityTx, userId: string): Promise<void> {
  const found = await tx.first(build.selectFrom('users').select('user_id').where('user_id', '=', userId));
  if (!found) throw notFound(`User '${userId}' not found`);
}

/** The sessions of any user, for operators. */
export const listOf = defineOperation({
  name: 'session.list',
  permission: 'operator',
  transaction: 'identity',
  input: Type.Object({ user_id: id, ...pageInput }, strict),
  output: pageOf(session),
  async run({ caller, tx, ports }, { user_id: userId, ...input }) {
    await checkUser(tx, userId);
    return page(tx, userId, input, ports.identity.policy, caller);
  },
});

/** Ends all sessions of any user, for operators. */
export const endAllOf = defineOperation({
  name: 'session.end_all',
  permission: 'operator',
  transaction: 'identity',
  input: Type.Object({ user_id: id }, strict),
  output: ended,
  audit: 'own',
  async run(context, { user_id: userId }) {
    const { tx, ports } = context;
    await checkUser(tx, userId);
    const event = recordOf(context, 'session.end_all', userId);
    await insertOperatorAuditEvent(tx, event, await tenantsOfUser(tx, userId));
    const count = await endSessionsOf(tx, userId, 'ended by an operator');
    tx.onCommit(() => ports.identity.changed({ kind: 'user', id: userId }));
    return { ended: count };
  },
});
