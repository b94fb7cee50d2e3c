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

const dayMs = 86_400_000;
/** Files of uploads that a crash broke off are removed so many at a time. */
const sweptMax = 100;

/** Removes files that no content has; what fails here is done at a later upload. */
export async function discardFiles(
  { db, blobs, log }: Kept,
  tenantId: string,
  files: readonly string[],
): Promise<void> {
  for (const file of files) {
    try {
      await blobs.remove(tenantId, libraryPath(file));
      await db.inTenant(tenantId, (tx) => queries.deleteLeftover(tx, file));
    } catch (error) {
      log.warn({ err: error, tenantId, file }, 'a file of the library that is used no more was not removed');
    }
  }
}

/** Removes what uploads left that broke off with the server. Their rows are locked: one that goes on after all fails. */
async function sweep(tx: TenantTx, { blobs }: Kept): Promise<void> {
  for (const file of await queries.lockOldLeftovers(tx, new Date(Date.now() - dayMs), sweptMax)) {
    await blobs.remove(tx.tenantId, libraryPath(file));
    await queries.deleteLeftover(tx, file);
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
  await ports.db.inTenant(tenantId, async (tx) => {
    await sweep(tx, ports);
    await queries.insertLeftover(tx, file);
  });
  let isKept = false;
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
        if (!(await queries.deleteLeftover(tx, file))) {
          throw new MaestroError('unavailable', 'The upload took longer than a day; try again.');
        }
        tx.onCommit(() => {
          isKept = true;
        });
      },
    });
  } finally {
    if (!isKept) await discardFiles(ports, tenantId, [file]);
  }
}
