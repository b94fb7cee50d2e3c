import type { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';

/** JSON lines to be sent under a name: read to their end, or never begun. */
export interface Lines {
  readonly fileName: string;
  readonly body: Readable;
}

/** Answers with JSON lines as an attachment, as fast as the caller takes them. HEAD gets the headers alone. */
export function sendLines({ fileName, body }: Lines, reply: FastifyReply): FastifyReply {
  reply
    .type('application/x-ndjson; charset=utf-8')
    .header('content-disposition', `attachment; filename=${fileName}`)
    .header('cache-control', 'no-store');
  if (reply.request.method !== 'HEAD') return reply.send(body);
  body.destroy();
  return reply.send();
}
