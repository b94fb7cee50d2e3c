import type { FastifyReply } from 'fastify';
import type { Export, Format } from './export.ts';

const mediaTypes: Readonly<Record<Format, string>> = {
  jsonl: 'application/x-ndjson; charset=utf-8',
  csv: 'text/csv; charset=utf-8; header=present',
};

/** Answers with an export as an attachment, as fast as the caller takes it. HEAD gets the headers alone. */
export function sendExport({ format, body }: Export, reply: FastifyReply): FastifyReply {
  reply
    .type(mediaTypes[format])
    .header('content-disposition', `attachment; filename=audit.${format}`)
    .header('cache-control', 'no-store');
  if (reply.request.method !== 'HEAD') return reply.send(body);
  body.destroy();
  return reply.send();
}
