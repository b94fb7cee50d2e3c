import { hash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

/**
 * The text of an API key: `mst_`, then in base 62 the tenant's id (16 bytes, 22 characters), the secret (32 bytes, 43
 * characters) and a CRC-32 of both (4 bytes, 6 characters). The tenant's id makes looking a key up one shard's work;
 * the checksum refuses a mistyped key without a query and lets scanners tell a real key from a look-alike.
 */
const prefix = 'mst_';
const idLength = 22;
const secretLength = 43;
const checksumLength = 6;
const shape = new RegExp(`^${prefix}[0-9A-Za-z]{${idLength + secretLength + checksumLength}}$`);

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

function toBase62(bytes: Uint8Array, length: number): string {
  let rest = BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
  let text = '';
  for (let i = 0; i < length; i++) {
    text = digits[Number(rest % 62n)] + text;
    rest /= 62n;
  }
  return text;
}

/** Undefined where the number does not fit into `size` bytes. */
function fromBase62(text: string, size: number): Buffer | undefined {
  let number = 0n;
  for (const digit of text) number = number * 62n + BigInt(digits.indexOf(digit));
  const hex = number.toString(16).padStart(size * 2, '0');
  return hex.length === size * 2 ? Buffer.from(hex, 'hex') : undefined;
}

function checksumOf(text: string): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(text));
  return toBase62(bytes, checksumLength);
}

/** What is stored of a key: SHA-256 of its whole text. The secret's 256 bits make a slow hash needless. */
export const hashOfKey = (text: string): Buffer => hash('sha256', text, 'buffer');

/** A key's beginning, by which people tell keys apart. */
export const shownOfKey = (text: string): string => text.slice(0, prefix.length + idLength + 4);

/** A new key of a tenant. `shown` is for people, `hash` is what is stored. */
export function mintKey(tenantId: string): { text: string; shown: string; hash: Buffer } {
  const id = toBase62(Buffer.from(tenantId.replaceAll('-', ''), 'hex'), idLength);
  const secret = toBase62(randomBytes(32), secretLength);
  const text = `${prefix}${id}${secret}${checksumOf(id + secret)}`;
  return { text, shown: shownOfKey(text), hash: hashOfKey(text) };
}

export const looksLikeKey = (text: string): boolean => text.startsWith(prefix);

/** The id of the tenant that a key's text names; undefined where the text is no key. */
export function tenantOfKey(text: string): string | undefined {
  if (!shape.test(text)) return undefined;
  const id = text.slice(prefix.length, prefix.length + idLength);
  const secret = text.slice(prefix.length + idLength, -checksumLength);
  if (checksumOf(id + secret) !== text.slice(-checksumLength)) return undefined;
  return fromBase62(id, 16)
    ?.toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
