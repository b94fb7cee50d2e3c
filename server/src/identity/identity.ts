import { hash, timingSafeEqual } from 'node:crypto';
import type { Logger } from 'pino';
import { openRefusals, type Refusals } from '../audit/refusals.ts';
import { type Behind, openBehind } from '../behind.ts';
import { aloneDeployment, type Deployment } from '../db/deployment.ts';
import type { Database } from '../db/tenancy.ts';
import { MaestroError } from '../errors.ts';
import type { Broadcast } from '../ports/broadcast.ts';
import { type Limiters, memoryLimiters } from '../ports/limiters.ts';
import type { Revocations } from '../ports/revocations.ts';
import type { BackupCodeHashes } from './backup_codes.ts';
import { cookieSecretOf, requireOwnPage, requirePageOf, type WebRequest } from './browser.ts';
import type { ApiKeyCaller, Caller } from './caller.ts';
import { openCaptcha } from './captcha.ts';
import { type Change, CredentialCache, type Known, subjectsOf } from './credential_cache.ts';
import { CredentialGuard } from './credential_guard.ts';
import { signInAddresses } from './device_queries.ts';
import { announceKeys, type EncryptionKeyRotation, openEncryptionKeys } from './encryption_keys.ts';
import { GrowingDelay } from './growing_delay.ts';
import { looksLikeKey } from './key_text.ts';
import { knownByKey } from './known_key.ts';
import { type KnownSession, knownByCookie, knownByToken } from './known_session.ts';
import { networkOf } from './network.ts';
import type { Passwords } from './passwords.ts';
import { openPeople, type People } from './people.ts';
import { openPeppers, type Peppers } from './peppers.ts';
import { defaultPolicy, type Policy } from './policy.ts';
import { touchKey } from './queries.ts';
import { openSealingKeys, type Sealer } from './sealing_keys.ts';
import { type IdentitySecrets, operatorKeyPrefix } from './secrets.ts';
import { touchSession } from './session_queries.ts';
import { openSignInThrottle, type SignInThrottle, type Sprayer } from './sign_in_throttle.ts';
import { openSigningKeys, type SigningKeyStore } from './signing_keys.ts';
import { openPasswordMarks } from './spraying.ts';
import { openStatements, type Statements } from './statements.ts';
import { openTokens, type Tokens } from './tokens.ts';
import { type RelyingParty, relyingPartyOf } from './webauthn.ts';

export type { Change } from './credential_cache.ts';

/** Who people and machines are: their credentials, and what becomes of them. */
export interface Identity {
  /**
   * Who sends these headers. No credentials: anonymous. Credentials that do not hold, whatever is wrong with them:
   * throws `unauthenticated`, always with the same message. A browser's cookie counts where there is no Authorization
   * header and `web` tells how the request came; where a page of another site sent it, throws `permission_denied`, and
   * where a page that somebody else opened did, `unauthenticated`.
   */
  authenticate(headers: WebRequest['headers'], address: string, web?: WebRequest): Promise<Caller>;
  /** Tells every process that something changed: when it is fulfilled, each looks it up again at its next request. */
  changed(change: Change): Promise<void>;
  /** Throws `permission_denied` where a request may come from a page of another site. */
  requireOwnPage(web: WebRequest): void;
  readonly signingKeys: SigningKeyStore;
  readonly tokens: Tokens;
  readonly passwords: Passwords;
  readonly throttle: SignInThrottle;
  /** Wrong user codes of device sign-ins, by the user who names them. */
  readonly userCodes: GrowingDelay;
  readonly policy: Policy;
  readonly sealer: Sealer;
  readonly encryptionKeys: EncryptionKeyRotation;
  readonly peppers: Peppers;
  /** Whom security keys and passkeys answer to. */
  readonly relyingParty: RelyingParty;
  readonly hashesOfBackupCode: BackupCodeHashes;
  /** Their keys, for personal fields. */
  readonly people: People;
  /** Signs what is to be proved ours for as long as it is kept. */
  readonly statements: Statements;
  /** What becomes of credentials that do not hold. */
  readonly refusals: Refusals;
  readonly behind: Behind;
  /** Waits for what was left to do behind requests. */
  close(): Promise<void>;
}

export interface IdentityOptions {
  readonly db: Database;
  readonly broadcast: Broadcast;
  readonly revocations: Revocations;
  readonly log: Logger;
  readonly secrets: IdentitySecrets;
  /** The address of this Maestro, without a trailing slash: the issuer of its tokens. */
  readonly issuer: string;
  readonly policy?: Policy;
  /** Where tries are counted; in this process by default. */
  readonly limiters?: Limiters;
  /** The other processes on the database; none by default. */
  readonly deployment?: Deployment;
  readonly captcha?: { readonly verifyUrl: string; readonly siteKey: string; readonly secret: string } | undefined;
  /** See openSigningKeys. */
  readonly formerSigningKey?: string | undefined;
}

/** What `changed` tells every process: `<kind> <id>`. */
export const identityTopic = 'identity';
const touchEveryMs = 60_000;

/** What is said of spraying, in the audit and in the log. */
const sprayings: Readonly<Record<Sprayer, string>> = {
  network: 'one address fails to sign in to many accounts',
  password: 'one password fails at many accounts, from one address or from many',
  strangers: 'sign-ins fail at many accounts, from many addresses',
};

/** What an answer to credentials that do not hold, or to a flood of them, is. */
const refusalCodes: readonly MaestroError['code'][] = ['unauthenticated', 'limit_exceeded'];

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
  const { db, broadcast, revocations, log, secrets, issuer, policy = defaultPolicy } = options;
  const { limiters = memoryLimiters(), deployment = aloneDeployment() } = options;
  const publicOrigin = new URL(issuer).origin;
  const keys = { current: secrets.encryptionKey, previous: secrets.previousEncryptionKeys };
  // Before anything that they open is read: whoever lets another key take over sees that this process is there.
  await announceKeys(deployment, keys);
  const sealer = await openSealingKeys({ db, broadcast, log, keys });
  const { keep } = secrets;
  const encryptionKeys = openEncryptionKeys({ db, sealing: sealer, log, keys, keep: keep.encryptionKey, deployment });
  const peppers = await openPeppers({
    db,
    log,
    current: secrets.passwordPepper,
    previous: secrets.previousPeppers,
    keep: keep.passwordPepper,
    deployment,
    rounds: policy.bcryptRounds,
  });
  const { formerSigningKey: formerKey } = options;
  const signingKeys = await openSigningKeys({ db, sealer, broadcast, log, policy, formerKey });
  const tokens = openTokens({ issuer, keys: signingKeys, accessSeconds: policy.accessMinutes * 60 });
  const cache = new CredentialCache({ revocations, entriesMax: 10_000, refusedMax: 10_000 });
  const guard = new CredentialGuard(limiters);
  const people = openPeople(db, sealer);
  const refusals = openRefusals(db, log);
  const throttle = openSignInThrottle({
    limiters,
    policy,
    captcha: options.captcha && openCaptcha({ ...options.captcha, limiters, log }),
    markOf: openPasswordMarks(secrets.passwordPepper),
    async isKnownDevice(account, network, device) {
      const addresses = await db.inIdentity((tx) => signInAddresses(tx, account, device));
      return addresses.some((address) => networkOf(address) === network);
    },
    async onSpraying(by, accounts, { requestId, address }) {
      const reason = sprayings[by];
      const from = by === 'network' ? address : '';
      const party = () => ({ detail: { accounts } });
      // In a flood of such floods the log gets no more lines than the audit gets rows.
      if (!(await refusals.note({ action: 'auth.spraying', reason, address: from, requestId, party }))) return;
      log.warn({ accounts, ...(from === '' ? {} : { address: from }) }, reason);
    },
  });
  const operatorKeyHash = hash('sha256', secrets.operatorKey, 'buffer');
  const behind = openBehind(log);
  /** Keys whose use is noted with the next request that they let in. */
  const toNote = new WeakSet<Caller>();
  broadcast.subscribe(identityTopic, (message) => {
    const [kind, id = ''] = message.split(' ');
    if (kind === 'user') people.drop(id);
  });

  /** Notes that a credential was used, behind the request and at most once a minute. */
  function noteUse(lastUsedAt: Date | null, note: () => Promise<void>): void {
    if (lastUsedAt && Date.now() - lastUsedAt.getTime() < touchEveryMs) return;
    behind.run('the use of a credential', note);
  }

  async function noted(known: Promise<KnownSession | undefined>): Promise<KnownSession | undefined> {
    const found = await known;
    if (found) noteUse(found.lastSeenAt, () => db.inIdentity((tx) => touchSession(tx, found.caller.sessionId)));
    return found;
  }

  async function lookUp(header: string): Promise<Known | undefined> {
    const given = secretOf(header);
    if (!given) return undefined;
    if (looksLikeKey(given.secret)) {
      const known = await knownByKey(db, given.secret);
      if (known && Date.now() - (known.lastUsedAt?.getTime() ?? 0) >= touchEveryMs) toNote.add(known.caller);
      return known;
    }
    if (given.basic) return undefined;
    if (given.secret.startsWith(operatorKeyPrefix)) {
      const same = timingSafeEqual(hash('sha256', given.secret, 'buffer'), operatorKeyHash);
      return same ? { caller: { kind: 'operator_key' }, until: Number.POSITIVE_INFINITY } : undefined;
    }
    return noted(knownByToken(db, tokens, policy, given.secret));
  }

  const anonymous: Caller = { kind: 'anonymous' };

  async function authenticateByHeader(header: string | string[], address: string): Promise<Caller> {
    if (typeof header !== 'string') throw refuse();
    return cache.find(`header ${header}`, () => guard.lookUp(header, address, () => lookUp(header)), refuse);
  }

  async function refuseAddress({ keyId, owner, place }: ApiKeyCaller, address: string): Promise<never> {
    await refusals.note({
      action: 'key.use',
      reason: 'from an address that the key does not allow',
      address,
      of: keyId,
      tenantId: place.tenant.id,
      party: () => ({ actor: { kind: owner.kind, id: owner.id }, target: keyId }),
    });
    throw refuse();
  }

  async function authenticateByCookie(web: WebRequest, address: string): Promise<Caller> {
    const secret = cookieSecretOf(web);
    if (secret === undefined) return anonymous;
    // Before anything is looked up: what another site makes a browser send is no use of the session.
    requireOwnPage(web, publicOrigin);
    if (secret === false) throw refuse();
    const credential = `cookie ${secret}`;
    const find = () => noted(knownByCookie(db, policy, secret));
    return cache.find(credential, () => guard.lookUp(credential, address, find), refuse);
  }

  return {
    async authenticate(headers, address, web) {
      const header = headers.authorization;
      if (header === undefined && !web) return anonymous;
      let caller: Caller;
      try {
        caller = await (header === undefined
          ? authenticateByCookie(web!, address)
          : authenticateByHeader(header, address));
      } catch (error) {
        if (error instanceof MaestroError && refusalCodes.includes(error.code)) {
          await refusals.note({ action: 'auth.credentials', address });
        }
        throw error;
      }
      // No credential is wrong here: it is no refusal of one, and leaves the other person's session as it is.
      if (header === undefined && caller.kind === 'session') requirePageOf({ headers }, caller.userId);
      if (caller.kind !== 'api_key') return caller;
      // What is cached holds for every address that sends it: this is asked of each request.
      if (caller.addresses !== undefined && !caller.addresses.has(address)) await refuseAddress(caller, address);
      if (toNote.delete(caller)) {
        const { keyId, place } = caller;
        noteUse(null, () => db.inTenant(place.tenant.id, (tx) => touchKey(tx, keyId, address)));
      }
      return caller;
    },
    async changed(change) {
      if (change.kind === 'user') people.drop(change.id);
      // Nothing is waited for that a Redis which hangs would keep: the marks decide, and they give up in time.
      void broadcast.publish(identityTopic, `${change.kind} ${change.id}`);
      await revocations.mark(subjectsOf(change));
    },
    requireOwnPage: (web) => requireOwnPage(web, publicOrigin),
    signingKeys,
    tokens,
    get passwords() {
      return peppers.hashing().passwords;
    },
    throttle,
    userCodes: new GrowingDelay(limiters, 'user-codes', 3600),
    policy,
    sealer,
    encryptionKeys,
    peppers,
    relyingParty: relyingPartyOf(issuer),
    get hashesOfBackupCode() {
      return peppers.hashing().hashesOfBackupCode;
    },
    people,
    statements: openStatements(sealer.statementSeed()),
    refusals,
    behind,
    async close() {
      await encryptionKeys.close();
      await signingKeys.close();
      await sealer.close();
      await behind.idle();
      await refusals.flush();
    },
  };
}
