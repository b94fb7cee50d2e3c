import { execFile } from 'node:child_process';
import { readdir, readFile, readlink, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { identifyProcess, isAlive, type ProcessIdentity } from '../process_identity.ts';
import { readPostmasterFile } from './postmaster_file.ts';

const run = promisify(execFile);

/**
 * Stops the PostgreSQL that a killed Maestro left on `data`, and clears away what it left behind. The caller holds the
 * lock of the data directory, so nobody else starts one meanwhile.
 */
export async function stopOrphan(data: string, progress?: (step: string) => void): Promise<void> {
  const left = await readPostmasterFile(data);
  if (left !== undefined) {
    const orphan = identifyProcess(left.pid);
    if (orphan !== undefined && (await worksOn(orphan.pid, data))) {
      progress?.(`Stopping the PostgreSQL (process ${orphan.pid}) that a killed Maestro left …`);
      await end(orphan);
    }
    // PostgreSQL takes any living process with this pid for its predecessor, and would refuse to start.
    await rm(join(data, 'postmaster.pid'), { force: true });
    if (dirname(left.socketDirectory) === tmpdir()) await rm(left.socketDirectory, { recursive: true, force: true });
  }
  // When a postmaster is killed, its children notice and end by themselves, within moments.
  for (let waits = 0; waits < 200 && (await anyWorksOn(data)); waits++) await delay(25);
}

/** Fast, then immediate, then killed; returns when it is gone. */
async function end(orphan: ProcessIdentity): Promise<void> {
  const steps = [
    { signal: 'SIGINT', patienceMs: 10_000 },
    { signal: 'SIGQUIT', patienceMs: 6000 },
    { signal: 'SIGKILL', patienceMs: 5000 },
  ] as const;
  for (const { signal, patienceMs } of steps) {
    if (!isAlive(orphan)) return;
    process.kill(orphan.pid, signal);
    const giveUpAt = Date.now() + patienceMs;
    while (isAlive(orphan) && Date.now() < giveUpAt) await delay(20);
  }
  if (isAlive(orphan))
    throw new Error(`The PostgreSQL with process id ${orphan.pid}, left by a killed Maestro, does not end.`);
}

/** PostgreSQL's processes stand in their data directory; where that cannot be seen, the command line names it. */
async function worksOn(pid: number, data: string): Promise<boolean> {
  if (process.platform === 'linux') {
    const [here, name] = await Promise.all([
      readlink(`/proc/${pid}/cwd`).catch(() => undefined),
      readFile(`/proc/${pid}/comm`, 'utf8').catch(() => ''),
    ]);
    return here === (await realpath(data)) && name.trim() === 'postgres';
  }
  const { stdout } = await run('ps', ['-o', 'command=', '-p', String(pid)]).catch(() => ({ stdout: '' }));
  return stdout.includes('postgres') && stdout.includes(data);
}

async function anyWorksOn(data: string): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(pids.map((pid) => worksOn(pid, data)));
  return found.includes(true);
}
