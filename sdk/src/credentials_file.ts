import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { withLock } from './credentials_lock.ts';
import { endsSoon, exchange, SignedOut, type Tokens } from './tokens.ts';

/** A sign-in at one server. Times are those of this machine's clock, in ISO 8601. */
export interface SignIn extends Tokens {
  /** Whose it is. */
  readonly email: string;
}

/** docs/clients/credentials-file.md describes it. */
interface Credentials {
  readonly version: 1;
  /** The server signed in to last, which is meant where none is named. */
  readonly current: string | null;
  /** By the server's address, without a trailing slash. */
  readonly servers: Readonly<Record<string, SignIn>>;
}

const nobody: Credentials = { version: 1, current: null, servers: {} };

/** Undefined where the machine does not know the caller, as in many containers. */
function configHome(): string | undefined {
  try {
    return join(homedir(), '.config');
  } catch {
    return undefined;
  }
}

/**
 * MAESTRO_CREDENTIALS, or `maestro/credentials.json` in XDG_CONFIG_HOME or else in ~/.config. Undefined where none of them is
 * there: then nobody is signed in.
 */
export function credentialsPath(environment: Readonly<Record<string, string | undefined>>): string | undefined {
  const named = environment.MAESTRO_CREDENTIALS?.trim();
  if (named) return named;
  const home = environment.XDG_CONFIG_HOME?.trim() || configHome();
  return home === undefined ? undefined : join(home, 'maestro', 'credentials.json');
}

/** The same, for what needs a file. */
export function requiredPath(environment: Readonly<Record<string, string | undefined>>): string {
  const path = credentialsPath(environment);
  if (path === undefined)
    throw new Error('You have no home directory here: set MAESTRO_CREDENTIALS to a file of yours.');
  return path;
}

/** The address of a server as the file has it. */
export const serverKey = (url: string): string => new URL(url).href.replace(/\/+$/, '');

function isCredentials(value: unknown): value is Credentials {
  if (typeof value !== 'object' || value === null || !('version' in value) || !('servers' in value)) return false;
  return value.version === 1 && typeof value.servers === 'object' && value.servers !== null;
}

/** What a file holds; nothing where there is none. Throws where others may read it, or it is none of ours. */
export async function readCredentials(path: string | undefined): Promise<Credentials> {
  if (path === undefined) return nobody;
  let text: string;
  try {
    const { mode } = await stat(path);
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw new Error(`${path} may be read by others: chmod 600 it, and sign in again if others could.`);
    }
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return nobody;
    throw error;
  }
  try {
    const value: unknown = JSON.parse(text);
    if (isCredentials(value)) return value;
  } catch {
    // Said below.
  }
  throw new Error(`${path} is no credentials file of Maestro; remove it and sign in again.`);
}

/** Whole or not at all, also where the machine stops in the middle. */
async function writeCredentials(path: string, credentials: Credentials): Promise<void> {
  const draft = `${path}.${randomUUID()}`;
  try {
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.writeFile(`${JSON.stringify(credentials, null, 2)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

async function change(path: string, by: (before: Credentials) => Credentials): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await withLock(`${path}.lock`, async () => writeCredentials(path, by(await readCredentials(path))));
}

/** Keeps a sign-in, in the place of one before at the same server. */
export const keepSignIn = (path: string, url: string, signIn: SignIn): Promise<void> =>
  change(path, ({ servers }) => ({ version: 1, current: url, servers: { ...servers, [url]: signIn } }));

export const forgetSignIn = (path: string, url: string): Promise<void> =>
  change(path, ({ servers, current }) => {
    const { [url]: _gone, ...others } = servers;
    return { version: 1, current: current === url ? (Object.keys(others)[0] ?? null) : current, servers: others };
  });

const signInAt = async (path: string, url: string): Promise<SignIn> => {
  const { servers } = await readCredentials(path);
  const known = Object.hasOwn(servers, url) ? servers[url] : undefined;
  if (known) return known;
  throw new SignedOut(`Not signed in at ${url}: run maestro login --url ${url}`);
};

/**
 * The access token of the sign-in at a server, exchanged where it ends soon. Of many processes one exchanges it and the
 * others use what it got: a refresh token that is used twice ends the session.
 */
export async function accessTokenAt(path: string, url: string): Promise<string> {
  const fresh = async (): Promise<string | undefined> => {
    const known = await signInAt(path, url);
    return endsSoon(known) ? undefined : known.access_token;
  };
  const found = await fresh();
  if (found !== undefined) return found;
  return withLock(
    `${path}.lock`,
    async () => {
      const before = await readCredentials(path);
      const known = await signInAt(path, url);
      if (!endsSoon(known)) return known.access_token;
      const tokens = await exchange(url, known.refresh_token);
      const servers = { ...before.servers, [url]: { ...known, ...tokens } };
      await writeCredentials(path, { ...before, servers });
      return tokens.access_token;
    },
    fresh,
  );
}
