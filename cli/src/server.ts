import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { exitCodes, Failure } from './failure.ts';

/** Where Maestro is, and what opens it. */
export interface Server {
  /** Without a trailing slash. */
  readonly url: string;
  readonly token: string;
  /** The operator key of this machine: it may manage keys in any tenant. */
  readonly isOperatorKey: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

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
  return { url: state.url.replace(/\/+$/, ''), token: key.trim(), isOperatorKey: true };
}

/** MAESTRO_URL and MAESTRO_TOKEN where they are set, else the Maestro of the data directory on this machine. */
export async function findServer(environment: Environment): Promise<Server> {
  const url = environment.MAESTRO_URL?.trim();
  const token = environment.MAESTRO_TOKEN?.trim();
  if (!url && !token) return onThisMachine(resolve(environment.MAESTRO_DATA_DIR?.trim() || 'data'));
  if (!url) throw new Failure('MAESTRO_TOKEN is set without MAESTRO_URL: give both, or neither.', exitCodes.usage);
  if (!token) throw new Failure('MAESTRO_URL is set without MAESTRO_TOKEN: give both, or neither.', exitCodes.usage);
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new Failure('MAESTRO_URL: expected an address such as https://maestro.example.com.', exitCodes.usage);
  }
  return { url: url.replace(/\/+$/, ''), token, isOperatorKey: token.startsWith('mop_') };
}
