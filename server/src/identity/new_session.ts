import { hash, randomUUID } from 'node:crypto';
import Type, { type Static } from 'typebox';
import { type AuditEvent, insertOperatorAuditEvent } from '../audit/queries.ts';
import type { Database, IdentityTx } from '../db/tenancy.ts';
import { notFound } from '../errors.ts';
import type { Call } from '../operation.ts';
import type { Ports } from '../ports/ports.ts';
import { insertRefreshToken, insertSession, membershipsOf } from './queries.ts';
import { deviceOf } from './sign_in_throttle.ts';

export const tokenPair = Type.Object({
  access_token: Type.String(),
  token_type: Type.Literal('Bearer'),
  expires_in: Type.Integer({ description: 'Seconds the access token lives.' }),
  refresh_token: Type.String({ description: 'Good for one use; a second use ends the session.' }),
  refresh_expires_in: Type.Integer({ description: 'Seconds to the end of the session.' }),
});

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

/** The tokens of a session, as every way of signing in answers with them. */
export async function tokensOf({ tokens }: Ports['identity'], session: OpenSession): Promise<Static<typeof tokenPair>> {
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

/** How somebody proved who it is. */
export interface Proof {
  readonly userId: string;
  /** The action of the audit row: `auth.login`, … */
  readonly action: string;
  /** The slug of the tenant to open the session in; the one joined first without it. */
  readonly tenant: string | undefined;
  /** Whether a second factor, or a passkey, was used. */
  readonly withFactor: boolean;
}

/**
 * Opens a session for somebody who has proved who it is, with its audit row: every way of signing in ends here.
 * Throws `not_found` where the user is not in the tenant asked for.
 */
export async function openSession(
  { db, ports, call }: { db: Database; ports: Ports; call: Call },
  { userId, action, tenant, withFactor }: Proof,
): Promise<Static<typeof tokenPair>> {
  const expiresAt = new Date(Date.now() + ports.identity.policy.sessionDays * 86_400_000);
  const session = await db.inIdentity(async (tx): Promise<OpenSession> => {
    const places = await membershipsOf(tx, userId);
    const place = places.find((each) => tenant === undefined || each.tenant.slug === tenant);
    if (tenant !== undefined && !place) throw notFound(`Workspace '${tenant}' not found`);
    const tenantId = place?.tenant.id;
    const sessionId = await insertSession(tx, {
      user_id: userId,
      tenant_id: tenantId ?? null,
      device: deviceOf(call),
      address: call.address,
      expires_at: expiresAt,
      with_factor: withFactor,
    });
    const refreshId = await addRefreshToken(tx, sessionId, expiresAt);
    const event: AuditEvent = {
      actor: { kind: 'user', id: userId },
      action,
      target: sessionId,
      outcome: 'success',
      requestId: call.requestId,
      address: call.address,
      personal: { device: deviceOf(call) },
    };
    await insertOperatorAuditEvent(tx, event, tenantId === undefined ? [] : [tenantId]);
    return { sessionId, userId, tenantId, expiresAt, refreshId };
  });
  return tokensOf(ports.identity, session);
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
      personal: { device: deviceOf(call), ...personal },
    }),
  );
}
