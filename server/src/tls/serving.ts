import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Server } from 'node:tls';
import type { Certificates } from './pair.ts';
import { tlsProtocol } from './protocol.ts';

const ticketKeysMs = 86_400_000;

/**
 * The TLS servers that begin to listen while `work` is under way. `localhost` has a second server within Fastify, for
 * the other address, which only this channel reaches.
 */
export async function tlsServersOf<T>(work: () => Promise<T>): Promise<{ result: T; servers: Server[] }> {
  const servers: Server[] = [];
  const onListen = (message: unknown): void => {
    const { server } = message as { server: unknown };
    if (server instanceof Server) servers.push(server);
  };
  subscribe('tracing:net.server.listen:asyncEnd', onListen);
  try {
    return { result: await work(), servers };
  } finally {
    unsubscribe('tracing:net.server.listen:asyncEnd', onListen);
  }
}

/** New connections to `servers` get the certificate of the moment; those that stand keep theirs. */
export function serveCertificates(servers: readonly Server[], certificates: Certificates): { close(): void } {
  const renew = (): void => {
    // A new context has new keys for session tickets too: a stolen one opens the sessions of a day, not of months.
    for (const server of servers) server.setSecureContext({ ...tlsProtocol, ...certificates.current() });
  };
  renew();
  certificates.onChange(renew);
  const timer = setInterval(renew, ticketKeysMs);
  timer.unref();
  return { close: () => clearInterval(timer) };
}
