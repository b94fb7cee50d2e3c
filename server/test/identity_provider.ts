import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider, { type Configuration } from 'oidc-provider';

/** Somebody who has an account at a provider. Claims of a group are in `groups`. */
export interface Person {
  readonly sub: string;
  readonly claims: Readonly<Record<string, unknown>>;
  /** How they sign in there (RFC 8176), for the ID token alone. */
  readonly amr?: readonly string[];
}

export interface IdentityProvider {
  /** Where it is on this machine. */
  readonly url: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** The private key that signs its ID tokens, as a JWK. */
  readonly key: Record<string, unknown>;
  /** Who signs in next; undefined: the next one says no. */
  person: Person | undefined;
  /** What its token endpoint answers instead. */
  tamper: ((answer: Record<string, unknown>) => unknown) | undefined;
  /** What it says of itself instead. */
  describe: (said: Record<string, unknown>) => unknown;
  /** `fetch` for which `issuer` is this provider, wherever it says to be. */
  readonly fetch: typeof fetch;
  /** Begins to serve: clients come back to this address alone. */
  open(redirectUri: string): void;
  stop(): Promise<void>;
}

const secret = (): string => randomBytes(24).toString('base64url');

/**
 * A genuine OpenID provider (npm's oidc-provider) on this machine. With `issuer` it says to be that one, and `fetch`
 * reaches it under the names of that one's host; without it is the address that it listens on.
 */
export async function startIdentityProvider(
  options: { issuer?: string; claimsInToken?: boolean } = {},
): Promise<IdentityProvider> {
  let handle: (request: IncomingMessage, response: ServerResponse) => void = (_request, response) => {
    response.writeHead(503).end();
  };
  const server = createServer((request, response) => handle(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const issuer = options.issuer ?? url;
  const host = new URL(issuer).host;
  const key = { ...privateKey.export({ format: 'jwk' }), kid: 'test', alg: 'RS256', use: 'sig' };
  const people = new Map<string, Person>();

  const reach: typeof fetch = async (input, init) => {
    const asked = new URL(String(input));
    if (asked.host !== host) return fetch(input, init);
    const { pathname } = asked;
    const isDescription = pathname.endsWith('/.well-known/openid-configuration');
    const path = isDescription ? '/.well-known/openid-configuration' : pathname + asked.search;
    const headers = new Headers(init?.headers);
    if (options.issuer !== undefined) {
      headers.set('x-forwarded-proto', 'https');
      headers.set('x-forwarded-host', host);
    }
    const answer = await fetch(url + path, { ...init, headers });
    const change = isDescription ? provider.describe : pathname === '/token' ? provider.tamper : undefined;
    if (!change) return answer;
    return Response.json(await change((await answer.json()) as Record<string, unknown>), { status: answer.status });
  };

  const provider: IdentityProvider = {
    url,
    issuer,
    clientId: `maestro-${secret()}`,
    clientSecret: secret(),
    key,
    person: undefined,
    tamper: undefined,
    describe: (said) => said,
    fetch: reach,
    open(redirectUri) {
      const configuration: Configuration = {
        clients: [{ client_id: provider.clientId, client_secret: provider.clientSecret, redirect_uris: [redirectUri] }],
        jwks: { keys: [key as never] },
        cookies: { keys: [secret()] },
        conformIdTokenClaims: options.claimsInToken !== true,
        claims: {
          openid: ['sub', 'tid', 'oid', 'amr'],
          email: ['email', 'email_verified', 'xms_edov'],
          profile: ['name', 'groups'],
        },
        pkce: { required: () => true },
        features: { devInteractions: { enabled: false } },
        interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
        ttl: { Interaction: 600, Session: 600, Grant: 600, AccessToken: 600, IdToken: 600 },
        findAccount: (_context, sub) => ({
          accountId: sub,
          claims: async () => ({ sub, ...people.get(sub)?.claims }),
        }),
        async loadExistingGrant(context) {
          const grant = new context.oidc.provider.Grant({
            clientId: context.oidc.client!.clientId,
            accountId: context.oidc.session!.accountId!,
          });
          grant.addOIDCScope('openid email profile');
          await grant.save();
          return grant;
        },
      };
      const genuine = new Provider(issuer, configuration);
      genuine.proxy = true;
      const serve = genuine.callback();
      const interact = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
        const { person } = provider;
        if (person) people.set(person.sub, person);
        const amr = person?.amr ? { amr: [...person.amr] } : {};
        const result = person ? { login: { accountId: person.sub, ...amr } } : { error: 'access_denied' };
        await genuine.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
      };
      handle = (request, response) => {
        if (request.url?.startsWith('/interaction/')) {
          interact(request, response).catch(() => response.writeHead(500).end());
        } else serve(request, response);
      };
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return provider;
}
