import type { BigIntStats } from 'node:fs';
import { type FileHandle, lstat, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { finished } from 'node:stream/promises';

/** Whether the operating system refused with one of these codes. */
export const failedWith = (error: unknown, ...codes: string[]): boolean =>
  error instanceof Error && 'code' in error && codes.includes(String(error.code));

/** A private place of one write: what stands here is seen by no reader, and is removed at the next start. */
export interface Stage {
  readonly directory: string;
  /** Where the content goes. */
  readonly content: string;
}

/** A file is never changed in place, so its time, size and inode name its content. */
export const etagOf = ({ mtimeNs, size, ino }: BigIntStats): string =>
  `${mtimeNs.toString(16)}-${size.toString(16)}-${ino.toString(16)}`;

/** Lets a stream break off before it is read: whoever then reads it meets the error, and nobody else. */
export function outlive(body: Readable): void {
  body.on('error', () => undefined);
}

/** Bytes of the files at or below a place, of those only whose name `counts`; links are not followed. */
export async function bytesBelow(place: string, counts: (name: string) => boolean = () => true): Promise<number> {
  const stats = await lstat(place).catch(() => undefined);
  if (stats?.isFile()) return stats.size;
  if (!stats?.isDirectory()) return 0;
  let bytes = 0;
  for (const entry of await readdir(place, { withFileTypes: true }).catch(() => [])) {
    if (entry.isDirectory() || counts(entry.name)) bytes += await bytesBelow(join(place, entry.name), counts);
  }
  return bytes;
}

const chunkBytes = 256 * 1024;

/** Bytes that may wait for the disk: without a bound the last flush of a large file outlasts a client's patience. */
const unsyncedBytesMax = 64 * 1024 * 1024;

/**
 * Writes a stream to a new file of mode 0600, appending to it where `append` says so, and makes it durable. Gives the
 * number of bytes. Where the disk fails, the rest of the stream is left unread, so that its sender can be answered.
 */
export async function receive(body: Readable, path: string, append = false): Promise<number> {
  const file = await open(path, append ? 'a' : 'wx', 0o600);
  let size = 0;
  let synced = 0;
  let syncing: Promise<void> = Promise.resolve();
  const take = async (chunk: Buffer): Promise<void> => {
    size += chunk.length;
    await file.appendFile(chunk);
    release(chunk);
    if (size - synced < unsyncedBytesMax) return;
    // At most one flush at work while the next bytes arrive.
    await syncing;
    synced = size;
    syncing = file.datasync();
    // A failure is met by the next await; until then nobody may call it unhandled.
    syncing.catch(() => undefined);
  };
  const sink = new Writable({
    highWaterMark: chunkBytes,
    write: (chunk, _encoding, done) => void take(chunk).then(() => done(), done),
  });
  try {
    // Piped, not iterated: an iterator joins what has arrived into new memory.
    body.pipe(sink);
    await Promise.all([finished(body, { writable: false }), finished(sink)]);
    await syncing;
    await file.sync();
    return size;
  } finally {
    sink.destroy();
    await file.close();
  }
}

/**
 * Frees a chunk's memory at once. Left to the garbage collector, some 64 MB of chunks wait for it (measured: 5 GB made
 * the process grow by 80 MB). A chunk that shares its memory with others is left alone.
 */
function release(chunk: Buffer): void {
  const { buffer } = chunk;
  if (buffer instanceof ArrayBuffer && buffer.byteLength === chunk.byteLength) buffer.transfer(0);
}

/**
 * The bytes of an open file from `start` to `end`, both inclusive; closes it at the end. Piped, as HTTP answers are, it
 * moves all of them through two buffers, for the same reason as `release`.
 */
export class FileStream extends Readable {
  readonly #file: FileHandle;
  readonly #end: number;
  #position: number;

  constructor(file: FileHandle, start: number, end: number) {
    super({ highWaterMark: chunkBytes });
    this.#file = file;
    this.#position = start;
    this.#end = end;
  }

  override _read(): void {
    this.#fill(Buffer.allocUnsafeSlow(chunkBytes)).then(
      (chunk) => this.push(chunk),
      (error) => this.destroy(error),
    );
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#file.close().then(
      () => done(error),
      (failure) => done(error ?? failure),
    );
  }

  override pipe<Destination extends NodeJS.WritableStream>(destination: Destination): Destination {
    this.#pump(destination).then(
      () => {
        if (this.destroyed) return;
        destination.end();
        this.push(null);
        this.resume();
      },
      (error) => this.destroy(error),
    );
    return destination;
  }

  async #pump(destination: NodeJS.WritableStream): Promise<void> {
    const buffers = [Buffer.allocUnsafeSlow(chunkBytes), Buffer.allocUnsafeSlow(chunkBytes)] as const;
    let taken: Promise<void> = Promise.resolve();
    for (let turn = 0; ; turn += 1) {
      const chunk = await this.#fill(buffers[turn % 2] as Buffer);
      // One buffer is read while the other is on its way: it is free again when its bytes have left.
      await taken;
      if (chunk === null || this.destroyed) return;
      taken = new Promise((resolve, reject) => {
        destination.write(chunk, (error) => (error ? reject(error) : resolve()));
      });
      // A failure is met by the next await; until then nobody may call it unhandled.
      taken.catch(() => undefined);
    }
  }

  /** Reads on into a buffer; null at the end. */
  async #fill(buffer: Buffer): Promise<Buffer | null> {
    const length = Math.min(buffer.length, this.#end - this.#position + 1);
    if (length <= 0) return null;
    const { bytesRead } = await this.#file.read(buffer, 0, length, this.#position);
    if (bytesRead === 0) throw new Error('a file ended before its size');
    this.#position += bytesRead;
    return buffer.subarray(0, bytesRead);
  }
}
