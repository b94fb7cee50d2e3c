import type { IdentityTx } from '../../db/tenancy.ts';
import type { Proved } from '../session_queries.ts';
import type { Claimed } from './provider.ts';

export interface IdentityRow {
  identity_id: string;
  issuer: string;
  provider: string;
  email: string | null;
  created_at: Date;
  last_used_at: Date | null;
}

/** One use of an identity: it is the last one as long as the identity's row says so. */
export interface IdentityUse {
  readonly identity_id: string;
  /** To the microsecond. */
  readonly used_at: string;
}

/** A user who is known by an identity, as of now. */
export interface Identified extends Proved, IdentityUse {
  readonly is_active: boolean;
}

/** Whose identity it is; undefined: nobody's. Notes that it was used, by which provider and with which address. */
export async function useIdentity(
  tx: IdentityTx,
  provider: string,
  { issuer, subject, verifiedEmail }: Claimed,
): Promise<Identified | undefined> {
  const rows = await tx.sql<Identified>(
    `UPDATE maestro.identities i SET last_used_at = now(), provider = $3, email = coalesce($4, i.email)
       FROM maestro.users u
      WHERE i.issuer = $1 AND i.subject = $2 AND u.user_id = i.user_id
      RETURNING u.user_id, u.sign_in_epoch, u.is_active, i.identity_id, i.last_used_at::text AS used_at`,
    [issuer, subject, provider, verifiedEmail ?? null],
  );
  return rows[0];
}

/** Whether an identity of the user's was not used again since. Until the end of the transaction it is not. */
export async function isLastUse(tx: IdentityTx, userId: string, use: IdentityUse): Promise<boolean> {
  const rows = await tx.sql(
    `SELECT 1 FROM maestro.identities
      WHERE identity_id = $1 AND user_id = $2 AND last_used_at = $3::timestamptz FOR SHARE`,
    [use.identity_id, userId, use.used_at],
  );
  return rows.length > 0;
}

/** Whose it is; undefined: nobody's. */
export async function holderOf(tx: IdentityTx, { issuer, subject }: Claimed): Promise<string | undefined> {
  const rows = await tx.sql<{ user_id: string }>(
    'SELECT user_id FROM maestro.identities WHERE issuer = $1 AND subject = $2',
    [issuer, subject],
  );
  return rows[0]?.user_id;
}

/** Throws a unique violation where it is somebody's. */
export async function insertIdentity(
  tx: IdentityTx,
  userId: string,
  provider: string,
  { issuer, subject, verifiedEmail }: Claimed,
): Promise<IdentityUse> {
  const [row] = await tx.sql<IdentityUse>(
    `INSERT INTO maestro.identities (issuer, subject, user_id, provider, email, last_used_at)
     VALUES ($1, $2, $3, $4, $5, now()) RETURNING identity_id, last_used_at::text AS used_at`,
    [issuer, subject, userId, provider, verifiedEmail ?? null],
  );
  return row!;
}

/** A person's identities, the oldest first; there are few. */
export async function identitiesOf(tx: IdentityTx, userId: string): Promise<IdentityRow[]> {
  return tx.sql<IdentityRow>(
    `SELECT identity_id, issuer, provider, email, created_at, last_used_at
       FROM maestro.identities WHERE user_id = $1 ORDER BY created_at, identity_id`,
    [userId],
  );
}

/** False where the user has no such identity. */
export async function deleteIdentity(tx: IdentityTx, userId: string, identityId: string): Promise<boolean> {
  const rows = await tx.sql('DELETE FROM maestro.identities WHERE identity_id = $1 AND user_id = $2 RETURNING 1', [
    identityId,
    userId,
  ]);
  return rows.length > 0;
}

/** A user who comes by a provider: without a password, with an address that the provider verified. */
export async function insertComer(tx: IdentityTx, user: { email: string; name: string }): Promise<Proved> {
  const [row] = await tx.sql<Proved>(
    `INSERT INTO maestro.users (email, name, password_hash, email_verified_at)
     VALUES ($1, $2, NULL, now()) RETURNING user_id, sign_in_epoch`,
    [user.email, user.name],
  );
  return row!;
}

export interface OpenTenant {
  tenant_id: string;
  role: string;
}

/**
 * Active tenants that take whoever comes by a provider with an address of a domain, two at most; the one of the slug
 * where that is given.
 */
export async function tenantsTaking(
  tx: IdentityTx,
  { provider, domain, tenant }: { provider: string; domain: string; tenant: string | undefined },
): Promise<OpenTenant[]> {
  return tx.sql<OpenTenant>(
    `SELECT tenant_id, jit_role AS role FROM maestro.tenants
      WHERE is_active AND $1 = ANY (jit_providers) AND $2 = ANY (allowed_email_domains)
        AND ($3::text IS NULL OR slug = $3)
      ORDER BY slug LIMIT 2`,
    [provider, domain, tenant ?? null],
  );
}

/** Locks tenants until the end of the transaction, in one order; gives those that are there. */
export async function lockTenants(tx: IdentityTx, tenantIds: readonly string[]): Promise<Set<string>> {
  const rows = await tx.sql<{ tenant_id: string }>(
    'SELECT tenant_id FROM maestro.tenants WHERE tenant_id = ANY ($1::uuid[]) ORDER BY tenant_id FOR UPDATE',
    [tenantIds],
  );
  return new Set(rows.map((row) => row.tenant_id));
}

export interface MappedMembership {
  tenant_id: string;
  role: string;
  group_roles: GroupRole[];
}

/** Whoever comes by `provider` and is in `group` has `role`; `*` is anybody. */
export interface GroupRole {
  provider: string;
  group: string;
  role: string;
}

/** The memberships of a user, in tenants open to addresses of the domain, that say which groups have which roles. */
export async function mappedMemberships(tx: IdentityTx, userId: string, domain: string): Promise<MappedMembership[]> {
  return tx.sql<MappedMembership>(
    `SELECT m.tenant_id, m.role, t.group_roles
       FROM maestro.memberships m JOIN maestro.tenants t ON t.tenant_id = m.tenant_id
      WHERE m.user_id = $1 AND t.is_active AND t.group_roles <> '[]'
        AND (t.allowed_email_domains = '{}' OR $2 = ANY (t.allowed_email_domains))
      ORDER BY m.tenant_id`,
    [userId, domain],
  );
}
