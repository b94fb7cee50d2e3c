import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import {
  accessTokenAt,
  credentialsPath,
  forgetSignIn,
  keepSignIn,
  readCredentials,
  requiredPath,
} from '@maestro/sdk/credentials';
import { problemIn } from '@maestro/sdk/problem';
import { type Tokens, tokensOf } from '@maestro/sdk/tokens';
import { openApi } from './api.ts';
import type { CommandGroup, Context } from './context.ts';
import { exitCodes, Failure, unreachable } from './failure.ts';
import { addressOf, inFile } from './server.ts';

interface Begun {
  device_code: string;
  user_code: string;
  verification_uri_complete: string;
  expires_in: number;
  interval: number;
}

interface Me {
  kind: string;
  id: string;
  name: string;
  is_operator: boolean;
  tenant: { tenant: { slug: string }; role: string } | null;
}

const timeoutMs = 30_000;

const post = (url: string, path: string, body: object): Promise<Response> =>
  fetch(`${url}/api/v1/auth/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
  });

/** A server that tokens may be sent to: over TLS, or on this machine. */
function checkedAddress(text: string, where: string): string {
  const url = addressOf(text, where);
  const { protocol, hostname: host } = new URL(url);
  if (protocol === 'https:' || /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(host)) return url;
  throw new Failure(
    `${where}: expected https://, since whoever signs in over plain HTTP can be overheard.`,
    exitCodes.usage,
  );
}

/** Where to sign in or out: what was said, or the last place. */
async function placeOf({ environment }: Context, given: string | undefined): Promise<string> {
  if (given !== undefined) return checkedAddress(given, '--url');
  const url = environment.MAESTRO_URL?.trim();
  if (url) return checkedAddress(url, 'MAESTRO_URL');
  const { current } = await inFile('', readCredentials(credentialsPath(environment)));
  if (current !== null) return current;
  throw new Failure('Say where: --url https://maestro.example.com, or set MAESTRO_URL.', exitCodes.usage);
}

async function begin(url: string, tenant: string | undefined): Promise<Begun> {
  const name = `maestro login on ${hostname()}`.slice(0, 100);
  const response = await post(url, 'device', { client_name: name, ...(tenant === undefined ? {} : { tenant }) }).catch(
    (error: unknown) => {
      throw unreachable(url, error);
    },
  );
  if (!response.ok) throw new Failure((await problemIn(response)).detail);
  return (await response.json()) as Begun;
}

/** Asks until somebody has approved (RFC 8628, 3.5). */
async function waitForApproval(url: string, { device_code, expires_in, interval }: Begun): Promise<Tokens> {
  let seconds = interval;
  for (const giveUpAt = Date.now() + expires_in * 1000; Date.now() < giveUpAt; ) {
    await delay(seconds * 1000);
    const askedAt = Date.now();
    // A network that is away for a moment is no reason to begin again.
    const response = await post(url, 'device/token', { device_code }).catch(() => undefined);
    if (!response) continue;
    if (response.ok) return tokensOf((await response.json()) as Parameters<typeof tokensOf>[0], askedAt);
    const problem: { detail: string; error?: string } = await problemIn(response);
    if (problem.error === 'slow_down') seconds += 5;
    else if (problem.error !== 'authorization_pending') throw new Failure(problem.detail);
  }
  throw new Failure('Nobody approved the sign-in in time.');
}

const apiAt = (url: string, token: () => Promise<string>) => openApi({ url, token, isOperatorKey: false });

/** Ends the session that a sign-in holds. Whether there still is one does not matter. */
async function endFormer(path: string, url: string): Promise<void> {
  const { servers } = await inFile(url, readCredentials(path));
  if (!Object.hasOwn(servers, url)) return;
  const api = apiAt(url, () => inFile(url, accessTokenAt(path, url)));
  await api.call('POST', '/auth/logout', { body: {} }).catch((error: unknown) => {
    if (!(error instanceof Failure) || error.exitCode === exitCodes.unreachable) throw error;
  });
}

export const loginCommands: CommandGroup = (program, context) => {
  const { output, note, api, environment } = context;
  /** Asked for first: nobody shall approve what cannot be kept. */
  const requireFile = (): string => {
    try {
      return requiredPath(environment);
    } catch (error) {
      throw new Failure((error as Error).message);
    }
  };

  program
    .command('login')
    .description('sign in by a browser, on this machine or another; later commands need no token')
    .option('--url <address>', 'where Maestro is; MAESTRO_URL or the last place without it')
    .option('--tenant <slug>', 'the tenant to work in; the one joined first without it')
    .option('--json', 'print {"url", "email"}')
    .action(async (options: { url?: string; tenant?: string; json?: true }) => {
      const path = requireFile();
      const url = await placeOf(context, options.url);
      const begun = await begin(url, options.tenant);
      note(`Open ${begun.verification_uri_complete}`);
      note(`and approve, where it shows the code ${begun.user_code}.`);
      const tokens = await waitForApproval(url, begun);
      const { name: email } = await apiAt(url, async () => tokens.access_token).call<Me>('GET', '/auth/me');
      // Of a sign-in before nobody would have the tokens any more.
      await endFormer(path, url).catch(() => undefined);
      await inFile(url, keepSignIn(path, url, { ...tokens, email }));
      if (environment.MAESTRO_TOKEN?.trim()) note('MAESTRO_TOKEN is set, and outweighs this sign-in.');
      if (options.json) return output.json({ url, email });
      output.line(`Signed in at ${url} as ${email}.`);
      output.line('For the genuine mlflow client, with maestro-mlflow (python/ of Maestro):');
      output.line(`export MLFLOW_TRACKING_URI=${url} MLFLOW_TRACKING_AUTH=maestro`);
    });

  program
    .command('logout')
    .description('end the session of maestro login, and forget it')
    .option('--url <address>', 'where Maestro is; MAESTRO_URL or the last place without it')
    .option('--json', 'print {"url"}')
    .action(async (options: { url?: string; json?: true }) => {
      const path = requireFile();
      const url = await placeOf(context, options.url);
      try {
        await endFormer(path, url);
      } finally {
        await inFile(url, forgetSignIn(path, url));
      }
      if (options.json) output.json({ url });
      else output.line(`Signed out at ${url}.`);
    });

  program
    .command('whoami')
    .description('who commands act as, and where')
    .option('--json', 'print the answer of GET /auth/me, with the address')
    .action(async (options: { json?: true }) => {
      const { server, call } = await api();
      const me = await call<Me>('GET', '/auth/me');
      if (options.json) return output.json({ url: server.url, ...me });
      output.fields([
        ['Address', server.url],
        ['Name', me.name || me.kind],
        ['Tenant', me.tenant && `${me.tenant.tenant.slug} (${me.tenant.role})`],
      ]);
    });
};
