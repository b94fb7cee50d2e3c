import type { FastifyReply } from 'fastify';
import { MaestroError } from '../errors.ts';
import { contentTypeOf } from './content_type.ts';
import type { Download } from './operations.ts';

const encode = (text: string): string =>
  encodeURIComponent(text).replace(/['()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

/** RFC 6266: the name in ASCII, and in full where that differs. */
function attachment(name: string): string {
  const plain = name
    .normalize('NFKD')
    .replace(/[^\x20-\x7e]/g, '')
    .trim();
  const quoted = /^[\w!#$%&'*+.^`|~-]+$/.test(plain) ? plain : `"${plain.replace(/["\\]/g, '\\$&')}"`;
  return `attachment; filename=${plain === '' ? 'download' : quoted}${plain === name ? '' : `; filename*=UTF-8''${encode(name)}`}`;
}

/**
 * The range that `Range` asks for (RFC 9110, section 14): undefined for the whole file, also where the header is
 * malformed or asks for several ranges; 'none' where the file has no such bytes.
 */
export function rangeOf(header: string | undefined, size: number): { start: number; end: number } | undefined | 'none' {
  const match = /^bytes=(?:(\d{1,15})-(\d{1,15})?|-(\d{1,15}))$/.exec(header?.replaceAll(' ', '') ?? '');
  if (!match) return undefined;
  const [, first, last, suffix] = match;
  if (suffix !== undefined) {
    const length = Math.min(Number(suffix), size);
    return length === 0 ? 'none' : { start: size - length, end: size - 1 };
  }
  const start = Number(first);
  if (last !== undefined && Number(last) < start) return undefined;
  return start >= size ? 'none' : { start, end: Math.min(last === undefined ? size - 1 : Number(last), size - 1) };
}

/** Whether the caller has this very content already (RFC 9110, section 13). */
function isKnown(headers: Record<string, string | string[] | undefined>, etag: string, modifiedAt: Date): boolean {
  const tags = headers['if-none-match'];
  if (typeof tags === 'string') {
    return tags.trim() === '*' || tags.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
  }
  const since = headers['if-modified-since'];
  return typeof since === 'string' && Math.floor(modifiedAt.getTime() / 1000) * 1000 <= Date.parse(since);
}

/** Whether `If-Range` lets a range be served: the file is still the one the caller has the rest of. */
function isUnchanged(condition: string | string[] | undefined, etag: string, modifiedAt: Date): boolean {
  return condition === undefined || condition === etag || condition === modifiedAt.toUTCString();
}

/** A browser that shows it after all runs nothing of it, gives it no origin, and shows it in no frame. */
const contentSecurityPolicy =
  "sandbox; default-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * Answers with a file, always as an attachment: what a tenant's member stored must never run as a page of this server.
 * Answers 206 to a range, 304 to a caller that has the content, 416 where the range is not there.
 */
export async function sendDownload({ path, file }: Download, reply: FastifyReply): Promise<FastifyReply> {
  const { method, headers } = reply.request;
  const name = path.slice(path.lastIndexOf('/') + 1);
  const etag = `"${file.etag}"`;
  const isHead = method === 'HEAD';
  try {
    reply
      .header('etag', etag)
      .header('last-modified', file.modifiedAt.toUTCString())
      .header('accept-ranges', 'bytes')
      .header('cache-control', 'no-store')
      .header('content-disposition', attachment(name))
      .header('content-security-policy', contentSecurityPolicy)
      .header('x-content-type-options', 'nosniff');
    if (isKnown(headers, etag, file.modifiedAt)) {
      await file.close();
      return reply.code(304).send();
    }
    const range =
      isUnchanged(headers['if-range'], etag, file.modifiedAt) && !isHead
        ? rangeOf(headers.range, file.size)
        : undefined;
    if (range === 'none') {
      reply.header('content-range', `bytes */${file.size}`).removeHeader('content-disposition');
      throw new MaestroError('range_not_satisfiable', `The file has ${file.size} bytes.`);
    }
    reply
      .header('content-length', range ? range.end - range.start + 1 : file.size)
      .header('content-type', contentTypeOf(name));
    if (range) reply.code(206).header('content-range', `bytes ${range.start}-${range.end}/${file.size}`);
    if (isHead) {
      await file.close();
      return reply.send();
    }
    return reply.send(file.read(range));
  } catch (error) {
    await file.close();
    throw error;
  }
}
