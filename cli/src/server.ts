import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { accessTokenAt, credentialsPath, readCredentials, serverKey } from '@maestro/sdk/credentials';
import { MaestroError } from '@maestro/sdk/problem';
import { SignedOut } from '@maestro/sdk/tokens';
import { exitCodes, Failure, unreachable } from './failure.ts';

/** Where Maestro is, and what opens it. */
export interface Server {
  /** Without a trailing slash. */
  readonly url: string;
  /** What opens it at this moment. */
  token(): Promise<string>;
  /** The operator key of this machine: it may manage keys in any tenant. */
  readonly isOperatorKey: boolean;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '');

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new Failure(`${path} cannot be read (${codeOf(error)}); only the user who runs Maestro may read it.`);
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

/** `ca`: the path of the PEM file by which to trust the server, where it needs one. */
function parseState(text: string, path: string): { pid: number; url: string; ca: string | undefined } {
  try {
    const state: unknown = JSON.parse(text);
    if (typeof state === 'object' && state !== null && 'pid' in state && 'url' in state) {
      const { pid, url } = state;
      const ca = 'ca' in state && typeof state.ca === 'string' ? state.ca : undefined;
      if (typeof pid === 'number' && typeof url === 'string' && URL.canParse(url)) return { pid, url, ca };
    }
  } catch {
    // Said below.
  }
  throw new Failure(`${path} is not what Maestro writes there; start Maestro again.`);
}

async function onThisMachine(directory: string): Promise<Server> {
  const absent = new Failure(
    `No Maestro runs on ${directory}; start it with npm start, or set MAESTRO_URL and MAESTRO_TOKEN to reach one elsewhere.`,
    exitCodes.unreachable,
  );
  const stateFile = join(directory, 'server.json');
  const text = await readText(stateFile);
  if (text === undefined) throw absent;
  const state = parseState(text, stateFile);
  if (!isRunning(state.pid)) throw absent;
  // This process talks to that server alone.
  const authority = state.ca === undefined ? undefined : await readText(state.ca);
  if (authority !== undefined) setDefaultCACertificates([...getCACertificates(), authority]);
  const key = await readText(join(directory, 'secrets', 'operator-key'));
  if (key === undefined) throw new Failure(`${directory} holds no operator key; start Maestro again.`);
  return { url: state.url.replace(/\/+$/, ''), token: async () => key.trim(), isOperatorKey: true };
}

/** The address as the credentials file has it. */
export function addressOf(text: string, where: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return serverKey(text);
  throw new Failure(`${where}: expected an address such as https://maestro.example.com.`, exitCodes.usage);
}

/** What is wrong with the credentials file, or with the sign-in in it, as a failure. */
export async function inFile<T>(url: string, look: Promise<T>): Promise<T> {
  try {
    return await look;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const isAnswer = error instanceof MaestroError || error instanceof SignedOut;
    const isOfNetwork = error instanceof TypeError || error.name === 'TimeoutError';
    throw !isAnswer && isOfNetwork ? unreachable(url, error) : new Failure(error.message);
  }
}

const signedInAt = (path: string, url: string): Server => ({
  url,
  token: () => inFile(url, accessTokenAt(path, url)),
  isOperatorKey: false,
});

/**
 * MAESTRO_URL and MAESTRO_TOKEN where they are set. Without a token: the sign-in of `maestro login` at MAESTRO_URL, else
 * the data directory that MAESTRO_DATA_DIR names, else the last sign-in, else the data directory of this place.
 */
export async function findServer(environment: Environment): Promise<Server> {
  const url = environment.MAESTRO_URL?.trim();
  const token = environment.MAESTRO_TOKEN?.trim();
  const dataDir = environment.MAESTRO_DATA_DIR?.trim();
  const path = credentialsPath(environment);
  if (token) {
    if (!url) throw new Failure('MAESTRO_TOKEN is set without MAESTRO_URL: give both, or neither.', exitCodes.usage);
    const address = addressOf(url, 'MAESTRO_URL');
    return { url: address, token: async () => token, isOperatorKey: token.startsWith('mop_') };
  }
  if (url) {
    const address = addressOf(url, 'MAESTRO_URL');
    const { servers } = await inFile(address, readCredentials(path));
    if (path !== undefined && Object.hasOwn(servers, address)) return signedInAt(path, address);
    throw new Failure(
      'MAESTRO_URL is set without MAESTRO_TOKEN, and nobody is signed in there: give both, or run maestro login.',
      exitCodes.usage,
    );
  }
  if (dataDir) return onThisMachine(resolve(dataDir));
  const { current } = await inFile('', readCredentials(path));
  return path === undefined || current === null ? onThisMachine(resolve('data')) : signedInAt(path, current);
}
