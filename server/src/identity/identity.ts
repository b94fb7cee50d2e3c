import { hash, timingSafeEqual } from 'node:crypto';
import type { Logger } from 'pino';
import { type Behind, openBehind } from '../behind.ts';
import type { Database } from '../db/tenancy.ts';
import { MaestroError } from '../errors.ts';
import type { Broadcast } from '../ports/broadcast.ts';
import { openSealer, type Sealer } from '../sealing.ts';
import type { Caller } from './caller.ts';
import { type Change, CredentialCache, type Known } from './credential_cache.ts';
import { looksLikeKey } from './key_text.ts';
import { knownByKey } from './known_key.ts';
import { knownByToken } from './known_session.ts';
import { openPasswords, type Passwords } from './passwords.ts';
import { defaultPolicy, type Policy } from './policy.ts';
import { touchKey } from './queries.ts';
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
  changed(change: Change): Promise<void>;
  readonly tokens: Tokens;
  readonly passwords: Passwords;
  readonly throttle: SignInThrottle;
  readonly policy: Policy;
  readonly sealer: Sealer;
  readonly behind: Behind;
  /** Waits for what was left to do behind requests. */
  close(): Promise<void>;
}

export interface IdentityOptions {
  readonly db: Database;
  readonly broadcast: Broadcast;
  readonly log: Logger;
  readonly secrets: IdentitySecrets;
  /** The address of this Maestro, without a trailing slash: the issuer of its tokens. */
  readonly issuer: string;
  readonly policy?: Policy;
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
  const { db, broadcast, log, secrets, policy = defaultPolicy } = options;
  const tokens = await openTokens({
    issuer: options.issuer,
    signingKeys: secrets.signingKeys,
    accessSeconds: policy.accessMinutes * 60,
  });
  const cache = new CredentialCache({
    entriesMax: 10_000,
    refusedMax: 10_000,
    lifeMs: () => (broadcast.connected() ? lifeMs : lifeAloneMs),
  });
  const operatorKeyHash = hash('sha256', secrets.operatorKey, 'buffer');
  const behind = openBehind(log);

  broadcast.onLoss(() => cache.clear());
  broadcast.subscribe(topic, (message) => {
    const [kind, id] = message.split(' ');
    cache.drop({ kind, id } as Change);
  });

  /** Notes that a key was used, behind the request and at most once a minute. */
  function noteUse(tenantId: string, keyId: string, lastUsedAt: Date | null): void {
    if (lastUsedAt && Date.now() - lastUsedAt.getTime() < touchEveryMs) return;
    behind.run('the use of an API key', () => db.inTenant(tenantId, (tx) => touchKey(tx, keyId)));
  }

  async function lookUp(header: string): Promise<Known | undefined> {
    const given = secretOf(header);
    if (!given) return undefined;
    if (looksLikeKey(given.secret)) {
      const known = await knownByKey(db, given.secret);
      if (known) noteUse(known.caller.place.tenant.id, known.caller.keyId, known.lastUsedAt);
      return known;
    }
    if (given.basic) return undefined;
    if (given.secret.startsWith(operatorKeyPrefix)) {
      const same = timingSafeEqual(hash('sha256', given.secret, 'buffer'), operatorKeyHash);
      return same ? { caller: { kind: 'operator_key' }, until: Number.POSITIVE_INFINITY } : undefined;
    }
    return knownByToken(db, tokens, given.secret);
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
      return broadcast.publish(topic, `${change.kind} ${change.id}`);
    },
    tokens,
    passwords: openPasswords({ pepper: secrets.passwordPepper, rounds: policy.bcryptRounds }),
    throttle: openSignInThrottle(),
    policy,
    sealer: openSealer(secrets.encryptionKey),
    behind,
    close: () => behind.idle(),
  };
}
