import { randomUUID } from 'node:crypto';
import { chmod, lstat, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { lockDataDir } from './data_dir_lock.ts';

/** What the command line needs to find the Maestro that runs on a data directory. */
export type ServerState = {
  readonly pid: number;
  readonly url: string;
  /** The PEM file by which to trust it, where no public authority vouches for it. */
  readonly ca?: string;
};

/** An open data directory: this process is its only user until `close`. */
export type DataDir = {
  /** Absolute. */
  readonly path: string;
  /** The text of the secret `name`, made by `generate` and kept (mode 0600) when there is none yet. */
  secret(name: string, generate: () => string | Promise<string>): Promise<string>;
  /** The text of the secret `name`; undefined where there is none. */
  findSecret(name: string): Promise<string | undefined>;
  /** Puts `text` in the place of the secret `name`; a reader sees the one before or this one, also after a power cut. */
  replaceSecret(name: string, text: string): Promise<void>;
  /** Makes the directory forget the secret `name`; a power cut does not bring it back. */
  dropSecret(name: string): Promise<void>;
  /** Writes `server.json` (mode 0600); it is removed by `close`. */
  announce(state: ServerState): Promise<void>;
  /** Says that this process is stopping: another that wants the directory then waits for it. */
  announceStop(): Promise<void>;
  close(): Promise<void>;
};

/**
 * Opens, or creates, a data directory of mode 0700 and takes its lock.
 * Throws DataDirLockedError when another process has it, and an Error with a sentence for people when the path cannot
 * be a data directory.
 */
export async function openDataDir(directory: string): Promise<DataDir> {
  const path = resolve(directory);
  await createPrivateDirectory(path);
  const lock = await lockDataDir(path);
  const stateFile = join(path, 'server.json');
  await rm(stateFile, { force: true });
  const secretsDirectory = join(path, 'secrets');
  await mkdir(secretsDirectory, { recursive: true, mode: 0o700 });
  await chmod(secretsDirectory, 0o700);

  return {
    path,
    async secret(name, generate) {
      const file = secretPath(path, name);
      const kept = await readPrivateFile(file);
      if (kept !== undefined) return kept;
      const made = await generate();
      await writePrivateFile(file, made);
      return made;
    },
    findSecret: (name) => readPrivateFile(secretPath(path, name)),
    replaceSecret: (name, text) => writePrivateFile(secretPath(path, name), text),
    async dropSecret(name) {
      await rm(secretPath(path, name), { force: true });
      await syncDirectory(secretsDirectory);
    },
    announce: (state) => writePrivateFile(stateFile, `${JSON.stringify(state)}\n`),
    announceStop: () => lock.announceStop(),
    async close() {
      await rm(stateFile, { force: true });
      await lock.release();
    },
  };
}

/** Where the secret `name` of a data directory is kept, for programs that read it beside a running Maestro. */
export function secretPath(dataDir: string, name: string): string {
  if (!/^[a-z0-9][a-z0-9._-]{0,63}$/.test(name)) throw new Error(`not a name for a secret: ${name}`);
  return join(dataDir, 'secrets', name);
}

/** The Maestro that says it runs on `dataDir`; undefined when there is none. */
export async function readServerState(dataDir: string): Promise<ServerState | undefined> {
  const text = await readIfThere(join(dataDir, 'server.json'));
  if (text === undefined) return undefined;
  const state: unknown = JSON.parse(text);
  if (typeof state !== 'object' || state === null || !('pid' in state) || !('url' in state)) return undefined;
  return typeof state.pid === 'number' && typeof state.url === 'string'
    ? { pid: state.pid, url: state.url }
    : undefined;
}

/** Writes a file of mode 0600 so that a reader, also one after a power cut, sees all of it or none. */
export async function writePrivateFile(path: string, text: string): Promise<void> {
  const draft = `${path}.draft-${randomUUID()}`;
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
  await syncDirectory(dirname(path));
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  await directory.sync();
  await directory.close();
}

async function createPrivateDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    const names = (await readdir(path)).filter((name) => name !== 'lost+found');
    if (names.length > 0 && !names.includes('locks')) {
      throw new Error(
        `${path} is neither empty nor a data directory of Maestro. Give another directory in MAESTRO_DATA_DIR.`,
      );
    }
    await closeToOthers(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === undefined) throw error;
    throw new Error(`Maestro cannot use ${path} as its data directory (${code}). See MAESTRO_DATA_DIR.`, {
      cause: error,
    });
  }
}

/** A directory that belongs to someone else (a mounted volume) cannot be closed; what is in it is private anyway. */
async function closeToOthers(path: string): Promise<void> {
  const { mode, uid } = await stat(path);
  // Execute for others is how an unprivileged PostgreSQL passes through to its own directory; see db/unprivileged.ts.
  if ((mode & 0o066) === 0) return;
  if (uid === process.getuid?.() || process.getuid?.() === 0) await chmod(path, 0o700);
  else if ((mode & 0o006) !== 0) {
    throw new Error(`${path} belongs to another user and is open to everybody. Close it with chmod o-rwx.`);
  }
}

/** The text of a private file, closed to others where it was not; undefined where there is none. */
export async function readPrivateFile(path: string): Promise<string | undefined> {
  const text = await readIfThere(path);
  if (text !== undefined && ((await lstat(path)).mode & 0o077) !== 0) await chmod(path, 0o600);
  return text;
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
