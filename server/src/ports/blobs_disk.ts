import { randomUUID } from 'node:crypto';
import { constants, type Dirent } from 'node:fs';
import { lstat, mkdir, open, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { MaestroError } from '../errors.ts';
import { type BlobInfo, type BlobStore, isBelowFile, isDirectory, type OnFreed, type OpenBlob } from './blobs.ts';
import { DiskUploads, isPart } from './blobs_disk_uploads.ts';
import { bytesBelow, etagOf, FileStream, failedWith, outlive, receive, type Stage } from './disk_files.ts';

const tenantPattern = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;

/** Attempts to put a file in place against others that make and remove its directories at the same moment. */
const attemptsMax = 100;

/**
 * Opens the files below `root` (made, of mode 0700, where there is none), and removes what an earlier process left
 * half-written. Each tenant has a directory there: `tree` holds its files, `incoming` what is being written or
 * removed, `uploads` the parts of uploads (taken where `multipart` says so). One process at a time may use a root.
 */
export async function openDiskBlobs(
  root: string,
  options: { multipart: boolean; onFreed?: OnFreed },
): Promise<BlobStore> {
  await mkdir(root, { recursive: true, mode: 0o700 });
  const blobs = new DiskBlobs(root, options);
  await blobs.sweep();
  return blobs;
}

class DiskBlobs implements BlobStore {
  readonly #root: string;
  readonly #onFreed: OnFreed;
  /** The last of the changes that wait for one another, by tenant. */
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly uploads: DiskUploads | undefined;
  readonly interrupted: string[] = [];

  constructor(root: string, { multipart, onFreed = async () => undefined }: { multipart: boolean; onFreed?: OnFreed }) {
    this.#root = root;
    this.#onFreed = onFreed;
    if (!multipart) return;
    this.uploads = new DiskUploads({
      inTurn: (tenantId, change) => this.#inTurn(tenantId, change),
      onFreed,
      directory: (tenantId) => this.#directory(tenantId, 'uploads'),
      refuseConflict: (tenantId, path) => this.#refuseConflict(tenantId, path),
      withStage: (tenantId, run) => this.#withStage(tenantId, run),
      publish: (tenantId, path, stage) => this.#publish(tenantId, path, stage),
    });
  }

  async sweep(): Promise<void> {
    for (const tenantId of await readdir(this.#root)) {
      if (!tenantPattern.test(tenantId)) continue;
      const incoming = this.#directory(tenantId, 'incoming');
      if ((await readdir(incoming).catch(() => [])).length > 0) this.interrupted.push(tenantId);
      await rm(incoming, { recursive: true, force: true });
      await this.uploads?.sweep(tenantId);
    }
  }

  async write(tenantId: string, path: string, body: Readable): Promise<number> {
    outlive(body);
    await this.#refuseConflict(tenantId, path);
    return this.#withStage(tenantId, async (stage) => {
      const size = await receive(body, stage.content);
      await this.#publish(tenantId, path, stage);
      return size;
    });
  }

  async open(tenantId: string, path: string): Promise<OpenBlob | undefined> {
    const { place } = await this.#find(tenantId, path);
    if (place === undefined) return undefined;
    // Neither follows a link nor waits for the writer of a pipe that someone put here by hand.
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    const file = await open(place, flags).catch((error) => {
      if (failedWith(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'EISDIR')) return undefined;
      throw error;
    });
    if (file === undefined) return undefined;
    const stats = await file.stat({ bigint: true });
    if (!stats.isFile()) {
      await file.close();
      if (stats.isDirectory()) throw isDirectory(path);
      return undefined;
    }
    const size = Number(stats.size);
    return {
      size,
      modifiedAt: stats.mtime,
      etag: etagOf(stats),
      read: ({ start, end } = { start: 0, end: size - 1 }) => new FileStream(file, start, end),
      close: () => file.close(),
    };
  }

  async list(tenantId: string, directory: string): Promise<BlobInfo[]> {
    const { place } = await this.#find(tenantId, directory);
    // readdir would follow a link.
    const stats = place === undefined ? undefined : await lstat(place).catch(() => undefined);
    if (place === undefined || !stats?.isDirectory()) return [];
    const entries = await readdir(place, { withFileTypes: true }).catch((error): Dirent[] => {
      if (failedWith(error, 'ENOENT', 'ENOTDIR')) return [];
      throw error;
    });
    const infos: BlobInfo[] = [];
    for (const entry of entries) {
      if (entry.isDirectory()) infos.push({ name: entry.name, isDirectory: true, size: 0 });
      if (!entry.isFile()) continue;
      const file = await lstat(join(place, entry.name)).catch(() => undefined);
      if (file?.isFile()) infos.push({ name: entry.name, isDirectory: false, size: file.size });
    }
    return infos.sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
  }

  async remove(tenantId: string, path: string): Promise<boolean> {
    const { place } = await this.#find(tenantId, path);
    if (place === undefined || path === '') return false;
    const removed = await this.#withStage(tenantId, async (stage) => {
      try {
        await this.#inTurn(tenantId, () => rename(place, stage.content));
      } catch (error) {
        if (failedWith(error, 'ENOENT', 'ENOTDIR')) return false;
        throw error;
      }
      await syncDirectories([join(place, '..')]);
      await this.#onFreed(tenantId, await bytesBelow(stage.content));
      return true;
    });
    // Directories that became empty go too: to the protocol a directory exists by what is in it.
    const segments = path.split('/');
    for (let depth = segments.length - 1; removed && depth > 0; depth -= 1) {
      const emptied = await rmdir(join(this.#directory(tenantId, 'tree'), ...segments.slice(0, depth))).then(
        () => true,
        () => false,
      );
      if (!emptied) break;
    }
    return removed;
  }

  async removeTenant(tenantId: string): Promise<void> {
    await rm(this.#directory(tenantId), { recursive: true, force: true });
  }

  measure<T>(tenantId: string, use: (bytes: number) => Promise<T>): Promise<T> {
    return this.#inTurn(tenantId, async () => {
      const [tree, uploads] = [this.#directory(tenantId, 'tree'), this.#directory(tenantId, 'uploads')];
      return use((await bytesBelow(tree)) + (await bytesBelow(uploads, isPart)));
    });
  }

  /** One change of what a tenant has stored at a time: what each frees is then known for certain. */
  #inTurn<T>(tenantId: string, change: () => Promise<T>): Promise<T> {
    const turn = (this.#turns.get(tenantId) ?? Promise.resolve()).then(change, change);
    this.#turns.set(tenantId, turn);
    const leave = () => {
      if (this.#turns.get(tenantId) === turn) this.#turns.delete(tenantId);
    };
    turn.then(leave, leave);
    return turn;
  }

  /** Puts content over what is at a place. Gives the bytes of the file that stood there. */
  async #replace(content: string, place: string): Promise<number> {
    const stats = await lstat(place).catch(() => undefined);
    await rename(content, place);
    return stats?.isFile() ? stats.size : 0;
  }

  #directory(tenantId: string, ...below: string[]): string {
    if (!tenantPattern.test(tenantId)) throw new Error('files need the id of a tenant');
    return join(this.#root, tenantId, ...below);
  }

  /**
   * Walks to a path through real directories: a link is never followed, wherever it stands. `depth` is how many of the
   * parents exist; `place` is undefined where not all do; `blocked` where one of them is a file or a link.
   */
  async #find(tenantId: string, path: string): Promise<{ place?: string; depth: number; blocked: boolean }> {
    const segments = path === '' ? [] : path.split('/');
    let place = this.#directory(tenantId, 'tree');
    for (const [depth, segment] of segments.entries()) {
      if (depth > 0) {
        const stats = await lstat(place).catch((error) => {
          if (failedWith(error, 'ENOENT', 'ENOTDIR')) return undefined;
          throw error;
        });
        if (stats === undefined) return { depth: depth - 1, blocked: false };
        if (!stats.isDirectory()) return { depth: depth - 1, blocked: true };
      }
      place = join(place, segment);
    }
    return { place, depth: Math.max(segments.length - 1, 0), blocked: false };
  }

  /** Refuses early, before a large body is taken in, what could not be put in place. */
  async #refuseConflict(tenantId: string, path: string): Promise<void> {
    const { place, blocked } = await this.#find(tenantId, path);
    if (blocked) throw isBelowFile(path);
    const stats = place === undefined ? undefined : await lstat(place).catch(() => undefined);
    if (stats?.isDirectory()) throw isDirectory(path);
  }

  async #withStage<T>(tenantId: string, run: (stage: Stage) => Promise<T>): Promise<T> {
    const directory = this.#directory(tenantId, 'incoming', randomUUID());
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await mkdir(this.#directory(tenantId, 'tree'), { recursive: true, mode: 0o700 });
    try {
      return await run({ directory, content: join(directory, 'content') });
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }

  /**
   * Puts staged content in its place by one rename. Directories that are missing are made in the stage around it and
   * renamed with it, so that no reader sees an empty one and a crash leaves none.
   */
  async #publish(tenantId: string, path: string, stage: Stage): Promise<void> {
    const tree = this.#directory(tenantId, 'tree');
    const segments = path.split('/');
    for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
      const { depth, blocked } = await this.#find(tenantId, path);
      if (blocked) throw isBelowFile(path);
      const existing = segments.slice(0, depth);
      const [top = '', ...below] = segments.slice(depth);
      try {
        if (below.length === 0) {
          const freed = await this.#inTurn(tenantId, () => this.#replace(stage.content, join(tree, ...segments)));
          await this.#onFreed(tenantId, freed);
        } else {
          await this.#inTurn(tenantId, () => this.#publishWithDirectories(stage, join(tree, ...existing, top), below));
        }
      } catch (error) {
        if (below.length === 0 && failedWith(error, 'EISDIR')) {
          if (await removeEmpty(join(tree, ...segments))) continue;
          throw isDirectory(path);
        }
        // Another made or removed one of the directories meanwhile.
        if (failedWith(error, 'ENOENT', 'ENOTEMPTY', 'EEXIST', 'ENOTDIR')) continue;
        throw error;
      }
      await syncDirectories(below.map((_, index) => join(tree, ...segments.slice(0, segments.length - 1 - index))));
      await syncDirectories([join(tree, ...existing)]);
      return;
    }
    throw new MaestroError('unavailable', `The directory of '${path}' keeps changing; try again.`);
  }

  async #publishWithDirectories(stage: Stage, top: string, below: readonly string[]): Promise<void> {
    const staged = join(stage.directory, 'directories');
    const name = join(staged, ...below);
    await mkdir(join(name, '..'), { recursive: true, mode: 0o700 });
    await rename(stage.content, name);
    try {
      await rename(staged, top);
    } catch (error) {
      await rename(name, stage.content);
      await rm(staged, { recursive: true });
      throw error;
    }
  }
}

const removeEmpty = (directory: string): Promise<boolean> =>
  rmdir(directory).then(
    () => true,
    () => false,
  );

/** Makes entries of directories durable. One that another just removed needs it no more. */
async function syncDirectories(directories: readonly string[]): Promise<void> {
  for (const directory of directories) {
    const handle = await open(directory, constants.O_RDONLY | constants.O_DIRECTORY).catch((error) => {
      if (failedWith(error, 'ENOENT', 'ENOTDIR')) return undefined;
      throw error;
    });
    await handle?.sync().finally(() => handle.close());
  }
}
