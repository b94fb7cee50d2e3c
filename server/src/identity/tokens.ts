import { createPrivateKey, createPublicKey, type KeyObject, randomUUID } from 'node:crypto';
import { calculateJwkThumbprint, decodeProtectedHeader, type JWK, type JWTPayload, jwtVerify, SignJWT } from 'jose';

/** Access tokens follow RFC 9068; refresh tokens are of a type of their own, so that neither passes for the other. */
const accessType = 'at+jwt';
const refreshType = 'maestro-refresh+jwt';
const algorithm = 'RS256';
const clientId = 'maestro';

export interface AccessClaims {
  readonly userId: string;
  readonly sessionId: string;
  readonly tenantId: string | undefined;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

export interface RefreshClaims {
  readonly userId: string;
  readonly sessionId: string;
  /** Names the token; stored hashed. */
  readonly tokenId: string;
}

/** Signs and verifies the tokens of one issuer. A verification that fails gives undefined, whatever was wrong. */
export interface Tokens {
  readonly accessSeconds: number;
  issueAccess(claims: Omit<AccessClaims, 'expiresAt'>): Promise<string>;
  /** `expiresAt` is the end of the session: rotation never prolongs it. */
  issueRefresh(claims: RefreshClaims, expiresAt: Date): Promise<string>;
  verifyAccess(token: string): Promise<AccessClaims | undefined>;
  verifyRefresh(token: string): Promise<RefreshClaims | undefined>;
  /** Signs what is no token but is to be proved ours later, as a JWS of a type of its own. */
  signStatement(type: string, claims: JWTPayload): Promise<string>;
  /** The claims of a statement of ours of that type. */
  verifyStatement(type: string, text: string): Promise<JWTPayload | undefined>;
  /** The public keys, as RFC 7517 has them. */
  jwks(): { keys: JWK[] };
}

export interface TokenOptions {
  /** The address of this Maestro: `iss`, and `aud` of access tokens. */
  readonly issuer: string;
  /** RSA private keys, PEM: the first signs, all verify. */
  readonly signingKeys: readonly string[];
  readonly accessSeconds: number;
}

interface SigningKey {
  readonly id: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly jwk: JWK;
}

async function readKey(pem: string): Promise<SigningKey> {
  const privateKey = createPrivateKey(pem);
  const publicKey = createPublicKey(privateKey);
  const jwk = publicKey.export({ format: 'jwk' }) as JWK;
  const id = await calculateJwkThumbprint(jwk);
  return { id, privateKey, publicKey, jwk: { ...jwk, kid: id, use: 'sig', alg: algorithm } };
}

/** RFC 8725: exactly our three header fields, so that no `jku`, `jwk`, `x5u` or `crit` is even looked at. */
function keyIdOf(token: string, type: string): string | undefined {
  const { alg, typ, kid, ...more } = decodeProtectedHeader(token);
  return alg === algorithm && typ === type && Object.keys(more).length === 0 ? kid : undefined;
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

export async function openTokens(options: TokenOptions): Promise<Tokens> {
  const keys = await Promise.all(options.signingKeys.map(readKey));
  const byId = new Map(keys.map((key) => [key.id, key]));
  const [current] = keys;
  if (!current) throw new Error('tokens need a signing key');
  const refreshAudience = `${options.issuer}/api/v1/auth/refresh`;

  const sign = (type: string, audience: string, subject: string, id: string, payload: JWTPayload, expires: Date) =>
    new SignJWT(payload)
      .setProtectedHeader({ alg: algorithm, typ: type, kid: current.id })
      .setIssuer(options.issuer)
      .setAudience(audience)
      .setSubject(subject)
      .setJti(id)
      .setIssuedAt()
      .setExpirationTime(expires)
      .sign(current.privateKey);

  async function verify(token: string, type: string, audience: string): Promise<JWTPayload | undefined> {
    try {
      const key = byId.get(keyIdOf(token, type) ?? '');
      if (!key) return undefined;
      const { payload } = await jwtVerify(token, key.publicKey, {
        algorithms: [algorithm],
        typ: type,
        issuer: options.issuer,
        audience,
        requiredClaims: ['sub', 'sid', 'jti', 'iat', 'exp'],
      });
      return payload;
    } catch {
      return undefined;
    }
  }

  return {
    accessSeconds: options.accessSeconds,
    issueAccess: ({ userId, sessionId, tenantId }) =>
      sign(
        accessType,
        options.issuer,
        userId,
        randomUUID(),
        { client_id: clientId, sid: sessionId, ...(tenantId === undefined ? {} : { tenant: tenantId }) },
        new Date(Date.now() + options.accessSeconds * 1000),
      ),
    issueRefresh: ({ userId, sessionId, tokenId }, expiresAt) =>
      sign(refreshType, refreshAudience, userId, tokenId, { sid: sessionId }, expiresAt),
    async verifyAccess(token) {
      const payload = await verify(token, accessType, options.issuer);
      const userId = text(payload?.sub);
      const sessionId = text(payload?.sid);
      if (!payload || !userId || !sessionId) return undefined;
      return { userId, sessionId, tenantId: text(payload.tenant), expiresAt: Number(payload.exp) * 1000 };
    },
    async verifyRefresh(token) {
      const payload = await verify(token, refreshType, refreshAudience);
      const userId = text(payload?.sub);
      const sessionId = text(payload?.sid);
      const tokenId = text(payload?.jti);
      return userId && sessionId && tokenId ? { userId, sessionId, tokenId } : undefined;
    },
    signStatement: (type, claims) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: algorithm, typ: type, kid: current.id })
        .setIssuer(options.issuer)
        .setIssuedAt()
        .sign(current.privateKey),
    async verifyStatement(type, text) {
      try {
        const key = byId.get(keyIdOf(text, type) ?? '');
        if (!key) return undefined;
        const rules = { algorithms: [algorithm], typ: type, issuer: options.issuer };
        return (await jwtVerify(text, key.publicKey, rules)).payload;
      } catch {
        return undefined;
      }
    },
    jwks: () => ({ keys: keys.map((key) => key.jwk) }),
  };
}
