import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import { type AddressInfo, connect as connectPlain } from 'node:net';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import type { Pair } from '../src/tls/pair.ts';
import { tlsProtocol } from '../src/tls/protocol.ts';

/** An HTTPS server as Maestro opens one, on a free port of 127.0.0.1, which answers nothing. */
export async function listenTls(pair: Pair): Promise<{ server: Server; port: number; close(): void }> {
  const server = createServer({ ...tlsProtocol, ...pair });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { server, port: (server.address() as AddressInfo).port, close };
}

/**
 * Connects by TLS to 127.0.0.1, whatever `servername` or, for an address, `host` says, and verifies that the server is
 * that; rejected where either side refuses. The caller ends the connection.
 */
export async function connectTls(port: number, options: ConnectionOptions): Promise<TLSSocket> {
  const socket = connect({ socket: connectPlain(port, '127.0.0.1'), ...options });
  await once(socket, 'secureConnect');
  return socket;
}

/** The serial number of the certificate that a new connection gets. */
export async function servedSerial(port: number, ca: string, servername = 'localhost'): Promise<string> {
  const socket = await connectTls(port, { ca, servername });
  const { serialNumber } = socket.getPeerCertificate();
  socket.destroy();
  return serialNumber;
}
