import { isIP } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isLoopback } from './config.ts';
import { MaestroError } from './errors.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** Where people reach this Maestro, without a slash at its end; undefined where nobody said. */
    publicUrl: string | undefined;
  }
}

/** Probes come by whatever name or address a load balancer has for this process, and learn nothing without a sign-in. */
const spared = new Set(['/health', '/ready', '/version', '/metrics']);

/** `name`, and `port` where one was said; undefined where the text is no host. IPv6 addresses lose their brackets. */
function partsOf(host: string): { name: string; port: string | undefined } | undefined {
  const [, v6, plain, port] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s/@?#\\]+))(?::(\d{1,5}))?$/.exec(host) ?? [];
  const name = (v6 ?? plain)?.toLowerCase();
  return name === undefined ? undefined : { name, port };
}

export interface HostRules {
  /**
   * Whether a request may name `host`, as `Host` has it, on a connection that came in at `localAddress`, an address of
   * this machine.
   */
  allows(host: string, localAddress: string | undefined): boolean;
}

/**
 * Which `Host` a request may name. DNS rebinding lets a page of another site send requests here under a name of its
 * own, so a name that nobody told us is refused. Known are `allowed` (`name`, on every port, or `name:port`), the very
 * address that the connection came in at, and on loopback `localhost` and the loopback addresses.
 */
export function hostRules(allowed: readonly string[]): HostRules {
  const names = new Set(allowed.map((host) => host.toLowerCase().replace(/^\[(.*)\]$/, '$1')));
  return {
    allows(host, localAddress) {
      const parts = partsOf(host);
      if (!parts) return false;
      const { name, port } = parts;
      if (names.has(name)) return true;
      if (port !== undefined && (names.has(`${name}:${port}`) || names.has(`[${name}]:${port}`))) return true;
      // A socket for both families shows an IPv4 address within an IPv6 one.
      const local = localAddress?.replace(/^::ffff:(?=\d+\.)/, '');
      if (local === undefined) return false;
      return name === local || (isLoopback(local) && (name === 'localhost' || (isIP(name) !== 0 && isLoopback(name))));
    },
  };
}

function hostsSent(raw: readonly string[]): number {
  let count = 0;
  for (let at = 0; at < raw.length; at += 2) if (raw[at]?.length === 4 && raw[at]?.toLowerCase() === 'host') count++;
  return count;
}

function faultOf(request: FastifyRequest, rules: HostRules): MaestroError | undefined {
  const { url, raw } = request;
  // An absolute target has a host of its own, which a proxy might believe rather than the header.
  if (!url.startsWith('/')) return new MaestroError('bad_request', 'The request target: give the path alone.');
  if (hostsSent(raw.rawHeaders) > 1) return new MaestroError('bad_request', 'Host: give it once.');
  // A trusted proxy's X-Forwarded-Host where there is one.
  const host = request.host ?? '';
  if (rules.allows(host, raw.socket.localAddress) || spared.has(url.split('?', 1)[0] as string)) return undefined;
  if (host === '') return new MaestroError('bad_request', 'Host: expected the name of this server.');
  return new MaestroError(
    'permission_denied',
    `This Maestro is not called '${host.slice(0, 100)}': an administrator adds a name in MAESTRO_ALLOWED_HOSTS, or gives MAESTRO_PUBLIC_URL.`,
  );
}

/** Refuses requests under a name that is not this Maestro's, but for those of probes. */
export function refuseStrangeHosts(app: FastifyInstance, rules: HostRules): void {
  app.addHook('onRequest', (request, _reply, done) => done(faultOf(request, rules)));
}

/** The address by which to send a client on: never a name that only the client says is ours. */
export const baseUrlOf = (request: FastifyRequest): string =>
  request.server.publicUrl ?? `${request.protocol}://${request.host}`;
