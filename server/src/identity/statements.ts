import { createPrivateKey, createPublicKey } from 'node:crypto';
import { type JWTPayload, jwtVerify, SignJWT } from 'jose';

/**
 * Signs what is no token but is to be proved ours for as long as it is kept, which may be years: a JWS (RFC 7515) of a
 * type of its own. The keys of tokens will not do: they are gone soon after the last token that they signed.
 */
export interface Statements {
  sign(type: string, claims: JWTPayload): Promise<string>;
  /** The claims of a statement of ours of that type; undefined whatever is wrong with it. */
  verify(type: string, text: string): Promise<JWTPayload | undefined>;
}

const algorithm = 'EdDSA';
/** PKCS #8 of an Ed25519 key (RFC 8410, 7), up to its 32 bytes. */
const keyHead = Buffer.from('302e020100300506032b657004220420', 'hex');

/** `seed`: 32 bytes, the signing key, which is used for nothing else. */
export function openStatements(seed: Buffer): Statements {
  const privateKey = createPrivateKey({ key: Buffer.concat([keyHead, seed]), format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey(privateKey);
  return {
    sign: (type, claims) =>
      new SignJWT(claims).setProtectedHeader({ alg: algorithm, typ: type }).setIssuedAt().sign(privateKey),
    async verify(type, text) {
      const rules = { algorithms: [algorithm], typ: type };
      return jwtVerify(text, publicKey, rules).then(
        ({ payload }) => payload,
        () => undefined,
      );
    },
  };
}
