import { once } from 'node:events';
import { type ClientRequest, createServer, type IncomingMessage, request as requestOf } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** What a bad line does to one request. */
export type Trouble =
  /** A proxy's own answer; the server hears nothing. */
  | { readonly status: number; readonly retryAfter?: string }
  /** The connection ends before the server hears of it; after it has answered; or after so many bytes of the answer. */
  | { readonly cut: 'before' | 'after' | number }
  /** The connection ends after so many bytes of the request. */
  | { readonly cutUpload: number };

export interface BadLine {
  readonly url: string;
  /** The requests that came, as `METHOD path`. */
  readonly seen: string[];
  /** The trouble of the next requests, in order; those after them have none. */
  meet(...troubles: readonly (Trouble | undefined)[]): void;
  stop(): Promise<void>;
}

class Cut extends Error {}

/** Ends in an error after so many bytes. */
function cutting(bytes: number): Transform {
  let left = bytes;
  return new Transform({
    transform(piece: Buffer, _encoding, done) {
      if (piece.length > left) {
        this.push(piece.subarray(0, left));
        done(new Cut());
      } else {
        left -= piece.length;
        done(null, piece);
      }
    },
  });
}

/** A proxy before a server, that fails as networks and proxies do. */
export async function startBadLine(to: string): Promise<BadLine> {
  const seen: string[] = [];
  const troubles: (Trouble | undefined)[] = [];
  const proxy = createServer(async (request, response) => {
    seen.push(`${request.method} ${request.url}`);
    const { socket, method = 'GET', headers, url = '/' } = request;
    const trouble = troubles.shift();
    let onward: ClientRequest | undefined;
    try {
      if (trouble && 'status' in trouble) {
        request.resume();
        const said = trouble.retryAfter === undefined ? {} : { 'retry-after': trouble.retryAfter };
        response.writeHead(trouble.status, said).end('<html>Not now</html>');
        return;
      }
      const cut = trouble && 'cut' in trouble ? trouble.cut : undefined;
      if (cut === 'before') throw new Cut();
      onward = requestOf(new URL(url, to), { method, agent: false, headers: { ...headers, host: new URL(to).host } });
      const answered = once(onward, 'response') as Promise<[IncomingMessage]>;
      const sent =
        trouble && 'cutUpload' in trouble
          ? pipeline(request, cutting(trouble.cutUpload), onward)
          : pipeline(request, onward);
      // Whoever refuses answers before all is sent.
      const [answer] = await Promise.race([answered, sent.then(() => answered)]);
      for (const each of [answered, sent]) each.catch(() => undefined);
      if (cut === 'after') throw new Cut();
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      if (typeof cut === 'number') {
        const part = cutting(cut);
        // What came before the cut is on its way before the connection ends.
        part.on('data', (piece: Buffer) => response.write(piece));
        await pipeline(answer, part);
        response.end();
      } else await pipeline(answer, response);
    } catch {
      // In the next turn: the pieces that were written go out first.
      setImmediate(() => socket.destroy());
    } finally {
      onward?.destroy();
    }
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    seen,
    meet(...next) {
      seen.length = 0;
      troubles.splice(0, troubles.length, ...next);
    },
    async stop() {
      proxy.close();
      proxy.closeAllConnections();
      await once(proxy, 'close').catch(() => undefined);
    },
  };
}
