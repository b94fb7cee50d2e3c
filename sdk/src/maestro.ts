import process from 'node:process';
import createClient from 'openapi-fetch';
import type { Call, RetryOptions } from './call.ts';
import type { paths } from './contract.ts';
import { accessTokenAt, requiredPath, serverKey } from './credentials_file.ts';
import { type Pages, pagesBy } from './pages.ts';
import { type Predict, predictBy } from './predict.ts';
import { refusalIn } from './problem.ts';
import { withRetries } from './retry.ts';
import { endsSoon, exchange, type Tokens } from './tokens.ts';
import { type Transfers, transfersBy } from './transfer.ts';

/** What opens Maestro. */
export type CredentialSource =
  /** An API key. */
  | { readonly apiKey: string }
  /** An access token or a key, asked for at every call: for what keeps them elsewhere. */
  | { readonly token: () => Promise<string> }
  /** The tokens of a session; `onRefresh` keeps the new ones, before they are used. */
  | { readonly tokens: Tokens; readonly onRefresh: (tokens: Tokens) => void | Promise<void> }
  /** The file of `maestro login`, at its usual place unless `file` names another. */
  | { readonly signIn: true; readonly file?: string };

export interface MaestroOptions {
  /** Where Maestro is, such as https://maestro.example.com. */
  readonly url: string;
  readonly credentials: CredentialSource;
  /** The slug of the tenant to act in, among the caller's; their own without it. */
  readonly tenant?: string;
  /**
   * How often a call is repeated at most, where it fails of something that passes: a connection that broke, 429, 502, 503
   * and 504. 4 unless said otherwise: some three seconds, or as long as the server asks for. What may do more when it is
   * carried out twice is not repeated, unless the call says that it is `repeatable`.
   */
  readonly retries?: number;
}

/** `/api/v1`, typed by its contract. Every refusal is thrown as a MaestroError. */
export interface Maestro extends Transfers {
  readonly GET: Call<'get'>;
  readonly PUT: Call<'put'>;
  readonly POST: Call<'post'>;
  readonly PATCH: Call<'patch'>;
  readonly DELETE: Call<'delete'>;
  readonly pages: Pages;
  readonly predict: Predict;
}

/** Gives the credential to send, exchanged where it ends soon. */
function tokenSource(url: string, credentials: CredentialSource): () => Promise<string> {
  if ('apiKey' in credentials) return async () => credentials.apiKey;
  if ('token' in credentials) return credentials.token;
  if ('signIn' in credentials) {
    const path = credentials.file ?? requiredPath(process.env);
    return () => accessTokenAt(path, url);
  }
  let { tokens } = credentials;
  let exchanging: Promise<string> | undefined;
  const renew = async (): Promise<string> => {
    const renewed = await exchange(url, tokens.refresh_token);
    tokens = renewed;
    await credentials.onRefresh(renewed);
    return renewed.access_token;
  };
  return async () => {
    if (!endsSoon(tokens)) return tokens.access_token;
    exchanging ??= renew().finally(() => {
      exchanging = undefined;
    });
    return exchanging;
  };
}

const isRepeatable = ({ method, url }: Request): boolean =>
  ['GET', 'HEAD', 'PUT', 'DELETE'].includes(method) || (method === 'POST' && new URL(url).pathname.endsWith('/search'));

/** The answer once it is here, so that one that breaks off is asked for again; a file is not waited for. */
async function whole(response: Response): Promise<Response> {
  const { body, status, statusText, headers } = response;
  const isFile = headers.has('content-disposition') || !headers.get('content-type')?.startsWith('application/json');
  return body === null || isFile
    ? response
    : new Response(await response.arrayBuffer(), { status, statusText, headers });
}

/** A client of one Maestro. */
export function createMaestro({ url, credentials, tenant, retries: usual = 4 }: MaestroOptions): Maestro {
  const server = serverKey(url);
  const token = tokenSource(server, credentials);
  /** openapi-fetch leaves the options that are not its own on the request. */
  const send = (request: Request & RetryOptions): Promise<Response> => {
    const { signal, retries = usual, repeatable = isRepeatable(request) } = request;
    return withRetries({ retries, repeatable, signal }, async () => {
      const attempt = retries > 0 ? request.clone() : request;
      attempt.headers.set('authorization', `Bearer ${await token()}`);
      const response = await fetch(attempt);
      if (!response.ok) throw await refusalIn(response);
      return whole(response);
    });
  };
  const { GET, PUT, POST, PATCH, DELETE } = createClient<paths>({
    baseUrl: `${server}/api/v1`,
    fetch: send,
    headers: tenant === undefined ? {} : { 'x-mlflow-workspace': tenant },
    // A redirect would carry the credential somewhere else.
    redirect: 'error',
  });
  return {
    GET,
    PUT,
    POST,
    PATCH,
    DELETE,
    pages: pagesBy(GET as never, POST as never),
    predict: predictBy(POST as never),
    ...transfersBy(GET as never, PUT as never, usual),
  } as unknown as Maestro;
}
