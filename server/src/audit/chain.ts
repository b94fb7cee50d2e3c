import { createHash } from 'node:crypto';

/** A row of an audit log as it is stored and hashed. */
export interface StoredEvent {
  seq: number;
  event_id: string;
  created_at: Date;
  /** `created_at` in microseconds since 1970, as text. */
  at_micros: string;
  actor_kind: string;
  actor_id: string;
  action: string;
  target: string;
  outcome: 'success' | 'refused';
  request_id: string;
  /** Of a machine; a person's is among its personal fields. */
  address: string;
  /** JSON, to the letter. */
  detail: string;
  /** Whose key `personal` is sealed with; empty where nothing is. */
  person: string;
  personal: Buffer | null;
  /** Tenants that get a copy, as PostgreSQL prints an array; null in a tenant's own log. */
  copy_to: string | null;
  previous_hash: Buffer;
  hash: Buffer;
}

/** The columns of `StoredEvent`, for a SELECT. `copyTo` is what stands for that column. */
export const storedColumns = (copyTo: string): string =>
  `seq, event_id, created_at, (extract(epoch FROM created_at) * 1000000)::bigint::text AS at_micros,
   actor_kind, actor_id, action, target, outcome, request_id, address, detail::text AS detail, person, personal,
   ${copyTo} AS copy_to, previous_hash, hash`;

/** What the first row of a chain has as the hash before it. */
export const genesis = Buffer.alloc(32);

function framed(field: string | Buffer | null): Buffer {
  const bytes = typeof field === 'string' ? Buffer.from(field) : field;
  const length = Buffer.alloc(4);
  length.writeInt32BE(bytes === null ? -1 : bytes.length);
  return bytes === null ? length : Buffer.concat([length, bytes]);
}

/**
 * The hash of a row: SHA-256 over the hash before and every field, each behind its length in four bytes, big-endian
 * (-1 for none), so that no two rows read the same. maestro.audit_hash computes the same as it writes. `chain` is the
 * tenant's id, or `operators`.
 */
export function hashOf(chain: string, row: StoredEvent): Buffer {
  const fields = [
    'maestro audit 1',
    chain,
    String(row.seq),
    row.event_id,
    row.at_micros,
    row.actor_kind,
    row.actor_id,
    row.action,
    row.target,
    row.outcome,
    row.request_id,
    row.address,
    row.detail,
    row.person,
    row.copy_to,
    row.personal,
  ];
  const hash = createHash('sha256').update(row.previous_hash);
  for (const field of fields) hash.update(framed(field));
  return hash.digest();
}

/** The last row that was verified, or where a chain begins. */
export interface Link {
  readonly seq: number;
  readonly hash: Buffer;
}

export interface Fault {
  readonly seq: number;
  readonly reason: string;
}

/** What is wrong with the first bad row of `rows`, which are to follow `before`; undefined where they are sound. */
export function faultIn(chain: string, before: Link, rows: readonly StoredEvent[]): Fault | undefined {
  let { seq, hash } = before;
  for (const row of rows) {
    seq += 1;
    if (row.seq !== seq) return { seq, reason: `row ${seq} is missing` };
    if (!row.previous_hash.equals(hash)) return { seq, reason: 'it does not follow the row before it' };
    if (!row.hash.equals(hashOf(chain, row))) return { seq, reason: 'its content is not what was hashed' };
    hash = row.hash;
  }
  return undefined;
}
