import { randomBytes } from 'node:crypto';
import { MaestroError } from '../errors.ts';

/** What tells a request of our own page from one that another site made a browser send. */
export interface WebRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly method: string;
  /** `scheme://host[:port]`, as the request addressed this server. */
  readonly origin: string;
}

const secretForm = /^[\w-]{43}$/;

/** The secret of a cookie: 32 random bytes. */
export const newCookieSecret = (): string => randomBytes(32).toString('base64url');

const isSecure = (origin: string): boolean => origin.startsWith('https://');

/**
 * Over TLS the name binds the cookie to this host and this scheme (RFC 6265bis, 4.1.3). In the clear it holds the port:
 * browsers send cookies to all ports of a host, and another Maestro may listen there.
 */
export function cookieNameOf(origin: string): string {
  if (isSecure(origin)) return '__Host-maestro';
  return `maestro-${/:(\d{1,5})$/.exec(origin)?.[1] ?? '80'}`;
}

/** Of the cookie that binds a browser to the sign-in at an identity provider that it began. */
export const flowCookieNameOf = (origin: string): string => `${cookieNameOf(origin)}-flow`;

/**
 * The value of a cookie of ours in a request, the session's unless said otherwise: undefined where there is none. One
 * that cannot be ours, and two of the name, of which nobody knows who set which, give `false`.
 */
export function cookieSecretOf(
  { headers, origin }: Pick<WebRequest, 'headers' | 'origin'>,
  name = cookieNameOf(origin),
): string | false | undefined {
  const header = headers.cookie;
  if (typeof header !== 'string') return undefined;
  const found = header
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
  const [secret] = found;
  if (secret === undefined) return undefined;
  return found.length === 1 && secretForm.test(secret) ? secret : false;
}

const attributesOf = (origin: string): string => `Path=/; HttpOnly; SameSite=Lax${isSecure(origin) ? '; Secure' : ''}`;

/** The Set-Cookie header of a session, unless said otherwise, that ends in `seconds`. */
export const cookieText = (origin: string, secret: string, seconds: number, name = cookieNameOf(origin)): string =>
  `${name}=${secret}; Max-Age=${Math.max(0, Math.floor(seconds))}; ${attributesOf(origin)}`;

export const clearedCookieText = (origin: string, name = cookieNameOf(origin)): string =>
  `${name}=; Max-Age=0; ${attributesOf(origin)}`;

const isSafe = (method: string): boolean => method === 'GET' || method === 'HEAD' || method === 'OPTIONS';

/**
 * Refuses what a page of another site made the browser send. Browsers of today say it themselves (Fetch Metadata);
 * where they do not, `Origin` must be ours. A request that changes something and says neither is refused; one that only
 * reads, and is no page that its user went to, too. `publicOrigin` is ours behind a proxy that renames the host.
 * Throws `permission_denied`.
 */
export function requireOwnPage({ headers, method, origin }: WebRequest, publicOrigin: string): void {
  const site = headers['sec-fetch-site'];
  const from = headers.origin;
  const isOurs = (typeof from === 'string' && from === origin) || from === publicOrigin;
  const isVisit = headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
  const isAllowed = isSafe(method)
    ? site === undefined
      ? from === undefined || isOurs
      : site === 'same-origin' || isVisit
    : site === undefined
      ? isOurs
      : site === 'same-origin';
  if (!isAllowed)
    throw new MaestroError('permission_denied', 'This request does not come from a page of this Maestro.');
}

/**
 * Refuses what a page sends as the person who opened it, whose id it says in `X-Maestro-User`, once somebody else has
 * signed in in the same browser: all its tabs send the same cookie. Throws `unauthenticated`.
 */
export function requirePageOf({ headers }: Pick<WebRequest, 'headers'>, userId: string): void {
  const named = headers['x-maestro-user'];
  if (named === undefined || named === userId) return;
  throw new MaestroError('unauthenticated', 'Somebody else has signed in in this browser since the page was opened.');
}
