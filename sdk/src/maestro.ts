import process from 'node:process';
import createClient, { type Client, type FetchResponse, type MaybeOptionalInit } from 'openapi-fetch';
import type { paths } from './contract.ts';
import { accessTokenAt, credentialsPath, serverKey } from './credentials_file.ts';
import { MaestroError, problemIn } from './problem.ts';
import { endsSoon, exchange, type Tokens } from './tokens.ts';

/** What opens Maestro. */
export type CredentialSource =
  /** An API key. */
  | { readonly apiKey: string }
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
}

type Verb = 'get' | 'put' | 'post' | 'patch' | 'delete';
type PathsOf<Method extends Verb> = {
  [Path in keyof paths]: paths[Path] extends Record<Method, object> ? Path : never;
}[keyof paths];
type Init<Options> = Record<never, never> extends Options ? [options?: Options] : [options: Options];
/** What openapi-fetch answers where nothing is wrong: what is wrong is thrown. */
type Done<Answer> = Extract<Answer, { error?: never }>;
type Call<Method extends Verb> = <
  Path extends PathsOf<Method>,
  Options extends MaybeOptionalInit<paths[Path], Method & keyof paths[Path]>,
>(
  path: Path,
  ...options: Init<Options>
) => Promise<Done<FetchResponse<paths[Path][Method & keyof paths[Path]] & object, Options, `${string}/${string}`>>>;

/** `/api/v1`, typed by its contract. Every refusal is thrown as a MaestroError. */
export interface Maestro {
  readonly GET: Call<'get'>;
  readonly PUT: Call<'put'>;
  readonly POST: Call<'post'>;
  readonly PATCH: Call<'patch'>;
  readonly DELETE: Call<'delete'>;
}

/** Gives the credential to send, exchanged where it ends soon. */
function tokenSource(url: string, credentials: CredentialSource): () => Promise<string> {
  if ('apiKey' in credentials) return async () => credentials.apiKey;
  if ('signIn' in credentials) {
    const path = credentials.file ?? credentialsPath(process.env);
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

/** A client of one Maestro. */
export function createMaestro({ url, credentials, tenant }: MaestroOptions): Maestro {
  const server = serverKey(url);
  const token = tokenSource(server, credentials);
  // A redirect would carry the credential somewhere else.
  const client: Client<paths> = createClient<paths>({ baseUrl: `${server}/api/v1`, redirect: 'error' });
  client.use({
    async onRequest({ request }) {
      request.headers.set('authorization', `Bearer ${await token()}`);
      if (tenant !== undefined) request.headers.set('x-mlflow-workspace', tenant);
    },
    async onResponse({ response }) {
      if (!response.ok) throw new MaestroError(await problemIn(response));
    },
  });
  return client as unknown as Maestro;
}
