import type { ConnectionOptions } from 'node:tls';
import type { ClientConfig } from 'pg';
import { parseIntoClientConfig } from 'pg-connection-string';
import { isLoopback } from '../config.ts';

/** Modes that ask for TLS. libpq's are laxer, but for the last: here each verifies chain and name, and none falls back. */
const tlsModes = ['prefer', 'require', 'verify-ca', 'verify-full'];

/**
 * The login of a URL. Where the URL asks for TLS (`sslmode`, `sslrootcert`), the server is verified before anything is
 * sent to it. Throws an Error that begins with `variable`, without a secret, where the URL asks for less than that.
 */
export function parseLogin(text: string, variable: string): ClientConfig {
  const url = new URL(text);
  const wanted = wantsTls(url.searchParams, variable);
  for (const name of ['ssl', 'sslmode']) url.searchParams.delete(name);
  // libpq's word for the authorities of the machine, which are trusted without a word.
  if (url.searchParams.get('sslrootcert') === 'system') url.searchParams.delete('sslrootcert');
  url.searchParams.set('sslmode', wanted ? 'verify-full' : 'disable');
  const { sslmode: _sslmode, ...login } = parsed(url.href, variable) as ClientConfig & { sslmode?: string };
  const host = login.host ?? 'localhost';
  // Nobody listens on a socket of this machine, and PostgreSQL speaks no TLS there.
  if (!wanted || host.startsWith('/')) return { ...login, ssl: false };
  const files = typeof login.ssl === 'object' ? login.ssl : {};
  const ssl: ConnectionOptions = { ...files, minVersion: 'TLSv1.2', rejectUnauthorized: true };
  return { ...login, ssl };
}

function wantsTls(search: URLSearchParams, variable: string): boolean {
  const mode = search.get('sslmode') ?? search.get('ssl');
  if (search.has('uselibpqcompat')) {
    throw new Error(
      `${variable}: uselibpqcompat would not verify the server; leave it out, and give sslmode=verify-full.`,
    );
  }
  if (mode === null) return search.has('sslrootcert') || search.has('sslcert');
  if (['disable', 'false', '0'].includes(mode)) return false;
  if (['true', '1', ...tlsModes].includes(mode)) return true;
  throw new Error(`${variable}: expected sslmode=verify-full, or disable; any other would not verify the server.`);
}

function parsed(url: string, variable: string): ClientConfig {
  try {
    return parseIntoClientConfig(url);
  } catch (error) {
    const path = error instanceof Error && 'path' in error ? `cannot read ${error.path}` : 'cannot be understood';
    throw new Error(`${variable}: ${path}.`, { cause: error });
  }
}

/** Whether what goes to the database of a URL goes over a network in clear. */
export function isInClear(text: string, variable: string): boolean {
  const { host = 'localhost', ssl } = parseLogin(text, variable);
  return !ssl && !host.startsWith('/') && !isLoopback(host);
}
