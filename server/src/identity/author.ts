import { invalid, MaestroError } from '../errors.ts';
import { type AddressList, networkIn } from './address_list.ts';
import type { Caller, Place, Principals } from './caller.ts';
import { checkNotBeyond } from './role_rules.ts';

/** Who makes a key, a service account or an invitation, and how that binds what is made. */
export interface Author {
  /** Of a user or service account, for the record. */
  readonly name: string;
  /** The author's own in the tenant; the operator key has none, and may give anything. */
  readonly place: Place | undefined;
  /** What is made can do no more than these, as long as it lives. */
  readonly binds: Principals;
  /** Where the author is a key that works from some addresses only: what it makes works from no others. */
  readonly addresses: AddressList | undefined;
  /** Where the author is a key that ends: no other key that it makes outlives it. */
  readonly key: { readonly id: string; readonly until: number } | undefined;
}

/** More would make each look-up of a key long; a chain of accounts that make accounts is no use of this. */
const accountsMax = 16;

const unlimited = { addresses: undefined, key: undefined };

/**
 * Throws `permission_denied` for an operator who is only here for a time: what one makes is bound to its maker, and
 * would never work.
 */
export function authorOf(caller: Caller, place: Place | undefined): Author {
  if (place?.switched) {
    throw new MaestroError(
      'permission_denied',
      'Keys, service accounts and invitations are bound to who makes them: that takes a member of the tenant, and no operator who is here by a switch.',
    );
  }
  switch (caller.kind) {
    case 'session':
      return { ...unlimited, name: caller.userId, place, binds: { users: [caller.userId], accounts: [] } };
    case 'api_key': {
      if (caller.boundTo.accounts.length > accountsMax) {
        throw new MaestroError('invalid_state', 'Too many service accounts stand behind this key; use another one.');
      }
      return {
        name: caller.owner.id,
        place,
        binds: caller.boundTo,
        addresses: caller.addresses,
        key: { id: caller.keyId, until: caller.until },
      };
    }
    default:
      return { ...unlimited, name: caller.kind, place: undefined, binds: { users: [], accounts: [] } };
  }
}

/** Nobody gives more than they hold: throws `permission_denied` with the permissions that the author lacks. */
export function checkHolds({ place }: Author, asked: Iterable<string>, what: string): void {
  if (place) checkNotBeyond(place, asked, what);
}

/**
 * Throws where `given` (null: everywhere) are no addresses, or others than those that the author itself works from, where
 * it is a key that works from some only.
 */
export function checkAddresses({ addresses }: Author, given: readonly string[] | null): void {
  if (given?.some((range) => !networkIn(range))) {
    throw invalid(
      'allowed_addresses: expected addresses or ranges such as 10.0.0.0/8 or 2001:db8::/32; IPv4 is not to be written as IPv6',
      'allowed_addresses',
    );
  }
  if (!addresses || given?.every((range) => addresses.covers(range))) return;
  throw new MaestroError(
    'permission_denied',
    `allowed_addresses: the key that makes or changes this one works only from ${addresses.ranges.join(', ')}.`,
  );
}
