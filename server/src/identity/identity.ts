import { hash, timingSafeEqual } from 'node:crypto';
import type { Logger } from 'pino';
import type { Database } from '../db/tenancy.ts';
import { MaestroError } from '../errors.ts';
import type { Broadcast } from '../ports/broadcast.ts';
import type { Caller } from './caller.ts';
import { type Change, CredentialCache, type Known } from './credential_cache.ts';
import { hashOfKey, looksLikeKey, tenantOfKey } from './key_text.ts';
import { openPasswords, type Passwords } from './passwords.ts';
import { findLiveKey, findLiveSession, findTenantOfKey, membershipsOf, touchKey } from './queries.ts';
import { type IdentitySecrets, operatorKeyPrefix } from './secrets.ts';
import { openSignInThrottle, type SignInThrottle } from './sign_in_throttle.ts';
import { openTokens, type Tokens } from './tokens.ts';

export type { Change } from './credential_cache.ts';

/** Who people and machines are: their credentials, and what becomes of them. */
export interface Identity {
  /**
   * Who sends these headers. No credentials: anonymous. Credentials that do not hold, whatever is wrong with them:
   * throws `unauthenticated`, always with the same message.
   */
  authenticate(headers: Readonly<Record<string, string | string[] | undefined>>, address: string): Promise<Caller>;
  /** Tells every process that something changed; this one has forgotten it when the call returns. */
  changed(change: Change): void;
  readonly tokens: Tokens;
  readonly passwords: Passwords;
  readonly throttle: SignInThrottle;
  /** Seconds from sign-in to the end of a session, however often its tokens are rotated. */
  readonly sessionSeconds: number;
  /** Waits for what was left to do behind requests. */
  close(): Promise<void>;
}

export interface IdentityOptions {
  readonly db: Database;
  readonly broadcast: Broadcast;
  readonly log: Logger;
  readonly secrets: Pick<IdentitySecrets, 'signingKeys' | 'operatorKey'>;
  /** The address of this Maestro, without a trailing slash: the issuer of its tokens. */
  readonly issuer: string;
  /** 15 minutes. */
  readonly accessSeconds?: number;
  /** 7 days. */
  readonly sessionSeconds?: number;
}

const topic = 'identity';
const lifeMs = 10_000;
/** While other processes cannot tell us what they revoke. */
const lifeAloneMs = 500;
const touchEveryMs = 60_000;

const refuse = (): MaestroError => new MaestroError('unauthenticated', 'The credentials do not hold.');

/** The secret of an Authorization header, and whether it came as Basic's password. Undefined: another scheme. */
function secretOf(header: string): { secret: string; basic: boolean } | undefined {
  const [, scheme, credentials] = /^(bearer|basic) +([^ ]+)$/i.exec(header.trim()) ?? [];
  if (scheme === undefined || credentials === undefined) return undefined;
  if (scheme.toLowerCase() === 'bearer') return { secret: credentials, basic: false };
  const pair = Buffer.from(credentials, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  return colon < 0 ? undefined : { secret: pair.slice(colon + 1), basic: true };
}

export async function openIdentity(options: IdentityOptions): Promise<Identity> {
  const { db, broadcast, log, secrets } = options;
  const tokens = await openTokens({
    issuer: options.issuer,
    signingKeys: secrets.signingKeys,
    accessSeconds: options.accessSeconds ?? 15 * 60,
  });
  const cache = new CredentialCache({
    entriesMax: 10_000,
    refusedMax: 10_000,
    lifeMs: () => (broadcast.connected() ? lifeMs : lifeAloneMs),
  });
  const operatorKeyHash = hash('sha256', secrets.operatorKey, 'buffer');
  const behindRequests = new Set<Promise<void>>();

  broadcast.onLoss(() => cache.clear());
  broadcast.subscribe(topic, (message) => {
    const [kind, id] = message.split(' ');
    cache.drop({ kind, id } as Change);
  });

  /** Notes that a key was used, behind the request and at most once a minute. */
  function noteUse(tenantId: string, keyId: string, lastUsedAt: Date | null): void {
    if (lastUsedAt && Date.now() - lastUsedAt.getTime() < touchEveryMs) return;
    const noted = db
      .inTenant(tenantId, (tx) => touchKey(tx, keyId))
      .catch((error) => log.warn({ err: error }, 'the use of an API key was not noted'))
      .finally(() => behindRequests.delete(noted));
    behindRequests.add(noted);
  }

  async function knownByKey(text: string): Promise<Known | undefined> {
    const tenantId = tenantOfKey(text);
    if (tenantId === undefined) return undefined;
    const key = await db.inTenant(tenantId, (tx) => findLiveKey(tx, hashOfKey(text)));
    if (!key) return undefined;
    const tenant = await db.inIdentity((tx) => findTenantOfKey(tx, tenantId, key.user_id));
    if (!tenant) return undefined;
    const until = key.expires_at?.getTime() ?? Number.POSITIVE_INFINITY;
    const base = { kind: 'api_key', keyId: key.key_id, tenant: { id: tenantId, slug: tenant.slug } } as const;
    let caller: Caller | undefined;
    if (key.user_id !== null && tenant.role !== null && tenant.email !== null) {
      caller = { ...base, role: tenant.role, owner: { kind: 'user', id: key.user_id, name: tenant.email } };
    } else if (key.service_account_id !== null && key.account_role !== null && key.account_is_active) {
      const name = key.account_name ?? '';
      caller = {
        ...base,
        role: key.account_role,
        owner: { kind: 'service_account', id: key.service_account_id, name },
      };
    }
    if (!caller) return undefined;
    noteUse(tenantId, key.key_id, key.last_used_at);
    return { caller, until };
  }

  async function knownByToken(token: string): Promise<Known | undefined> {
    const claims = await tokens.verifyAccess(token);
    if (!claims) return undefined;
    return db.inIdentity(async (tx) => {
      const session = await findLiveSession(tx, claims.sessionId);
      if (!session || session.user_id !== claims.userId) return undefined;
      const memberships = await membershipsOf(tx, session.user_id);
      return {
        caller: {
          kind: 'session',
          sessionId: session.session_id,
          userId: session.user_id,
          email: session.email,
          isOperator: session.is_operator,
          tenantId: session.tenant_id ?? undefined,
          memberships,
        },
        until: Math.min(claims.expiresAt, session.expires_at.getTime()),
      };
    });
  }

  async function lookUp(header: string): Promise<Known | undefined> {
    const given = secretOf(header);
    if (!given) return undefined;
    if (looksLikeKey(given.secret)) return knownByKey(given.secret);
    if (given.basic) return undefined;
    if (given.secret.startsWith(operatorKeyPrefix)) {
      const same = timingSafeEqual(hash('sha256', given.secret, 'buffer'), operatorKeyHash);
      return same ? { caller: { kind: 'operator_key' }, until: Number.POSITIVE_INFINITY } : undefined;
    }
    return knownByToken(given.secret);
  }

  const anonymous = Promise.resolve<Caller>({ kind: 'anonymous' });
  return {
    authenticate(headers) {
      const header = headers.authorization;
      if (header === undefined) return anonymous;
      if (typeof header !== 'string') return Promise.reject(refuse());
      return cache.find(header, () => lookUp(header), refuse);
    },
    changed(change) {
      cache.drop(change);
      void broadcast.publish(topic, `${change.kind} ${change.id}`);
    },
    tokens,
    passwords: openPasswords(),
    throttle: openSignInThrottle(),
    sessionSeconds: options.sessionSeconds ?? 7 * 24 * 3600,
    async close() {
      await Promise.all(behindRequests);
    },
  };
}
