import type { Readable } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type { FastifyReply } from 'fastify';

/** What an export answers with: read to its end, or never begun. */
export interface Exported {
  readonly fileName: string;
  /** The media type. */
  readonly type: string;
  readonly body: Readable;
}

export const jsonLines = 'application/x-ndjson; charset=utf-8';

/** The last of an export's lines, which says that it is whole: how many lines of rows came before it. */
export const endLine = (lines: number): string => `${JSON.stringify({ end: { lines } })}\n`;

/** Answers with an export as an attachment, as fast as the caller takes it. HEAD gets the headers alone. */
export function sendExported({ fileName, type, body }: Exported, reply: FastifyReply): FastifyReply {
  reply
    .type(type)
    .header('content-disposition', `attachment; filename=${fileName}`)
    .header('cache-control', 'no-store');
  if (reply.request.method === 'HEAD') {
    body.destroy();
    return reply.send();
  }
  body.once('error', () => {
    // To a client of HTTP/1.0, as many proxies are, a connection that closes is an answer that ends. TLS says so itself.
    const { headersSent, socket } = reply.raw;
    if (headersSent && socket && !(socket instanceof TLSSocket)) socket.resetAndDestroy();
  });
  return reply.send(body);
}
