import { createCipheriv, createDecipheriv, hash, hkdfSync, randomBytes } from 'node:crypto';

/**
 * Seals with one key: AES-256-GCM. `context` says what the text is and whose (`totp <user id>`); a sealed text moved
 * elsewhere does not open.
 *
 * Format: version (1 byte), id of the key (4), nonce (12), ciphertext, tag (16).
 */
export interface KeySealer {
  /** Names the key: eight hexadecimal digits. */
  readonly id: string;
  seal(plain: string | Uint8Array, context: string): Buffer;
  /** Throws where `sealed` was made with another key, for another context, or was tampered with. */
  open(sealed: Uint8Array, context: string): Buffer;
}

const algorithm = 'aes-256-gcm';
const version = 1;
const keyIdBytes = 4;
const nonceBytes = 12;
const tagBytes = 16;
const headBytes = 1 + keyIdBytes + nonceBytes;

/** The sealer of an encryption key: 32 bytes in base64. */
export function masterOf(encryptionKey: string): KeySealer {
  const secret = Buffer.from(encryptionKey, 'base64');
  if (secret.length !== 32) throw new Error('The encryption key must be 32 bytes in base64.');
  // One purpose, one key: what is derived here seals, and nothing else uses it.
  return sealerOf(Buffer.from(hkdfSync('sha256', secret, '', 'maestro sealing v1', 32)));
}

/** The id of the key that a text was sealed with. */
export const keyIdIn = (sealed: Uint8Array): string => Buffer.from(sealed.subarray(1, 1 + keyIdBytes)).toString('hex');

/** A sealer over a key of its own, itself kept sealed: destroying that key destroys all that it sealed. */
export function sealerOf(key: Buffer): KeySealer {
  const keyId = hash('sha256', key, 'buffer').subarray(0, keyIdBytes);
  const head = Buffer.concat([Buffer.from([version]), keyId]);
  return {
    id: keyId.toString('hex'),
    seal(plain, context) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv(algorithm, key, nonce).setAAD(Buffer.from(context));
      const text = Buffer.concat([cipher.update(plain), cipher.final()]);
      return Buffer.concat([head, nonce, text, cipher.getAuthTag()]);
    },
    open(sealed, context) {
      const bytes = Buffer.from(sealed);
      if (bytes.length < headBytes + tagBytes || !bytes.subarray(0, head.length).equals(head)) {
        throw new Error(`not sealed with this key: ${context}`);
      }
      const decipher = createDecipheriv(algorithm, key, bytes.subarray(head.length, headBytes), {
        authTagLength: tagBytes,
      });
      decipher.setAAD(Buffer.from(context)).setAuthTag(bytes.subarray(-tagBytes));
      return Buffer.concat([decipher.update(bytes.subarray(headBytes, -tagBytes)), decipher.final()]);
    },
  };
}
