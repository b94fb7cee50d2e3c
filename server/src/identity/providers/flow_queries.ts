import { hash } from 'node:crypto';
import type { IdentityTx } from '../../db/tenancy.ts';
import { sealedColumns } from '../sealed_rows.ts';

/** How long a browser may be away at a provider. */
export const flowSeconds = 600;

export interface Flow {
  readonly provider: string;
  readonly sealed_checks: Buffer;
  /** A path of ours. */
  readonly return_to: string;
  /** The slug of the tenant that the sign-in asked for. */
  readonly tenant: string | null;
  /** Whose identity it adds, and in which session; NULL: it signs in. */
  readonly link_user_id: string | null;
  readonly link_session_id: string | null;
}

export const hashOf = (secret: string): Buffer => hash('sha256', secret, 'buffer');

/** What the sealed text of a row is sealed for: the row is named by a hash, as PostgreSQL writes it. */
export const flowContextOf = (stateHash: Buffer): string =>
  sealedColumns.providerFlow.context(`\\x${stateHash.toString('hex')}`);

export async function insertFlow(
  tx: IdentityTx,
  flow: Flow & { state_hash: Buffer; cookie_hash: Buffer; seconds: number },
): Promise<void> {
  // Those that nobody came back from leave with the next ones, a few at a time: no job is needed for it.
  await tx.sql(
    `DELETE FROM maestro.provider_flows WHERE state_hash IN (
       SELECT state_hash FROM maestro.provider_flows WHERE expires_at < now() LIMIT 20 FOR UPDATE SKIP LOCKED)`,
  );
  await tx.sql(
    `INSERT INTO maestro.provider_flows (state_hash, cookie_hash, provider, sealed_checks, return_to, tenant,
                                         link_user_id, link_session_id, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, now() + make_interval(secs => $9))`,
    [
      flow.state_hash,
      flow.cookie_hash,
      flow.provider,
      flow.sealed_checks,
      flow.return_to,
      flow.tenant,
      flow.link_user_id,
      flow.link_session_id,
      flow.seconds,
    ],
  );
}

/**
 * Takes a flow out of the world, where the browser that began it comes back from the provider that it was sent to. Of all
 * who come one gets it; whoever lacks the browser's cookie takes nothing from it.
 */
export async function spendFlow(
  tx: IdentityTx,
  { state, cookie, provider }: { state: string; cookie: string; provider: string },
): Promise<Flow | undefined> {
  const rows = await tx.sql<Flow>(
    `DELETE FROM maestro.provider_flows
      WHERE state_hash = $1 AND cookie_hash = $2 AND provider = $3 AND expires_at > now()
      RETURNING provider, sealed_checks, return_to, tenant, link_user_id, link_session_id`,
    [hashOf(state), hashOf(cookie), provider],
  );
  return rows[0];
}

/** Takes the row of a name out of the world; gives its sealed text. */
export async function takeSealed(tx: IdentityTx, stateHash: Buffer): Promise<Buffer | undefined> {
  const rows = await tx.sql<{ sealed_checks: Buffer }>(
    'DELETE FROM maestro.provider_flows WHERE state_hash = $1 AND expires_at > now() RETURNING sealed_checks',
    [stateHash],
  );
  return rows[0]?.sealed_checks;
}

/** Whether the session that a flow adds an identity in has not ended, and its user is active. */
export async function isStillSignedIn(tx: IdentityTx, userId: string, sessionId: string): Promise<boolean> {
  const rows = await tx.sql(
    `SELECT 1 FROM maestro.sessions s JOIN maestro.users u ON u.user_id = s.user_id AND u.is_active
      WHERE s.session_id = $1 AND s.user_id = $2 AND s.ended_at IS NULL AND s.expires_at > now() FOR SHARE`,
    [sessionId, userId],
  );
  return rows.length > 0;
}
