import { randomUUID } from 'node:crypto';
import { link, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { identifyProcess, isAlive, type ProcessIdentity } from './process_identity.ts';

type LockState = 'held' | 'stopping' | 'released';
type LockRecord = ProcessIdentity & { readonly state: LockState };

export type DataDirLock = {
  /** Says that this process is about to end: a process that wants the lock then waits instead of giving up. */
  announceStop(): Promise<void>;
  release(): Promise<void>;
};

/** The lock is held by a living process. */
export class DataDirLockedError extends Error {
  readonly pid: number;

  constructor(dataDir: string, pid: number) {
    super(
      `Another Maestro (process ${pid}) uses the data directory ${dataDir}. Stop it first, or give this one a directory of its own in MAESTRO_DATA_DIR.`,
    );
    this.name = 'DataDirLockedError';
    this.pid = pid;
  }
}

const stopPatienceMs = 15_000;

/**
 * Takes the exclusive lock of a data directory, whatever a killed process left of it.
 * Throws DataDirLockedError when a living process holds it; waits up to 15 s for one that is stopping.
 *
 * Node has no flock(2), and a pid file cannot be taken over from a dead process without a race. So each holder is a
 * new generation: the file `locks/<n>`, made whole and exclusively by link(2). The greatest generation is the lock,
 * it is never removed while it is the greatest, and who finds a greater one after making its own steps back.
 */
export async function lockDataDir(dataDir: string): Promise<DataDirLock> {
  const folder = join(dataDir, 'locks');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const self = identifyProcess(process.pid);
  if (self === undefined) throw new Error('Maestro cannot tell when its own process started.');
  const giveUpAt = Date.now() + stopPatienceMs;

  for (;;) {
    const greatest = Math.max(0, ...(await generations(folder)));
    const holder = await readRecord(folder, greatest);
    if (holder !== undefined && holder.state !== 'released' && isAlive(holder)) {
      if (holder.state === 'held' || Date.now() > giveUpAt) throw new DataDirLockedError(dataDir, holder.pid);
      await delay(50);
      continue;
    }
    const mine = greatest + 1;
    if (!(await createRecord(folder, mine, { ...self, state: 'held' }))) continue;
    const others = (await generations(folder)).filter((generation) => generation !== mine);
    if (others.some((generation) => generation > mine)) {
      await rm(join(folder, String(mine)), { force: true });
      continue;
    }
    await removeAllBut(folder, mine);
    return {
      announceStop: () => replaceRecord(folder, mine, { ...self, state: 'stopping' }),
      release: () => replaceRecord(folder, mine, { ...self, state: 'released' }),
    };
  }
}

async function generations(folder: string): Promise<number[]> {
  return (await readdir(folder)).filter((name) => /^\d{1,15}$/.test(name)).map(Number);
}

async function readRecord(folder: string, generation: number): Promise<LockRecord | undefined> {
  try {
    const record: unknown = JSON.parse(await readFile(join(folder, String(generation)), 'utf8'));
    return isLockRecord(record) ? record : undefined;
  } catch (error) {
    // Gone: replaced by a greater generation. Not JSON: a power cut left it empty, so its writer is dead.
    if (error instanceof SyntaxError || (error instanceof Error && 'code' in error && error.code === 'ENOENT')) {
      return undefined;
    }
    throw error;
  }
}

function isLockRecord(value: unknown): value is LockRecord {
  return (
    typeof value === 'object' &&
    value !== null &&
    'pid' in value &&
    typeof value.pid === 'number' &&
    'startedAt' in value &&
    typeof value.startedAt === 'string' &&
    'state' in value &&
    typeof value.state === 'string'
  );
}

/** False when the generation exists, or when its maker's draft was swept away by a new holder. */
async function createRecord(folder: string, generation: number, record: LockRecord): Promise<boolean> {
  const draft = await writeDraft(folder, record);
  try {
    await link(draft, join(folder, String(generation)));
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'EEXIST' || error.code === 'ENOENT')) return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function replaceRecord(folder: string, generation: number, record: LockRecord): Promise<void> {
  await rename(await writeDraft(folder, record), join(folder, String(generation)));
}

async function writeDraft(folder: string, record: LockRecord): Promise<string> {
  const draft = join(folder, `draft-${randomUUID()}`);
  await writeFile(draft, JSON.stringify(record), { mode: 0o600, flag: 'wx' });
  return draft;
}

async function removeAllBut(folder: string, generation: number): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name !== String(generation)) await rm(join(folder, name), { force: true });
  }
}
