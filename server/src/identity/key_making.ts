import type { Static } from 'typebox';
import type { TenantTx } from '../db/tenancy.ts';
import { invalid, MaestroError } from '../errors.ts';
import type { Ports } from '../ports/ports.ts';
import { type AccountRow, findAccountByName, insertAccount } from './account_queries.ts';
import { type Author, checkAddresses, checkHolds } from './author.ts';
import { type KeySettings, type newKey, shownKey } from './key_schemas.ts';
import { mintKey } from './key_text.ts';
import { insertKey, type KeyRow, lockKey, type NewKey, replaceKey } from './keys.ts';
import { allowedBy } from './role_queries.ts';
import { checkGivenRoleIn } from './role_rules.ts';

type ShownNewKey = Static<typeof newKey>;

const dayMs = 86_400_000;
const defaultOverlapHours = 24;
export const overlapHoursMax = 168;

/** The end of a new key; null: none, which has to be asked for. Throws where it would outlive the key that makes it. */
function endOf({ expires, expires_in_days: days }: KeySettings, defaultDays: number, author: Author): Date | null {
  if (expires !== undefined && days !== undefined) {
    throw invalid('expires: give expires_in_days or expires, not both', 'expires');
  }
  const isAsked = expires !== undefined || days !== undefined;
  const until = expires === undefined ? Date.now() + (days ?? defaultDays) * dayMs : Number.POSITIVE_INFINITY;
  const last = author.key?.until ?? Number.POSITIVE_INFINITY;
  if (isAsked && until > last) {
    throw new MaestroError(
      'permission_denied',
      `${expires === undefined ? 'expires_in_days' : 'expires'}: the key that makes this one ends on ${new Date(last).toISOString()}.`,
    );
  }
  return endAt(Math.min(until, last));
}

const endAt = (until: number): Date | null => (until === Number.POSITIVE_INFINITY ? null : new Date(until));

/** The key that made a key, and when that one is to end at the latest. */
type Made = Pick<NewKey, 'made_by_key' | 'ends_by'>;

const madeBy = ({ key }: Author): Made => ({ made_by_key: key?.id ?? null, ends_by: key ? endAt(key.until) : null });

/**
 * What the key in another's place inherits. A person takes it over; one that a key made by rotating itself does not outlive
 * the key that made the first of them.
 */
const madeByRotating = (old: KeyRow, author: Author): Made =>
  author.key?.id === old.key_id ? { ...madeBy(author), ends_by: old.ends_by } : madeBy(author);

/** As long from now as the key lived whose place it takes, and no longer than `ends_by`. */
function endOfRotated({ created_at, expires_at }: KeyRow, endsBy: Date | null): Date | null {
  const last = endsBy?.getTime() ?? Number.POSITIVE_INFINITY;
  if (expires_at === null) return endAt(last);
  return endAt(Math.min(Date.now() + expires_at.getTime() - created_at.getTime(), last));
}

/** Where the author works from some addresses only, so does what it makes. */
function addressesOf(given: readonly string[] | undefined, author: Author): readonly string[] | null {
  const addresses = given ?? author.addresses?.ranges ?? null;
  checkAddresses(author, addresses);
  return addresses;
}

async function mint(tx: TenantTx, key: Omit<NewKey, 'prefix' | 'secret_hash'>): Promise<ShownNewKey> {
  const minted = mintKey(tx.tenantId);
  const row = await insertKey(tx, { ...key, prefix: minted.shown, secret_hash: minted.hash });
  return { ...shownKey(row), key: minted.text };
}

/** A key of a user's own: it may at most what the user may, now and later. */
export async function makeOwnKey(
  tx: TenantTx,
  ports: Ports,
  input: KeySettings,
  author: Author,
  userId: string,
): Promise<ShownNewKey> {
  const { scopes } = input;
  if (scopes) checkHolds(author, scopes, 'scopes');
  return mint(tx, {
    name: input.name,
    created_by: author.name,
    expires_at: endOf(input, ports.identity.policy.apiKeyDays, author),
    ...madeBy(author),
    scopes: scopes ?? null,
    allowed_addresses: addressesOf(input.allowed_addresses, author),
    // Its user binds it as its holder.
    binds: { users: [], accounts: [] },
    owner: { user_id: userId },
  });
}

/** Makes a service account, no stronger than its author. Throws `already_exists` where there is one of that name. */
export async function makeAccount(
  tx: TenantTx,
  { name, role }: { name: string; role: string },
  author: Author,
): Promise<AccountRow> {
  await checkGivenRoleIn(tx, author.place, role);
  const made = await insertAccount(tx, { name, role, created_by: author.name, binds: author.binds });
  if (!made) throw new MaestroError('already_exists', `name: a service account '${name}' exists`, { field: 'name' });
  return made;
}

/**
 * The tenant's service account of that name, made with `role` (ml_engineer unless said otherwise) where there is none.
 * Throws `already_exists` where it has another role than the one asked for, `invalid_state` where it is closed.
 */
async function accountNamed(tx: TenantTx, name: string, role: string | undefined, author: Author): Promise<AccountRow> {
  const found = await findAccountByName(tx, name);
  if (!found) return makeAccount(tx, { name, role: role ?? 'ml_engineer' }, author);
  if (!found.is_active) throw new MaestroError('invalid_state', `The service account '${name}' is not active.`);
  if (role !== undefined && role !== found.role) {
    throw new MaestroError('already_exists', `role: the service account '${name}' has the role ${found.role}`, {
      field: 'role',
    });
  }
  return found;
}

/** A key of a service account: it may at most what the account and the author may, now and later. */
export async function makeAccountKey(
  tx: TenantTx,
  ports: Ports,
  input: KeySettings & { service_account?: string; role?: string },
  author: Author,
): Promise<ShownNewKey> {
  const { scopes } = input;
  const account = await accountNamed(tx, input.service_account ?? input.name, input.role, author);
  const held = await allowedBy(tx, account.role);
  const lacking = scopes?.filter((scope) => !held.has(scope)) ?? [];
  if (lacking.length > 0) {
    throw invalid(
      `scopes: the service account '${account.name}' has the role ${account.role}, without ${lacking.join(', ')}`,
      'scopes',
    );
  }
  checkHolds(author, scopes ?? held, scopes ? 'scopes' : `The role of '${account.name}' (${account.role})`);
  return mint(tx, {
    name: input.name,
    created_by: author.name,
    expires_at: endOf(input, ports.identity.policy.apiKeyDays, author),
    ...madeBy(author),
    scopes: scopes ?? null,
    allowed_addresses: addressesOf(input.allowed_addresses, author),
    binds: author.binds,
    owner: { service_account_id: account.service_account_id },
  });
}

const rotationState = (key: KeyRow): string | undefined => {
  if (key.revoked_at !== null) return 'is revoked';
  if (key.replaced_by !== null) return `was rotated; the key in its place is ${key.replaced_by}`;
  if (key.expires_at !== null && key.expires_at.getTime() <= Date.now()) return 'has ended';
  return key.account_is_active === false ? 'belongs to a service account that is not active' : undefined;
};

/**
 * A new secret in the place of a key's, with the same settings and the same length of life; the old one ends when the
 * overlap is over. Whoever rotates gets to know the secret, so it may be no wider than they are, and binds it.
 */
export async function rotateKey(
  tx: TenantTx,
  ports: Ports,
  input: { key_id: string; overlap_hours?: number },
  author: Author,
  userId: string | undefined,
): Promise<ShownNewKey> {
  const { key_id: keyId, overlap_hours: overlap = defaultOverlapHours } = input;
  const old = await lockKey(tx, keyId, userId);
  const state = rotationState(old);
  if (state !== undefined) throw new MaestroError('invalid_state', `The key ${state}; make another one.`);
  if (old.user_id !== null && old.user_id !== userId) {
    throw new MaestroError('permission_denied', 'Only the user who holds this key gets to know its secret: /me/keys.');
  }
  const scopes = old.scopes ?? (old.account_role === null ? [] : await allowedBy(tx, old.account_role));
  checkHolds(author, old.user_id === null ? scopes : [], 'The key');
  const heritage = madeByRotating(old, author);
  const made = await mint(tx, {
    name: old.name,
    created_by: author.name,
    expires_at: endOfRotated(old, heritage.ends_by),
    ...heritage,
    scopes: old.scopes,
    allowed_addresses: addressesOf(old.allowed_addresses ?? undefined, author),
    binds: old.user_id === null ? author.binds : { users: [], accounts: [] },
    owner: old.user_id === null ? { service_account_id: old.service_account_id ?? '' } : { user_id: old.user_id },
  });
  await replaceKey(tx, keyId, made.id, overlap);
  tx.onCommit(() => ports.identity.changed({ kind: 'key', id: keyId }));
  return made;
}
