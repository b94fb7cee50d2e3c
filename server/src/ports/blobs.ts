import type { Readable } from 'node:stream';
import { invalid, type MaestroError } from '../errors.ts';

/** A file or a directory in a listing. */
export interface BlobInfo {
  /** The last segment of its path. */
  readonly name: string;
  readonly isDirectory: boolean;
  /** Bytes; 0 for a directory. */
  readonly size: number;
}

/** A file that is open: its size and content stay as they were at opening, also when it is replaced meanwhile. */
export interface OpenBlob {
  /** Bytes. */
  readonly size: number;
  readonly modifiedAt: Date;
  /** Changes whenever the file is written. Without quotes. */
  readonly etag: string;
  /** The bytes from `start` to `end`, both inclusive; everything by default. Once only; the file closes at its end. */
  read(range?: { start: number; end: number }): Readable;
  /** Closes a file that will not be read. */
  close(): Promise<void>;
}

/** A part of an upload, as its writing named it. */
export interface UploadedPart {
  readonly number: number;
  readonly etag: string;
}

/** Uploads in parts. One that is neither completed nor aborted in a day may be dropped. */
export interface BlobUploads {
  /** Begins an upload. Gives its id. */
  begin(tenantId: string, path: string): Promise<string>;
  /** Where the file of an upload goes; undefined for no such upload. */
  pathOf(tenantId: string, uploadId: string): Promise<string | undefined>;
  /** Writes part `number` (from 1), replacing an earlier one of that number. Throws `not_found` for no such upload. */
  writePart(tenantId: string, uploadId: string, number: number, body: Readable): Promise<UploadedPart>;
  /**
   * Joins the parts, which ascend by number; the file then appears. Repeating it is harmless. Throws `not_found` for no
   * such upload, and `invalid_parameter` for parts that were not written so.
   */
  complete(tenantId: string, path: string, uploadId: string, parts: readonly UploadedPart[]): Promise<void>;
  /** Drops an upload and its parts. One that is unknown or completed is left as it is. */
  abort(tenantId: string, path: string, uploadId: string): Promise<void>;
}

/**
 * Files of tenants by path. Paths are relative, `/`-separated and canonical (`files/paths.ts`); every call names the
 * tenant, whose files lie apart. A reader never sees half a file: a write appears when it is whole. A path is a file or
 * a directory; what would make it both is refused (`isDirectory`, `isBelowFile`).
 */
export interface BlobStore {
  /**
   * Writes the whole stream, replacing what was there. Gives the size in bytes. The chunks are taken over: their memory
   * may be released as soon as they are written.
   */
  write(tenantId: string, path: string, body: Readable): Promise<number>;
  /** Undefined where there is nothing; throws `isDirectory`. */
  open(tenantId: string, path: string): Promise<OpenBlob | undefined>;
  /** The direct children of a directory ('' is the tenant's root), by name in byte order; none where there is none. */
  list(tenantId: string, directory: string): Promise<BlobInfo[]>;
  /** Removes a file, or a directory with all below it, at once for readers. False where there was none. */
  remove(tenantId: string, path: string): Promise<boolean>;
  /** Removes everything of a tenant. */
  removeTenant(tenantId: string): Promise<void>;
  /**
   * Tells `use` how many bytes a tenant has here, parts of uploads included; until it is done, none of the tenant's
   * come or go.
   */
  measure<T>(tenantId: string, use: (bytes: number) => Promise<T>): Promise<T>;
  /** Tenants whose files an earlier process was writing when it ended without notice. */
  readonly interrupted: readonly string[];
  /** Uploads in parts, where the store takes them. */
  readonly uploads: BlobUploads | undefined;
}

/** Hears of bytes that are no longer stored: of files replaced or removed, and of uploads dropped. */
export type OnFreed = (tenantId: string, bytes: number) => Promise<void>;

export const isDirectory = (path: string): MaestroError =>
  invalid(`Artifact path refers to a directory, not a file: '${path}'`, 'path');

export const isBelowFile = (path: string): MaestroError =>
  invalid(`Artifact path lies below a file, not a directory: '${path}'`, 'path');
