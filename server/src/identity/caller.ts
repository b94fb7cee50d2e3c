import type { AddressList } from './address_list.ts';
import type { Permission } from './roles.ts';

/** A tenant as a request sees it. */
export interface Tenant {
  readonly id: string;
  readonly slug: string;
}

/** A tenant that a user belongs to, and the name of the role there. */
export interface Membership {
  readonly tenant: Tenant;
  /** Whether the tenant is closed to sessions without a second factor. */
  readonly requiresFactor: boolean;
  readonly role: string;
}

/** A caller's place in a tenant: the name of the role there, and what it allows. */
export interface Place extends Membership {
  readonly permissions: ReadonlySet<Permission>;
  /** An operator who is no member is here by a switch: all that is done in it is audited. */
  readonly switched?: true;
  /** What the credential is good for at most, whatever roles and grants allow; everything where it says nothing. */
  readonly bound?: ReadonlySet<Permission>;
}

/** Users and service accounts, by id. */
export interface Principals {
  readonly users: readonly string[];
  readonly accounts: readonly string[];
}

export interface ApiKeyCaller {
  readonly kind: 'api_key';
  readonly keyId: string;
  readonly owner: { readonly kind: 'user' | 'service_account'; readonly id: string; readonly name: string };
  readonly place: Place;
  /** Who binds the key: its holder, and all who are responsible for it. What changes with them changes with it. */
  readonly boundTo: Principals;
  /** The only addresses it works from; undefined: any. */
  readonly addresses?: AddressList;
  /** Milliseconds since 1970; infinite where it has no end. */
  readonly until: number;
  /** Whether every user who binds it has a second factor set up. */
  readonly withFactor: boolean;
}

export interface SessionCaller {
  readonly kind: 'session';
  readonly sessionId: string;
  readonly userId: string;
  readonly email: string;
  readonly isOperator: boolean;
  /** The tenant the token was issued for, if the user belongs to any. */
  readonly tenantId: string | undefined;
  readonly places: readonly Place[];
  /** Milliseconds since 1970: when the user last proved who it is in this session. */
  readonly authenticatedAt: number;
  /** Whether a second factor, or a passkey, was used. */
  readonly withFactor: boolean;
  /** A tenant of the user is closed to it: an identity provider vouches for none of the domains that the tenant lists. */
  readonly isHeldBack?: true;
  /** Where an operator stays: in which tenant, by which role, why, and until when in milliseconds since 1970. */
  readonly stay?: { readonly tenant: string; readonly role: string; readonly reason: string; readonly until: number };
}

/** Who makes a request. An API key lives in one tenant; a user's session may enter any tenant the user belongs to. */
export type Caller =
  | { readonly kind: 'anonymous' }
  | ApiKeyCaller
  | SessionCaller
  /** The command line on the server's machine. It manages tenants and users, and creates service accounts' keys. */
  | { readonly kind: 'operator_key' };

/** The actor of an audit row. */
export function actorOf(caller: Caller): { kind: string; id: string } {
  switch (caller.kind) {
    case 'anonymous':
      return { kind: 'anonymous', id: '' };
    case 'api_key':
      return { kind: caller.owner.kind, id: caller.owner.id };
    case 'session':
      return { kind: 'user', id: caller.userId };
    case 'operator_key':
      return { kind: 'operator_key', id: 'local' };
  }
}

export const isOperator = (caller: Caller): boolean =>
  caller.kind === 'operator_key' || (caller.kind === 'session' && caller.isOperator);
