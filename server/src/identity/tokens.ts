import { randomUUID } from 'node:crypto';
import { type JWTPayload, jwtVerify, SignJWT } from 'jose';
import { isUuid } from '../uuid.ts';
import type { SigningKeys } from './signing_keys.ts';

/** Access tokens follow RFC 9068; refresh tokens are of a type of their own, so that neither passes for the other. */
const accessType = 'at+jwt';
const refreshType = 'maestro-refresh+jwt';
const algorithm = 'RS256';
const clientId = 'maestro';

/** Ours have some 900. */
const tokenLengthMax = 8192;
/** How far the clocks of two processes may be apart. */
const skewSeconds = 60;
/** The longest session that a tenant can have. */
const refreshSecondsMax = 365 * 86_400;

export interface AccessClaims {
  /** The key that signed the token. */
  readonly keyId: string;
  readonly userId: string;
  readonly sessionId: string;
  readonly tenantId: string | undefined;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

export interface RefreshClaims {
  /** The key that signed the token. */
  readonly keyId: string;
  readonly userId: string;
  readonly sessionId: string;
  /** Names the token; stored hashed. */
  readonly tokenId: string;
}

/**
 * Signs and verifies the tokens of one issuer. A verification that fails gives undefined, whatever was wrong; it
 * rejects only where the keys could not be read.
 */
export interface Tokens {
  readonly accessSeconds: number;
  issueAccess(claims: Omit<AccessClaims, 'keyId' | 'expiresAt'>): Promise<string>;
  /** `expiresAt` is the end of the session: rotation never prolongs it. */
  issueRefresh(claims: Omit<RefreshClaims, 'keyId'>, expiresAt: Date): Promise<string>;
  verifyAccess(token: string): Promise<AccessClaims | undefined>;
  verifyRefresh(token: string): Promise<RefreshClaims | undefined>;
}

export interface TokenOptions {
  /** The address of this Maestro: `iss`, and `aud` of access tokens. */
  readonly issuer: string;
  readonly keys: Pick<SigningKeys, 'current' | 'find'>;
  readonly accessSeconds: number;
}

const threeParts = /^([\w-]+)\.([\w-]+)\.[\w-]+$/;
/** An object of JSON as we write it: without blanks, and with no name twice, of which two readers may see two values. */
function objectOf(part: string): Record<string, unknown> | undefined {
  const text = Buffer.from(part, 'base64url').toString('utf8');
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject && JSON.stringify(value) === text ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The `kid` of a token that looks like one of ours, before any cryptography. RFC 8725: three parts (no JWE), exactly
 * our three header fields, so that no `jku`, `x5u`, `x5c`, `jwk`, `crit` or `b64` is even looked at, the one algorithm,
 * and the type that is asked for (3.1, 3.11).
 */
function keyIdOf(token: string, type: string): string | undefined {
  if (token.length > tokenLengthMax) return undefined;
  const [, head = '', body = ''] = threeParts.exec(token) ?? [];
  const header = objectOf(head);
  if (!header || !objectOf(body)) return undefined;
  const { alg, typ, kid, ...more } = header;
  const fits = alg === algorithm && typ === type && Object.keys(more).length === 0;
  return fits && typeof kid === 'string' ? kid : undefined;
}

const isTime = (value: unknown): value is number => typeof value === 'number' && Number.isSafeInteger(value);

/** Issued in the past, ending not later than a token of its kind can: a claim that no process of ours made is refused. */
function isTimely({ iat, exp, nbf }: JWTPayload, secondsMax: number): boolean {
  const now = Math.floor(Date.now() / 1000);
  return isTime(iat) && isTime(exp) && nbf === undefined && iat <= now + skewSeconds && exp <= iat + secondsMax;
}

export function openTokens({ issuer, keys, accessSeconds }: TokenOptions): Tokens {
  const refreshAudience = `${issuer}/api/v1/auth/refresh`;

  function sign(type: string, audience: string, subject: string, id: string, payload: JWTPayload, expires: Date) {
    const { id: kid, privateKey } = keys.current();
    return new SignJWT(payload)
      .setProtectedHeader({ alg: algorithm, typ: type, kid })
      .setIssuer(issuer)
      .setAudience(audience)
      .setSubject(subject)
      .setJti(id)
      .setIssuedAt()
      .setExpirationTime(expires)
      .sign(privateKey);
  }

  async function verify(token: string, type: string, audience: string, secondsMax: number) {
    const kid = keyIdOf(token, type);
    if (kid === undefined) return undefined;
    const key = await keys.find(kid);
    if (!key) return undefined;
    const verified = await jwtVerify(token, key, {
      algorithms: [algorithm],
      typ: type,
      issuer,
      audience,
      requiredClaims: ['sub', 'sid', 'jti', 'iat', 'exp'],
    }).catch(() => undefined);
    if (!verified) return undefined;
    const { sub, sid, jti, aud, ...claims } = verified.payload;
    // An audience in a list is legal, and none of ours.
    if (aud !== audience || !isTimely(claims, secondsMax)) return undefined;
    if (![sub, sid, jti].every((id) => typeof id === 'string' && isUuid(id))) return undefined;
    return { keyId: kid, userId: sub as string, sessionId: sid as string, tokenId: jti as string, claims };
  }

  return {
    accessSeconds,
    issueAccess: ({ userId, sessionId, tenantId }) =>
      sign(
        accessType,
        issuer,
        userId,
        randomUUID(),
        { client_id: clientId, sid: sessionId, ...(tenantId === undefined ? {} : { tenant: tenantId }) },
        new Date(Date.now() + accessSeconds * 1000),
      ),
    issueRefresh: ({ userId, sessionId, tokenId }, expiresAt) =>
      sign(refreshType, refreshAudience, userId, tokenId, { sid: sessionId }, expiresAt),
    async verifyAccess(token) {
      const verified = await verify(token, accessType, issuer, accessSeconds);
      if (!verified) return undefined;
      const { keyId, userId, sessionId, claims } = verified;
      const { client_id, tenant, exp } = claims;
      if (client_id !== clientId || !(tenant === undefined || typeof tenant === 'string')) return undefined;
      return { keyId, userId, sessionId, tenantId: tenant, expiresAt: Number(exp) * 1000 };
    },
    async verifyRefresh(token) {
      const verified = await verify(token, refreshType, refreshAudience, refreshSecondsMax);
      if (!verified) return undefined;
      const { keyId, userId, sessionId, tokenId } = verified;
      return { keyId, userId, sessionId, tokenId };
    },
  };
}
