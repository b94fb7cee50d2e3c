import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { type ErrorCode, MaestroError, mlflowErrorOf, problemOf } from './errors.ts';
import { type AnswerHeaders, overTlsAt } from './http_headers.ts';

const faults: Record<string, [ErrorCode, string]> = {
  HPE_HEADER_OVERFLOW: ['headers_too_large', 'The URL and the headers are longer than 16 KiB together.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['request_timeout', 'The request did not arrive in time.'],
};

/**
 * Answers what Node could not read as an HTTP request, with `headers`, and closes. There is no request to know the face
 * by, so the body is a problem that carries the members of MLflow's errors too.
 */
export const refuseUnreadable =
  (headers: AnswerHeaders) =>
  (error: { code?: string }, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) return void socket.destroy();
    const [code, message] = faults[error.code ?? ''] ?? ['bad_request', 'This is no HTTP request.'];
    const id = randomUUID();
    const known = new MaestroError(code, message);
    const { status, body } = problemOf(known, id);
    const text = JSON.stringify({ ...body, ...mlflowErrorOf(known, id).body });
    const said = {
      ...headers,
      // Without a name the client asked for an address, and browsers keep no such rule for one.
      ...(socket instanceof TLSSocket && socket.servername ? overTlsAt(socket.servername) : {}),
      'content-type': 'application/problem+json',
      'content-length': Buffer.byteLength(text),
      connection: 'close',
    };
    const lines = Object.entries(said).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${text}`);
  };
