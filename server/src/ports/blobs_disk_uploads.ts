import { randomBytes, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { invalid, notFound } from '../errors.ts';
import type { BlobUploads, OnFreed, UploadedPart } from './blobs.ts';
import { bytesBelow, etagOf, failedWith, outlive, receive, type Stage } from './disk_files.ts';

/** What uploads need of the store they end in. */
interface Store {
  directory(tenantId: string): string;
  refuseConflict(tenantId: string, path: string): Promise<void>;
  withStage<T>(tenantId: string, run: (stage: Stage) => Promise<T>): Promise<T>;
  publish(tenantId: string, path: string, stage: Stage): Promise<void>;
  /** One change of what a tenant has stored at a time. */
  inTurn<T>(tenantId: string, change: () => Promise<T>): Promise<T>;
  onFreed: OnFreed;
}

/** An upload that nobody touched for so long is dropped. */
const staleAfterMs = 24 * 60 * 60 * 1000;

const noSuchUpload = (id: string) => notFound(`No such upload: '${id}'`);

/**
 * Uploads in parts, each a directory: `path` says where the file goes, `part-<number>` are the parts, and `completed`
 * stands there once the file is in place, so that a repeated completion finds its work done.
 */
export class DiskUploads implements BlobUploads {
  readonly #store: Store;
  /** Completions at work, so that a client that asks again while one joins the parts waits for that one. */
  readonly #completing = new Map<string, Promise<void>>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** Drops the uploads of a tenant that nobody touched for a day. */
  async sweep(tenantId: string): Promise<void> {
    const directory = this.#store.directory(tenantId);
    for (const id of await readdir(directory).catch(() => [])) {
      const touched = await stat(join(directory, id)).catch(() => undefined);
      if (touched && Date.now() - touched.mtimeMs > staleAfterMs) await this.#drop(tenantId, join(directory, id));
    }
  }

  async begin(tenantId: string, path: string): Promise<string> {
    await this.#store.refuseConflict(tenantId, path);
    await this.sweep(tenantId);
    const id = randomBytes(16).toString('hex');
    const directory = this.#directory(tenantId, id);
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await writeFile(join(directory, 'path'), path, { mode: 0o600 });
    return id;
  }

  async pathOf(tenantId: string, id: string): Promise<string | undefined> {
    if (!isUploadId(id)) return undefined;
    return readFile(join(this.#directory(tenantId, id), 'path'), 'utf8').catch(() => undefined);
  }

  async writePart(tenantId: string, id: string, number: number, body: Readable): Promise<UploadedPart> {
    outlive(body);
    const directory = this.#directory(tenantId, id);
    await this.#pathOf(directory, id);
    const draft = join(directory, `draft-${randomUUID()}`);
    try {
      await receive(body, draft);
      const stats = await stat(draft, { bigint: true });
      const part = partOf(directory, number);
      const freed = await this.#store.inTurn(tenantId, async () => {
        const replaced = await bytesBelow(part);
        await rename(draft, part);
        return replaced;
      });
      await this.#store.onFreed(tenantId, freed);
      return { number, etag: etagOf(stats) };
    } catch (error) {
      // Aborted meanwhile.
      if (failedWith(error, 'ENOENT')) throw noSuchUpload(id);
      throw error;
    } finally {
      await rm(draft, { force: true });
    }
  }

  async complete(tenantId: string, path: string, id: string, parts: readonly UploadedPart[]): Promise<void> {
    const directory = this.#directory(tenantId, id);
    if ((await this.#pathOf(directory, id)) !== path) throw noSuchUpload(id);
    const underway = this.#completing.get(directory);
    if (underway) return underway;
    const completion = this.#join(tenantId, path, directory, parts).finally(() => this.#completing.delete(directory));
    this.#completing.set(directory, completion);
    return completion;
  }

  async abort(tenantId: string, path: string, id: string): Promise<void> {
    const directory = this.#directory(tenantId, id);
    const known = await readFile(join(directory, 'path'), 'utf8').catch(() => undefined);
    if (known !== path || this.#completing.has(directory) || (await isCompleted(directory))) return;
    await this.#drop(tenantId, directory);
  }

  /** Removes an upload. Renamed first, no part of it can be put there meanwhile. */
  async #drop(tenantId: string, directory: string): Promise<void> {
    await this.#store.withStage(tenantId, async (stage) => {
      try {
        await this.#store.inTurn(tenantId, () => rename(directory, stage.content));
      } catch (error) {
        if (failedWith(error, 'ENOENT')) return;
        throw error;
      }
      await this.#store.onFreed(tenantId, await bytesBelow(stage.content, isPart));
    });
  }

  async #join(tenantId: string, path: string, directory: string, parts: readonly UploadedPart[]): Promise<void> {
    if (await isCompleted(directory)) return;
    if (parts.length === 0) throw invalid('parts: expected at least one part', 'parts');
    for (const [index, { number, etag }] of parts.entries()) {
      if (index > 0 && number <= (parts[index - 1]?.number ?? 0)) {
        throw invalid('parts: expected ascending part numbers', 'parts');
      }
      const stats = await stat(partOf(directory, number), { bigint: true }).catch(() => undefined);
      if (!stats || etagOf(stats) !== etag)
        throw invalid(`parts: part ${number} was not uploaded with that etag`, 'parts');
    }
    await this.#store.withStage(tenantId, async (stage) => {
      // The parts stay until the file is in place: a process killed here can be asked to complete again.
      for (const [index, { number }] of parts.entries()) {
        const part = createReadStream(partOf(directory, number), { highWaterMark: 1024 * 1024 });
        await receive(part, stage.content, index > 0);
      }
      const { size } = await stat(stage.content);
      await this.#store.publish(tenantId, path, stage);
      await writeFile(join(directory, 'completed'), '', { mode: 0o600 });
      // The stage stands until this is done: what a crash leaves half done is counted anew at the next start.
      const held = await this.#store.inTurn(tenantId, async () => {
        const bytes = await bytesBelow(directory, isPart);
        for (const name of await readdir(directory)) {
          if (name !== 'path' && name !== 'completed') await rm(join(directory, name), { force: true });
        }
        return bytes;
      });
      // The bytes that the parts were counted for are the file's now.
      await this.#store.onFreed(tenantId, held - size);
    });
  }

  async #pathOf(directory: string, id: string): Promise<string> {
    return readFile(join(directory, 'path'), 'utf8').catch((error) => {
      if (failedWith(error, 'ENOENT')) throw noSuchUpload(id);
      throw error;
    });
  }

  #directory(tenantId: string, id: string): string {
    if (!isUploadId(id)) throw noSuchUpload(id);
    return join(this.#store.directory(tenantId), id);
  }
}

const isUploadId = (id: string): boolean => /^[0-9a-f]{32}$/.test(id);

/** Whether a file of an upload is a part of it, and counts. */
export const isPart = (name: string): boolean => name.startsWith('part-');

const partOf = (directory: string, number: number): string => join(directory, `part-${number}`);

const isCompleted = (directory: string): Promise<boolean> =>
  stat(join(directory, 'completed')).then(
    () => true,
    () => false,
  );
