import { randomNonce, randomPKCECodeVerifier, randomState } from 'openid-client';
import Type from 'typebox';
import { insertOperatorAuditEvent } from '../../audit/queries.ts';
import type { Database } from '../../db/tenancy.ts';
import { notFound } from '../../errors.ts';
import type { Call } from '../../operation.ts';
import type { Ports } from '../../ports/ports.ts';
import { cookieText, flowCookieNameOf, newCookieSecret } from '../browser.ts';
import { checkBrowser, refusalOf } from '../new_session.ts';
import { type Flow, flowContextOf, flowSeconds, hashOf, insertFlow } from './flow_queries.ts';
import type { FlowChecks, Provider } from './provider.ts';

export interface FlowContext {
  readonly db: Database;
  readonly ports: Ports;
  readonly call: Call;
}

/** The name of a provider in a path. */
export const providerName = Type.String({ minLength: 1, maxLength: 32, pattern: '^[a-z0-9-]+$' });

/**
 * A path of ours: one slash and no other beside it, nothing that a browser reads as one, and no blank or control
 * character, which browsers drop.
 */
export const returnTo = Type.String({
  pattern: '^/(?:[!-.0-[\\]-~][!-[\\]-~]*)?$',
  maxLength: 2000,
  description: 'Where the browser goes in the end: a path of this Maestro, in the form that addresses have.',
});

export const defaultReturnTo = '/account';

/** The address that providers know us by. */
const redirectUriOf = (ports: Ports, provider: string): string =>
  `${ports.publicUrl()}/api/v1/auth/providers/${provider}/callback`;

/** Throws `not_found`. */
export function providerOf({ providers }: Ports, name: string): Provider {
  const provider = providers.get(name);
  if (!provider) throw notFound(`Identity provider '${name}' not found`);
  return provider;
}

/**
 * Begins a sign-in at a provider: gives the address to send the browser to, and binds the browser to what comes back by
 * a cookie. Throws `permission_denied` where a page of another site asks, `unavailable` where the provider is away.
 */
export async function beginFlow(
  { db, ports, call }: FlowContext,
  provider: Provider,
  flow: Pick<Flow, 'return_to' | 'tenant' | 'link_user_id' | 'link_session_id'>,
): Promise<{ authorization_url: string }> {
  const { identity } = ports;
  checkBrowser(call, identity);
  const state = randomState();
  const secrets = { nonce: randomNonce(), verifier: randomPKCECodeVerifier() };
  const redirectUri = redirectUriOf(ports, provider.name);
  const address = await provider.authorizationUrl({ state, ...secrets, redirectUri });
  const cookie = newCookieSecret();
  const [state_hash, cookie_hash] = [hashOf(state), hashOf(cookie)];
  const sealed_checks = identity.sealer.seal(JSON.stringify(secrets), flowContextOf(state_hash));
  const row = { ...flow, provider: provider.name, sealed_checks, state_hash, cookie_hash, seconds: flowSeconds };
  await db.inIdentity((tx) => insertFlow(tx, row));
  call.setCookie(cookieText(call.origin, cookie, flowSeconds, flowCookieNameOf(call.origin)));
  return { authorization_url: address.href };
}

/** What must come back for a flow. */
export async function checksOf(ports: Ports, { provider, sealed_checks }: Flow, state: string): Promise<FlowChecks> {
  const opened = await ports.identity.sealer.open(sealed_checks, flowContextOf(hashOf(state)));
  const secrets = JSON.parse(opened.toString('utf8')) as Pick<FlowChecks, 'nonce' | 'verifier'>;
  return { state, ...secrets, redirectUri: redirectUriOf(ports, provider) };
}

/** Why a sign-in by a provider opens nothing, in words that the page knows. */
export type FailureCode =
  | 'account-exists'
  | 'account-inactive'
  | 'cancelled'
  | 'changed'
  | 'domain-not-allowed'
  | 'email-not-verified'
  | 'expired'
  | 'identity-in-use'
  | 'not-a-member'
  | 'not-invited'
  | 'provider-refused'
  | 'provider-unavailable'
  | 'tenant-full'
  | 'tenant-required';

/** Ends a sign-in by a provider: the browser learns the code, the audit the reason. */
export class Failure extends Error {
  readonly code: FailureCode;
  readonly userId: string | undefined;

  constructor(code: FailureCode, reason: string, userId?: string) {
    super(reason);
    this.name = 'Failure';
    this.code = code;
    this.userId = userId;
  }
}

/** Audits a failure; `email` is what the provider said, sealed. */
export async function auditFailure(
  { db, call }: FlowContext,
  action: string,
  provider: string,
  { code, userId, message }: Failure,
  email: string | undefined,
): Promise<void> {
  const row = refusalOf(call, action, userId, message, userId === undefined && email !== undefined ? { email } : {});
  await db.inIdentity((tx) => insertOperatorAuditEvent(tx, { ...row, detail: { ...row.detail, code, provider } }));
}
