import { hash, randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface GithubPerson {
  id: unknown;
  login: string;
  name: string | null;
  emails: unknown;
}

export interface GithubProvider {
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Who signs in next; undefined: the next one says no. */
  person: GithubPerson | undefined;
  stop(): Promise<void>;
}

export const newGithubPerson = (more: Partial<GithubPerson> = {}): GithubPerson & { email: string } => {
  const login = `g${randomBytes(6).toString('hex')}`;
  const email = `${login}@example.com`;
  const emails = [
    { email: `second-${email}`, primary: false, verified: true },
    { email, primary: true, verified: true },
  ];
  return { id: randomInt(1, 2 ** 40), login, name: null, emails, email, ...more };
};

/** What of GitHub a sign-in meets, as its documentation has it: OAuth 2.0 with PKCE, `/user` and `/user/emails`. */
export async function startGithub(): Promise<GithubProvider> {
  const codes = new Map<string, { person: GithubPerson; challenge: string; redirectUri: string }>();
  const tokens = new Map<string, GithubPerson>();
  const json = (response: ServerResponse, status: number, body: unknown): void => {
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
  };

  function authorize({ searchParams: asked }: URL, response: ServerResponse): void {
    const redirectUri = asked.get('redirect_uri') ?? '';
    const back = new URL(redirectUri);
    back.searchParams.set('state', asked.get('state') ?? '');
    const isWellAsked =
      asked.get('client_id') === github.clientId &&
      asked.get('code_challenge_method') === 'S256' &&
      asked.get('scope') === 'read:user user:email';
    if (!isWellAsked) {
      json(response, 400, {});
      return;
    }
    if (github.person) {
      const code = randomBytes(10).toString('hex');
      codes.set(code, { person: github.person, challenge: asked.get('code_challenge') ?? '', redirectUri });
      back.searchParams.set('code', code);
    } else back.searchParams.set('error', 'access_denied');
    response.writeHead(302, { location: back.href }).end();
  }

  async function redeem(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const form = new URLSearchParams(await text(request));
    const code = form.get('code') ?? '';
    const found = codes.get(code);
    codes.delete(code);
    const isOurs = form.get('client_id') === github.clientId && form.get('client_secret') === github.clientSecret;
    const verifier = hash('sha256', form.get('code_verifier') ?? '', 'buffer').toString('base64url');
    // GitHub answers a code that does not hold with 200.
    if (!isOurs || !found || found.challenge !== verifier || found.redirectUri !== form.get('redirect_uri')) {
      json(response, 200, { error: 'bad_verification_code', error_description: 'The code is incorrect or expired.' });
      return;
    }
    const token = `gho_${randomBytes(18).toString('hex')}`;
    tokens.set(token, found.person);
    json(response, 200, { access_token: token, scope: 'read:user,user:email', token_type: 'bearer' });
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', github.url);
    if (url.pathname === '/login/oauth/authorize') return authorize(url, response);
    if (url.pathname === '/login/oauth/access_token') return redeem(request, response);
    const person = tokens.get((request.headers.authorization ?? '').replace(/^bearer /i, ''));
    if (!person) return json(response, 401, { message: 'Bad credentials' });
    const { emails, ...user } = person;
    if (url.pathname === '/api/v3/user') return json(response, 200, user);
    if (url.pathname === '/api/v3/user/emails') return json(response, 200, emails);
    return json(response, 404, { message: 'Not Found' });
  }

  const server = createServer((request, response) => void serve(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const github: GithubProvider = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    clientId: `Iv1.${randomBytes(8).toString('hex')}`,
    clientSecret: randomBytes(20).toString('hex'),
    person: undefined,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return github;
}
