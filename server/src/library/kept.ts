import { createHash, randomUUID } from 'node:crypto';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { TenantTx } from '../db/tenancy.ts';
import { MaestroError } from '../errors.ts';
import { libraryPath } from '../files/paths.ts';
import type { Ports } from '../ports/ports.ts';
import * as queries from './content_queries.ts';

type Kept = Pick<Ports, 'db' | 'blobs' | 'limits' | 'log'>;

/** What was written: to be made a version's content in one transaction. */
export interface Written {
  readonly sha256: Buffer;
  /** Bytes. */
  readonly size: number;
  /** Makes it kept, unless its like is: the version that has it must be written in the same transaction. */
  keep(tx: TenantTx): Promise<void>;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Files of uploads that a crash broke off are removed so many at a time. */
const sweptMax = 100;

/**
 * Removes files that no content has; what fails here is done at a later upload. No transaction is open meanwhile: counting
 * the bytes that are gone takes one.
 */
export async function discardFiles(
  { db, blobs, log }: Kept,
  tenantId: string,
  files: readonly string[],
): Promise<void> {
  const removed: string[] = [];
  for (const file of files) {
    try {
      await blobs.remove(tenantId, libraryPath(file));
      removed.push(file);
    } catch (error) {
      log.warn({ err: error, tenantId, file }, 'a file of the library that is used no more was not removed');
    }
  }
  if (removed.length === 0) return;
  try {
    await db.inTenant(tenantId, (tx) => queries.deleteLeftovers(tx, removed));
  } catch (error) {
    log.warn({ err: error, tenantId }, 'files of the library that were removed stay noted');
  }
}

/** Claims what uploads left that broke off with the server: one that goes on after all fails. */
function claimOld(tx: TenantTx): Promise<string[]> {
  const now = Date.now();
  const before = { since: new Date(now - dayMs), claimed: new Date(now - hourMs) };
  return queries.claimLeftovers(tx, before, new Date(now), sweptMax);
}

/**
 * Whether a file is no content after all. A connection that breaks during COMMIT leaves unknown what becomes of it: the
 * claim waits for its end. Where that cannot be found out, the file stays, and noted if it is no content.
 */
async function isNoContent({ db, log }: Kept, tenantId: string, file: string, sha256: Buffer): Promise<boolean> {
  try {
    return await db.inTenant(
      tenantId,
      async (tx) => (await queries.claimLeftover(tx, file, new Date())) || !(await queries.isContent(tx, sha256, file)),
    );
  } catch (error) {
    log.warn({ err: error, tenantId, file }, 'whether a file of the library is a content was not found out');
    return false;
  }
}

/**
 * Writes a stream to a file of the library and hashes it on the way, then lets `use` keep it. The file has a name of its
 * own, so that nobody who removes the same content by its digest can remove this one. Where `use` fails or does not keep
 * it, the file goes.
 */
export async function withContent<T>(
  ports: Kept,
  tenantId: string,
  body: Readable,
  length: number | undefined,
  use: (written: Written) => Promise<T>,
): Promise<T> {
  const file = randomUUID();
  const old = await ports.db.inTenant(tenantId, async (tx) => {
    await queries.insertLeftover(tx, file);
    return claimOld(tx);
  });
  await discardFiles(ports, tenantId, old);
  let isKept = false;
  let keeping: Buffer | undefined;
  try {
    const hash = createHash('sha256');
    const size = await ports.limits.storage.upload(tenantId, body, length, async (counted) => {
      const hashed = new Transform({
        transform(chunk: Buffer, _encoding, done) {
          hash.update(chunk);
          done(null, chunk);
        },
      });
      const [bytes] = await Promise.all([
        ports.blobs.write(tenantId, libraryPath(file), hashed),
        pipeline(counted, hashed, { end: true }),
      ]);
      return bytes;
    });
    const sha256 = hash.digest();
    return await use({
      sha256,
      size,
      async keep(tx) {
        const kept = await queries.keepContent(tx, sha256, size, file);
        if (kept !== file) return;
        keeping = sha256;
        if (!(await queries.keepLeftover(tx, file))) {
          throw new MaestroError('unavailable', 'The upload took longer than a day; try again.');
        }
        tx.onCommit(() => {
          isKept = true;
        });
      },
    });
  } finally {
    if (!isKept && (keeping === undefined || (await isNoContent(ports, tenantId, file, keeping)))) {
      await discardFiles(ports, tenantId, [file]);
    }
  }
}
