import type { Static } from 'typebox';
import type { TenantTx } from '../db/tenancy.ts';
import { invalid, MaestroError } from '../errors.ts';
import type { Ports } from '../ports/ports.ts';
import { AddressList } from './address_list.ts';
import { type Author, checkAddresses, checkHolds } from './author.ts';
import { type KeyChange, type key, shownKey } from './key_schemas.ts';
import { type KeyRow, lockKey, updateKey } from './keys.ts';
import { allowedBy } from './role_queries.ts';

/** A key as it is after a change, and what was changed, for the audit. */
export interface ChangedKey {
  readonly result: Static<typeof key>;
  readonly before: Pick<KeyRow, 'name' | 'allowed_addresses'>;
}

/** Whether a key that works from `before` (null: everywhere) would work from anywhere else by `after`. */
function isWider(before: readonly string[] | null, after: readonly string[] | null): boolean {
  if (before === null) return false;
  if (after === null) return true;
  const list = new AddressList(before);
  return after.some((range) => !list.covers(range));
}

/**
 * Gives a key another name, or other addresses to work from: the secret stays, and so do its scopes and its end. A user's
 * key is changed by its user alone (`userId`), and a service account's by who holds all that the key may. Who lets one
 * work from more addresses than before answers for it too, beside those who do already: somebody who has the secret and
 * only lacked the address gets no way in that outlasts their own.
 */
export async function changeKey(
  tx: TenantTx,
  ports: Ports,
  { key_id: keyId, name, allowed_addresses: addresses }: KeyChange & { readonly key_id: string },
  author: Author,
  userId: string | undefined,
): Promise<ChangedKey> {
  if (name === undefined && addresses === undefined) {
    throw invalid('name: expected a name, or allowed_addresses, to change', 'name');
  }
  const before = await lockKey(tx, keyId, userId);
  if (before.user_id !== null && before.user_id !== userId) {
    throw new MaestroError('permission_denied', 'Only the user who holds this key changes it: /me/keys.');
  }
  if (before.account_role !== null) {
    checkHolds(author, before.scopes ?? (await allowedBy(tx, before.account_role)), 'The key');
  }
  if (before.revoked_at !== null || (before.expires_at !== null && before.expires_at.getTime() <= Date.now())) {
    throw new MaestroError('invalid_state', 'The key does not hold any more; make another one.');
  }
  if (addresses !== undefined) checkAddresses(author, addresses);
  const isBinding = before.user_id === null && addresses !== undefined && isWider(before.allowed_addresses, addresses);
  await updateKey(tx, keyId, {
    name: name ?? before.name,
    allowed_addresses: addresses === undefined ? before.allowed_addresses : addresses,
    binds: isBinding ? author.binds : { users: [], accounts: [] },
  });
  tx.onCommit(() => ports.identity.changed({ kind: 'key', id: keyId }));
  return { result: shownKey(await lockKey(tx, keyId, userId)), before };
}
