import { createPrivateKey, createPublicKey, generateKeyPair, type JsonWebKey, type KeyObject } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { calculateJwkThumbprint, type JWK } from 'jose';
import type { Logger } from 'pino';
import type { Database, IdentityTx } from '../db/tenancy.ts';
import type { Broadcast } from '../ports/broadcast.ts';
import type { Policy } from './policy.ts';
import { sealedColumns } from './sealed_rows.ts';
import type { Sealer } from './sealing_keys.ts';
import {
  currentKeyId,
  dropEndedKeys,
  insertCurrentKey,
  insertRetiredKey,
  type NewSigningKey,
  retireCurrentKey,
  type SigningKeyRow,
  verifyingKeys,
  withdrawKeys,
} from './signing_key_queries.ts';

/** The keys of this Maestro's tokens: one signs, and those that signed before verify until their last token has ended. */
export interface SigningKeys {
  current(): { readonly id: string; readonly privateKey: KeyObject };
  /**
   * The public key of an id (`kid`), undefined where it is none of ours. An id that is not known is looked for in
   * PostgreSQL, together with all others of the moment, at most once a second.
   */
  find(id: string): Promise<KeyObject | undefined>;
  /** The public keys, the current one first, as RFC 7517 has them. */
  jwks(): Promise<{ keys: JWK[] }>;
}

/** The keys, as whoever manages them has them. */
export interface SigningKeyStore extends SigningKeys {
  /**
   * Makes a new key the current one, in `tx`; every process has it soon after the commit. Gives its id. Two at once
   * make one.
   */
  rotate(tx: IdentityTx, made: MadeKey): Promise<string>;
  /**
   * As `rotate`, and withdraws every key there was: what they signed is refused by every process from the commit on.
   * Gives the new key's id, and the withdrawn ones'.
   */
  replace(tx: IdentityTx, made: MadeKey): Promise<{ kid: string; withdrawn: string[] }>;
  /** Sees to it that `current` is what PostgreSQL says at this moment, whatever another process did before it. */
  renew(): Promise<void>;
  close(): Promise<void>;
}

export interface SigningKeyOptions {
  readonly db: Database;
  readonly sealer: Sealer;
  readonly broadcast: Broadcast;
  readonly log: Logger;
  readonly policy: Pick<Policy, 'signingKeyDays' | 'sessionDays'>;
  /** A private key (PEM) that signed before keys were kept in PostgreSQL: it goes on verifying. */
  readonly formerKey?: string | undefined;
}

export interface MadeKey {
  readonly id: string;
  readonly jwk: JWK;
  /** PKCS #8, PEM. */
  readonly pem: string;
}

const topic = 'signing-keys';
const reloadMsMin = 1_000;
const jwksAgeMsMax = 5_000;
const checkEveryMs = 60_000;
/** An RFC 7638 thumbprint: SHA-256 in base64url. */
const idForm = /^[\w-]{43}$/;

const contextOf = sealedColumns.signingKey.context;

async function keyOf(privateKey: KeyObject): Promise<MadeKey> {
  const jwk = createPublicKey(privateKey).export({ format: 'jwk' }) as JWK;
  const id = await calculateJwkThumbprint(jwk);
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return { id, jwk: { ...jwk, kid: id, use: 'sig', alg: 'RS256' }, pem };
}

/** Of about 128 bits of security (NIST SP 800-57, part 1, table 2); 2,048 bits have 112. */
const modulusLength = 3072;

export async function makeSigningKey(): Promise<MadeKey> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength });
  return keyOf(privateKey);
}

interface Verifying {
  readonly publicKey: KeyObject;
  readonly jwk: JWK;
  /** Milliseconds since 1970. */
  readonly until: number;
}

/**
 * Opens the keys: makes the first where there is none, and takes over from one that is too old. Throws where the
 * current one does not open.
 */
export async function openSigningKeys(options: SigningKeyOptions): Promise<SigningKeyStore> {
  const { db, sealer, broadcast, log, policy } = options;
  let verifying = new Map<string, Verifying>();
  let signing: { readonly id: string; readonly privateKey: KeyObject } | undefined;
  let loadedAt = Number.NEGATIVE_INFINITY;
  let waiting: Promise<void> | undefined;
  const closing = new AbortController();

  const sealed = ({ id, jwk, pem }: MadeKey): NewSigningKey => ({
    kid: id,
    public_jwk: JSON.stringify(jwk),
    sealed_private: sealer.seal(pem, contextOf(id)),
  });

  async function openPrivate({ kid, sealed_private }: SigningKeyRow): Promise<KeyObject> {
    return createPrivateKey((await sealer.open(sealed_private ?? Buffer.alloc(0), contextOf(kid))).toString());
  }

  async function load(): Promise<void> {
    loadedAt = performance.now();
    const rows = await db.inIdentity(verifyingKeys);
    verifying = new Map(
      rows.map(({ kid, public_jwk, verify_until }) => {
        const jwk = JSON.parse(public_jwk) as JWK & JsonWebKey;
        const publicKey = verifying.get(kid)?.publicKey ?? createPublicKey({ key: jwk, format: 'jwk' });
        return [kid, { publicKey, jwk, until: verify_until?.getTime() ?? Number.POSITIVE_INFINITY }];
      }),
    );
    const current = rows.find((row) => row.retired_at === null);
    if (current && current.kid !== signing?.id) signing = { id: current.kid, privateKey: await openPrivate(current) };
  }

  /** Loads once for all who ask before it begins, and no sooner than a second after the time before. */
  function loadSoon(): Promise<void> {
    waiting ??= delay(Math.max(0, loadedAt + reloadMsMin - performance.now()), undefined, { signal: closing.signal })
      .finally(() => {
        waiting = undefined;
      })
      .then(load);
    return waiting;
  }

  /** Every process has the keys anew soon after the commit. Gives the id of the current one. */
  async function announce(tx: IdentityTx, made: MadeKey): Promise<string> {
    tx.onCommit(async () => {
      await load();
      void broadcast.publish(topic, '');
    });
    return (await currentKeyId(tx)) ?? made.id;
  }

  async function rotate(tx: IdentityTx, made: MadeKey, ageDays: number | null = null): Promise<string> {
    if (await retireCurrentKey(tx, policy.sessionDays, ageDays)) await insertCurrentKey(tx, sealed(made));
    await dropEndedKeys(tx);
    return announce(tx, made);
  }

  async function adopt(pem: string): Promise<void> {
    const former = sealed(await keyOf(createPrivateKey(pem)));
    await db.inIdentity(async (tx) => {
      if (!(await insertCurrentKey(tx, former))) await insertRetiredKey(tx, former, policy.sessionDays);
    });
  }

  async function makeFirst(): Promise<void> {
    const made = sealed(await makeSigningKey());
    await db.inIdentity((tx) => insertCurrentKey(tx, made));
    await load();
  }

  /** Takes over from a key that is too old. What is asked first spares making a key that nobody needs. */
  async function rotateByAge(): Promise<void> {
    const [current] = await db.inIdentity(verifyingKeys);
    const ageMs = Date.now() - (current?.created_at.getTime() ?? Date.now());
    if (ageMs < policy.signingKeyDays * 86_400_000) return;
    const made = await makeSigningKey();
    await db.inIdentity((tx) => rotate(tx, made, policy.signingKeyDays));
    log.info('a new key signs tokens');
  }

  if (options.formerKey !== undefined) await adopt(options.formerKey);
  await load();
  if (!signing) await makeFirst();
  await rotateByAge();

  const inBackground = (work: Promise<void>): Promise<void> =>
    work.catch((error) => {
      if (!closing.signal.aborted) log.warn({ err: error }, 'the signing keys were not read anew');
    });
  let underWay: Promise<void> = Promise.resolve();
  const check = setInterval(() => {
    underWay = inBackground(load().then(rotateByAge));
  }, checkEveryMs);
  check.unref();
  broadcast.subscribe(topic, () => void inBackground(loadSoon()));

  return {
    current() {
      if (!signing) throw new Error('there is no signing key');
      return signing;
    },
    async find(id) {
      if (!verifying.has(id)) {
        if (!idForm.test(id)) return undefined;
        await loadSoon();
      }
      const found = verifying.get(id);
      return found && found.until > Date.now() ? found.publicKey : undefined;
    },
    async jwks() {
      if (performance.now() - loadedAt > jwksAgeMsMax) await loadSoon();
      return { keys: [...verifying.values()].filter(({ until }) => until > Date.now()).map(({ jwk }) => jwk) };
    },
    rotate: (tx, made) => rotate(tx, made),
    async replace(tx, made) {
      const withdrawn = await withdrawKeys(tx);
      await insertCurrentKey(tx, sealed(made));
      return { kid: await announce(tx, made), withdrawn };
    },
    async renew() {
      if ((await db.inIdentity(currentKeyId)) !== signing?.id) await load();
    },
    async close() {
      clearInterval(check);
      closing.abort();
      await underWay;
    },
  };
}
