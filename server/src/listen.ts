import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { lookup } from 'node:dns/promises';
import { createServer, type Socket } from 'node:net';
import type { Server as TlsServer } from 'node:tls';
import type { FastifyInstance } from 'fastify';
import type { Config } from './config.ts';
import { tlsServersOf } from './tls/serving.ts';

/**
 * Gives the addresses of this machine that `host` means. Throws when something else listens on the port, which
 * `variable` sets. Asked before the first start prints what is shown only once.
 */
export async function checkPortIsFree(
  host: string,
  port: number,
  variable: 'MAESTRO_PORT' | 'MAESTRO_HTTP_PORT',
): Promise<readonly string[]> {
  const usable: string[] = [];
  for (const { address } of await addressesOf(host)) {
    if (await checkAddress(address, host, port, variable)) usable.push(address);
  }
  return usable;
}

async function addressesOf(host: string): Promise<{ address: string }[]> {
  try {
    return await lookup(host, { all: true });
  } catch (cause) {
    throw new Error(`MAESTRO_HOST: there is no address for ${host}.`, { cause });
  }
}

/** False where the machine has no such address, and another one of `host` serves. */
async function checkAddress(address: string, host: string, port: number, variable: string): Promise<boolean> {
  const server = createServer();
  const error = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    server.once('error', resolve);
    server.listen({ host: address, port, exclusive: true }, () => resolve(undefined));
  });
  if (error === undefined) {
    await new Promise((resolve) => server.close(resolve));
    return true;
  }
  // localhost has an IPv6 address on many machines that have no IPv6; the other address serves.
  if (error.code === 'EADDRNOTAVAIL' && host === 'localhost') return false;
  const reasons: Record<string, string> = {
    EADDRINUSE: `something else listens there; give another port in ${variable}`,
    EACCES: `ports below 1024 need a privilege; give another in ${variable}`,
    EADDRNOTAVAIL: 'this machine has no such address; see MAESTRO_HOST',
  };
  throw new Error(`Cannot listen on ${address} port ${port}: ${reasons[error.code ?? ''] ?? error.message}.`);
}

/**
 * Begins to accept connections; gives the port, and the servers that speak TLS. `localhost` listens on 127.0.0.1 and on
 * ::1, with a server each.
 */
export async function listen(
  app: FastifyInstance,
  { host, port }: Config['listen'],
): Promise<{ readonly port: number; readonly servers: readonly TlsServer[] }> {
  const { servers } = await tlsServersOf(() => app.listen({ host, port }));
  const address = app.server.address();
  return { port: typeof address === 'object' && address !== null ? address.port : port, servers };
}

/**
 * Closes `open` and with it the app's server: no new connections, each one there is ended with the answer it waits
 * for. A request that takes longer than `patienceMs` is cut off.
 */
export async function closeInTime(
  open: { readonly app: FastifyInstance; close(): Promise<void> },
  patienceMs: number,
): Promise<void> {
  // Node ends the connections that are idle when the server closes; one that becomes idle later would be kept alive,
  // and hold the end up. `localhost` has a second server within Fastify, which only this channel reaches.
  subscribe('http.server.response.finish', endConnection);
  const deadline = setTimeout(() => open.app.server.closeAllConnections(), Math.max(0, patienceMs - 300));
  try {
    await open.close();
  } finally {
    clearTimeout(deadline);
    unsubscribe('http.server.response.finish', endConnection);
  }
}

function endConnection(message: unknown): void {
  (message as { socket: Socket }).socket.end();
}

/** The address to give to people, without a trailing slash. */
export function publicUrlOf({ publicUrl, listen: { host, tls } }: Config, port: number): string {
  if (publicUrl !== undefined) return publicUrl;
  const scheme = tls ? 'https' : 'http';
  const everywhere = ['127.0.0.1', '::1', '0.0.0.0', '::', 'localhost'].includes(host);
  const name = everywhere ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `${scheme}://${name}:${port}`;
}

/**
 * The address for programs on this machine: a literal one that Maestro listens on. Another user of the machine could
 * listen on the other address of `localhost`, and be sent the operator key.
 */
export function localUrlOf({ listen: { host, tls } }: Config, port: number): string {
  const address =
    ({ localhost: '127.0.0.1', '0.0.0.0': '127.0.0.1', '::': '::1' } as Record<string, string>)[host] ?? host;
  return `${tls ? 'https' : 'http'}://${address.includes(':') ? `[${address}]` : address}:${port}`;
}
