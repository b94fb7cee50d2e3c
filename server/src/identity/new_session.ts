import { hash, randomUUID } from 'node:crypto';
import Type, { type Static } from 'typebox';
import { type AuditEvent, insertOperatorAuditEvent } from '../audit/queries.ts';
import { isLoopback } from '../config.ts';
import type { Database, IdentityTx } from '../db/tenancy.ts';
import { invalid, MaestroError, notFound } from '../errors.ts';
import type { Call } from '../operation.ts';
import type { Ports } from '../ports/ports.ts';
import { cookieSecretOf, cookieText, newCookieSecret } from './browser.ts';
import { hashOfCookie } from './known_session.ts';
import { insertRefreshToken, membershipsOf } from './queries.ts';
import { id, time } from './schemas.ts';
import { endCookieSession, insertSession, type Proved, sessionDaysOf, stillHolds } from './session_queries.ts';
import { deviceOf } from './sign_in_throttle.ts';

export const tokenPair = Type.Object({
  access_token: Type.String(),
  token_type: Type.Literal('Bearer'),
  expires_in: Type.Integer({ description: 'Seconds the access token lives.' }),
  refresh_token: Type.String({ description: 'Good for one use; a second use ends the session.' }),
  refresh_expires_in: Type.Integer({ description: 'Seconds to the end of the session.' }),
});

/** A session whose credential is an HttpOnly cookie: no token is in the answer. */
const browserSession = Type.Object({
  session: Type.Object({ id, expires_at: time }),
});

/** What every way of signing in answers. */
export const signedIn = Type.Union([tokenPair, browserSession]);

/** How a session's credential travels: in the answer's body, or in a cookie that no script can read. */
export type Transport = 'token' | 'cookie';

/** A session and the id of its live refresh token. */
export interface OpenSession {
  sessionId: string;
  userId: string;
  tenantId: string | undefined;
  expiresAt: Date;
  refreshId: string;
}

export const hashOfRefresh = (tokenId: string): Buffer => hash('sha256', tokenId, 'buffer');

export async function addRefreshToken(tx: IdentityTx, sessionId: string, expiresAt: Date): Promise<string> {
  const refreshId = randomUUID();
  await insertRefreshToken(tx, { token_hash: hashOfRefresh(refreshId), session_id: sessionId, expires_at: expiresAt });
  return refreshId;
}

/** The tokens of a session, signed with the key of this moment. */
export async function tokensOf(
  { signingKeys, tokens }: Ports['identity'],
  session: OpenSession,
): Promise<Static<typeof tokenPair>> {
  await signingKeys.renew();
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

/** What else is done in the transaction that opens a session. */
export interface Arrival {
  /** Locks the tenants that `apply` changes, and changes nothing: tenants are locked before their people. */
  lock(tx: IdentityTx): Promise<void>;
  /** False, with nothing changed, where what it goes by holds no longer. */
  apply(tx: IdentityTx): Promise<boolean>;
}

/** How somebody proved who it is. */
export interface Proof {
  readonly user: Proved;
  /** The action of the audit row: `auth.login`, … */
  readonly action: string;
  /** The slug of the tenant to open the session in; the one joined first without it. */
  readonly tenant: string | undefined;
  /** Whether a second factor, or a passkey, was used. */
  readonly withFactor: boolean;
  /** `token` unless said otherwise. */
  readonly transport?: Transport;
  /** What the session is called in lists; what the browser or program calls itself without it. */
  readonly device?: string;
  /** When it was proved, where that is a while ago. */
  readonly authenticatedAt?: Date;
  /**
   * Where an identity provider proved it: the domain of the address that the provider vouches for, in lower case; empty
   * where it vouches for none. Tenants that list domains are closed to the session where this is none of them.
   */
  readonly providerDomain?: string | undefined;
  readonly arrival?: Arrival | undefined;
  /** What more the audit row says; nothing personal. */
  readonly detail?: Record<string, unknown>;
}

interface Context {
  readonly db: Database;
  readonly ports: Ports;
  readonly call: Call;
}

/** A browser's session is opened from a page of ours only, and never where its cookie would cross a network in clear. */
export function checkBrowser(call: Call, identity: Ports['identity']): void {
  identity.requireOwnPage(call);
  if (call.origin.startsWith('https://') || isLoopback(call.address)) return;
  throw invalid(
    'cookie: a browser session needs HTTPS; a proxy that ends TLS must be in MAESTRO_TRUSTED_PROXY and send X-Forwarded-Proto',
    'cookie',
  );
}

/** The session that the browser had before, if any: signing in again ends it (ASVS 5.0, 7.2.4). */
async function endFormer(tx: IdentityTx, call: Call, identity: Ports['identity']): Promise<void> {
  const secret = cookieSecretOf(call);
  if (typeof secret !== 'string') return;
  const ended = await endCookieSession(tx, hashOfCookie(secret), 'signed in again');
  if (ended !== undefined) tx.onCommit(() => identity.changed({ kind: 'session', id: ended }));
}

/** The refusal of a sign-in whose user was closed, or lost all sessions, while it was under way. It is audited. */
export async function overtaken(
  { ports, call }: { ports: Ports; call: Call },
  action: string,
  userId: string,
): Promise<MaestroError> {
  await auditRefusal(ports, call, action, userId, 'the account was changed during the sign-in');
  return new MaestroError('unauthenticated', 'The account was changed during the sign-in; sign in again.');
}

/**
 * Opens a session for somebody who has proved who it is, with its audit row: every way of signing in ends here. With
 * the transport `cookie` the answer sets a cookie whose secret is new, whatever cookie came in.
 * Throws `not_found` where the user is not in the tenant asked for, `permission_denied` where a cookie is asked for by
 * a page of another site, `unauthenticated` where the proof holds no longer.
 */
export async function openSession(
  context: Context,
  proof: Proof & { readonly transport?: 'token' },
): Promise<Static<typeof tokenPair>>;
export async function openSession(context: Context, proof: Proof): Promise<Static<typeof signedIn>>;
export async function openSession(
  { db, ports, call }: Context,
  {
    user,
    action,
    tenant,
    withFactor,
    transport = 'token',
    device = deviceOf(call),
    authenticatedAt,
    providerDomain,
    arrival,
    detail,
  }: Proof,
): Promise<Static<typeof signedIn>> {
  const { identity } = ports;
  const { user_id: userId } = user;
  const secret = transport === 'cookie' ? newCookieSecret() : undefined;
  if (secret !== undefined) checkBrowser(call, identity);
  const session = await db.inIdentity(async (tx) => {
    await arrival?.lock(tx);
    if (!(await stillHolds(tx, user))) return undefined;
    if (arrival && !(await arrival.apply(tx))) return undefined;
    const places = await membershipsOf(tx, userId, providerDomain);
    const place = places.find((each) => tenant === undefined || each.tenant.slug === tenant);
    if (tenant !== undefined && !place) throw notFound(`Workspace '${tenant}' not found`);
    const tenantId = place?.tenant.id;
    const days = await sessionDaysOf(tx, userId, identity.policy);
    // Its end is asked of its beginning later: both are of one moment, or a token renewed would end a moment before the first.
    const begunAt = new Date();
    const expiresAt = new Date(begunAt.getTime() + days * 86_400_000);
    if (secret !== undefined) await endFormer(tx, call, identity);
    const sessionId = await insertSession(tx, {
      user_id: userId,
      tenant_id: tenantId ?? null,
      device,
      address: call.address,
      created_at: begunAt,
      expires_at: expiresAt,
      with_factor: withFactor,
      ...(authenticatedAt ? { authenticated_at: authenticatedAt } : {}),
      provider_domain: providerDomain ?? null,
      cookie_hash: secret === undefined ? null : hashOfCookie(secret),
    });
    const refreshId = secret === undefined ? await addRefreshToken(tx, sessionId, expiresAt) : '';
    const event: AuditEvent = {
      actor: { kind: 'user', id: userId },
      action,
      target: sessionId,
      outcome: 'success',
      requestId: call.requestId,
      address: call.address,
      ...(detail ? { detail } : {}),
      personal: { device },
    };
    await insertOperatorAuditEvent(tx, event, tenantId === undefined ? [] : [tenantId]);
    return { sessionId, userId, tenantId, expiresAt, refreshId };
  });
  if (!session) throw await overtaken({ ports, call }, action, userId);
  if (secret === undefined) return tokensOf(identity, session);
  const { sessionId, expiresAt } = session;
  call.setCookie(cookieText(call.origin, secret, (expiresAt.getTime() - Date.now()) / 1000));
  return { session: { id: sessionId, expires_at: expiresAt.toISOString() } };
}

/**
 * The actor of a refusal, and why it was refused: for the audit, never for the caller. `personal` is what more is to be
 * sealed: of somebody unknown, the address that was tried.
 */
export async function auditRefusal(
  { db }: Ports,
  call: Call,
  action: string,
  userId: string | undefined,
  reason: string,
  personal: Record<string, string> = {},
): Promise<void> {
  await db.inIdentity((tx) => insertOperatorAuditEvent(tx, refusalOf(call, action, userId, reason, personal)));
}

/**
 * As `auditRefusal`, for what anybody can have refused without end: the first of a person, a reason and a network in a
 * minute has its row, the others one that says how many they were.
 */
export async function noteRefusal(
  { identity }: Ports,
  call: Call,
  action: string,
  userId: string | undefined,
  reason: string,
): Promise<void> {
  const { address, requestId } = call;
  const { actor, target, personal = {} } = refusalOf(call, action, userId, reason);
  const party = () => ({ actor, target, personal });
  await identity.refusals.note({ action, reason, address, requestId, of: actor.id, party });
}

/** The row of `auditRefusal`, for a transaction that does what follows from the refusal. */
export const refusalOf = (
  call: Call,
  action: string,
  userId: string | undefined,
  reason: string,
  personal: Record<string, string> = {},
): AuditEvent => ({
  actor: userId === undefined ? { kind: 'anonymous', id: '' } : { kind: 'user', id: userId },
  action,
  target: userId ?? '',
  outcome: 'refused',
  requestId: call.requestId,
  address: call.address,
  detail: { reason },
  personal: { device: deviceOf(call), ...personal },
});
