import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { ReadableStream } from 'node:stream/web';
import type { ParamsOption } from 'openapi-fetch';
import type { paths } from './contract.ts';
import { isBroken, withRetries } from './retry.ts';

/** What can be uploaded, in constant memory. What is not a stream is sent again where the connection breaks. */
export type Content = FileHandle | Blob | Uint8Array | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;

interface TransferOptions {
  readonly signal?: AbortSignal;
  /** 64 hex digits. Content with another digest is a `ContentMismatch`: an upload leaves no file, a download ends in it. */
  readonly sha256?: string;
  /** Told how many bytes have passed so far; fewer than before where an upload begins anew. */
  readonly onProgress?: (bytes: number) => void;
}

type Files<Method extends 'get' | 'put', Shape> = {
  [Path in keyof paths]: paths[Path][Method] extends Shape ? Path : never;
}[keyof paths];
type UploadPath = Files<'put', { requestBody?: { content: { 'application/octet-stream': unknown } } }>;
type DownloadPath = Files<'get', { responses: { 200: { content: { '*/*': unknown } } } }>;
type AnswerOf<Path extends UploadPath> = paths[Path]['put'] extends {
  responses: { 200: { content: { 'application/json': infer Answer } } };
}
  ? Answer
  : never;

export interface Download {
  /** Bytes; undefined where the server does not say. */
  readonly size: number | undefined;
  /** To be read to its end or cancelled. Where the connection breaks it goes on where it was. */
  readonly body: ReadableStream<Uint8Array>;
}

export interface Transfers {
  /** Sends content as it is read. */
  upload<Path extends UploadPath>(
    path: Path,
    options: ParamsOption<paths[Path]['put']> & TransferOptions & { readonly content: Content },
  ): Promise<{ data: AnswerOf<Path>; sha256: string }>;
  /** Opens a file. */
  download<Path extends DownloadPath>(
    path: Path,
    options: ParamsOption<paths[Path]['get']> & TransferOptions,
  ): Promise<Download>;
}

/** What came is not what was asked for. */
export class ContentMismatch extends Error {
  override readonly name = 'ContentMismatch';
}

/** What is read of a file at once. */
const pieceBytes = 256 * 1024;

interface Source {
  readonly size?: number;
  readonly canRepeat: boolean;
  open(): AsyncIterable<Uint8Array>;
}

async function sourceOf(content: Content): Promise<Source> {
  if (content instanceof Uint8Array) {
    return {
      size: content.length,
      canRepeat: true,
      async *open() {
        yield content;
      },
    };
  }
  if (content instanceof Blob) {
    return { size: content.size, canRepeat: true, open: () => content.stream() as ReadableStream<Uint8Array> };
  }
  if ('createReadStream' in content) {
    // A file that grows meanwhile is sent as long as it was said to be. A stream over it would close it.
    const { size } = await content.stat();
    return {
      size,
      canRepeat: true,
      async *open() {
        for (let position = 0; position < size; ) {
          const buffer = new Uint8Array(Math.min(pieceBytes, size - position));
          const { bytesRead } = await content.read({ buffer, position });
          if (bytesRead === 0) return;
          position += bytesRead;
          yield buffer.subarray(0, bytesRead);
        }
      },
    };
  }
  return { canRepeat: false, open: () => content };
}

/** Passes pieces on. The last is held back until the digest of all of them is known to be right. */
async function* checked(
  pieces: AsyncIterable<Uint8Array>,
  { sha256, onProgress }: TransferOptions,
  onDigest: (sha256: string) => void = () => undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const hash = createHash('sha256');
  let held: Uint8Array | undefined;
  let passed = 0;
  for await (const piece of pieces) {
    if (held) yield held;
    held = piece;
    hash.update(piece);
    passed += piece.length;
    onProgress?.(passed);
  }
  const found = hash.digest('hex');
  if (sha256 !== undefined && sha256.toLowerCase() !== found) {
    throw new ContentMismatch(`The content has the SHA-256 ${found}, where ${sha256} was expected.`);
  }
  onDigest(found);
  if (held) yield held;
}

interface Answer {
  data: unknown;
  response: Response;
}
type Send = (path: string, options: object) => Promise<Answer>;

/** Uploads by PUT, and downloads by GET. */
export function transfersBy(get: Send, put: Send, retries: number): Transfers {
  async function upload(path: string, { content, ...options }: TransferOptions & { content: Content }) {
    const { size, canRepeat, open } = await sourceOf(content);
    const { params, signal } = options as TransferOptions & { params?: object };
    return withRetries({ retries: canRepeat ? retries : 0, repeatable: true, signal }, async () => {
      let fault: { error: unknown } | undefined;
      let sha256 = '';
      async function* pieces() {
        try {
          yield* checked(open(), options, (digest) => {
            sha256 = digest;
          });
        } catch (error) {
          fault = { error };
          throw error;
        }
      }
      try {
        const { data } = await put(path, {
          params,
          signal,
          retries: 0,
          body: ReadableStream.from(pieces()),
          bodySerializer: (body: unknown) => body,
          duplex: 'half',
          headers: { 'content-type': 'application/octet-stream', ...(size ? { 'content-length': String(size) } : {}) },
        });
        return { data, sha256 };
      } catch (error) {
        // What was wrong with the content would be told as a connection that broke.
        throw fault ? fault.error : error;
      }
    });
  }

  async function download(path: string, options: TransferOptions): Promise<Download> {
    const { params, signal } = options as TransferOptions & { params?: object };
    const open = (headers: Record<string, string>): Promise<Answer> =>
      get(path, { params, signal, parseAs: 'stream', headers: { 'accept-encoding': 'identity', ...headers } });
    const first = await open({});
    const { headers } = first.response;
    const etag = headers.get('accept-ranges') === 'bytes' ? headers.get('etag') : null;
    const length = headers.get('content-length');

    let { response } = first;
    async function* pieces() {
      let read = 0;
      for (let breaks = 0; ; breaks++) {
        try {
          for await (const piece of response.body ?? []) {
            read += piece.length;
            breaks = 0;
            yield piece;
          }
          return;
        } catch (error) {
          if (etag === null || breaks >= retries || !isBroken(error)) throw error;
        }
        ({ response } = await open({ range: `bytes=${read}-`, 'if-range': etag }));
        if (response.status !== 206) {
          await response.body?.cancel();
          throw new ContentMismatch('The file was replaced while it was downloaded.');
        }
      }
    }
    const content = checked(pieces(), options);
    return {
      size: length === null ? undefined : Number(length),
      body: new ReadableStream<Uint8Array>(
        {
          async pull(reader) {
            const { done, value } = await content.next();
            if (done) reader.close();
            else reader.enqueue(value);
          },
          async cancel() {
            await content.return();
            // Where nothing was read yet.
            if (response.body?.locked === false) await response.body.cancel();
          },
        },
        { highWaterMark: 0 },
      ),
    };
  }

  return { upload, download } as Transfers;
}
