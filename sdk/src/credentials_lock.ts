import { randomUUID } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { link, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';

/** A lock that is older was left behind, whoever holds it: what is done under it takes less. */
const holdMsMax = 30_000;
const patienceMs = 60_000;
const pollMs = 20;

interface Holder {
  readonly pid: number;
  /** Where the pid means something. */
  readonly where: string;
  readonly state: 'held' | 'released';
}

/** The host, and on Linux the namespace of pids: a container may share the one and not the other. */
function place(): string {
  try {
    return `${hostname()} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname();
  }
}

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '');

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

const generationsIn = async (folder: string): Promise<number[]> =>
  (await readdir(folder)).filter((name) => /^\d{1,15}$/.test(name)).map(Number);

/** Whether a generation is held by somebody who lives. Unreadable: a power cut left it so, or it is no longer there. */
async function isHeld(file: string): Promise<boolean> {
  try {
    const { mtimeMs } = await stat(file);
    const { pid, where, state } = JSON.parse(await readFile(file, 'utf8')) as Partial<Holder>;
    if (state !== 'held' || typeof pid !== 'number' || Date.now() - mtimeMs > holdMsMax) return false;
    return where !== place() || isRunning(pid);
  } catch (error) {
    if (error instanceof SyntaxError || codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

async function draftOf(folder: string, state: Holder['state']): Promise<string> {
  const draft = join(folder, `draft-${randomUUID()}`);
  const holder: Holder = { pid: process.pid, where: place(), state };
  await writeFile(draft, JSON.stringify(holder), { mode: 0o600, flag: 'wx' });
  return draft;
}

/** False where the generation exists, or where a new holder swept the draft away. */
async function make(folder: string, generation: number): Promise<boolean> {
  const draft = await draftOf(folder, 'held');
  try {
    await link(draft, join(folder, String(generation)));
    return true;
  } catch (error) {
    if (['EEXIST', 'ENOENT'].includes(codeOf(error))) return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** Takes the lock where nobody has it; gives what releases it. */
async function tryLock(folder: string): Promise<(() => Promise<void>) | undefined> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const greatest = Math.max(0, ...(await generationsIn(folder)));
  if (greatest > 0 && (await isHeld(join(folder, String(greatest))))) return undefined;
  const mine = greatest + 1;
  const file = join(folder, String(mine));
  if (!(await make(folder, mine))) return undefined;
  if ((await generationsIn(folder)).some((generation) => generation > mine)) {
    await rm(file, { force: true });
    return undefined;
  }
  for (const generation of await generationsIn(folder)) {
    if (generation < mine) await rm(join(folder, String(generation)), { force: true });
  }
  return async () => rename(await draftOf(folder, 'released'), file);
}

/**
 * Runs `work` while no other process does, or gives what `meanwhile` finds while another one does. The lock is that of
 * docs/clients/credentials-file.md: each holder is a generation, a file `<n>` made whole and exclusively by link(2); the
 * greatest is the lock and is never removed while it is, so taking over from a process that was killed is no race.
 */
export async function withLock<T>(
  folder: string,
  work: () => Promise<T>,
  meanwhile: () => Promise<T | undefined> = async () => undefined,
): Promise<T> {
  for (const giveUpAt = Date.now() + patienceMs; Date.now() < giveUpAt; await delay(pollMs)) {
    const release = await tryLock(folder);
    if (release) return await work().finally(release);
    const found = await meanwhile();
    if (found !== undefined) return found;
  }
  throw new Error(`${folder} is locked by another process; remove it if none runs.`);
}
