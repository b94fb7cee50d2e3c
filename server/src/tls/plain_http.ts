import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AnswerHeaders } from '../http_headers.ts';

const challengePath = '/.well-known/acme-challenge/';
const timeMs = 10_000;

export type PlainHttpOptions = {
  /** Literal addresses of this machine. */
  readonly addresses: readonly string[];
  readonly port: number;
  /** Of every answer. */
  readonly headers: AnswerHeaders;
  /** Where everybody is sent; never the name that a request brings. */
  target(): string;
  /** By token: what an ACME authority asks for to see that this machine is ours. */
  readonly challenges: ReadonlyMap<string, string>;
};

/**
 * Answers plain HTTP with the way to HTTPS (308, which keeps method and body), and serves nothing in clear but liveness
 * and the challenges of an ACME authority. Bodies are not read.
 */
export async function openPlainHttp(options: PlainHttpOptions): Promise<{ readonly port: number; close(): void }> {
  const servers: Server[] = [];
  let { port } = options;
  for (const address of options.addresses) {
    const server = createServer(
      { headersTimeout: timeMs, requestTimeout: timeMs, keepAlive: false },
      (request, response) => answer(request, response, options),
    );
    server.maxConnections = 1_000;
    servers.push(server);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host: address, port }, resolve);
    });
    const bound = server.address();
    if (typeof bound === 'object' && bound !== null) port = bound.port;
  }
  return {
    port,
    close() {
      for (const server of servers) {
        server.close();
        server.closeAllConnections();
      }
    },
  };
}

function answer(request: IncomingMessage, response: ServerResponse, { headers, target, challenges }: PlainHttpOptions) {
  const path = request.url ?? '';
  const reads = request.method === 'GET' || request.method === 'HEAD';
  const say = (status: number, text: string, more: AnswerHeaders = {}): void => {
    const type = { 'content-type': 'text/plain; charset=utf-8', 'content-length': String(Buffer.byteLength(text)) };
    response.shouldKeepAlive = false;
    response.writeHead(status, { ...headers, ...type, ...more }).end(text);
  };
  if (reads && path === '/health') return say(200, 'OK');
  if (path.startsWith(challengePath)) {
    const proof = reads ? challenges.get(path.slice(challengePath.length)) : undefined;
    return proof === undefined ? say(404, 'There is no such challenge.') : say(200, proof);
  }
  const { origin } = new URL(target());
  // Put together as text: as a relative reference, //elsewhere would name another host.
  if (!path.startsWith('/') || !URL.canParse(origin + path))
    return say(400, 'The request target: give the path alone.');
  const location = new URL(origin + path).href;
  return say(308, `Maestro is at ${origin}.`, { location });
}
