import { finished, type Readable, Transform } from 'node:stream';
import type { Logger } from 'pino';
import type { Database } from '../db/tenancy.ts';
import { MaestroError } from '../errors.ts';
import type { BlobStore } from '../ports/blobs.ts';
import { giveBackToQuota, readUse, setUse, takeOfQuota } from './queries.ts';
import type { TenantLimits } from './tenant_limits.ts';

const quota = 'storage_bytes';
/** Taken at once for a body of unknown length. */
const stepBytes = 16 * 1024 * 1024;

export interface StorageOptions {
  readonly db: Database;
  readonly limits: TenantLimits;
  readonly log: Logger;
}

/**
 * What the files of tenants take up. Bytes are taken of the quota before they are written and given back when they go,
 * so that whatever happens at once, or breaks off, a tenant never stores more than it may. What a crash leaves counted
 * too much, `recount` mends.
 */
export class Storage {
  readonly #options: StorageOptions;
  /** Bytes taken by uploads under way, by tenant: they are on the way to a place where a recount will find them. */
  readonly #underWay = new Map<string, number>();

  constructor(options: StorageOptions) {
    this.#options = options;
  }

  /**
   * Lets `store` read a body whose bytes are counted; `length` is what its sender says it has. Throws `too_large` where
   * the tenant's quota is used up: before anything is read where the length is known.
   */
  async upload<T>(
    tenantId: string,
    body: Readable,
    length: number | undefined,
    store: (body: Readable) => Promise<T>,
  ): Promise<T> {
    // Broken off before anybody reads it, its error concerns nobody.
    body.on('error', () => undefined);
    let taken = 0;
    let size = 0;
    const take = async (bytes: number): Promise<void> => {
      await this.#take(tenantId, bytes);
      taken += bytes;
    };
    if (length !== undefined && length > 0) await take(length);
    const meter = new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        size += chunk.length;
        if (size <= taken) return done(null, chunk);
        const missing = size - taken;
        take(Math.max(missing, stepBytes))
          .catch(() => take(missing))
          .then(() => done(null, chunk), done);
      },
    });
    // Also where it broke off already, while room was found for it: whoever reads the meter would wait for ever.
    finished(body, { writable: false }, (error) => {
      if (error) meter.destroy(error);
    });
    let kept = 0;
    try {
      const result = await store(body.pipe(meter));
      kept = size;
      return result;
    } finally {
      this.#count(tenantId, -taken);
      await this.freed(tenantId, taken - kept);
    }
  }

  /** Gives back the bytes of files that are gone. */
  async freed(tenantId: string, bytes: number): Promise<void> {
    if (bytes <= 0) return;
    try {
      await this.#options.db.inTenant(tenantId, (tx) => giveBackToQuota(tx, quota, bytes));
    } catch (error) {
      // The files are gone whatever the database says; counted too much is mended by a recount, and lets nobody in.
      this.#options.log.warn({ err: error, tenantId, bytes }, 'bytes of files that are gone stay counted');
    }
  }

  /** Bytes counted for a tenant. */
  used(tenantId: string): Promise<number> {
    return this.#options.db.inTenant(tenantId, (tx) => readUse(tx, quota));
  }

  /**
   * Counts what is there. Uploads that end meanwhile may be counted twice, never too little; files of a tenant neither
   * come nor go while it counts. Gives the bytes.
   */
  recount(tenantId: string, blobs: Pick<BlobStore, 'measure'>): Promise<number> {
    return blobs.measure(tenantId, async (stored) => {
      const bytes = stored + (this.#underWay.get(tenantId) ?? 0);
      await this.#options.db.inTenant(tenantId, (tx) => setUse(tx, quota, bytes));
      return bytes;
    });
  }

  async #take(tenantId: string, bytes: number): Promise<void> {
    const { db, limits } = this.#options;
    const { maxStorageBytes: max } = await limits.of(tenantId);
    this.#count(tenantId, bytes);
    const fits = await db
      .inTenant(tenantId, (tx) => takeOfQuota(tx, quota, bytes, max))
      .catch((error) => {
        this.#count(tenantId, -bytes);
        throw error;
      });
    if (fits) return;
    this.#count(tenantId, -bytes);
    throw new MaestroError(
      'too_large',
      `The tenant’s files may take up ${max} bytes, and ${bytes} more do not fit; delete some, or ask an operator.`,
    );
  }

  #count(tenantId: string, bytes: number): void {
    const now = (this.#underWay.get(tenantId) ?? 0) + bytes;
    if (now > 0) this.#underWay.set(tenantId, now);
    else this.#underWay.delete(tenantId);
  }
}
